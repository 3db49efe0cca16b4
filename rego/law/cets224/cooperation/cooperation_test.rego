package passavant.law.cets224.cooperation_test

import data.passavant.facts_test.ids
import data.passavant.law.cets224.cooperation
import data.passavant.law.cets224.scope
import data.passavant.lib.policing_test
import data.passavant.lib.policing_test.police

asked := policing_test.claims({"request": {"treaty_ref": "CETS224:7", "intended_use": "trial", "stated_use": "trial"}})

entered := {"CETS224": {"status": "in_force", "valid_from": "2026-09-01", "parties": {"NL": {"valid_from": "2026-09-01"}, "GB": {"valid_from": "2026-09-01"}}}}

test_not_in_force if {
	scope.applies with input as asked
	not scope.applies with input as police
	ids(cooperation.prohibits) == {"cets224.in_force"} with input as asked
}

test_once_in_force if {
	count(cooperation.prohibits) == 0 with input as asked with data.passavant.reference.treaties.treaties as entered
	cooperation.leads == {[10, "CETS224"]} with input as asked
	{duty.code | some duty in cooperation.duties} == {"record_request", "use_limit", "bind_onward_authorisation", "notify_breach"}
}

test_conditions if {
	other_use := object.union(asked, {"claims": {"request": {"intended_use": "tax"}}})
	ids(cooperation.prohibits) == {"cets224.art14.2"} with input as other_use with data.passavant.reference.treaties.treaties as entered
	condition := object.union(asked, {"claims": {"request": {"condition": "sealed"}}})
	ids(cooperation.prohibits) == {"cets224.art14.2"} with input as condition with data.passavant.reference.treaties.treaties as entered
	onward := object.union(asked, {"claims": {"onward": {"recipient": {"country": "AU"}}}})
	ids(cooperation.prohibits) == {"cets224.art14.10"} with input as onward with data.passavant.reference.treaties.treaties as entered
}
