package passavant.law.gdpr.assessment_test

import data.passavant.facts_test.bank
import data.passavant.facts_test.ids
import data.passavant.facts_test.without
import data.passavant.law.gdpr.assessment

with_tia(tia) := object.union(bank, {"standing": {"tia": object.union({"done": true, "documented": true}, tia)}})

exposed := with_tia({"problematic_law": true, "applied_in_practice": true, "measures": ["edpb_uc1", "edpb_uc2"], "conclusion": "essentially_equivalent"})

pseudonymised := object.union(exposed, {"standing": {"data": {"pseudonymised": {
	"done": true,
	"additional_info_holder": "exporter_eea",
	"reidentification_analysis": true,
	"authorities_cannot_attribute": true,
}}}})

encrypted := object.union(exposed, {"standing": {
	"recipient": {"needs_clear_text": false},
	"data": {"encrypted": {"strong": true, "keys_holder": "exporter_eea"}},
}})

test_no_problematic_law if {
	clean := with_tia({"problematic_law": false, "conclusion": "essentially_equivalent"})
	assessment.passed with input as clean
	assessment.outcome == {} with input as clean
	count(assessment.lacks) == 0 with input as clean
}

test_problematic_law_that_is_not_applied if {
	dormant := with_tia({"problematic_law": true, "applied_in_practice": false, "conclusion": "essentially_equivalent"})
	assessment.passed with input as dormant
}

test_silence_about_practice_is_exposure if {
	silent := with_tia({"problematic_law": true, "conclusion": "essentially_equivalent"})
	not assessment.passed with input as silent
	ids(assessment.lacks) == {"edpb.01_2020.measure"} with input as silent
}

test_not_done_or_not_documented if {
	ids(assessment.lacks) == {"gdpr.tia.done"} with input as bank
	ids(assessment.lacks) == {"gdpr.tia.done"} with input as with_tia({"documented": false, "problematic_law": false})
}

test_conclusion if {
	bad := with_tia({"problematic_law": false, "conclusion": "not_equivalent"})
	not assessment.passed with input as bad
	ids(assessment.lacks) == {"gdpr.tia.conclusion"} with input as bad
}

test_use_case_2 if {
	assessment.passed with input as pseudonymised
	assessment.outcome.basis == ["EDPB:01/2020:UC2"] with input as pseudonymised
	assessment.outcome.duties == {"pseudonymise_identifiers"} with input as pseudonymised
}

# Every condition of use case 2 is needed.
test_use_case_2_without[key] if {
	some key in ["done", "additional_info_holder", "reidentification_analysis", "authorities_cannot_attribute"]
	broken := without(pseudonymised, concat("/", ["/standing/data/pseudonymised", key]))
	not assessment.passed with input as broken
	missing := ids(assessment.lacks) with input as broken
	missing == {"edpb.01_2020.measure"}
}

test_additional_information_held_elsewhere if {
	there := object.union(pseudonymised, {"standing": {"data": {"pseudonymised": {"additional_info_holder": "recipient"}}}})
	not assessment.passed with input as there
}

test_a_measure_must_be_named if {
	not assessment.passed with input as without(pseudonymised, "/standing/tia/measures")
}

test_use_case_1_for_a_question_about_the_law if {
	assessment.passed with input as encrypted
	assessment.outcome.basis == ["EDPB:01/2020:UC1"] with input as encrypted
}

# What is sealed to the recipient is not beyond its reach.
test_use_case_1_for_a_transfer if {
	sealed := object.union(encrypted, {"scope": "transfer"})
	not assessment.passed with input as sealed
	assessment.passed with input as object.union(sealed, {"evidence": {"payload_encrypted": true}})
}

test_use_case_1_needs_the_keys_here if {
	there := object.union(encrypted, {"standing": {"data": {"encrypted": {"keys_holder": "recipient"}}}})
	not assessment.passed with input as there
	not assessment.passed with input as without(encrypted, "/standing/recipient/needs_clear_text")
}

test_use_case_6 if {
	clear := object.union(pseudonymised, {"standing": {"recipient": {"needs_clear_text": true}}})
	not assessment.passed with input as clear
	ids(assessment.lacks) == {"edpb.01_2020.measure", "edpb.01_2020.uc6"} with input as clear
}

