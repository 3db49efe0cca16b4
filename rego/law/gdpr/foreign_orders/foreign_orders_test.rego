package passavant.law.gdpr.foreign_orders_test

import data.passavant.facts_test.bank
import data.passavant.facts_test.claims
import data.passavant.facts_test.ids
import data.passavant.law.gdpr.foreign_orders

test_no_order if count(foreign_orders.lacks) == 0 with input as bank

test_order_without_treaty if {
	ids(foreign_orders.lacks) == {"gdpr.art48"} with input as claims({"request": {"kind": "subpoena"}})
	ids(foreign_orders.lacks) == {"gdpr.art48"} with input as claims({"request": {"kind": "subpoena", "via_treaty": false}})
}

test_order_through_a_treaty if {
	count(foreign_orders.lacks) == 0 with input as claims({"request": {"kind": "subpoena", "via_treaty": true}})
}
