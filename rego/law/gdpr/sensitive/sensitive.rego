# METADATA
# title: GDPR, special categories and criminal offence data
# description: |
#   Gates for Articles 9 and 10. The absence of such data must itself be shown: if it is not known whether the payload
#   holds them, it is treated as if it did.
# related_resources:
#   - ref: https://eur-lex.europa.eu/eli/reg/2016/679/oj
#     description: Regulation (EU) 2016/679, Articles 9(2) and 10
package passavant.law.gdpr.sensitive

import data.passavant.facts
import data.passavant.law.gdpr.mandates
import data.passavant.lib.processing
import data.passavant.reason

# METADATA
# title: Special categories of personal data need a condition of Article 9(2)
# description: Health, ethnic origin, biometric identification and the like are prohibited unless one of (a) to (j) applies.
# custom:
#   id: gdpr.art9.2
#   instrument: GDPR
#   article: "9(2)"
#   code: special_category_condition
#   failure_msg: the data may hold special categories and no condition of Article 9(2) is recorded
prohibits contains reason.of(rego.metadata.rule()) if not special_categories_lawful

special_categories_lawful if processing.no_special_categories

# The provider that executes a production order cannot know what the content holds; Union law provides for it (point (g)).
special_categories_lawful if mandates.order

special_categories_lawful if {
	some point in ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j"]
	facts.art9_condition == sprintf("GDPR:9(2)(%s)", [point])
}

# METADATA
# title: Data on criminal convictions and offences need official authority or an authorising law
# description: |
#   Only under the control of official authority, or when Union or Member State law with appropriate safeguards
#   authorises it. Suspicions count as offence data in many national readings.
# custom:
#   id: gdpr.art10
#   instrument: GDPR
#   article: "10"
#   code: art10_basis
#   failure_msg: the data may concern criminal offences and neither official authority nor an authorising law is recorded
#   confirm: true
prohibits contains reason.of(rego.metadata.rule()) if not offence_data_lawful

offence_data_lawful if processing.offence_data_lawful

offence_data_lawful if mandates.order
