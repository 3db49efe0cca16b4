# METADATA
# title: Anti-Money-Laundering Regulation, scope
# description: |
#   Obliged entities share information within a partnership. That is what the agreement says it is, by its type or by the
#   supervisor's verification. It adds to the law of the exporter.
# related_resources:
#   - ref: https://eur-lex.europa.eu/eli/reg/2024/1624/oj
#     description: Regulation (EU) 2024/1624, Article 75
package passavant.law.amlr.scope

import data.passavant.facts
import data.passavant.lib.parties

default applies := false

applies if {
	parties.exporter_in("EEA")
	partnership_stated
}

partnership_stated if facts.agreement.type == "aml_partnership"

partnership_stated if verification_stated

verification_stated if facts.agreement.partnership_verified == true

verification_stated if facts.agreement.partnership_verified == false
