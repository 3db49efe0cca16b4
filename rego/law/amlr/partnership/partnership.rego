# METADATA
# title: Anti-Money-Laundering Regulation, partnerships for information sharing
# description: |
#   Obliged entities and, within their tasks, competent authorities. The supervisor verifies the partnership before it starts, a
#   data protection impact assessment precedes it, and suspicions travel only with the consent of the FIU that has the report.
# related_resources:
#   - ref: https://eur-lex.europa.eu/eli/reg/2024/1624/oj
#     description: Regulation (EU) 2024/1624, Article 75
package passavant.law.amlr.partnership

import data.passavant.facts
import data.passavant.lib.dates
import data.passavant.obligations
import data.passavant.reason

# METADATA
# title: Every condition of Article 75 is met
in_order if {
	stated
	applicable
	verified
	impact_assessed
	between_participants
	suspicions_settled
}

# What is stated about a partnership that nobody asks about binds nobody.
stated if facts.agreement.active == true

# METADATA
# title: The Regulation must already apply
# description: It applies from 10 July 2027; until then national law and Directive (EU) 2015/849 govern.
# custom:
#   id: amlr.art90
#   instrument: EU:2024/1624
#   article: "90"
#   code: not_yet_applicable
#   failure_msg: Article 75 of the Anti-Money-Laundering Regulation does not apply yet at the time of the transfer
prohibits contains reason.of(rego.metadata.rule()) if not applicable

applicable if {
	act := data.passavant.reference.treaties.acts["EU:2024/1624"]
	dates.on_or_after(facts.at, act.valid_from)
}

# METADATA
# title: The supervisor has verified the partnership
# description: Participants notify their supervisors, who verify before the partnership starts.
# custom:
#   id: amlr.art75.2
#   instrument: EU:2024/1624
#   article: "75(2)"
#   code: agreement_field_missing
#   failure_msg: the partnership is not shown to have been verified by the supervisor
prohibits contains reason.of(rego.metadata.rule()) if not verified

verified if facts.agreement.partnership_verified == true

# METADATA
# title: A data protection impact assessment precedes the partnership
# description: Before the first processing, and recorded with the agreement.
# custom:
#   id: amlr.art75.4.h
#   instrument: EU:2024/1624
#   article: "75(4)(h)"
#   code: agreement_field_missing
#   failure_msg: no data protection impact assessment is recorded for the partnership
#   confirm: true
prohibits contains reason.of(rego.metadata.rule()) if not impact_assessed

impact_assessed if count(facts.agreement.dpia_ref) > 0

# METADATA
# title: Only participants
# description: Obliged entities, and authorities within their tasks. Anybody else is outside the partnership.
# custom:
#   id: amlr.art75.1
#   instrument: EU:2024/1624
#   article: "75(1)"
#   code: agreement_field_missing
#   failure_msg: exporter and recipient are not both of a kind that can take part in a partnership
#   confirm: true
prohibits contains reason.of(rego.metadata.rule()) if not between_participants

between_participants if {
	facts.exporter.type in participants
	facts.recipient.type in participants
}

participants := {"bank", "fiu", "police", "private", "prosecutor", "public_authority"}

# METADATA
# title: Suspicions travel with the consent of the FIU
# description: Information on a suspicion reported under Article 69 is shared only if the FIU that received the report agrees.
# custom:
#   id: amlr.art75.4.k
#   instrument: EU:2024/1624
#   article: "75(4)(k)"
#   code: fiu_consent
#   failure_msg: the data may concern a reported suspicion and the FIU is not shown to have agreed
#   confirm: true
prohibits contains reason.of(rego.metadata.rule()) if not suspicions_settled

suspicions_settled if {
	facts.law_only
	facts.fiu_agreement == true
}

suspicions_settled if "fiu" in facts.approvals

# The categories that leave are evidence; a list that is not stated proves nothing.
suspicions_settled if {
	facts.data_categories
	not suspicion_among_categories
	not suspicion_reported
}

suspicion_among_categories if {
	some category in facts.data_categories
	category in {"suspicion", "suspicion_report", "suspicious_activity_report"}
}

suspicion_reported if facts.suspicion_report == true

leads contains reason.lead(10, "AMLR:75") if in_order

duties contains obligations.of("use_limit", {})

duties contains obligations.of("no_onward_transfer", {})

duties contains obligations.of("record_request", {})
