# METADATA
# title: UK GDPR, grounds for transfers
# description: |
#   Since 5 February 2026: approval by regulations (Article 45A), appropriate safeguards (Article 46, with the data protection test
#   "not materially lower"), derogations (Article 49). The clauses of the Union are a tool here only with the Addendum of the
#   Commissioner.
# related_resources:
#   - ref: https://www.legislation.gov.uk/ukpga/2025/18/schedule/7
#     description: Data (Use and Access) Act 2025, Schedule 7
package passavant.law.uk_gdpr.transfers

import data.passavant.facts
import data.passavant.law.gdpr.derogations
import data.passavant.lib.parties
import data.passavant.lib.records
import data.passavant.reason

# METADATA
# title: Inside the United Kingdom there is no restricted transfer
# description: The principles and Article 6 still apply.
# custom: {id: ukgdpr.inside, instrument: UKGDPR, article: "44", rung: 10, basis: [], duties: []}
permits contains reason.ground(rego.metadata.rule(), {"basis": [facts.lawful_basis]}) if parties.recipient_in("UK")

# METADATA
# title: Approval by regulations
# description: Article 45A, in force for the destination with this recipient in its scope.
# custom: {id: ukgdpr.art45a, instrument: UKGDPR, article: "45A", rung: 45, basis: ["UKGDPR:45A"], duties: []}
permits contains reason.ground(rego.metadata.rule(), {"basis": [approval.ref]}) if {
	some approval in records.in_scope("UK_GDPR")
}

# METADATA
# title: Appropriate safeguards
# description: |
#   The International Data Transfer Agreement, the Union's clauses with the Addendum, binding corporate rules or a binding
#   instrument between public bodies, and the exporter's assessment that the standard is not materially lower.
# custom: {id: ukgdpr.art46, instrument: UKGDPR, article: "46", rung: 46, basis: [], duties: [make_safeguards_available, document_tia, suspend_on_change]}
permits contains reason.ground(rego.metadata.rule(), {"basis": [tool]}) if {
	tool
	rights_enforceable
	assessed
}

# METADATA
# title: Derogation
# description: Article 49, as under the GDPR; important public interest must be recognised in the law of the United Kingdom.
# custom: {id: ukgdpr.art49, instrument: UKGDPR, article: "49", rung: 49, basis: [], duties: []}
permits contains reason.ground(rego.metadata.rule(), {"basis": [citation]}) if {
	citation := concat(":", ["UKGDPR", facts.derogation.type])
	derogation_in_order
}

# METADATA
# title: No regulations approve the destination
# description: None are in force, or this recipient is not shown to be in their scope.
# custom: {id: ukgdpr.art45a.none, instrument: UKGDPR, article: "45A", code: adequacy_decision_in_force, failure_msg: no regulations that approve this destination are in force at the time of the transfer}
lacks contains reason.of(rego.metadata.rule()) if not listed

# METADATA
# title: Recipient outside the scope of the regulations
# description: Regulations exist for the destination, but this recipient is not shown to be within them.
# custom: {id: ukgdpr.art45a.scope, instrument: UKGDPR, article: "45A", code: recipient_within_adequacy_scope, failure_msg: regulations approve the destination but the recipient is not shown to be within their scope}
lacks contains reason.of(rego.metadata.rule()) if {
	listed
	not covered
}

# METADATA
# title: No appropriate safeguard
# description: The clauses of the Union without the Addendum are not a tool of the United Kingdom.
# custom: {id: ukgdpr.art46.none, instrument: UKGDPR, article: "46", code: appropriate_safeguard, failure_msg: no safeguard that the UK GDPR recognises is in place between exporter and recipient}
lacks contains reason.of(rego.metadata.rule()) if not tool

# METADATA
# title: Enforceable rights and effective remedies
# description: Article 46(1), as under the GDPR.
# custom: {id: ukgdpr.art46.rights, instrument: UKGDPR, article: "46(1)", code: enforceable_rights_and_remedies, failure_msg: enforceable data-subject rights and effective legal remedies are not shown}
lacks contains reason.of(rego.metadata.rule()) if {
	tool
	not rights_enforceable
}

# METADATA
# title: The data protection test
# description: Article 46(1A); the exporter, acting reasonably and proportionately, considers the test met (transfer risk assessment).
# custom: {id: ukgdpr.art46.test, instrument: UKGDPR, article: "46(1A)", code: transfer_impact_assessment, failure_msg: no assessment is shown that concludes that the standard of protection is not materially lower, confirm: true}
lacks contains reason.of(rego.metadata.rule()) if not assessed

# METADATA
# title: A condition of the derogation is not met
# description: Each derogation has its own conditions; all must be asserted.
# custom: {id: ukgdpr.art49.conditions, instrument: UKGDPR, article: "49(1)", code: derogation_condition_unmet, failure_msg: not every condition of the derogation that is claimed is shown to be met}
lacks contains reason.of(rego.metadata.rule()) if {
	facts.derogation.type
	not derogation_in_order
}

# METADATA
# title: This derogation is closed to public authorities
# description: Article 49(3).
# custom: {id: ukgdpr.art49.3, instrument: UKGDPR, article: "49(3)", code: derogation_unavailable_to_public_authority, failure_msg: "the exporter is not shown to act without public powers, and this derogation is closed to public authorities"}
lacks contains reason.of(rego.metadata.rule()) if {
	facts.derogation.type in derogations.closed_to_public_authorities
	not parties.exporter_acts_without_public_powers
}

listed if count(records.in_force("UK_GDPR")) > 0

covered if count(records.in_scope("UK_GDPR")) > 0

tool := "UKGDPR:46(2)(d)" if facts.safeguard.type == "idta"

else := "UKGDPR:46(2)(d)" if {
	facts.safeguard.type == "scc_2021_914"
	facts.safeguard.uk_addendum == true
	facts.safeguard.annexes_complete == true
}

else := "UKGDPR:46(2)(b)" if {
	facts.safeguard.type == "bcr"
	facts.safeguard.approved == true
	facts.safeguard.member_listed == true
}

else := "UKGDPR:46(2)(a)" if {
	facts.safeguard.type == "binding_instrument"
	facts.safeguard.binding_and_enforceable == true
	parties.exporter_is_public
	parties.recipient_is_public
}

rights_enforceable if facts.safeguard.enforceable_rights == true

assessed if {
	facts.tia.done == true
	facts.tia.conclusion == "essentially_equivalent"
}

# The conditions are those of the GDPR; only the law that recognises a public interest is another one.
derogation_in_order if {
	derogations.conditions_met
	derogations.limits_kept
	derogations.admitted_here
	interest_recognised
}

interest_recognised if facts.derogation.type != "49(1)(d)"

interest_recognised if facts.derogation.recognised_in in {"GB", "UK"}

stale := records.stale("UK_GDPR")
