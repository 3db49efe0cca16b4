# METADATA
# title: Scope conditions of adequacy decisions
# description: |
#   The words used in `scope_rule` of the reference data. A condition of `all_of` must be established; a condition of
#   `none_of` must be ruled out. A word without a rule here is neither, so a decision that uses it permits nothing.
package passavant.lib.conditions

import data.passavant.facts
import data.passavant.lib.dates
import data.passavant.lib.parties

# METADATA
# title: Established
established["recipient_subject_to_pipeda"] if parties.recipient_subject_to("PIPEDA")

established["recipient_is_appi_business_operator"] if {
	parties.recipient_subject_to("APPI")
	parties.recipient_is_private_sector
}

established["recipient_subject_to_pipa"] if parties.recipient_subject_to("PIPA")

established["recipient_processing_subject_to_lgpd"] if parties.recipient_subject_to("LGPD")

established["recipient_is_epo"] if facts.recipient.organisation == "EPO"

# What this library sends is sent and received by automated means.
established["automated_processing_at_some_point"] := true

established["recipient_is_competent_authority"] if facts.recipient.competent_authority == true

established["dpf_list_active_eu"] if active_certification("dpf_eu")

established["dpf_list_active_ch"] if active_certification("dpf_ch")

established["dpf_covers_data_type"] if {
	some certification in facts.recipient.certifications
	certification.scheme == "dpf_eu"
	covered_data_type in certification.covers
}

established["dpf_uk_extension"] if {
	some certification in facts.recipient.certifications
	certification.scheme == "dpf_eu"
	certification.uk_extension == true
}

active_certification(scheme) if {
	facts.recipient.type in parties.kinds.dpf_eligible
	parties.recipient_is_private_sector
	some certification in facts.recipient.certifications
	certification.scheme == scheme
	certification.active == true
	not withdrawn(certification)
}

withdrawn(certification) if dates.on_or_after(facts.at, certification.withdrawn_on)

# Human-resources data must be covered by name. Data that the catalogue does not mark as such count as other data,
# unless they are about the exporter's own people.
covered_data_type := "hr" if about_employees

else := "non_hr"

about_employees if facts.hr_data == true

about_employees if {
	some subject in facts.data_subjects
	subject in {"employee", "applicant", "former_employee"}
}

# METADATA
# title: Ruled out
ruled_out["recipient_is_public_authority"] if parties.recipient_is_private_sector

ruled_out["recipient_in_occupied_territory"] if facts.recipient.location_in_occupied_territory == false

ruled_out["personal_credit_information_to_fsc_supervised_controller"] if facts.personal_credit_information == false

ruled_out["personal_credit_information_to_fsc_supervised_controller"] if {
	facts.recipient.supervised_by
	facts.recipient.supervised_by != "FSC"
}

ruled_out["personal_credit_information"] if facts.personal_credit_information == false

# A number is known by the category that leaves; a list that is not stated rules nothing out.
ruled_out["resident_registration_number"] if {
	facts.data_categories
	not holds_resident_number
}

holds_resident_number if {
	some category in facts.data_categories
	category in resident_number
}

holds_resident_number if {
	some field in facts.data_fields
	field in resident_number
}

resident_number := {"national_id", "resident_registration_number"}

ruled_out["purpose_uk_immigration_control"] if {
	facts.purpose
	facts.purpose != "uk_immigration_control"
}

ruled_out["activity_press_broadcasting"] if activity_is_not("press_broadcasting")

ruled_out["activity_academic_research_excepted"] if activity_is_not("academic_research")

ruled_out["activity_religious"] if activity_is_not("religious")

ruled_out["activity_religious_missionary"] if activity_is_not("religious")

ruled_out["activity_political"] if activity_is_not("political")

ruled_out["activity_political_nomination"] if activity_is_not("political")

ruled_out["recipient_purpose_public_security_or_criminal_investigation"] if {
	activity_is_not("public_security_or_criminal_investigation")
}

ruled_out["recipient_purpose_national_defence"] if activity_is_not("national_defence")

# An authority is neither a mission nor a party.
ruled_out["activity_religious_missionary"] if parties.recipient_is_public

ruled_out["activity_political_nomination"] if parties.recipient_is_public

# A bank, a telecom operator or a cloud provider is known by its type; anyone else must state its activity.
activity_is_not(activity) if {
	facts.recipient.processing_purpose
	not states_activity(activity)
}

activity_is_not(activity) if {
	facts.recipient.type in parties.kinds.activity_known_from_type
	not states_activity(activity)
}

states_activity(activity) if facts.recipient.processing_purpose in names[activity]

# METADATA
# title: Under which names an activity may be stated
# description: A name that is on no list is another activity; so an excluded activity is listed under every name that is known.
names := {
	"press_broadcasting": {"press_broadcasting", "press", "journalism", "broadcasting", "news", "media"},
	"academic_research": {"academic_research", "academic", "research", "scientific_research"},
	"religious": {"religious", "religion", "missionary", "religious_missionary"},
	"political": {"political", "politics", "party_nomination", "political_nomination"},
	"public_security_or_criminal_investigation": {
		"public_security_or_criminal_investigation", "public_security", "criminal_investigation", "investigation", "investigate_fraud",
		"criminal_justice", "law_enforcement", "prosecution", "national_security", "state_security",
	},
	"national_defence": {"national_defence", "national_defense", "defence", "defense", "military"},
}
