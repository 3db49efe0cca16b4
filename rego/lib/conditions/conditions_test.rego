package passavant.lib.conditions_test

import data.passavant.facts_test.bank
import data.passavant.facts_test.claims
import data.passavant.facts_test.evidence
import data.passavant.facts_test.standing
import data.passavant.facts_test.without
import data.passavant.lib.conditions

# Every word of the reference data for decisions in force has a rule here: otherwise its decision could permit nothing.
test_every_word_of_the_reference_data_is_known if {
	rich := object.union(bank, {
		"standing": {"recipient": {
			"type": "private",
			"organisation": "EPO",
			"subject_to": ["APPI", "PIPEDA", "PIPA", "LGPD"],
			"location_in_occupied_territory": false,
			"processing_purpose": "payments",
			"supervised_by": "BOK",
			"certifications": [{"scheme": "dpf_eu", "active": true, "covers": ["non_hr"]}],
		}},
		"evidence": {"data": {"personal_credit_information": false}},
	})
	every records in data.passavant.reference.adequacy.records.EU_GDPR {
		every record in records {
			record_known(record) with input as rich
		}
	}
}

record_known(record) if record.status == "invalidated"

record_known(record) if {
	every word in record.scope_rule.all_of {
		conditions.established[word]
	}
	every word in record.scope_rule.none_of {
		conditions.ruled_out[word]
	}
}

test_credit_information_in_korea if {
	name := "personal_credit_information_to_fsc_supervised_controller"
	not conditions.ruled_out[name] with input as bank
	conditions.ruled_out[name] with input as evidence({"data": {"personal_credit_information": false}})
	conditions.ruled_out[name] with input as standing({"recipient": {"supervised_by": "BOK"}})
	not conditions.ruled_out[name] with input as standing({"recipient": {"supervised_by": "FSC"}})
}

test_activity_is_known_from_the_type_or_stated if {
	conditions.ruled_out.activity_press_broadcasting with input as bank
	private := standing({"recipient": {"type": "private"}})
	not conditions.ruled_out.activity_press_broadcasting with input as private
	stated := object.union(private, {"standing": {"recipient": {"processing_purpose": "press_broadcasting"}}})
	not conditions.ruled_out.activity_press_broadcasting with input as stated
	conditions.ruled_out.activity_religious with input as stated
	odd := standing({"recipient": {"processing_purpose": "religious"}})
	not conditions.ruled_out.activity_religious with input as odd
}

test_activity_under_any_of_its_names if {
	every activity, names in conditions.names {
		every name in names {
			stated := standing({"recipient": {"type": "bank", "processing_purpose": name}})
			not conditions.activity_is_not(activity) with input as stated
		}
	}
	conditions.activity_is_not("religious") with input as standing({"recipient": {"processing_purpose": "payments"}})
}

test_authority_is_no_mission if {
	authority := standing({"recipient": {"type": "public_authority"}})
	conditions.ruled_out.activity_religious_missionary with input as authority
	conditions.ruled_out.activity_political_nomination with input as authority
	not conditions.ruled_out.activity_religious with input as authority
	unknown := without(bank, "/standing/recipient/type")
	not conditions.ruled_out.activity_religious_missionary with input as unknown
	not conditions.ruled_out.activity_political_nomination with input as unknown
}

test_unknown_purpose_rules_nothing_out if {
	not conditions.ruled_out.purpose_uk_immigration_control with input as without(bank, "/claims/purpose")
	not conditions.ruled_out.purpose_uk_immigration_control with input as claims({"purpose": "uk_immigration_control"})
}

to(facts) := standing({"recipient": facts})

# A word is established by its own fact and by nothing less.
test_established_each_by_its_fact if {
	every word, facts in {
		"recipient_subject_to_pipeda": {"subject_to": ["PIPEDA"]},
		"recipient_is_appi_business_operator": {"subject_to": ["APPI"]},
		"recipient_subject_to_pipa": {"subject_to": ["PIPA"]},
		"recipient_processing_subject_to_lgpd": {"subject_to": ["LGPD"]},
		"recipient_is_epo": {"organisation": "EPO"},
		"recipient_is_competent_authority": {"competent_authority": true},
	} {
		conditions.established[word] with input as to(facts)
		not conditions.established[word] with input as without(bank, "/standing/recipient/subject_to")
	}
	not conditions.established.recipient_is_epo with input as to({"organisation": "EUROPOL"})
	not conditions.established.recipient_is_competent_authority with input as to({"competent_authority": false})
	police := to({"subject_to": ["APPI"], "type": "police"})
	not conditions.established.recipient_is_appi_business_operator with input as police
}

