# METADATA
# title: GDPR, scope
# description: |
#   The regime follows from the exporter and the purpose, not from the kind of data. An exporter in the EEA acts under the
#   GDPR unless it is a competent authority, whose transfers for criminal justice fall under Directive (EU) 2016/680. Data
#   are personal unless they are proven not to be.
# related_resources:
#   - ref: https://eur-lex.europa.eu/eli/reg/2016/679/oj
#     description: Regulation (EU) 2016/679, Articles 2(2)(d) and 3(1)
package passavant.law.gdpr.scope

import data.passavant.lib.parties

default applies := false

applies if {
	parties.exporter_in("EEA")
	not parties.exporter_acts_for_criminal_justice
	not parties.proven_impersonal
}

governs := applies
