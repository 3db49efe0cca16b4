# METADATA
# title: INTERPOL Rules on the Processing of Data, scope
# description: |
#   Data go to INTERPOL, or carry its restrictions. The rules of the organisation add to the law of the exporter, for which
#   INTERPOL is an international organisation without an adequacy decision.
package passavant.law.interpol.scope

import data.passavant.facts

default applies := false

applies if facts.recipient.organisation == "INTERPOL"

applies if facts.interpol.confidentiality

applies if count(facts.interpol.restricted_members) > 0
