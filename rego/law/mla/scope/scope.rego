# METADATA
# title: Mutual legal assistance, scope
# description: |
#   A European competent authority answers a request under a treaty on assistance in criminal matters. Conventions with
#   rules of their own in this library (ETS 185, CETS 224) are read there. The treaty adds to the law of the exporter: it says
#   that assistance is given, Chapter V of that law says whether the data may go.
package passavant.law.mla.scope

import data.passavant.facts
import data.passavant.lib.parties

default applies := false

applies if {
	facts.request.treaty_ref
	not read_elsewhere
	european
}

read_elsewhere if startswith(facts.request.treaty_ref, "ETS185")

read_elsewhere if startswith(facts.request.treaty_ref, "CETS224")

european if {
	parties.exporter_is_competent_authority
	parties.exporter_in("LED_SCHENGEN")
}

european if {
	parties.exporter_is_competent_authority
	parties.exporter_in("UK")
}
