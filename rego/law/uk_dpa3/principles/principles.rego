# METADATA
# title: Data Protection Act 2018 Part 3, principles
# description: The gates of section 73 and of the principles, whatever the ground.
# related_resources:
#   - ref: https://www.legislation.gov.uk/ukpga/2018/12/section/73
#     description: Data Protection Act 2018, sections 34 to 40, 73, 77, 78
package passavant.law.uk_dpa3.principles

import data.passavant.facts
import data.passavant.lib.parties
import data.passavant.lib.policing
import data.passavant.lib.processing
import data.passavant.obligations
import data.passavant.reason

# METADATA
# title: Necessary for a law-enforcement purpose
# description: Condition 1 of section 73(2).
# custom: {id: ukdpa.s73.2, instrument: UKDPA, article: "73(2)", code: led_necessity, failure_msg: the transfer is not shown to be necessary for a stated law-enforcement purpose}
prohibits contains reason.of(rego.metadata.rule()) if not policing.necessary

# METADATA
# title: Further use must be compatible with the purpose of collection
# description: Second data protection principle, section 36.
# custom: {id: ukdpa.s36, instrument: UKDPA, article: "36", code: purpose_compatible, failure_msg: the purpose of the transfer is not shown to be that of collection or compatible with it}
prohibits contains reason.of(rego.metadata.rule()) if not processing.purpose_compatible

# METADATA
# title: Only data that the purpose needs
# description: Third data protection principle, section 37.
# custom: {id: ukdpa.s37, instrument: UKDPA, article: "37", code: data_minimisation, failure_msg: data categories would leave that are not named or not within the agreed minimum}
prohibits contains reason.of(rego.metadata.rule()) if not processing.data_minimised

# METADATA
# title: Sensitive processing only where strictly necessary
# description: Section 35(3) to (5) and Schedule 8.
# custom: {id: ukdpa.s35, instrument: UKDPA, article: "35(5)", code: strict_necessity_special, failure_msg: the data may be sensitive and strict necessity under a law is not shown, confirm: true}
prohibits contains reason.of(rego.metadata.rule()) if not policing.special_categories_strict

# METADATA
# title: Quality and categories of data subjects
# description: Fourth data protection principle, section 38.
# custom: {id: ukdpa.s38, instrument: UKDPA, article: "38", code: quality_checks, failure_msg: "the data are not shown to be checked, to tell facts from assessments and to name the categories of data subjects"}
prohibits contains reason.of(rego.metadata.rule()) if not policing.quality_checked

# METADATA
# title: The recipient must be a relevant authority
# description: Condition 3 of section 73(4), or every condition of section 77.
# custom: {id: ukdpa.s73.4, instrument: UKDPA, article: "73(4)", code: recipient_competent_authority, failure_msg: the recipient is not shown to be a relevant authority}
prohibits contains reason.of(rego.metadata.rule()) if not recipient_settled

# METADATA
# title: The conditions of section 77
# description: For a recipient that is not a relevant authority, as in Article 39 of the Law Enforcement Directive.
# custom: {id: ukdpa.s77, instrument: UKDPA, article: "77", code: art39_condition, failure_msg: "the recipient is not shown to be a relevant authority, nor every condition of section 77 to be met", confirm: true}
prohibits contains reason.of(rego.metadata.rule()) if not recipient_settled

recipient_settled if parties.recipient_is_competent_authority

recipient_settled if section_77

section_77 if {
	not parties.recipient_is_competent_authority
	processing.exception_admitted("77")
	policing.private_recipient_case
}

# METADATA
# title: The originator must have authorised the transfer
# description: Section 73(1)(b), data that came from a Member State; the urgent exception of section 73(5) aside.
# custom: {id: ukdpa.s73.1.b, instrument: UKDPA, article: "73(1)(b)", code: originator_authorisation, failure_msg: the data may come from another State and its prior authorisation is not shown}
prohibits contains reason.of(rego.metadata.rule()) if not policing.originator_settled

# METADATA
# title: Subsequent transfers need authorisation
# description: Section 78.
# custom: {id: ukdpa.s78, instrument: UKDPA, article: "78", code: onward_authorisation, failure_msg: an onward transfer is asked for that is not shown to be authorised}
prohibits contains reason.of(rego.metadata.rule()) if not processing.onward_authorised

leads contains reason.lead(20, "UKDPA:77") if section_77

leads contains reason.lead(30, "UKDPA:73(5)") if policing.urgent_exception

duties contains obligations.of("led_inform_authorising_state", {}) if policing.urgent_exception

duties contains obligations.of("led_document", {}) if section_77

duties contains obligations.of("led_inform_foreign_authority", {}) if section_77

duties contains obligations.of("led_inform_recipient_purpose", {}) if section_77

duties contains obligations.of("led_log_25", {})

duties contains obligations.of("mark_subject_category", {})

duties contains obligations.of("verify_quality", {})

duties contains obligations.of("bind_onward_authorisation", {}) if outside

outside if facts.recipient.country != "GB"
