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
	"access": "claims",
	"agreement": "standing",
	"approvals": "evidence",
	"approvers": "evidence",
	"art10": "claims",
	"art10_basis": "standing",
	"art39": "claims",
	"art9_condition": "standing",
	"cac_mechanism": "standing",
	"caller": "evidence",
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
	"marking_ids": "evidence",
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
	"who_may": "standing",
}

# METADATA
# title: Time of the transfer
# description: Truncated to the minute, so that a decision can be repeated and kept.
at := time.parse_rfc3339_ns(input.at)

# METADATA
# title: A question about the law alone
# description: No agreement is in play; the decision can be read but never acted on.
law_only if input.scope == "law"

# METADATA
# title: A question about a transfer under an agreement
transfer_asked if input.scope == "transfer"

# METADATA
# title: A question about another action, such as reading the log
access_asked if input.scope == "access"

# Standing facts: what the agreement says.

agreement := input.standing.agreement

art10_basis := input.standing.art10_basis

art9_condition := input.standing.art9_condition

cac_mechanism := input.standing.cac_mechanism

collected_for := input.standing.collected_for

combined_with_eu_data := input.standing.data.combined_with_eu_data

encrypted := input.standing.data.encrypted

pseudonymised := input.standing.data.pseudonymised

exporter := input.standing.exporter

lawful_basis := input.standing.lawful_basis

recipient := input.standing.recipient

recipient_undertaking := input.standing.recipient_undertaking

safeguard := input.standing.safeguard

tia := input.standing.tia

who_may := input.standing.who_may

# Claims: what the request asserts.

access := input.claims.access

art10 := input.claims.art10

art39 := input.claims.art39

claimed_basis := input.claims.claimed_basis

facts_assessments_marked := input.claims.data.facts_assessments_marked

quality_checked := input.claims.data.quality_checked

register_extent := input.claims.data.register_extent

subject_count := input.claims.data.subject_count

suspicion_report := input.claims.data.suspicion_report

derogation := input.claims.derogation

emergency := input.claims.emergency

fiu_agreement := input.claims.fiu_agreement

intended_action := input.claims.intended_action

interpol := input.claims.interpol

justification := input.claims.justification

necessary := input.claims.necessary

need_to_know := input.claims.need_to_know

onward := input.claims.onward

origin := input.claims.origin

provider := input.claims.provider

purpose := input.claims.purpose

request := input.claims.request

safeguard_impossible := input.claims.safeguard_impossible

separate_consent := input.claims.separate_consent

source_permission := input.claims.source_permission

# Evidence: what the enforcement point verified. Lists stay lists: a set comprehension
# over an absent fact would be the empty set, that is, a false proof of "none".

approvals := input.evidence.approvals

approvers := input.evidence.approvers

caller := input.evidence.caller

catalogue_categories := input.evidence.data.catalogue_categories

data_categories := input.evidence.data.categories

criminal_offence_data := input.evidence.data.criminal_offence_data

data_fields := input.evidence.data.fields

hr_data := input.evidence.data.hr_data

personal := input.evidence.data.personal

personal_credit_information := input.evidence.data.personal_credit_information

data_roles := input.evidence.data.roles

special_categories := input.evidence.data.special_categories

data_subjects := input.evidence.data.subjects

handling_code := input.evidence.handling_code

marking := input.evidence.marking

marking_ids := input.evidence.marking_ids

onward_authorised := input.evidence.onward_authorised

pap := input.evidence.pap

payload_encrypted := input.evidence.payload_encrypted

recipient_key_pinned := input.evidence.recipient_key_pinned
