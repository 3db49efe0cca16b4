package passavant.law.eevidence.orders_test

import data.passavant.facts_test.bank
import data.passavant.facts_test.ids
import data.passavant.law.eevidence.orders
import data.passavant.law.eevidence.scope
import data.passavant.law.gdpr.mandates

# A Spanish court orders content from an Irish provider.
order := object.union(
	json.remove(bank, ["/standing/lawful_basis", "/evidence/data/special_categories", "/evidence/data/criminal_offence_data"]),
	{
		"standing": {
			"exporter": {"country": "IE", "type": "csp"},
			"recipient": {"country": "ES", "type": "court", "competent_authority": true},
		},
		"claims": {"request": {"instrument": "EPOC", "issued_by_judge": true, "max_penalty_years": 4}},
		"evidence": {"data": {"categories": ["content"]}},
	},
)

request(facts) := object.union(order, {"claims": {"request": facts}})

test_binding if {
	scope.applies with input as order
	not scope.applies with input as bank
	count(orders.prohibits) == 0 with input as order
	orders.leads == {[10, "EEVIDENCE:5(4)"]} with input as order
	{duty.code | some duty in orders.duties} == {"record_request", "use_limit"} with input as order
	mandates.lawful_basis == "GDPR:6(1)(c)" with input as order
	not mandates.lawful_basis with input as bank
}

test_each_condition if {
	every path, expected in {
		"/standing/exporter/type": {"eevidence.art2"},
		"/standing/exporter/country": {"eevidence.art2"},
		"/standing/recipient/country": {"eevidence.art4"},
		"/standing/recipient/competent_authority": {"eevidence.art4"},
		"/claims/request/issued_by_judge": {"eevidence.art4.2"},
		"/claims/request/max_penalty_years": {"eevidence.art5.4"},
		"/claims/request/instrument": {"eevidence.art6"},
		"/evidence/data/categories": {"eevidence.art5.5"},
	} {
		found := ids(orders.prohibits) with input as json.remove(order, [path])
		found == expected
		lawful := orders.binding with input as order
		lawful
		not orders.binding with input as json.remove(order, [path])
	}
}

test_thresholds if {
	ids(orders.prohibits) == {"eevidence.art5.4"} with input as request({"max_penalty_years": 2, "listed_offence": false})
	count(orders.prohibits) == 0 with input as request({"max_penalty_years": 3})
	count(orders.prohibits) == 0 with input as request({"max_penalty_years": 2, "listed_offence": true})
}

test_subscriber_data if {
	subscriber := object.union(request({"issued_by_judge": false, "max_penalty_years": 1}), {"evidence": {"data": {"categories": ["subscriber"]}}})
	count(orders.prohibits) == 0 with input as subscriber
	orders.leads == {[10, "EEVIDENCE:5(3)"]} with input as subscriber
	mixed := object.union(subscriber, {"evidence": {"data": {"categories": ["subscriber", "content"]}}})
	ids(orders.prohibits) == {"eevidence.art4.2", "eevidence.art5.4"} with input as mixed
}

test_categories if {
	ids(orders.prohibits) == {"eevidence.art5.5"} with input as object.union(order, {"evidence": {"data": {"categories": ["content", "iban"]}}})
	"eevidence.art5.5" in ids(orders.prohibits) with input as object.union(order, {"evidence": {"data": {"categories": []}}})
}

test_time_and_place if {
	ids(orders.prohibits) == {"eevidence.art34"} with input as object.union(order, {"at": "2026-08-17T00:00:00Z"})
	count(orders.prohibits) == 0 with input as object.union(order, {"at": "2026-08-18T00:00:00Z"})
	ids(orders.prohibits) == {"eevidence.art4"} with input as object.union(order, {"standing": {"recipient": {"country": "US"}}})
	ids(orders.prohibits) == {"eevidence.art4"} with input as object.union(order, {"standing": {"recipient": {"country": "DK"}}})
	ids(orders.prohibits) == {"eevidence.art2"} with input as object.union(order, {"standing": {"exporter": {"type": "bank"}}})
	ids(orders.prohibits) == {"eevidence.art2"} with input as object.union(order, {"standing": {"exporter": {"country": "DK"}}})
}

test_preservation_hands_nothing_over if ids(orders.prohibits) == {"eevidence.art6"} with input as request({"instrument": "EPOC-PR"})

test_addressed_to_a_telecom if {
	count(orders.prohibits) == 0 with input as object.union(order, {"standing": {"exporter": {"type": "telecom"}}})
	"eevidence.art2" in ids(orders.prohibits) with input as object.union(order, {"standing": {"exporter": {"type": "bank"}}})
}

test_an_order_that_does_not_bind_leads_nowhere if {
	weak := request({"issued_by_judge": false})
	count(orders.leads) == 0 with input as weak
	subscriber := object.union(order, {"standing": {"recipient": {"competent_authority": false}}, "evidence": {"data": {"categories": ["subscriber"]}}})
	count(orders.leads) == 0 with input as subscriber
	early := object.union(order, {"at": "2026-08-17T23:59:00Z"})
	not orders.binding with input as early
}
