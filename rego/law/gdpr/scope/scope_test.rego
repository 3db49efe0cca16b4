package passavant.law.gdpr.scope_test

import data.passavant.facts_test.bank
import data.passavant.facts_test.standing
import data.passavant.law.gdpr.scope

test_exporter_in_the_eea if scope.applies with input as bank

test_exporter_elsewhere if not scope.applies with input as standing({"exporter": {"country": "CH"}})

test_competent_authority_is_for_another_law if {
	not scope.applies with input as standing({"exporter": {"type": "police", "competent_authority": true}})
}

test_authority_outside_criminal_justice if {
	police := standing({"exporter": {"type": "police", "competent_authority": true}})
	not scope.applies with input as police
	scope.governs with input as object.union(police, {"claims": {"purpose": "payroll"}})
}

test_impersonal_data if not scope.applies with input as object.union(bank, {"evidence": {"data": {"personal": false}}})
