# METADATA
# title: Law Enforcement Directive, who may receive
# description: |
#   A competent authority (Article 35(1)(b)) or, in an individual and specific case, a recipient in a third country that is none,
#   under every condition of Article 39. Article 39 derogates from Article 35(1)(b) alone: a ground of Articles 36 to 38 is
#   needed all the same.
# related_resources:
#   - ref: https://eur-lex.europa.eu/eli/dir/2016/680/oj
#     description: Directive (EU) 2016/680, Articles 35(1)(b) and 39
package passavant.law.led.recipients

import data.passavant.facts
import data.passavant.lib.parties
import data.passavant.lib.policing
import data.passavant.lib.processing
import data.passavant.obligations
import data.passavant.reason

# METADATA
# title: The recipient must be a competent authority
# description: Unless Article 39 holds with all its conditions.
# custom:
#   id: led.art35.1.b
#   instrument: LED
#   article: 35(1)(b)
#   code: recipient_competent_authority
#   failure_msg: the recipient is not shown to be a competent authority
prohibits contains reason.of(rego.metadata.rule()) if not recipient_settled

# METADATA
# title: The conditions of Article 39
# description: |
#   A law provides for it, the case is individual and specific, the transfer strictly necessary, no fundamental rights override,
#   the authority there would be ineffective and is informed, and the recipient is told the purpose.
# custom:
#   id: led.art39.1
#   instrument: LED
#   article: 39(1)
#   code: art39_condition
#   failure_msg: the recipient is not shown to be a competent authority, nor every condition of Article 39 to be met
prohibits contains reason.of(rego.metadata.rule()) if not conditions_settled

# METADATA
# title: Article 39 is for public authorities only
# description: Authorities of Article 3(7)(a), not bodies entrusted with public powers under point (b).
# custom:
#   id: led.art39.authority
#   instrument: LED
#   article: 39(1), 3(7)(a)
#   code: art39_authority_type
#   failure_msg: the recipient is not shown to be a competent authority, nor the exporter a public authority of Article 3(7)(a)
prohibits contains reason.of(rego.metadata.rule()) if not authority_settled

# METADATA
# title: Fundamental rights override
# description: Article 39(1)(b); they must be shown not to override the public interest in the case.
# custom:
#   id: led.art39.1.b
#   instrument: LED
#   article: 39(1)(b)
#   code: fundamental_rights_override
#   failure_msg: the recipient is not shown to be a competent authority, nor that no fundamental rights override the public interest
prohibits contains reason.of(rego.metadata.rule()) if not rights_settled

recipient_settled if parties.recipient_is_competent_authority

recipient_settled if article_39

article_39 if {
	not parties.recipient_is_competent_authority
	not parties.recipient_in("LED_SCHENGEN")
	processing.exception_admitted("39(1)")
	policing.private_recipient_conditions
}

conditions_settled if parties.recipient_is_competent_authority

conditions_settled if policing.private_recipient_case

authority_settled if parties.recipient_is_competent_authority

authority_settled if facts.exporter.led_3_7 == "a"

rights_settled if parties.recipient_is_competent_authority

rights_settled if facts.art39.rights_override == false

leads contains reason.lead(20, "LED:39(1)") if article_39

duties contains obligations.of("led_document", {}) if article_39

duties contains obligations.of("led_inform_sa", {}) if article_39

duties contains obligations.of("led_inform_foreign_authority", {}) if article_39

duties contains obligations.of("led_inform_recipient_purpose", {}) if article_39
