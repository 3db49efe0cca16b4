package passavant.law.led.origin_test

import data.passavant.facts_test.ids
import data.passavant.law.led.origin
import data.passavant.lib.policing_test
import data.passavant.lib.policing_test.police

french := policing_test.changed(policing_test.foreign)

test_own_data if {
	count(origin.prohibits) == 0 with input as police
	count(origin.leads) == 0 with input as police
	count(origin.duties) == 0 with input as police
}

test_originator if {
	ids(origin.prohibits) == {"led.art35.1.c"} with input as french
	ids(origin.prohibits) == {"led.art35.1.c"} with input as policing_test.without(police, "/claims/origin")
	count(origin.prohibits) == 0 with input as object.union(french, {"standing": {"recipient": {"country": "NO"}}})
}

test_urgent if {
	urgent := object.union(french, {"claims": {"emergency": policing_test.threat}})
	count(origin.prohibits) == 0 with input as urgent
	origin.leads == {[30, "LED:35(2)"]} with input as urgent
	{duty.code | some duty in origin.duties} == {"led_inform_authorising_state"} with input as urgent
	count(origin.leads) == 0 with input as object.union(urgent, {"standing": {"recipient": {"country": "NO"}}})
}

test_onward if {
	onward := {"onward": {"recipient": {"country": "AU"}}}
	ids(origin.prohibits) == {"led.art35.1.e"} with input as policing_test.claims(onward)
	count(origin.prohibits) == 0 with input as policing_test.claims(object.union(onward, {"onward": {"authorised": true}}))
}
