# METADATA
# title: Europol Regulation, the provider's control
# description: |
#   Data of a Member State go out with its consent, to a recipient that undertakes to keep to the purpose (Article 23(6)); the
#   recipient passes them on only with Europol's prior explicit authorisation (Article 23(7)).
# related_resources:
#   - ref: https://eur-lex.europa.eu/eli/reg/2016/794/oj
#     description: Regulation (EU) 2016/794, Articles 19, 23, 30
package passavant.law.europol.provider

import data.passavant.facts
import data.passavant.lib.policing
import data.passavant.lib.processing
import data.passavant.obligations
import data.passavant.reason

# METADATA
# title: The provider's consent
# description: Of the Member State, third country or body that provided the data, given beforehand and not withdrawn.
# custom:
#   id: europol.art23.6.consent
#   instrument: EUROPOL
#   article: 23(6)
#   code: provider_consent
#   failure_msg: the provider of the data is not known or is not shown to consent to the transfer
prohibits contains reason.of(rego.metadata.rule()) if not provider_consents

provider_consents if {
	facts.law_only
	facts.provider.state
	facts.provider.consent == true
}

provider_consents if "data_provider" in facts.approvals

# METADATA
# title: The recipient's undertaking
# description: The recipient undertakes to use the data for the purpose for which they are transferred.
# custom:
#   id: europol.art23.6.undertaking
#   instrument: EUROPOL
#   article: 23(6)
#   code: use_limitation
#   failure_msg: the recipient is not shown to have undertaken to keep to the purpose
prohibits contains reason.of(rego.metadata.rule()) if not undertaken

undertaken if facts.recipient_undertaking == true

# METADATA
# title: Necessity
# description: The transfer is necessary for the performance of Europol's tasks.
# custom:
#   id: europol.art23.5
#   instrument: EUROPOL
#   article: 23(5)
#   code: led_necessity
#   failure_msg: the transfer is not shown to be necessary for the tasks of Europol
#   confirm: true
prohibits contains reason.of(rego.metadata.rule()) if not necessary

necessary if facts.necessary == true

# METADATA
# title: Special categories only where strictly necessary
# description: Article 30(2); strictly necessary and proportionate.
# custom:
#   id: europol.art30
#   instrument: EUROPOL
#   article: "30(2)"
#   code: strict_necessity_special
#   failure_msg: the data may hold special categories and strict necessity is not shown
#   confirm: true
prohibits contains reason.of(rego.metadata.rule()) if not policing.special_categories_strict

# METADATA
# title: Onward transfer needs Europol's authorisation
# description: Prior and explicit.
# custom:
#   id: europol.art23.7
#   instrument: EUROPOL
#   article: 23(7)
#   code: onward_authorisation
#   failure_msg: an onward transfer is asked for that Europol is not shown to have authorised
prohibits contains reason.of(rego.metadata.rule()) if not processing.onward_authorised

duties contains obligations.of("use_limit", {})

duties contains obligations.of("bind_onward_authorisation", {})
