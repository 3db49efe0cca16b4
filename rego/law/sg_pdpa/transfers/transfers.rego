# METADATA
# title: Personal Data Protection Act of Singapore, transfers
# description: |
#   Section 26 and the Regulations: the recipient is bound by legally enforceable obligations that give a standard of protection
#   comparable to the Act, by law, contract, binding corporate rules or certification; or the individual consents.
# related_resources:
#   - ref: https://sso.agc.gov.sg/Act/PDPA2012
#     description: Personal Data Protection Act 2012, section 26; Personal Data Protection Regulations 2021, Part 3
package passavant.law.sg_pdpa.transfers

import data.passavant.facts
import data.passavant.lib.parties
import data.passavant.lib.processing
import data.passavant.obligations
import data.passavant.reason

# METADATA
# title: Only data that the purpose needs
# description: Section 18; the categories are named and lie within the agreement.
# custom: {id: pdpa.s18, instrument: SGPDPA, article: "18", code: data_minimisation, failure_msg: data categories would leave that are not named or not within the agreed minimum}
prohibits contains reason.of(rego.metadata.rule()) if not processing.data_minimised

# METADATA
# title: Inside Singapore
# description: No transfer outside.
# custom: {id: pdpa.inside, instrument: SGPDPA, article: "17", rung: 10, basis: ["SGPDPA:17"], duties: []}
permits contains reason.ground(rego.metadata.rule(), {}) if parties.domestic

# METADATA
# title: Comparable obligations
# description: The recipient is bound by legally enforceable obligations comparable to the Act.
# custom: {id: pdpa.s26, instrument: SGPDPA, article: "26", rung: 46, basis: ["SGPDPA:26"], duties: [use_limit]}
permits contains reason.ground(rego.metadata.rule(), {}) if comparable_obligations

# METADATA
# title: Consent
# description: After a summary of the extent to which the data will be protected.
# custom: {id: pdpa.s26.consent, instrument: SGPDPA, article: "26, Regulation 10(2)(a)", rung: 49, basis: ["SGPDPA:26"], duties: [], confirm: true}
permits contains reason.ground(rego.metadata.rule(), {}) if {
	facts.derogation.type in {"26", "consent"}
	facts.derogation.explicit == true
	facts.derogation.informed_of_risks == true
	processing.derogation_admitted
}

# METADATA
# title: No comparable obligations
# description: Neither law, contract, corporate rules nor certification bind the recipient to comparable protection.
# custom: {id: pdpa.s26.none, instrument: SGPDPA, article: "26", code: appropriate_safeguard, failure_msg: the recipient is not shown to be bound by enforceable obligations comparable to the Act}
lacks contains reason.of(rego.metadata.rule()) if not comparable_obligations

comparable_obligations if {
	facts.safeguard.type in {"contract", "bcr", "law", "cbpr", "certification"}
	facts.safeguard.comparable_protection == true
	facts.safeguard.legally_enforceable == true
}

duties contains obligations.of("record_request", {}) if facts.request.kind
