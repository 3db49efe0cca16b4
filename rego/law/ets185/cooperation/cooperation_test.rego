package passavant.law.ets185.cooperation_test

import data.passavant.facts_test.ids
import data.passavant.law.ets185.cooperation
import data.passavant.law.ets185.scope
import data.passavant.lib.policing_test
import data.passavant.lib.policing_test.police

asked := policing_test.claims({"request": {"treaty_ref": "ETS185:31", "complete": true, "intended_use": "trial", "stated_use": "trial"}})

request(facts) := object.union(asked, {"claims": {"request": facts}})

test_in_order if {
	scope.applies with input as asked
	not scope.applies with input as police
	count(cooperation.prohibits) == 0 with input as asked
	cooperation.leads == {[10, "ETS185:31"]} with input as asked
	{duty.code | some duty in cooperation.duties} == {"record_request", "use_limit"}
}

test_each_condition if {
	every path, expected in {
		"/standing/recipient/country": {"ets185.parties"},
		"/claims/request/intended_use": {"ets185.art28.use"},
		"/claims/request/stated_use": {"ets185.art28.use"},
		"/claims/request/treaty_ref": {"ets185.article"},
	} {
		found := ids(cooperation.prohibits) with input as json.remove(asked, [path])
		found == expected
	}
	ids(cooperation.prohibits) == {"ets185.content"} with input as request({"complete": false})
	ids(cooperation.prohibits) == {"ets185.content"} with input as request({"missing_fields": ["offence"]})
	ids(cooperation.prohibits) == {"ets185.content"} with input as json.remove(request({"treaty_ref": "ETS185:29", "mla_request": true}), ["/claims/request/complete"])
	count(cooperation.prohibits) == 0 with input as json.remove(asked, ["/claims/request/complete", "/claims/request/intended_use", "/claims/request/stated_use"])
	ids(cooperation.prohibits) == {"ets185.art25.5"} with input as request({"dual_criminality_required": true})
	ids(cooperation.prohibits) == {"ets185.art28"} with input as request({"condition": "sealed"})
	ids(cooperation.prohibits) == {"ets185.parties"} with input as object.union(asked, {"standing": {"recipient": {"country": "VN"}}})
}

test_spontaneous_information if {
	spontaneous := policing_test.claims({"request": {"treaty_ref": "ETS185:26"}})
	count(cooperation.prohibits) == 0 with input as spontaneous
	ids(cooperation.prohibits) == {"ets185.art28"} with input as object.union(spontaneous, {"claims": {"request": {"condition": "sealed", "receiver_accepts_condition": false}}})
}

test_points_of_contact_hand_nothing_over if {
	every article in ["ETS185:29", "ETS185:35"] {
		refused := ids(cooperation.prohibits) with input as request({"treaty_ref": article})
		refused == {"ets185.article"}
		leads := cooperation.leads with input as request({"treaty_ref": article})
		leads == set()
		carried := cooperation.prohibits with input as request({"treaty_ref": article, "mla_request": true})
		count(carried) == 0
	}
	ids(cooperation.prohibits) == {"ets185.article"} with input as request({"treaty_ref": "ETS185:99", "mla_request": true})
}

test_nothing_is_missing if count(cooperation.prohibits) == 0 with input as request({"missing_fields": []})

test_use_is_shown_by_a_treaty_or_stated if {
	silent := json.remove(asked, ["/claims/request/treaty_ref", "/claims/request/intended_use", "/claims/request/stated_use"])
	"ets185.art28.use" in ids(cooperation.prohibits) with input as silent
}

test_an_empty_list_of_what_is_missing if {
	open := json.remove(request({"missing_fields": []}), ["/claims/request/complete"])
	count(cooperation.prohibits) == 0 with input as open
}
