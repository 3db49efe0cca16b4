package passavant.law.gdpr.sensitive_test

import data.passavant.facts_test.bank
import data.passavant.facts_test.evidence
import data.passavant.facts_test.ids
import data.passavant.facts_test.without
import data.passavant.law.gdpr.sensitive

health := evidence({"data": {"special_categories": ["health"]}})

offence := evidence({"data": {"criminal_offence_data": true}})

test_proven_absence if count(sensitive.prohibits) == 0 with input as bank

test_unknown_counts_as_present if {
	ids(sensitive.prohibits) == {"gdpr.art9.2"} with input as without(bank, "/evidence/data/special_categories")
	ids(sensitive.prohibits) == {"gdpr.art10"} with input as without(bank, "/evidence/data/criminal_offence_data")
}

test_special_categories if {
	ids(sensitive.prohibits) == {"gdpr.art9.2"} with input as health
	ids(sensitive.prohibits) == {"gdpr.art9.2"} with input as object.union(health, {"standing": {"art9_condition": "yes"}})
	count(sensitive.prohibits) == 0 with input as object.union(health, {"standing": {"art9_condition": "GDPR:9(2)(g)"}})
}

test_offences if {
	ids(sensitive.prohibits) == {"gdpr.art10"} with input as offence
	count(sensitive.prohibits) == 0 with input as object.union(offence, {"standing": {"art10_basis": "member_state_law"}})
}

test_official_authority_is_for_authorities if {
	claimed := object.union(offence, {"standing": {"art10_basis": "official_authority"}})
	ids(sensitive.prohibits) == {"gdpr.art10"} with input as claimed
	count(sensitive.prohibits) == 0 with input as object.union(claimed, {"standing": {"exporter": {"type": "public_authority"}}})
}
