# METADATA
# title: Handling codes of Europol, scope
# description: The data carry a handling code. Whoever holds them is bound by it, whatever law governs the transfer.
package passavant.law.handling.scope

import data.passavant.facts

default applies := false

applies if facts.handling_code
