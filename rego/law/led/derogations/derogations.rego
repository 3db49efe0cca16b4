# METADATA
# title: Law Enforcement Directive, derogations
# description: |
#   The last rung, for a transfer or a category of transfers, never for bulk (recital 72). A derogation is claimed by the request
#   and counts only if the agreement lets its requests rely on it.
# related_resources:
#   - ref: https://eur-lex.europa.eu/eli/dir/2016/680/oj
#     description: Directive (EU) 2016/680, Article 38
package passavant.law.led.derogations

import data.passavant.facts
import data.passavant.lib.policing
import data.passavant.reason

# METADATA
# title: Vital interests
# description: To protect the vital interests of the data subject or another person.
# custom: {id: led.art38.1.a, instrument: LED, article: "38(1)(a)", rung: 49, basis: ["LED:38(1)(a)"], duties: [led_document]}
permits contains reason.ground(rego.metadata.rule(), {}) if {
	facts.derogation.type == "38(1)(a)"
	policing.derogation_asserted("a")
}

# METADATA
# title: Legitimate interests of the data subject
# description: Where the law of the Member State so provides.
# custom: {id: led.art38.1.b, instrument: LED, article: "38(1)(b)", rung: 49, basis: ["LED:38(1)(b)"], duties: [led_document], confirm: true}
permits contains reason.ground(rego.metadata.rule(), {}) if {
	facts.derogation.type == "38(1)(b)"
	policing.derogation_asserted("b")
}

# METADATA
# title: Immediate and serious threat
# description: To prevent an immediate and serious threat to the public security of a Member State or a third country.
# custom: {id: led.art38.1.c, instrument: LED, article: "38(1)(c)", rung: 49, basis: ["LED:38(1)(c)"], duties: [led_document]}
permits contains reason.ground(rego.metadata.rule(), {}) if {
	facts.derogation.type == "38(1)(c)"
	policing.derogation_asserted("c")
}

# METADATA
# title: Individual case of criminal justice
# description: In an individual case, for the purposes of Article 1(1), unless fundamental rights override (38(2)).
# custom: {id: led.art38.1.d, instrument: LED, article: "38(1)(d)", rung: 49, basis: ["LED:38(1)(d)"], duties: [led_document]}
permits contains reason.ground(rego.metadata.rule(), {}) if {
	facts.derogation.type == "38(1)(d)"
	policing.derogation_asserted("d")
}

# METADATA
# title: Individual case of legal claims
# description: In an individual case, for legal claims that relate to the purposes of Article 1(1), unless fundamental rights override (38(2)).
# custom: {id: led.art38.1.e, instrument: LED, article: "38(1)(e)", rung: 49, basis: ["LED:38(1)(e)"], duties: [led_document]}
permits contains reason.ground(rego.metadata.rule(), {}) if {
	facts.derogation.type == "38(1)(e)"
	policing.derogation_asserted("e")
}

# METADATA
# title: A condition of the derogation is not met
# description: It is not one of Article 38, or not admitted by the agreement, or not for an individual case where that is asked for, or systematic.
# custom:
#   id: led.art38.conditions
#   instrument: LED
#   article: 38(1)
#   code: derogation_condition_unmet
#   failure_msg: not every condition of the derogation that is claimed is shown to be met
lacks contains reason.of(rego.metadata.rule()) if {
	facts.derogation.type
	not conditions_met
}

# METADATA
# title: Fundamental rights override
# description: Article 38(2); for points (d) and (e) they must be shown not to.
# custom:
#   id: led.art38.2
#   instrument: LED
#   article: 38(2)
#   code: fundamental_rights_override
#   failure_msg: it is not shown that no fundamental rights of the data subject override the public interest
lacks contains reason.of(rego.metadata.rule()) if {
	facts.derogation.type in {"38(1)(d)", "38(1)(e)"}
	not rights_weighed
}

rights_weighed if facts.derogation.rights_override == false

conditions_met if {
	some letter, _ in policing.derogation_conditions
	facts.derogation.type == letters[letter]
	policing.derogation_asserted(letter)
}

letters := {letter: concat("", ["38(1)(", letter, ")"]) | some letter, _ in policing.derogation_conditions}
