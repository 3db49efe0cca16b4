package passavant.law.handling.codes_test

import data.passavant.facts_test.ids
import data.passavant.law.handling.codes
import data.passavant.law.handling.scope
import data.passavant.lib.policing_test

with_code(code) := policing_test.changed({"evidence": {"handling_code": code}})

permitted(document) := object.union(document, {"claims": {"source_permission": true}})

test_codes if {
	every code, free in {"H0": true, "H1": true, "H2": false, "H3": false, "H9": false} {
		refusals := ids(codes.prohibits) with input as with_code(code)
		refusals == set() == free
		allowed := ids(codes.prohibits) with input as permitted(with_code(code))
		(allowed == set()) == code != "H9"
	}
}

test_evidence_needs_permission if {
	used := object.union(with_code("H1"), {"claims": {"request": {"intended_use": "prosecution"}}})
	ids(codes.prohibits) == {"handling.code"} with input as used
	count(codes.prohibits) == 0 with input as permitted(used)
	purpose := object.union(with_code("H1"), {"claims": {"purpose": "trial"}})
	ids(codes.prohibits) == {"handling.code"} with input as purpose
	ids(codes.prohibits) == {"handling.code"} with input as json.remove(with_code("H1"), ["/claims/purpose"])
}

test_transfer_needs_an_approval if {
	ids(codes.prohibits) == {"handling.code"} with input as object.union(permitted(with_code("H2")), {"scope": "transfer"})
	count(codes.prohibits) == 0 with input as object.union(with_code("H2"), {"scope": "transfer", "evidence": {"approvals": ["information_source"]}})
}

test_scope_and_duties if {
	scope.applies with input as with_code("H1")
	not scope.applies with input as policing_test.police
	{duty.code | some duty in codes.duties} == {"preserve_marking", "use_limit"}
}

test_permission_opens_known_codes_only if {
	every code in ["H1", "H2", "H3"] {
		count(codes.prohibits) == 0 with input as permitted(with_code(code))
	}
	ids(codes.prohibits) == {"handling.code"} with input as permitted(with_code("H9"))
}
