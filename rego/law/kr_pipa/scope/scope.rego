# METADATA
# title: Personal Information Protection Act, scope
# description: An exporter in the Republic of Korea.
# related_resources:
#   - ref: https://www.pipc.go.kr/eng/index.do
#     description: Personal Information Protection Act
package passavant.law.kr_pipa.scope

import data.passavant.facts
import data.passavant.lib.parties

default applies := false

applies if {
	facts.exporter.country == "KR"
	not parties.proven_impersonal
}

governs := applies
