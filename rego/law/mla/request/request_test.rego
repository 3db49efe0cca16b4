package passavant.law.mla.request_test

import data.passavant.facts_test.ids
import data.passavant.law.mla.request
import data.passavant.law.mla.scope
import data.passavant.lib.policing_test
import data.passavant.lib.policing_test.police

asked := policing_test.claims({"request": {
	"treaty_ref": "ETS030", "in_force": true, "complete": true, "intended_use": "trial", "stated_use": "trial", "confidentiality_accepted": true,
}})

test_in_order if {
	count(request.prohibits) == 0 with input as asked
	request.leads == {[10, "MLA:treaty"]} with input as asked
	{duty.code | some duty in request.duties} == {"record_request", "use_limit"}
}

test_each_condition if {
	every path, expected in {
		"/claims/request/in_force": {"mla.in_force"},
		"/claims/request/complete": {"mla.content"},
		"/claims/request/intended_use": {"mla.speciality"},
		"/claims/request/stated_use": {"mla.speciality"},
		"/claims/request/confidentiality_accepted": {"mla.confidentiality"},
	} {
		found := ids(request.prohibits) with input as json.remove(asked, [path])
		found == expected
	}
	ids(request.prohibits) == {"mla.dual_criminality"} with input as object.union(asked, {"claims": {"request": {"dual_criminality_required": true}}})
	ids(request.prohibits) == {"mla.confidentiality"} with input as object.union(asked, {"claims": {"request": {"condition": "sealed"}}})
}

test_scope if {
	scope.applies with input as asked
	scope.applies with input as object.union(asked, {"standing": {"exporter": {"country": "GB"}}})
	not scope.applies with input as police
	not scope.applies with input as object.union(asked, {"standing": {"exporter": {"country": "BR"}}})
	every zone in ["NL", "GB"] {
		private := object.union(asked, {"standing": {"exporter": {"country": zone, "competent_authority": false}}})
		not scope.applies with input as private
	}
	every treaty in ["ETS185:31", "CETS224:7"] {
		not scope.applies with input as object.union(asked, {"claims": {"request": {"treaty_ref": treaty}}})
	}
}
