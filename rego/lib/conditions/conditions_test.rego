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
