# METADATA
# title: GDPR, limits set by national law
# description: |
#   Union or Member State law may, for important reasons of public interest, expressly limit transfers of specific categories
#   where there is no adequacy decision. The limits are reference data; a limit that is known is a prohibition that no safeguard and
#   no derogation lifts.
# related_resources:
#   - ref: https://eur-lex.europa.eu/eli/reg/2016/679/oj
#     description: Regulation (EU) 2016/679, Article 49(5)
package passavant.law.gdpr.national_limits

import data.passavant.facts
import data.passavant.lib.dates
import data.passavant.lib.parties
import data.passavant.lib.records
import data.passavant.reason

# METADATA
# title: National law limits the transfer of these categories
# description: The law of the exporter's State, or of the Union, names the category and there is no adequacy decision.
# custom:
#   id: gdpr.art49.5
#   instrument: GDPR
#   article: "49(5)"
#   code: adequacy_decision_in_force
#   failure_msg: a law limits the transfer of some category, or the categories are not known, and no adequacy decision covers the recipient
prohibits contains reason.of(rego.metadata.rule()) if not limits_respected

limits_respected if count(limits_in_force) == 0

limits_respected if parties.recipient_in("EEA")

limits_respected if count(records.in_scope("EU_GDPR")) > 0

limits_respected if {
	facts.data_categories
	not some_category_limited
}

some_category_limited if {
	some limit in limits_in_force
	some category in facts.data_categories
	category in limit.categories
}

limits_in_force contains limit if {
	some limit in data.passavant.reference.limits.limits
	limit.state in {facts.exporter.country, "EU"}
	dates.on_or_after(facts.at, limit.valid_from)
}
