# METADATA
# title: UK GDPR, scope
# description: An exporter in the United Kingdom that does not act as a competent authority for law enforcement.
# related_resources:
#   - ref: https://www.legislation.gov.uk/eur/2016/679/contents
#     description: UK GDPR as amended by the Data (Use and Access) Act 2025
package passavant.law.uk_gdpr.scope

import data.passavant.lib.parties

default applies := false

applies if {
	parties.exporter_in("UK")
	not parties.exporter_acts_for_criminal_justice
	not parties.proven_impersonal
}

governs := applies
