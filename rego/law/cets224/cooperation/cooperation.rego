# METADATA
# title: Second Additional Protocol (CETS 224), cooperation
# description: |
#   Not in force until five States have ratified; the reference data say when. Once in force: both States are Parties, use stays
#   within the purpose (Article 14(2)), onward transfer needs prior authorisation (Article 14(10)).
# related_resources:
#   - ref: https://www.coe.int/en/web/conventions/full-list?module=treaty-detail&treatynum=224
#     description: Second Additional Protocol, Strasbourg, 12 May 2022
package passavant.law.cets224.cooperation

import data.passavant.facts
import data.passavant.lib.processing
import data.passavant.lib.requests
import data.passavant.obligations
import data.passavant.reason

# METADATA
# title: The Protocol must be in force for both States
# description: By dated reference data; a signature or a ratification before the entry into force is not enough.
# custom:
#   id: cets224.in_force
#   instrument: CETS224
#   article: "16"
#   code: treaty_in_force
#   failure_msg: the Second Additional Protocol is not in force for both States at the time of the transfer
prohibits contains reason.of(rego.metadata.rule()) if not requests.treaty_binds("CETS224")

# METADATA
# title: Use within the purpose
# description: Article 14(2); no incompatible further use, and the conditions that were set are accepted.
# custom:
#   id: cets224.art14.2
#   instrument: CETS224
#   article: "14(2)"
#   code: use_limitation
#   failure_msg: the intended use is not shown to stay within the purpose stated, or a condition is not accepted
#   confirm: true
prohibits contains reason.of(rego.metadata.rule()) if not use_bound

use_bound if {
	requests.within_stated_use
	requests.condition_settled
}

# METADATA
# title: Onward transfer needs prior authorisation
# description: Article 14(10), to another State or international organisation.
# custom:
#   id: cets224.art14.10
#   instrument: CETS224
#   article: "14(10)"
#   code: onward_authorisation
#   failure_msg: an onward transfer is asked for that the transferring authority is not shown to have authorised
#   confirm: true
prohibits contains reason.of(rego.metadata.rule()) if not processing.onward_authorised

leads contains reason.lead(10, "CETS224") if facts.request.treaty_ref

duties contains obligations.of("record_request", {})

duties contains obligations.of("use_limit", {})

duties contains obligations.of("bind_onward_authorisation", {})

duties contains obligations.of("notify_breach", {})
