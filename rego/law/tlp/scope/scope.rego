# METADATA
# title: Traffic Light Protocol, scope
# description: |
#   Marked information. For personal data the protocol adds to the law and never replaces it; for data that are proven not to
#   be personal, where no law of data protection governs, the protocol alone decides.
# related_resources:
#   - ref: https://www.first.org/tlp/
#     description: FIRST, Traffic Light Protocol version 2.0
package passavant.law.tlp.scope

import data.passavant.facts
import data.passavant.lib.parties

default applies := false

applies if facts.marking

governs if {
	applies
	parties.proven_impersonal
}
