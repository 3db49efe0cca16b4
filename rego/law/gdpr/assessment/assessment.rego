# METADATA
# title: GDPR, transfer impact assessment and supplementary measures
# description: |
#   C-311/18 (paras 134, 135, 142) and EDPB Recommendations 01/2020: whoever uses a tool of Article 46 assesses the law and
#   practice of the destination. Where problematic law applies in practice, only an effective supplementary measure
#   keeps the transfer lawful; contractual or organisational measures alone do not stop a public authority.
# related_resources:
#   - ref: https://www.edpb.europa.eu/our-work-tools/our-documents/recommendations/recommendations-012020-measures-supplement-transfer_en
#     description: EDPB Recommendations 01/2020 version 2.0, annex 2
package passavant.law.gdpr.assessment

import data.passavant.facts
import data.passavant.reason

# METADATA
# title: What the assessment adds to the ground that relies on it
# description: Nothing, if there is no exposure; otherwise the measures that answer it, with their citations and duties.
outcome := {} if no_exposure

else := {
	"basis": sort({use_cases[measure].citation | some measure in effective_measures}),
	"measures": effective_measures,
	"duties": {duty | some measure in effective_measures; some duty in use_cases[measure].duties},
}

# METADATA
# title: The assessment is done, documented, and concludes that protection is essentially equivalent
passed if {
	done_and_documented
	facts.tia.conclusion == "essentially_equivalent"
	exposure_answered
}

exposure_answered if no_exposure

exposure_answered if some measure in effective_measures

done_and_documented if {
	facts.tia.done == true
	facts.tia.documented == true
}

# METADATA
# title: No problematic law, or none that is applied in practice to this transfer
no_exposure if facts.tia.problematic_law == false

no_exposure if facts.tia.applied_in_practice == false

# METADATA
# title: The use cases of annex 2 for which the EDPB finds an effective measure
# description: Floors name the least strict technique that a category of this role may have if the transfer rests on the measure.
#   Use cases 6 and 7 have no effective measure and are therefore not here.
use_cases := {
	"edpb_uc3": {"citation": "EDPB:01/2020:UC3", "duties": set(), "floors": {}},
	"edpb_uc4": {"citation": "EDPB:01/2020:UC4", "duties": set(), "floors": {}},
	"edpb_uc5": {"citation": "EDPB:01/2020:UC5", "duties": set(), "floors": {}},
	"edpb_uc1": {"citation": "EDPB:01/2020:UC1", "duties": set(), "floors": {}},
	"edpb_uc2": {
		"citation": "EDPB:01/2020:UC2",
		"duties": {"pseudonymise_identifiers"},
		"floors": {"direct": "pseudonymise", "quasi": "generalise", "free-text": "drop", "unknown": "drop"},
	},
}

effective_measures contains "edpb_uc1" if {
	"edpb_uc1" in facts.tia.measures
	encrypted_beyond_reach
}

effective_measures contains "edpb_uc2" if {
	"edpb_uc2" in facts.tia.measures
	pseudonymised_beyond_reach
}

# Use case 3. Data merely in transit; the destination itself protects them.
effective_measures contains "edpb_uc3" if {
	"edpb_uc3" in facts.tia.measures
	facts.tia.transit.encrypted == true
	facts.tia.transit.trusted_certification == true
	facts.tia.transit.no_backdoors == true
	facts.tia.transit.destination_protects == true
}

# Use case 4. A recipient with a specific privilege that extends to all data and keys.
effective_measures contains "edpb_uc4" if {
	"edpb_uc4" in facts.tia.measures
	facts.tia.privilege.covers_data_and_keys == true
	facts.tia.privilege.verified == true
	facts.tia.privilege.end_to_end == true
}

# Use case 5. Split processing; no part is attributable, and the processors cannot collude.
effective_measures contains "edpb_uc5" if {
	"edpb_uc5" in facts.tia.measures
	facts.tia.split.no_part_attributable == true
	facts.tia.split.different_jurisdictions == true
	facts.tia.split.secure_against_collaboration == true
	facts.tia.split.no_auxiliary_data == true
}

# Use case 1. The recipient never needs the clear text and the keys stay with the exporter. A payload that is sealed to
# the recipient is not such a case, so for a transfer the payload itself must be shown to be encrypted.
encrypted_beyond_reach if {
	facts.encrypted.strong == true
	facts.encrypted.keys_holder in held_here
	facts.recipient.needs_clear_text == false
	not remote_access_in_clear
	payload_stays_encrypted
}

