# METADATA
# title: Act on the Protection of Personal Information, scope
# description: An exporter in Japan.
# related_resources:
#   - ref: https://www.ppc.go.jp/en/legal/
#     description: Act on the Protection of Personal Information
package passavant.law.jp_appi.scope

import data.passavant.facts
import data.passavant.lib.parties

default applies := false

applies if {
	facts.exporter.country == "JP"
	not parties.proven_impersonal
}

governs := applies
