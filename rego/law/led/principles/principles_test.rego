package passavant.law.led.principles_test

import data.passavant.facts_test.ids
import data.passavant.law.led.principles
import data.passavant.lib.policing_test.changed
import data.passavant.lib.policing_test.claims
import data.passavant.lib.policing_test.police
import data.passavant.lib.policing_test.without

test_in_order if {
	count(principles.prohibits) == 0 with input as police
	{duty.code | some duty in principles.duties} == {"led_log_25", "mark_subject_category", "verify_quality"}
}

test_absent if {
	every path, expected in {
		"/claims/necessary": {"led.art35.1.a"},
		"/claims/purpose": {"led.art35.1.a", "led.art4"},
		"/standing/collected_for": {"led.art4"},
		"/evidence/data/categories": {"led.art4.1.c"},
		"/evidence/data/special_categories": {"led.art10.strict", "led.art10.law"},
		"/claims/data/quality_checked": {"led.art7"},
		"/claims/data/facts_assessments_marked": {"led.art7"},
		"/evidence/data/subjects": {"led.art7"},
	} {
		found := ids(principles.prohibits) with input as without(police, path)
		found == expected
	}
}

test_special_categories if {
	ethnic := {"evidence": {"data": {"special_categories": ["ethnic_origin"]}}}
	ids(principles.prohibits) == {"led.art10.strict"} with input as object.union(changed(ethnic), {"claims": {"art10": {"authorised_by_law": true, "strictly_necessary": false}}})
	count(principles.prohibits) == 0 with input as object.union(changed(ethnic), {"claims": {"art10": {"authorised_by_law": true, "strictly_necessary": true}}})
}

test_other_purpose if ids(principles.prohibits) == {"led.art4"} with input as claims({"purpose": "marketing"})
