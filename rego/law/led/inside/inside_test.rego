package passavant.law.led.inside_test

import data.passavant.law.led.inside
import data.passavant.lib.policing_test
import data.passavant.lib.policing_test.police

codes := {duty.code | some duty in inside.duties}

test_inside if {
	every country in ["NO", "CH", "FR"] {
		grounds := inside.permits with input as policing_test.standing({"recipient": {"country": country}})
		{ground.basis | some ground in grounds} == {["LED:9(4)"]}
		{ground.duties | some ground in grounds} == {{"notify_conditions_9_3"}}
		duties := codes with input as policing_test.standing({"recipient": {"country": country}})
		duties == set()
	}
}

test_outside if {
	count(inside.permits) == 0 with input as police
	codes == {"bind_onward_authorisation"} with input as police
	codes == {"bind_onward_authorisation"} with input as policing_test.without(police, "/standing/recipient/country")
}

test_private_recipient if count(inside.permits) == 0 with input as policing_test.standing({"recipient": {"country": "NO", "competent_authority": false}})