payload_stays_encrypted if facts.law_only

payload_stays_encrypted if facts.payload_encrypted == true

# Use case 2. The additional information is held exclusively by the exporter, and a thorough analysis has shown that the
# authorities of the destination cannot attribute the data even with what they may hold.
pseudonymised_beyond_reach if {
	facts.pseudonymised.done == true
	facts.pseudonymised.additional_info_holder in held_here
	facts.pseudonymised.reidentification_analysis == true
	facts.pseudonymised.authorities_cannot_attribute == true
	not clear_text_needed
	not remote_access_in_clear
}

held_here := {"exporter_eea", "exporter_adequate_country", "trusted_entity_eea", "trusted_entity_adequate_country"}

clear_text_needed if facts.recipient.needs_clear_text == true

remote_access_in_clear if facts.recipient.remote_access == true

# METADATA
# title: Assessment missing
# description: Clause 14 of the clauses and C-311/18 require it before the transfer, in writing, available to the authority.
# custom:
#   id: gdpr.tia.done
#   instrument: CJEU:C-311/18
#   article: paras 134-135
#   clause: "14"
#   code: transfer_impact_assessment
#   failure_msg: no documented assessment of the law and practice of the destination
#   remedies:
#     - text: carry out and document a transfer impact assessment that finds no problematic law applied to this transfer
#       set: {tia.done: true, tia.documented: true, tia.problematic_law: false, tia.conclusion: essentially_equivalent}
lacks contains reason.of(rego.metadata.rule()) if not done_and_documented

# METADATA
# title: The assessment must conclude that protection is essentially equivalent
# description: If it does not, the transfer is suspended or does not begin.
# custom:
#   id: gdpr.tia.conclusion
#   instrument: CJEU:C-311/18
#   article: para 135
#   clause: "14"
#   code: transfer_impact_assessment
#   failure_msg: the assessment does not conclude that the level of protection is essentially equivalent
lacks contains reason.of(rego.metadata.rule()) if {
	done_and_documented
	not essentially_equivalent
}

essentially_equivalent if facts.tia.conclusion == "essentially_equivalent"

# METADATA
# title: Problematic law applies and no effective measure answers it
# description: |
#   A measure counts if annex 2 finds it effective and every condition of its use case is shown: encryption with keys kept
#   here (use case 1), pseudonymisation with the additional information kept here (use case 2), mere transit (3), a privileged
#   recipient (4), split processing (5).
# custom:
#   id: edpb.01_2020.measure
#   instrument: EDPB:01/2020
#   article: annex 2
#   clause: "14"
#   code: effective_supplementary_measure
#   failure_msg: problematic law applies in practice and no effective supplementary measure is shown
#   remedies:
#     - text: pseudonymise before transfer, keep the additional information with the exporter in the EEA, and show that authorities cannot attribute the data (use case 2)
#       set: {tia.measures: [edpb_uc2], tia.conclusion: essentially_equivalent, data.pseudonymised.done: true, data.pseudonymised.additional_info_holder: exporter_eea, data.pseudonymised.reidentification_analysis: true, data.pseudonymised.authorities_cannot_attribute: true}
lacks contains reason.of(rego.metadata.rule()) if {
	done_and_documented
	not exposure_answered
}

# METADATA
# title: Processing in the clear under problematic law has no effective measure
# description: Use case 6 (a processor that needs the data in the clear); the EDPB finds no technical measure that helps.
# custom:
#   id: edpb.01_2020.uc6
#   instrument: EDPB:01/2020
#   article: annex 2, use case 6
#   code: effective_supplementary_measure
#   failure_msg: the recipient needs the data in the clear, for which the EDPB finds no effective measure
lacks contains reason.of(rego.metadata.rule()) if {
	done_and_documented
	not no_exposure
	clear_text_needed
}

# METADATA
# title: Remote access in the clear under problematic law has no effective measure
# description: Use case 7 (remote access for business purposes); the EDPB finds no technical measure that helps.
# custom:
#   id: edpb.01_2020.uc7
#   instrument: EDPB:01/2020
#   article: annex 2, use case 7
#   code: effective_supplementary_measure
#   failure_msg: the recipient has remote access in the clear, for which the EDPB finds no effective measure
lacks contains reason.of(rego.metadata.rule()) if {
	done_and_documented
	not no_exposure
	remote_access_in_clear
}
