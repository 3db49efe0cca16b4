package passavant.law.gdpr.principles_test

import data.passavant.facts_test.agreed
import data.passavant.facts_test.bank
import data.passavant.facts_test.claims
import data.passavant.facts_test.ids
import data.passavant.facts_test.standing
import data.passavant.facts_test.transfer
import data.passavant.facts_test.without
import data.passavant.law.eevidence.orders_test
import data.passavant.law.gdpr.principles

test_nothing_to_object if {
	count(principles.prohibits) == 0 with input as bank
	ids(principles.supports) == {"gdpr.art6.1"} with input as bank
	count(principles.duties) == 2 with input as bank
}

test_other_points_of_article_6 if {
	every point in ["a", "b", "c", "d", "e"] {
		basis := sprintf("GDPR:6(1)(%s)", [point])
		count(principles.prohibits) == 0 with input as standing({"lawful_basis": basis})
	}
}

test_point_that_does_not_exist if {
	ids(principles.prohibits) == {"gdpr.art6.1.missing"} with input as standing({"lawful_basis": "GDPR:6(1)(z)"})
}

test_legitimate_interests_are_closed_to_public_authorities if {
	ids(principles.prohibits) == {"gdpr.art6.1.missing"} with input as standing({"exporter": {"public_powers": true}})
}

test_foreign_order_is_no_legal_obligation if {
	order := object.union(standing({"lawful_basis": "GDPR:6(1)(c)"}), {"claims": {"request": {"kind": "subpoena"}}})
	ids(principles.prohibits) == {"gdpr.art6.1.missing"} with input as order
	through := object.union(order, {"claims": {"request": {"via_treaty": true}}})
	count(principles.prohibits) == 0 with input as through
}

test_purpose if {
	ids(principles.prohibits) == {"gdpr.art5.1.b"} with input as claims({"purpose": "marketing"})
	count(principles.prohibits) == 0 with input as claims({"purpose": "fraud_monitoring"})
	ids(principles.prohibits) == {"gdpr.art5.1.b"} with input as without(bank, "/claims/purpose")
	ids(principles.prohibits) == {"gdpr.art5.1.b"} with input as without(bank, "/standing/collected_for")
}

test_purpose_found_compatible_in_the_agreement if {
	assessed := object.union(
		agreed({"compatible_purposes": {"warn_customers": ["fraud_monitoring"]}}),
		{"claims": {"purpose": "warn_customers"}},
	)
	count(principles.prohibits) == 0 with input as assessed
}

test_minimisation_under_an_agreement if {
	count(principles.prohibits) == 0 with input as transfer
	ids(principles.prohibits) == {"gdpr.art5.1.c"} with input as agreed({"data_categories": ["name"]})
	ids(principles.prohibits) == {"gdpr.art5.1.c"} with input as without(transfer, "/standing/agreement/data_categories")
	ids(principles.prohibits) == {"gdpr.art5.1.c"} with input as without(transfer, "/evidence/data/categories")
}

test_inside_the_eea_the_lawful_basis_is_the_basis if {
	some ground in principles.permits with input as standing({"recipient": {"country": "FR"}})
	ground.basis == ["GDPR:6(1)(f)"]
	count(principles.permits) == 0 with input as bank
}

test_a_basis_is_told_only_if_there_is_one if count(principles.supports) == 0 with input as without(bank, "/standing/lawful_basis")

# The basis that the agreement records comes before one that Union law gives.
test_one_basis if {
	ordered := object.union(orders_test.order, {"standing": {"lawful_basis": "GDPR:6(1)(f)"}})
	principles.basis == "GDPR:6(1)(f)" with input as ordered
	principles.basis == "GDPR:6(1)(c)" with input as orders_test.order
}
