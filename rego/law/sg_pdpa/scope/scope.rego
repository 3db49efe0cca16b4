# METADATA
# title: Personal Data Protection Act 2012, scope
# description: An exporter in Singapore that is not a public agency; public agencies are outside the Act and outside this library.
# related_resources:
#   - ref: https://sso.agc.gov.sg/Act/PDPA2012
#     description: Personal Data Protection Act 2012
package passavant.law.sg_pdpa.scope

import data.passavant.facts
import data.passavant.lib.parties

default applies := false

applies if {
	facts.exporter.country == "SG"
	not parties.exporter_is_public
	not parties.proven_impersonal
}

governs := applies
