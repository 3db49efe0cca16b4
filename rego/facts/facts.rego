# METADATA
# title: Facts
# description: |
#   The only door between the rules and the input. Every fact has one home: `standing` (what the agreement says),
#   `claims` (what the request asserts) or `evidence` (what the enforcement point verified). Rules name a fact and
#   cannot choose where it is read from, so a request can never put itself in the place of the agreement.
#   A fact that is absent is unknown, and what is unknown is not met.
package passavant.facts

# The home of each fact. A dotted key takes precedence over its root.
# Go splits flat case files by this table and checks the input schema against it.
home := {
	"agreement": "standing",
	"art10": "claims",
	"art10_basis": "standing",
	"art39": "claims",
	"art9_condition": "standing",
	"cac_mechanism": "standing",
	"claimed_basis": "claims",
	"collected_for": "standing",
	"data.catalogue_categories": "evidence",
	"data.categories": "evidence",
	"data.combined_with_eu_data": "standing",
	"data.criminal_offence_data": "evidence",
	"data.encrypted": "standing",
	"data.facts_assessments_marked": "claims",
	"data.fields": "evidence",
	"data.hr_data": "evidence",
	"data.personal": "evidence",
	"data.personal_credit_information": "evidence",
	"data.pseudonymised": "standing",
	"data.quality_checked": "claims",
	"data.register_extent": "claims",
	"data.roles": "evidence",
	"data.special_categories": "evidence",
	"data.subject_count": "claims",
	"data.subjects": "evidence",
	"data.suspicion_report": "claims",
	"derogation": "claims",
	"emergency": "claims",
	"exporter": "standing",
	"fiu_agreement": "claims",
	"handling_code": "evidence",
	"intended_action": "claims",
	"interpol": "claims",
	"justification": "claims",
	"lawful_basis": "standing",
	"marking": "evidence",
	"necessary": "claims",
	"need_to_know": "claims",
	"onward": "claims",
	"onward_authorised": "evidence",
	"origin": "claims",
	"pap": "evidence",
	"payload_encrypted": "evidence",
	"provider": "claims",
	"purpose": "claims",
	"recipient": "standing",
	"recipient_key_pinned": "evidence",
	"recipient_undertaking": "standing",
	"request": "claims",
	"safeguard": "standing",
	"safeguard_impossible": "claims",
	"separate_consent": "claims",
	"source_permission": "claims",
	"tia": "standing",
}

# METADATA
# title: Time of the transfer
# description: Truncated to the minute, so that a decision can be repeated and kept.
at := time.parse_rfc3339_ns(input.at)

# METADATA
# title: A question about the law alone
# description: No agreement is in play; the decision can be read but never acted on.
law_only if input.scope == "law"

agreement := input.standing.agreement

art10_basis := input.standing.art10_basis

art9_condition := input.standing.art9_condition

collected_for := input.standing.collected_for

encrypted := input.standing.data.encrypted

exporter := input.standing.exporter

lawful_basis := input.standing.lawful_basis

pseudonymised := input.standing.data.pseudonymised

recipient := input.standing.recipient

safeguard := input.standing.safeguard

tia := input.standing.tia

derogation := input.claims.derogation

onward := input.claims.onward

purpose := input.claims.purpose

request := input.claims.request

safeguard_impossible := input.claims.safeguard_impossible

# Lists stay lists: a set comprehension over an absent fact would be the empty set, that is, a false proof of "none".
criminal_offence_data := input.evidence.data.criminal_offence_data

data_categories := input.evidence.data.categories

data_roles := input.evidence.data.roles

data_subjects := input.evidence.data.subjects

hr_data := input.evidence.data.hr_data

onward_authorised := input.evidence.onward_authorised

payload_encrypted := input.evidence.payload_encrypted

personal_credit_information := input.evidence.data.personal_credit_information

special_categories := input.evidence.data.special_categories