certified(facts) := to({"type": "private", "certifications": [facts]})

test_certifications if {
	eu := {"scheme": "dpf_eu", "active": true, "covers": ["non_hr"], "uk_extension": true}
	every word in ["dpf_list_active_eu", "dpf_covers_data_type", "dpf_uk_extension"] {
		conditions.established[word] with input as certified(eu)
		not conditions.established[word] with input as certified(object.union(eu, {"scheme": "dpf_ch"}))
		not conditions.established[word] with input as bank
	}
	not conditions.established.dpf_list_active_eu with input as certified(object.remove(eu, ["active"]))
	not conditions.established.dpf_list_active_eu with input as certified(object.union(eu, {"active": false}))
	not conditions.established.dpf_list_active_eu with input as object.union(certified(eu), {"standing": {"recipient": {"type": "public_authority"}}})
	not conditions.established.dpf_list_active_eu with input as object.union(certified(eu), {"standing": {"recipient": {"type": "bank"}}})
	not conditions.established.dpf_uk_extension with input as certified(object.remove(eu, ["uk_extension"]))
	not conditions.established.dpf_uk_extension with input as certified(object.union(eu, {"uk_extension": false}))
	not conditions.established.dpf_covers_data_type with input as certified(object.remove(eu, ["covers"]))
	swiss := {"scheme": "dpf_ch", "active": true}
	conditions.established.dpf_list_active_ch with input as certified(swiss)
	not conditions.established.dpf_list_active_ch with input as certified(eu)
	not conditions.established.dpf_list_active_ch with input as certified({"scheme": "dpf_ch"})
	gone := object.union(certified(object.union(eu, {"withdrawn_on": "2026-11-23"})), {"at": "2026-11-23T00:00:00Z"})
	not conditions.established.dpf_list_active_eu with input as gone
}

# The exporter's own people, under any name, are human resources.
test_own_people if {
	hr := {"scheme": "dpf_eu", "active": true, "covers": ["hr"]}
	every subject in ["employee", "applicant", "former_employee"] {
		conditions.established.dpf_covers_data_type with input as object.union(certified(hr), {"evidence": {"data": {"subjects": [subject]}}})
	}
	not conditions.established.dpf_covers_data_type with input as certified(hr)
	conditions.established.dpf_covers_data_type with input as object.union(certified(hr), {"evidence": {"data": {"hr_data": true}}})
}

test_ruled_out_each_by_its_fact if {
	conditions.ruled_out.recipient_is_public_authority with input as bank
	not conditions.ruled_out.recipient_is_public_authority with input as to({"type": "public_authority"})
	conditions.ruled_out.recipient_in_occupied_territory with input as to({"location_in_occupied_territory": false})
	not conditions.ruled_out.recipient_in_occupied_territory with input as to({"location_in_occupied_territory": true})
	not conditions.ruled_out.recipient_in_occupied_territory with input as bank
	conditions.ruled_out.personal_credit_information with input as evidence({"data": {"personal_credit_information": false}})
	not conditions.ruled_out.personal_credit_information with input as evidence({"data": {"personal_credit_information": true}})
	not conditions.ruled_out.personal_credit_information with input as bank
	conditions.ruled_out.resident_registration_number with input as bank
	not conditions.ruled_out.resident_registration_number with input as without(bank, "/evidence/data/categories")
	not conditions.ruled_out.resident_registration_number with input as evidence({"data": {"categories": ["national_id"]}})
	not conditions.ruled_out.resident_registration_number with input as evidence({"data": {"fields": ["resident_registration_number"]}})
}

# Each exclusion is of its own activity.
test_each_exclusion_is_of_its_activity if {
	every word, activity in {
		"activity_press_broadcasting": "press",
		"activity_academic_research_excepted": "research",
		"activity_religious": "religious",
		"activity_religious_missionary": "missionary",
		"activity_political": "political",
		"activity_political_nomination": "party_nomination",
		"recipient_purpose_public_security_or_criminal_investigation": "criminal_investigation",
		"recipient_purpose_national_defence": "defence",
	} {
		not conditions.ruled_out[word] with input as to({"processing_purpose": activity})
		conditions.ruled_out[word] with input as to({"processing_purpose": "payments"})
		not conditions.ruled_out[word] with input as to({"type": "private"})
	}
}

# A body of the public is not private, whatever its type.
test_a_public_body_is_not_certified if {
	eu := {"scheme": "dpf_eu", "active": true, "covers": ["non_hr"]}
	not conditions.established.dpf_list_active_eu with input as object.union(certified(eu), {"standing": {"recipient": {"public_body": true}}})
}
