# METADATA
# title: UK GDPR, principles and lawful basis
# description: The first step, as under the GDPR, with the law of the United Kingdom in the place of Union law.
# related_resources:
#   - ref: https://www.legislation.gov.uk/eur/2016/679/contents
#     description: UK GDPR, Articles 5, 6, 9, 10
package passavant.law.uk_gdpr.principles

import data.passavant.facts
import data.passavant.lib.parties
import data.passavant.lib.processing
import data.passavant.obligations
import data.passavant.reason

# METADATA
# title: Processing needs a lawful basis
# description: A point of Article 6(1) that is open to this exporter.
# custom: {id: ukgdpr.art6.1, instrument: UKGDPR, article: "6(1)", code: lawful_basis, failure_msg: no lawful basis under Article 6(1) is recorded that is open to this exporter}
prohibits contains reason.of(rego.metadata.rule()) if not lawful_basis_available

lawful_basis_available if facts.lawful_basis in {"UKGDPR:6(1)(a)", "UKGDPR:6(1)(b)", "UKGDPR:6(1)(d)"}

lawful_basis_available if {
	facts.lawful_basis in {"UKGDPR:6(1)(c)", "UKGDPR:6(1)(e)"}
	not rests_on_foreign_order
}

lawful_basis_available if {
	facts.lawful_basis in {"UKGDPR:6(1)(f)", "UKGDPR:6(1)(ea)"}
	parties.exporter_acts_without_public_powers
}

rests_on_foreign_order if {
	facts.request.kind
	not facts.request.via_treaty
}

# METADATA
# title: Further use must be compatible with the purpose of collection
# description: Articles 5(1)(b) and 8A.
# custom: {id: ukgdpr.art5.1.b, instrument: UKGDPR, article: "5(1)(b)", code: purpose_compatible, failure_msg: the purpose of the transfer is not shown to be compatible with the purpose for which the data were collected}
prohibits contains reason.of(rego.metadata.rule()) if not processing.purpose_compatible

# METADATA
# title: Only data that the purpose needs
# description: Article 5(1)(c).
# custom: {id: ukgdpr.art5.1.c, instrument: UKGDPR, article: "5(1)(c)", code: data_minimisation, failure_msg: data categories would leave that are not within the agreed minimum}
prohibits contains reason.of(rego.metadata.rule()) if not processing.data_minimised

# METADATA
# title: Special categories need a condition
# description: Article 9(2) and Schedule 1 to the Data Protection Act 2018.
# custom: {id: ukgdpr.art9.2, instrument: UKGDPR, article: "9(2)", code: special_category_condition, failure_msg: the data may hold special categories and no condition of Article 9(2) is recorded}
prohibits contains reason.of(rego.metadata.rule()) if not special_categories_lawful

special_categories_lawful if processing.no_special_categories

special_categories_lawful if {
	some point in ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j"]
	facts.art9_condition == sprintf("UKGDPR:9(2)(%s)", [point])
}

# METADATA
# title: Offence data need official authority or an authorising law
# description: Article 10 and Schedule 1 to the Data Protection Act 2018.
# custom: {id: ukgdpr.art10, instrument: UKGDPR, article: "10", code: art10_basis, failure_msg: the data may concern criminal offences and neither official authority nor an authorising law is recorded, confirm: true}
prohibits contains reason.of(rego.metadata.rule()) if not processing.offence_data_lawful

duties contains obligations.of("record_art30", {})

duties contains obligations.of("inform_data_subjects", {})
