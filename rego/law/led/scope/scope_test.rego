package passavant.law.led.scope_test

import data.passavant.law.led.scope
import data.passavant.lib.policing_test
import data.passavant.lib.policing_test.police

test_scope if {
	scope.applies with input as police
	scope.governs with input as police
	not scope.applies with input as policing_test.standing({"exporter": {"country": "GB"}})
	not scope.applies with input as policing_test.standing({"exporter": {"competent_authority": false}})
	not scope.applies with input as policing_test.changed({"evidence": {"data": {"personal": false}}})
	scope.applies with input as policing_test.changed({"evidence": {"data": {"personal": true}}})
}
