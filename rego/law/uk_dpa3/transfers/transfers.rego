# METADATA
# title: Data Protection Act 2018 Part 3, grounds for transfers
# description: |
#   Approval by regulations (section 74AA, with the transitional list), appropriate safeguards (section 75), special circumstances
#   (section 76).
# related_resources:
#   - ref: https://www.legislation.gov.uk/ukpga/2018/12/section/73
#     description: Data Protection Act 2018, sections 73 to 76
package passavant.law.uk_dpa3.transfers

import data.passavant.facts
import data.passavant.lib.parties
import data.passavant.lib.policing
import data.passavant.lib.records
import data.passavant.reason

# METADATA
# title: Inside the United Kingdom
# description: No transfer to a third country; the recipient is a competent authority.
# custom: {id: ukdpa.inside, instrument: UKDPA, article: "73(1)", rung: 10, basis: ["UKDPA:36"], duties: []}
permits contains reason.ground(rego.metadata.rule(), {}) if {
	parties.recipient_in("UK")
	parties.recipient_is_competent_authority
}

# METADATA
# title: Approval by regulations
# description: In force for the destination at the time of the transfer, with a relevant authority as recipient.
# custom: {id: ukdpa.s74aa, instrument: UKDPA, article: "74AA", rung: 45, basis: ["UKDPA:73", "UKDPA:74AA"], duties: []}
permits contains reason.ground(rego.metadata.rule(), {"basis": [approval.ref]}) if {
	some approval in records.in_scope("UK_DPA_PART3")
}

# METADATA
# title: Appropriate safeguards, by a legal instrument
# description: Section 75(1)(a), it binds the recipient and covers the transfer.
# custom: {id: ukdpa.s75.1.a, instrument: UKDPA, article: "75(1)(a)", rung: 46, basis: ["UKDPA:73", "UKDPA:75(1)(a)"], duties: []}
permits contains reason.ground(rego.metadata.rule(), {}) if policing.binding_instrument

# METADATA
# title: Appropriate safeguards, by assessment
# description: Section 75(1)(b); documented, and the Commissioner is informed of the category of transfers.
# custom: {id: ukdpa.s75.1.b, instrument: UKDPA, article: "75(1)(b)", rung: 47, basis: ["UKDPA:73", "UKDPA:75(1)(b)"], duties: [led_document, led_inform_sa]}
permits contains reason.ground(rego.metadata.rule(), {}) if policing.assessed_safeguards

# METADATA
# title: Special circumstances
# description: Section 76(1), of which (d) and (e) are for individual cases that fundamental rights do not override (76(2)).
# custom: {id: ukdpa.s76, instrument: UKDPA, article: "76", rung: 49, basis: ["UKDPA:73", "UKDPA:76"], duties: [led_document]}
permits contains reason.ground(rego.metadata.rule(), {}) if special_circumstances

special_circumstances if {
	some letter, _ in policing.derogation_conditions
	facts.derogation.type in names(letter)
	policing.derogation_asserted(letter)
}

names(letter) := {concat("", ["76(1)(", letter, ")"]), concat("", ["38(1)(", letter, ")"])}

# METADATA
# title: No ground for the transfer
# description: Neither approval nor safeguards nor special circumstances.
# custom: {id: ukdpa.s73.3, instrument: UKDPA, article: "73(3)", code: led_safeguard_or_derogation, failure_msg: "neither approval by regulations, appropriate safeguards nor special circumstances are shown"}
lacks contains reason.of(rego.metadata.rule()) if not grounded

grounded if count(permits) > 0

# METADATA
# title: A condition of the special circumstances is not met
# description: Section 76 asks for its circumstances, and for an individual case where they are of criminal justice or claims.
# custom: {id: ukdpa.s76.conditions, instrument: UKDPA, article: "76", code: derogation_condition_unmet, failure_msg: not every condition of the special circumstances that are claimed is shown to be met}
lacks contains reason.of(rego.metadata.rule()) if {
	facts.derogation.type
	not special_circumstances
}

stale := records.stale("UK_DPA_PART3")
