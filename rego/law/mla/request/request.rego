# METADATA
# title: Mutual legal assistance, the request
# description: |
#   The treaty is in force, the request complete, and what is given is used only in the proceedings stated (speciality),
#   kept confidential, and given for conduct that is an offence here where the treaty asks for that.
# related_resources:
#   - ref: https://www.coe.int/en/web/conventions/full-list?module=treaty-detail&treatynum=030
#     description: European Convention on Mutual Assistance in Criminal Matters (ETS 30), Article 14
package passavant.law.mla.request

import data.passavant.facts
import data.passavant.lib.requests
import data.passavant.obligations
import data.passavant.reason

# METADATA
# title: The treaty must be in force between the two States
# description: Both ways, at the time of the transfer.
# custom:
#   id: mla.in_force
#   instrument: MLA
#   article: treaty
#   code: treaty_in_force
#   failure_msg: the treaty on which the request rests is not shown to be in force between the two States
prohibits contains reason.of(rego.metadata.rule()) if not in_force

in_force if facts.request.in_force == true

# METADATA
# title: The request must be complete
# description: Authority, object, offence and facts, relation of the data to the offence, use; nothing that the treaty asks for is missing.
# custom:
#   id: mla.content
#   instrument: MLA
#   article: ETS 30, 14
#   code: request_content
#   failure_msg: the request is not shown to contain what the treaty asks for
prohibits contains reason.of(rego.metadata.rule()) if not requests.complete

# METADATA
# title: Speciality
# description: Use in other proceedings than those stated needs prior consent.
# custom:
#   id: mla.speciality
#   instrument: MLA
#   article: speciality
#   code: use_limitation
#   failure_msg: the intended use is not shown to stay within the proceedings stated in the request, and no prior consent is shown
prohibits contains reason.of(rego.metadata.rule()) if not requests.within_stated_use

# METADATA
# title: Dual criminality
# description: Where the treaty asks for it, the conduct must be an offence in the requested State, whatever its name there.
# custom:
#   id: mla.dual_criminality
#   instrument: MLA
#   article: dual criminality
#   code: dual_criminality
#   failure_msg: dual criminality is asked for and the conduct is not shown to be an offence in the requested State
prohibits contains reason.of(rego.metadata.rule()) if not requests.dual_criminality_settled

# METADATA
# title: Confidentiality
# description: The requesting State accepts to keep what it receives confidential, and the conditions that were set.
# custom:
#   id: mla.confidentiality
#   instrument: MLA
#   article: confidentiality
#   code: confidentiality_condition
#   failure_msg: the requesting State is not shown to accept confidentiality and the conditions that were set
prohibits contains reason.of(rego.metadata.rule()) if not confidentiality_settled

confidentiality_settled if {
	requests.confidentiality_accepted
	requests.condition_settled
}

leads contains reason.lead(10, "MLA:treaty")

duties contains obligations.of("record_request", {})

duties contains obligations.of("use_limit", {})
