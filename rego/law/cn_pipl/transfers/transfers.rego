# METADATA
# title: Personal Information Protection Law of China, transfers
# description: |
#   A mechanism of Article 38, separate consent with notice (Article 39), and no provision to foreign judicial or law-enforcement bodies
#   without approval of the competent authority (Article 41), which no consent and no contract replaces.
# related_resources:
#   - ref: https://personalinformationprotectionlaw.com/
#     description: Personal Information Protection Law, Articles 38 to 41
package passavant.law.cn_pipl.transfers

import data.passavant.facts
import data.passavant.lib.parties
import data.passavant.lib.processing
import data.passavant.obligations
import data.passavant.reason

# METADATA
# title: Foreign authorities need the approval of the competent authority
# description: Article 41; the recipient must be shown not to be a judicial or law-enforcement body, or the approval must be shown.
# custom: {id: pipl.art41, instrument: PIPL, article: "41", code: prc_authority_approval, failure_msg: the recipient may be a foreign judicial or law-enforcement body and the approval of the competent authority is not shown}
prohibits contains reason.of(rego.metadata.rule()) if not approval_settled

approval_settled if parties.domestic

approval_settled if parties.recipient_is_private_sector

approval_settled if {
	facts.law_only
	facts.request.prc_authority_approval == true
}

approval_settled if "prc_authority" in facts.approvals

# METADATA
# title: Separate consent
# description: Article 39, after notice of the recipient, purpose, method, categories and of how to exercise rights.
# custom: {id: pipl.art39, instrument: PIPL, article: "39", code: separate_consent, failure_msg: separate consent of the individual to the provision abroad is not shown}
prohibits contains reason.of(rego.metadata.rule()) if not consent_settled

consent_settled if parties.domestic

consent_settled if facts.separate_consent == true

# METADATA
# title: Only data that the purpose needs
# description: Article 6; the categories are named and lie within the agreement.
# custom: {id: pipl.art6, instrument: PIPL, article: "6", code: data_minimisation, failure_msg: data categories would leave that are not named or not within the agreed minimum}
prohibits contains reason.of(rego.metadata.rule()) if not processing.data_minimised

# METADATA
# title: Inside mainland China
# description: No provision abroad.
# custom: {id: pipl.inside, instrument: PIPL, article: "23", rung: 10, basis: ["PIPL:23"], duties: []}
permits contains reason.ground(rego.metadata.rule(), {}) if parties.domestic

# METADATA
# title: Mechanism of Article 38
# description: Security assessment, certification or standard contract.
# custom: {id: pipl.art38, instrument: PIPL, article: "38(1)", rung: 46, basis: [], duties: [inform_data_subjects, use_limit], confirm: true}
permits contains reason.ground(rego.metadata.rule(), {"basis": [mechanism]}) if mechanism

# METADATA
# title: No mechanism of Article 38
# description: None of the three is in place. The volume exemptions of 2024 are not known to this library.
# custom: {id: pipl.art38.none, instrument: PIPL, article: "38(1)", code: cac_mechanism, failure_msg: "no security assessment, certification or standard contract is in place", confirm: true}
lacks contains reason.of(rego.metadata.rule()) if not mechanism

mechanism := mechanisms[facts.cac_mechanism]

mechanisms := {
	"security_assessment": "PIPL:38(1)(1)",
	"certification": "PIPL:38(1)(2)",
	"standard_contract": "PIPL:38(1)(3)",
}

duties contains obligations.of("record_request", {}) if facts.request.kind