test_use_case_7 if {
	remote := object.union(encrypted, {"standing": {"recipient": {"remote_access": true}}})
	not assessment.passed with input as remote
	ids(assessment.lacks) == {"edpb.01_2020.measure", "edpb.01_2020.uc7"} with input as remote
}

test_clear_text_is_no_matter_without_exposure if {
	calm := object.union(with_tia({"problematic_law": false, "conclusion": "essentially_equivalent"}), {"standing": {"recipient": {"needs_clear_text": true}}})
	assessment.passed with input as calm
	count(assessment.lacks) == 0 with input as calm
}

under_problematic_law(more) := {
	"at": "2026-11-23T00:00:00Z",
	"scope": "law",
	"standing": {"tia": object.union({"done": true, "documented": true, "problematic_law": true, "applied_in_practice": true, "conclusion": "essentially_equivalent"}, more)},
	"claims": {},
	"evidence": {},
}

further := {
	"edpb_uc3": {"transit": {"encrypted": true, "trusted_certification": true, "no_backdoors": true, "destination_protects": true}},
	"edpb_uc4": {"privilege": {"covers_data_and_keys": true, "verified": true, "end_to_end": true}},
	"edpb_uc5": {"split": {"no_part_attributable": true, "different_jurisdictions": true, "secure_against_collaboration": true, "no_auxiliary_data": true}},
}

test_use_cases_3_to_5 if {
	every measure, facts in further {
		assessment.effective_measures == {measure} with input as under_problematic_law(object.union(facts, {"measures": [measure]}))
		assessment.passed with input as under_problematic_law(object.union(facts, {"measures": [measure]}))
		assessment.effective_measures == set() with input as under_problematic_law(facts)
	}
}

effective_in_part contains [measure, key] if {
	some measure, facts in further
	some root, conditions in facts
	some key, _ in conditions
	measures := assessment.effective_measures with input as under_problematic_law(object.union(facts, {"measures": [measure], root: {key: false}}))
	count(measures) > 0
}

test_use_cases_3_to_5_in_part if effective_in_part == set()

test_an_assessment_is_done_and_documented if {
	clean := with_tia({"problematic_law": false, "conclusion": "essentially_equivalent"})
	every key in ["done", "documented"] {
		not assessment.passed with input as without(clean, concat("/", ["/standing/tia", key]))
		ids(assessment.lacks) == {"gdpr.tia.done"} with input as without(clean, concat("/", ["/standing/tia", key]))
	}
}

test_a_measure_counts_if_it_is_named_and_whole if {
	assessment.effective_measures == {"edpb_uc1"} with input as encrypted
	every path in ["/standing/tia/measures", "/standing/data/encrypted/strong", "/standing/data/encrypted/keys_holder", "/standing/recipient/needs_clear_text"] {
		count(assessment.effective_measures) == 0 with input as without(encrypted, path)
	}
	other := object.union(encrypted, {"standing": {"tia": {"measures": ["edpb_uc2"]}}})
	count(assessment.effective_measures) == 0 with input as other
	every measured in [encrypted, pseudonymised] {
		count(assessment.effective_measures) == 0 with input as object.union(measured, {"standing": {"recipient": {"remote_access": true}}})
	}
}

# Use cases 6 and 7 are told where there is an assessment that finds exposure, and nowhere else.
test_use_cases_without_a_measure_are_of_exposure if {
	every change, rule in {"needs_clear_text": "edpb.01_2020.uc6", "remote_access": "edpb.01_2020.uc7"} {
		open := {"standing": {"recipient": {change: true}}}
		rule in ids(assessment.lacks) with input as object.union(exposed, open)
		clean := with_tia({"problematic_law": false, "conclusion": "essentially_equivalent"})
		not rule in ids(assessment.lacks) with input as object.union(clean, open)
		not rule in ids(assessment.lacks) with input as object.union(bank, open)
		not rule in ids(assessment.lacks) with input as without(object.union(exposed, open), "/standing/tia/documented")
	}
}
