package passavant.law.gdpr.national_limits_test

import data.passavant.facts_test.bank
import data.passavant.facts_test.ids
import data.passavant.facts_test.without
import data.passavant.law.gdpr.national_limits

to(country) := object.union(bank, {"standing": {"recipient": {"country": country}}})

limit(state) := [{"state": state, "categories": ["iban"], "valid_from": "2026-01-01", "source": "counsel", "checked_on": "2026-11-23"}]

test_no_limit_is_known if count(national_limits.prohibits) == 0 with input as to("VN")

test_limit if {
	every state in ["IE", "EU"] {
		found := ids(national_limits.prohibits) with input as to("VN") with data.passavant.reference.limits.limits as limit(state)
		found == {"gdpr.art49.5"}
	}
	count(national_limits.prohibits) == 0 with input as to("VN") with data.passavant.reference.limits.limits as limit("FR")
}

test_what_lifts_a_limit if {
	count(national_limits.prohibits) == 0 with input as bank with data.passavant.reference.limits.limits as limit("IE")
	count(national_limits.prohibits) == 0 with input as to("FR") with data.passavant.reference.limits.limits as limit("IE")
	earlier := object.union(to("VN"), {"at": "2025-12-31T00:00:00Z"})
	count(national_limits.prohibits) == 0 with input as earlier with data.passavant.reference.limits.limits as limit("IE")
	named := object.union(to("VN"), {"evidence": {"data": {"categories": ["name"]}}})
	count(national_limits.prohibits) == 0 with input as named with data.passavant.reference.limits.limits as limit("IE")
}

test_unknown_categories if {
	unknown := without(to("VN"), "/evidence/data/categories")
	ids(national_limits.prohibits) == {"gdpr.art49.5"} with input as unknown with data.passavant.reference.limits.limits as limit("IE")
}

test_without_limits_no_list_is_needed if count(national_limits.prohibits) == 0 with input as without(to("VN"), "/evidence/data/categories")
