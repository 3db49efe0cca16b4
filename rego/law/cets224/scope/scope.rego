# METADATA
# title: Second Additional Protocol to the Convention on Cybercrime (CETS 224), scope
# description: A request rests on the Protocol. It adds to the law of the exporter.
package passavant.law.cets224.scope

import data.passavant.facts

default applies := false

applies if startswith(facts.request.treaty_ref, "CETS224")
