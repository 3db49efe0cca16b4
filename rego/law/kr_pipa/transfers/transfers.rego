# METADATA
# title: Personal Information Protection Act of Korea, transfers
# description: |
#   Article 28-8: separate consent, a treaty, certification of the recipient, or a country that the Commission recognises as equivalent.
#   The recognition of the Union leaves out resident registration numbers and personal credit information.
# related_resources:
#   - ref: https://www.pipc.go.kr/eng/index.do
#     description: Personal Information Protection Act, Article 28-8
package passavant.law.kr_pipa.transfers

import data.passavant.facts
import data.passavant.lib.parties
import data.passavant.lib.processing
import data.passavant.lib.records
import data.passavant.obligations
import data.passavant.reason

# METADATA
# title: Only data that the purpose needs
# description: Article 3; the categories are named and lie within the agreement.
# custom: {id: pipa.art3, instrument: PIPA, article: "3", code: data_minimisation, failure_msg: data categories would leave that are not named or not within the agreed minimum}
prohibits contains reason.of(rego.metadata.rule()) if not processing.data_minimised

# METADATA
# title: Inside Korea
# description: No cross-border transfer.
# custom: {id: pipa.inside, instrument: PIPA, article: "17", rung: 10, basis: ["PIPA:17"], duties: []}
permits contains reason.ground(rego.metadata.rule(), {}) if parties.domestic

# METADATA
# title: Recognised equivalence
# description: Article 28-8(1)5, with what the recognition leaves out shown to be absent.
# custom: {id: pipa.art28_8.5, instrument: PIPA, article: "28-8(1)5", rung: 45, basis: ["PIPA:28-8(1)5"], duties: []}
permits contains reason.ground(rego.metadata.rule(), {"basis": [entry.ref]}) if {
	some entry in records.in_scope("KR_PIPA")
}

# METADATA
# title: Certification of the recipient
# description: Article 28-8(1)4, certified by the Commission, with the measures that it asks for.
# custom: {id: pipa.art28_8.4, instrument: PIPA, article: "28-8(1)4", rung: 46, basis: ["PIPA:28-8(1)4"], duties: [use_limit], confirm: true}
permits contains reason.ground(rego.metadata.rule(), {}) if certified

# METADATA
# title: Separate consent
# description: Article 28-8(1)1, to the transfer abroad, after notice.
# custom: {id: pipa.art28_8.1, instrument: PIPA, article: "28-8(1)1", rung: 48, basis: ["PIPA:28-8(1)1"], duties: [inform_data_subjects]}
permits contains reason.ground(rego.metadata.rule(), {}) if consented

# METADATA
# title: The equivalence must cover the data and the destination
# description: Resident registration numbers and personal credit information are outside; so is any State that is not recognised.
# custom: {id: pipa.art28_8.scope, instrument: PIPA, article: "28-8(1)5", code: equivalence_scope, failure_msg: the recognition of equivalence is not shown to cover this destination and these data}
lacks contains reason.of(rego.metadata.rule()) if not recognised

# METADATA
# title: No separate consent
# description: Without another ground the data subject's separate consent is needed.
# custom: {id: pipa.art28_8.1.none, instrument: PIPA, article: "28-8(1)1", code: separate_consent, failure_msg: separate consent of the data subject is not shown}
lacks contains reason.of(rego.metadata.rule()) if not consented

# METADATA
# title: No certification
# description: The recipient is not shown to be certified by the Commission.
# custom: {id: pipa.art28_8.4.none, instrument: PIPA, article: "28-8(1)4", code: appropriate_safeguard, failure_msg: the recipient is not shown to be certified}
lacks contains reason.of(rego.metadata.rule()) if not certified

recognised if count(records.in_scope("KR_PIPA")) > 0

consented if facts.separate_consent == true

certified if {
	facts.safeguard.type == "certification"
	facts.safeguard.approved == true
}

stale := records.stale("KR_PIPA")

duties contains obligations.of("record_request", {}) if facts.request.kind
