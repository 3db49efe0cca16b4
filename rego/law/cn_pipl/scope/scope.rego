# METADATA
# title: Personal Information Protection Law, scope
# description: An exporter in the People's Republic of China (mainland).
# related_resources:
#   - ref: http://www.npc.gov.cn/npc/c30834/202108/a8c4e3672c74491a80b53a172bb753fe.shtml
#     description: Personal Information Protection Law
package passavant.law.cn_pipl.scope

import data.passavant.facts
import data.passavant.lib.parties

default applies := false

applies if {
	facts.exporter.country == "CN"
	not parties.proven_impersonal
}

governs := applies
