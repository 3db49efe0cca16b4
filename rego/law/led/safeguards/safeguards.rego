# METADATA
# title: Law Enforcement Directive, appropriate safeguards
# description: |
#   A legally binding instrument (Article 37(1)(a)), or an assessment of all circumstances (37(1)(b)), which is documented and of
#   which the supervisory authority is told. EDPB Guidelines 01/2023: essential equivalence for that transfer.
# related_resources:
#   - ref: https://eur-lex.europa.eu/eli/dir/2016/680/oj
#     description: Directive (EU) 2016/680, Article 37
#   - ref: https://www.edpb.europa.eu/our-work-tools/our-documents/guidelines/guidelines-012023-article-37-law-enforcement-directive_en
#     description: EDPB Guidelines 01/2023
package passavant.law.led.safeguards

import data.passavant.facts
import data.passavant.lib.policing
import data.passavant.lib.requests
import data.passavant.reason

# METADATA
# title: Legally binding instrument
# description: It provides appropriate safeguards and covers this transfer. The Umbrella Agreement alone is not such an instrument.
# custom: {id: led.art37.1.a, instrument: LED, article: "37(1)(a)", rung: 46, basis: ["LED:37(1)(a)"], duties: []}
permits contains reason.ground(rego.metadata.rule(), umbrella) if binding_instrument

# METADATA
# title: Assessed safeguards
# description: The exporter assessed all circumstances of the transfer and concluded that appropriate safeguards exist.
# custom: {id: led.art37.1.b, instrument: LED, article: "37(1)(b)", rung: 47, basis: ["LED:37(1)(b)"], duties: [led_document, led_inform_sa]}
permits contains reason.ground(rego.metadata.rule(), {}) if policing.assessed_safeguards

# METADATA
# title: No safeguard in place
# description: Neither a binding instrument that covers the transfer nor a documented assessment, and no derogation instead.
# custom:
#   id: led.art37.none
#   instrument: LED
#   article: 35(1)(d)
#   code: led_safeguard_or_derogation
#   failure_msg: neither an appropriate safeguard of Article 37 nor a derogation of Article 38 is shown
lacks contains reason.of(rego.metadata.rule()) if not safeguarded

safeguarded if binding_instrument

safeguarded if policing.assessed_safeguards

binding_instrument if {
	policing.binding_instrument
	more_than_umbrella
}

# Between the Union and the United States the instrument must be named, and not be the Umbrella Agreement alone.
more_than_umbrella if not umbrella_binds

more_than_umbrella if {
	facts.safeguard.instrument
	not umbrella_alone
}

umbrella_alone if facts.safeguard.instrument in {"UMBRELLA", "Umbrella agreement", "EU-US Umbrella agreement", "EU-US Umbrella Agreement"}

umbrella_binds if requests.treaty_binds("UMBRELLA")

# METADATA
# title: What the Umbrella Agreement adds between the Union and the United States
# description: A transfer that complies is deemed to meet the law (Article 5); its use limits bind (Article 6).
umbrella := {"basis": ["UMBRELLA:5"], "duties": {"use_limit"}} if umbrella_binds

else := {}
