# METADATA
# title: Law Enforcement Directive, scope
# description: |
#   A competent authority of a Member State or of an associated State (IS, LI, NO, CH) transfers for the prevention,
#   investigation, detection or prosecution of criminal offences. The same authority is under the GDPR for anything else.
# related_resources:
#   - ref: https://eur-lex.europa.eu/eli/dir/2016/680/oj
#     description: Directive (EU) 2016/680, Articles 1(1), 2 and 3(7)
package passavant.law.led.scope

import data.passavant.lib.parties

default applies := false

applies if {
	parties.exporter_in("LED_SCHENGEN")
	parties.exporter_acts_for_criminal_justice
	not parties.proven_impersonal
}

governs := applies
