# METADATA
# title: Europol Regulation, grounds for transfers
# description: |
#   Inside the Union to its bodies and to competent authorities; to third countries on an adequacy decision of the Law Enforcement
#   Directive, an agreement under Article 218 TFEU, a cooperation agreement concluded before 1 May 2017, appropriate safeguards
#   authorised by the Management Board, or the Executive Director's decision in the single case.
# related_resources:
#   - ref: https://eur-lex.europa.eu/eli/reg/2016/794/oj
#     description: Regulation (EU) 2016/794, Articles 24 and 25
package passavant.law.europol.transfers

import data.passavant.facts
import data.passavant.lib.parties
import data.passavant.lib.processing
import data.passavant.lib.records
import data.passavant.reason

# METADATA
# title: Body of the Union
# description: Article 24, for the performance of the tasks of either.
# custom: {id: europol.art24, instrument: EUROPOL, article: "24", rung: 10, basis: ["EUROPOL:24", "EUROPOL:23(6)"], duties: [], confirm: true}
permits contains reason.ground(rego.metadata.rule(), {}) if facts.recipient.type == "eu_agency"

# METADATA
# title: Competent authority of a Member State
# description: Article 20, within the access that Member States have.
# custom: {id: europol.art20, instrument: EUROPOL, article: "20", rung: 11, basis: ["EUROPOL:20", "EUROPOL:23(6)"], duties: [], confirm: true}
permits contains reason.ground(rego.metadata.rule(), {}) if parties.recipient_in("EU27")

# METADATA
# title: Adequacy decision of the Law Enforcement Directive
# description: Article 25(1)(a), in force with this recipient in its scope.
# custom: {id: europol.art25.1.a, instrument: EUROPOL, article: "25(1)(a)", rung: 45, basis: ["EUROPOL:25(1)(a)"], duties: []}
permits contains reason.ground(rego.metadata.rule(), {"basis": [decision.ref, "EUROPOL:23(6)"]}) if {
	some decision in records.in_scope("EU_LED")
}

# METADATA
# title: International agreement of the Union
# description: Article 25(1)(b), concluded under Article 218 TFEU with adequate safeguards.
# custom: {id: europol.art25.1.b, instrument: EUROPOL, article: "25(1)(b)", rung: 46, basis: ["EUROPOL:25(1)(b)", "EUROPOL:23(6)"], duties: []}
permits contains reason.ground(rego.metadata.rule(), {}) if {
	facts.agreement.type in {"art_218_tfeu", "218_tfeu", "international_agreement_218"}
	facts.agreement.active == true
}

# METADATA
# title: Cooperation agreement from before 1 May 2017
# description: Article 25(1)(c), an operational agreement; strategic ones carry no personal data.
# custom: {id: europol.art25.1.c, instrument: EUROPOL, article: "25(1)(c)", rung: 46, basis: ["EUROPOL:25(1)(c)", "EUROPOL:23(6)"], duties: []}
permits contains reason.ground(rego.metadata.rule(), {}) if {
	facts.agreement.type == "operational_pre_2017"
	facts.agreement.active == true
}

# METADATA
# title: Appropriate safeguards authorised by the Management Board
# description: Article 25(4a) since 2022; a legally binding instrument, or Europol's own assessment.
# custom: {id: europol.art25.4a, instrument: EUROPOL, article: "25(4a)", rung: 47, basis: ["EUROPOL:25(4a)", "EUROPOL:23(6)"], duties: [led_document], confirm: true}
permits contains reason.ground(rego.metadata.rule(), {}) if {
	facts.safeguard.type in {"25(4a)", "25(4a)(a)", "25(4a)(b)"}
	facts.safeguard.approved == true
	facts.safeguard.documented == true
}

# METADATA
# title: Decision of the Executive Director in the single case
# description: Article 25(5); never systematic, massive or structural, and fundamental rights do not override.
# custom: {id: europol.art25.5, instrument: EUROPOL, article: "25(5)", rung: 49, basis: ["EUROPOL:25(5)", "EUROPOL:23(6)"], duties: [led_document], confirm: true}
permits contains reason.ground(rego.metadata.rule(), {}) if {
	executive_decision_claimed
	executive_decision_in_order
}

executive_decision_claimed if startswith(facts.derogation.type, "25(5)")

executive_decision_in_order if {
	processing.derogation_admitted
	facts.derogation.individual_case == true
	facts.derogation.systematic == false
	facts.derogation.rights_override == false
}

# METADATA
# title: No ground of Article 25
# description: Neither adequacy nor an agreement nor authorised safeguards nor a decision in the single case.
# custom:
#   id: europol.art25.none
#   instrument: EUROPOL
#   article: "25"
#   code: led_safeguard_or_derogation
#   failure_msg: no ground of Article 25 for a transfer to a third country or international organisation is shown
lacks contains reason.of(rego.metadata.rule()) if not grounded

grounded if count(permits) > 0

# METADATA
# title: A condition of the derogation is not met
# description: Article 25(5) asks for an individual case that is not systematic and no overriding fundamental rights.
# custom:
#   id: europol.art25.5.conditions
#   instrument: EUROPOL
#   article: "25(5)"
#   code: derogation_condition_unmet
#   failure_msg: not every condition of the derogation that is claimed is shown to be met
lacks contains reason.of(rego.metadata.rule()) if {
	executive_decision_claimed
	not executive_decision_in_order
}

stale := records.stale("EU_LED")
