# METADATA
# title: Act on the Protection of Personal Information, transfers
# description: |
#   Article 28: a country that the Commission has designated, a recipient with an equivalent system, prior consent with
#   information about the country, or an exception of Article 27(1).
# related_resources:
#   - ref: https://www.ppc.go.jp/en/legal/
#     description: Act on the Protection of Personal Information, Articles 27 and 28
package passavant.law.jp_appi.transfers

import data.passavant.facts
import data.passavant.lib.parties
import data.passavant.lib.processing
import data.passavant.lib.records
import data.passavant.obligations
import data.passavant.reason

# METADATA
# title: Only data that the purpose needs
# description: Article 18; the categories are named and lie within the agreement.
# custom: {id: appi.art18, instrument: APPI, article: "18", code: data_minimisation, failure_msg: data categories would leave that are not named or not within the agreed minimum}
prohibits contains reason.of(rego.metadata.rule()) if not processing.data_minimised

# METADATA
# title: Inside Japan
# description: No provision to a third party in a foreign country.
# custom: {id: appi.inside, instrument: APPI, article: "27", rung: 10, basis: ["APPI:27"], duties: []}
permits contains reason.ground(rego.metadata.rule(), {}) if parties.domestic

# METADATA
# title: Designated country
# description: The Commission has designated the country as having an equivalent system.
# custom: {id: appi.art28.designated, instrument: APPI, article: "28(1)", rung: 45, basis: ["APPI:28(1)"], duties: []}
permits contains reason.ground(rego.metadata.rule(), {"basis": [entry.ref]}) if {
	some entry in records.in_scope("JP_APPI")
}

# METADATA
# title: Recipient with an equivalent system
# description: By contract or by CBPR certification, with continuous measures and information on request (Article 28(3)).
# custom: {id: appi.art28.equivalent, instrument: APPI, article: "28(1)", rung: 46, basis: ["APPI:28(1)", "APPI:28(3)"], duties: [make_safeguards_available, use_limit]}
permits contains reason.ground(rego.metadata.rule(), {}) if equivalent_system

# METADATA
# title: Consent
# description: Prior consent to the provision abroad after information on the country, its system and the measures of the recipient.
# custom: {id: appi.art28.consent, instrument: APPI, article: "28(2)", rung: 49, basis: ["APPI:28(1)", "APPI:28(2)"], duties: []}
permits contains reason.ground(rego.metadata.rule(), {}) if {
	facts.derogation.type in {"28(1)", "consent"}
	facts.derogation.explicit == true
	facts.derogation.informed_of_risks == true
	processing.derogation_admitted
}

# METADATA
# title: Exception of Article 27(1)
# description: Life or body, where consent is difficult to obtain.
# custom: {id: appi.art27.1, instrument: APPI, article: "27(1)", rung: 49, basis: ["APPI:27(1)"], duties: [], confirm: true}
permits contains reason.ground(rego.metadata.rule(), {}) if {
	facts.derogation.type == "27(1)"
	facts.derogation.vital_interest == true
	facts.derogation.incapable_of_consent == true
	processing.derogation_admitted
}

# METADATA
# title: The equivalence must cover the destination
# description: The Commission has not designated it.
# custom: {id: appi.art28.scope, instrument: APPI, article: "28(1)", code: equivalence_scope, failure_msg: the destination is not designated as having an equivalent system}
lacks contains reason.of(rego.metadata.rule()) if not designated

# METADATA
# title: No equivalent system of the recipient
# description: Neither a contract nor a certification that ensures one.
# custom: {id: appi.art28.none, instrument: APPI, article: "28(1)", code: appropriate_safeguard, failure_msg: the recipient is not shown to have an equivalent system by contract or certification}
lacks contains reason.of(rego.metadata.rule()) if not equivalent_system

# METADATA
# title: No consent
# description: Without an equivalent system the data subject's prior and informed consent is needed.
# custom: {id: appi.art28.consent.none, instrument: APPI, article: "28(1)", code: separate_consent, failure_msg: informed consent of the data subject to the provision abroad is not shown}
lacks contains reason.of(rego.metadata.rule()) if not consent_shown

consent_shown if facts.derogation.explicit == true

designated if count(records.in_scope("JP_APPI")) > 0

equivalent_system if {
	facts.safeguard.type in {"contract", "cbpr"}
	facts.safeguard.comparable_protection == true
	facts.safeguard.legally_enforceable == true
}

stale := records.stale("JP_APPI")

duties contains obligations.of("record_request", {}) if facts.request.kind
