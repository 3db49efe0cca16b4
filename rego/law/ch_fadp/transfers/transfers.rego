# METADATA
# title: Swiss Federal Act on Data Protection, transfers
# description: |
#   The list of the Federal Council (Article 16(1)), guarantees (16(2)), exceptions (17). The Act asks for no lawful basis of private
#   exporters, but for the purpose told at collection (Article 6(3)) and for proportionality (6(2)).
# related_resources:
#   - ref: https://www.fedlex.admin.ch/eli/cc/2022/491/en
#     description: Federal Act on Data Protection of 25 September 2020, Articles 6, 16, 17
package passavant.law.ch_fadp.transfers

import data.passavant.facts
import data.passavant.lib.parties
import data.passavant.lib.processing
import data.passavant.lib.records
import data.passavant.obligations
import data.passavant.reason

# METADATA
# title: Purpose told at collection
# description: Article 6(3); further use must be compatible.
# custom: {id: fadp.art6.3, instrument: FADP, article: "6(3)", code: purpose_compatible, failure_msg: the purpose of the transfer is not shown to be compatible with the purpose for which the data were collected}
prohibits contains reason.of(rego.metadata.rule()) if not processing.purpose_compatible

# METADATA
# title: Proportionality
# description: Article 6(2); the categories are named and lie within the agreement.
# custom: {id: fadp.art6.2, instrument: FADP, article: "6(2)", code: data_minimisation, failure_msg: data categories would leave that are not named or not within the agreed minimum}
prohibits contains reason.of(rego.metadata.rule()) if not processing.data_minimised

# METADATA
# title: Inside Switzerland
# description: No disclosure abroad.
# custom: {id: fadp.inside, instrument: FADP, article: "6", rung: 10, basis: ["FADP:6"], duties: []}
permits contains reason.ground(rego.metadata.rule(), {}) if parties.domestic

# METADATA
# title: List of the Federal Council
# description: Annex 1 to the Data Protection Ordinance; it binds.
# custom: {id: fadp.art16.1, instrument: FADP, article: "16(1)", rung: 45, basis: ["FADP:16(1)"], duties: []}
permits contains reason.ground(rego.metadata.rule(), {"basis": [entry.ref]}) if {
	some entry in records.in_scope("CH_FADP")
}

# METADATA
# title: Guarantees
# description: Recognised standard clauses, binding corporate rules, notified clauses, specific guarantees, a treaty; with an assessment of the destination.
# custom: {id: fadp.art16.2, instrument: FADP, article: "16(2)", rung: 46, basis: ["FADP:16(2)"], duties: [document_tia, suspend_on_change], confirm: true}
permits contains reason.ground(rego.metadata.rule(), {}) if {
	guarantee
	assessed
}

# METADATA
# title: Exception
# description: Article 17(1), consent, contract, overriding public interest, claims, life, data made public, a register.
# custom: {id: fadp.art17, instrument: FADP, article: "17(1)", rung: 49, basis: [], duties: []}
permits contains reason.ground(rego.metadata.rule(), {"basis": [concat(":", ["FADP", facts.derogation.type])]}) if exception_in_order

# METADATA
# title: Not on the list
# description: The Federal Council has not listed the destination, or this recipient is not shown to be in the scope of the entry.
# custom: {id: fadp.art16.1.none, instrument: FADP, article: "16(1)", code: adequacy_decision_in_force, failure_msg: the Federal Council's list does not cover this recipient at the time of the transfer}
lacks contains reason.of(rego.metadata.rule()) if not listed

# METADATA
# title: Recipient outside the scope of the entry
# description: The destination is on the list, with limits that this recipient is not shown to keep.
# custom: {id: fadp.art16.1.scope, instrument: FADP, article: "16(1)", code: recipient_within_adequacy_scope, failure_msg: the destination is not listed for this recipient}
lacks contains reason.of(rego.metadata.rule()) if not listed

# METADATA
# title: No guarantee
# description: None of Article 16(2) is in place and complete.
# custom: {id: fadp.art16.2.none, instrument: FADP, article: "16(2)", code: appropriate_safeguard, failure_msg: no guarantee of Article 16(2) is in place between exporter and recipient}
lacks contains reason.of(rego.metadata.rule()) if not guarantee

# METADATA
# title: Assessment of the destination
# description: The guarantee must hold there in fact.
# custom: {id: fadp.art16.2.assessment, instrument: FADP, article: "16(2)", code: transfer_impact_assessment, failure_msg: no assessment shows that the guarantee holds at the destination, confirm: true}
lacks contains reason.of(rego.metadata.rule()) if not assessed

# METADATA
# title: A condition of the exception is not met
# description: Each exception of Article 17(1) has its own conditions; all must be asserted.
# custom: {id: fadp.art17.conditions, instrument: FADP, article: "17(1)", code: derogation_condition_unmet, failure_msg: not every condition of the exception that is claimed is shown to be met}
lacks contains reason.of(rego.metadata.rule()) if {
	facts.derogation.type
	not exception_in_order
}

listed if count(records.in_scope("CH_FADP")) > 0

guarantee if {
	facts.safeguard.type == "scc_2021_914"
	facts.safeguard.annexes_complete == true
	facts.safeguard.enforceable_rights == true
}

guarantee if {
	facts.safeguard.type in {"bcr", "contract", "certification", "code_of_conduct"}
	facts.safeguard.approved == true
}

guarantee if {
	facts.safeguard.type == "binding_instrument"
	facts.safeguard.binding_and_enforceable == true
}

assessed if {
	facts.tia.done == true
	facts.tia.conclusion == "essentially_equivalent"
}

# METADATA
# title: What each exception asks the request to assert
exceptions := {
	"17(1)(a)": {"explicit": true, "informed_of_risks": true},
	"17(1)(b)": {"necessary": true},
	"17(1)(c)": {"necessary": true},
	"17(1)(d)": {"vital_interest": true, "incapable_of_consent": true},
	"17(1)(f)": {"public_register": true, "entire_or_category": false},
}

exception_in_order if {
	every name, answer in exceptions[facts.derogation.type] {
		facts.derogation[name] == answer
	}
	processing.derogation_admitted
}

stale := records.stale("CH_FADP")

duties contains obligations.of("inform_data_subjects", {})
