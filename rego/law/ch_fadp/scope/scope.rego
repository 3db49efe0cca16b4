# METADATA
# title: Federal Act on Data Protection, scope
# description: An exporter in Switzerland that does not act as a competent authority for criminal justice, for which the Schengen rules hold.
# related_resources:
#   - ref: https://www.fedlex.admin.ch/eli/cc/2022/491/en
#     description: Federal Act on Data Protection
package passavant.law.ch_fadp.scope

import data.passavant.facts
import data.passavant.lib.parties

default applies := false

applies if {
	facts.exporter.country == "CH"
	not parties.exporter_acts_for_criminal_justice
	not parties.proven_impersonal
}

governs := applies
