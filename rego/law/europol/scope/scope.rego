# METADATA
# title: Europol Regulation, scope
# description: Europol itself is the exporter.
# related_resources:
#   - ref: https://eur-lex.europa.eu/eli/reg/2016/794/oj
#     description: Regulation (EU) 2016/794 as amended by Regulation (EU) 2022/991
package passavant.law.europol.scope

import data.passavant.facts
import data.passavant.lib.parties

default applies := false

applies if {
	facts.exporter.type == "eu_agency"
	facts.exporter.organisation == "EUROPOL"
	not parties.proven_impersonal
}

governs := applies
