# METADATA
# title: Law Enforcement Directive, principles
# description: |
#   What must hold of every transfer by a competent authority, inside and outside the zone: necessity, compatible purpose, strict
#   necessity for special categories, quality, and the log.
# related_resources:
#   - ref: https://eur-lex.europa.eu/eli/dir/2016/680/oj
#     description: Directive (EU) 2016/680, Articles 4 to 10, 25, 35(1)(a)
package passavant.law.led.principles

import data.passavant.lib.policing
import data.passavant.lib.processing
import data.passavant.obligations
import data.passavant.reason

# METADATA
# title: Necessary for criminal justice
# description: The transfer is necessary for a purpose of Article 1(1), and the purpose is stated.
# custom:
#   id: led.art35.1.a
#   instrument: LED
#   article: 35(1)(a)
#   code: led_necessity
#   failure_msg: the transfer is not shown to be necessary for a stated purpose of criminal justice
prohibits contains reason.of(rego.metadata.rule()) if not policing.necessary

# METADATA
# title: Further use must be compatible with the purpose of collection
# description: Articles 4(1)(b) and 4(2); another purpose of criminal justice needs a law, necessity and proportionality, recorded as compatible.
# custom:
#   id: led.art4
#   instrument: LED
#   article: 4(1)(b)
#   code: purpose_compatible
#   failure_msg: the purpose of the transfer is not shown to be that of collection or compatible with it
prohibits contains reason.of(rego.metadata.rule()) if not processing.purpose_compatible

# METADATA
# title: Only data that the purpose needs
# description: Article 4(1)(c); the categories are named and lie within the agreement.
# custom:
#   id: led.art4.1.c
#   instrument: LED
#   article: 4(1)(c)
#   code: data_minimisation
#   failure_msg: data categories would leave that are not named or not within the agreed minimum
prohibits contains reason.of(rego.metadata.rule()) if not processing.data_minimised

# METADATA
# title: Special categories only where strictly necessary
# description: Article 10; strict necessity, and a law, vital interests or data manifestly made public. Adequacy does not change that.
# custom:
#   id: led.art10.strict
#   instrument: LED
#   article: "10"
#   code: strict_necessity_special
#   failure_msg: the data may hold special categories and strict necessity under a law is not shown
prohibits contains reason.of(rego.metadata.rule()) if not policing.special_categories_strict

# METADATA
# title: Special categories need a law
# description: Article 10(a); this library knows authorisation by law only, not points (b) and (c).
# custom:
#   id: led.art10.law
#   instrument: LED
#   article: 10(a)
#   code: special_category_condition
#   failure_msg: the data may hold special categories and no authorising law is shown
#   confirm: true
prohibits contains reason.of(rego.metadata.rule()) if not policing.special_categories_authorised

# METADATA
# title: Quality and categories of data subjects
# description: |
#   Articles 6 and 7; the data were checked before transmission, facts are told from personal assessments, and it is known
#   whether they concern suspects, convicted persons, victims or others.
# custom:
#   id: led.art7
#   instrument: LED
#   article: 6, 7
#   code: quality_checks
#   failure_msg: the data are not shown to be checked, to tell facts from assessments and to name the categories of data subjects
prohibits contains reason.of(rego.metadata.rule()) if not policing.quality_checked

duties contains obligations.of("led_log_25", {})

duties contains obligations.of("mark_subject_category", {})

duties contains obligations.of("verify_quality", {})
