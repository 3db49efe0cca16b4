package passavant.law.gdpr.adequacy_test

import data.passavant.facts_test.bank
import data.passavant.facts_test.ids
import data.passavant.facts_test.standing
import data.passavant.facts_test.without
import data.passavant.law.gdpr.adequacy

to(recipient) := object.union(without(bank, "/standing/recipient"), {"standing": {"recipient": recipient}})

on(document, day) := object.union(document, {"at": concat("", [day, "T00:00:00Z"])})

test_within_scope if {
	some ground in adequacy.permits with input as bank
	ground.basis == ["GDPR:45", "EU:2019/419"]
	count(adequacy.lacks) == 0 with input as bank
}

test_no_decision if {
	ids(adequacy.lacks) == {"gdpr.art45.in_force"} with input as to({"country": "VN", "type": "bank"})
	ids(adequacy.lacks) == {"gdpr.art45.in_force"} with input as to({"type": "bank"})
}

test_public_body_outside_a_sectoral_decision if {
	ids(adequacy.lacks) == {"gdpr.art45.scope"} with input as standing({"recipient": {"type": "police"}})
}

test_first_and_last_day_of_a_decision if {
	gb := to({"country": "GB", "type": "bank"})
	count(adequacy.permits) == 1 with input as on(gb, "2031-12-27")
	count(adequacy.permits) == 0 with input as on(gb, "2031-12-28")
	count(adequacy.permits) == 1 with input as on(gb, "2021-06-28")
	count(adequacy.permits) == 0 with input as on(gb, "2021-06-27")
}

test_invalidated_decision_never_was if {
	us := to({"country": "US", "type": "private", "certifications": [{"scheme": "privacy_shield", "active": true}]})
	ids(adequacy.lacks) == {"gdpr.art45.in_force"} with input as on(us, "2018-01-01")
}

test_historical_exclusion_counts_while_it_lasted if {
	gb := to({"country": "GB", "type": "public_authority"})
	immigration := object.union(gb, {"claims": {"purpose": "uk_immigration_control"}})
	count(adequacy.permits) == 0 with input as on(immigration, "2024-06-01")
	count(adequacy.permits) == 1 with input as on(immigration, "2026-06-01")
	count(adequacy.permits) == 0 with input as without(on(gb, "2024-06-01"), "/claims/purpose")
}

test_decision_that_does_not_reach_the_exporter if {
	br := to({"country": "BR", "type": "bank", "subject_to": ["LGPD"]})
	count(adequacy.permits) == 1 with input as br
	norwegian := object.union(br, {"standing": {"exporter": {"country": "NO"}}})
	ids(adequacy.lacks) == {"gdpr.art45.in_force"} with input as norwegian
}

dpf := {"country": "US", "type": "private", "certifications": [{"scheme": "dpf_eu", "active": true, "covers": ["non_hr"]}]}

test_data_privacy_framework if {
	some ground in adequacy.permits with input as to(dpf)
	ground.duties == {"check_dpf_status"}
}

test_a_bank_cannot_certify if {
	ids(adequacy.lacks) == {"gdpr.art45.scope", "gdpr.art45.dpf"} with input as to(object.union(dpf, {"type": "bank"}))
}

test_certification_withdrawn if {
	withdrawn := object.union(dpf, {"certifications": [{"scheme": "dpf_eu", "active": true, "covers": ["non_hr"], "withdrawn_on": "2026-11-23"}]})
	"gdpr.art45.dpf" in ids(adequacy.lacks) with input as to(withdrawn)
	count(adequacy.permits) == 1 with input as on(to(withdrawn), "2026-11-22")
}

test_human_resources_data_must_be_covered if {
	about_staff := object.union(to(dpf), {"evidence": {"data": {"hr_data": true}}})
	count(adequacy.permits) == 0 with input as about_staff
	employees := object.union(to(dpf), {"evidence": {"data": {"subjects": ["employee"]}}})
	count(adequacy.permits) == 0 with input as employees
}

test_stale_data_is_noticed if {
	count(adequacy.stale) == 0 with input as bank
	adequacy.stale == {"EU:2019/419"} with input as on(bank, "2027-05-23")
}
