# METADATA
# title: Convention on Cybercrime, international cooperation
# description: |
#   Both States are Parties; the article relied on is one that carries the disclosure; conditions and use limits that were accepted
#   bind (Articles 26 to 28); dual criminality is judged by the conduct (Article 25(5)). The network of points of contact
#   (Article 35) and preservation (Article 29) hand over no content.
# related_resources:
#   - ref: https://www.coe.int/en/web/conventions/full-list?module=treaty-detail&treatynum=185
#     description: Convention on Cybercrime, Articles 23 to 35
package passavant.law.ets185.cooperation

import data.passavant.facts
import data.passavant.lib.requests
import data.passavant.obligations
import data.passavant.reason

# METADATA
# title: Both States must be Parties
# description: Signature is not enough. The list of Parties is reference data.
# custom:
#   id: ets185.parties
#   instrument: ETS185
#   article: "23"
#   code: treaty_in_force
#   failure_msg: the Convention on Cybercrime does not bind both States at the time of the transfer
prohibits contains reason.of(rego.metadata.rule()) if not requests.treaty_binds("ETS185")

# METADATA
# title: The article must carry the disclosure
# description: Mutual assistance, spontaneous information, expedited disclosure, stored data, real-time data. Preservation and the points of contact need a request for mutual assistance before content goes.
# custom:
#   id: ets185.article
#   instrument: ETS185
#   article: 25-35
#   code: request_content
#   failure_msg: the article relied on does not itself carry a disclosure, and no request for mutual assistance is shown
prohibits contains reason.of(rego.metadata.rule()) if not disclosure_carried

disclosure_carried if facts.request.treaty_ref in carrying

disclosure_carried if {
	facts.request.treaty_ref in {"ETS185:29", "ETS185:35"}
	facts.request.mla_request == true
}

carrying := {
	"ETS185", "ETS185:23", "ETS185:25", "ETS185:26", "ETS185:27", "ETS185:28", "ETS185:30", "ETS185:31", "ETS185:32", "ETS185:33", "ETS185:34",
}

# METADATA
# title: Nothing that the Convention asks for may be missing
# description: |
#   A request that is stated to be incomplete, or of which something is named as missing, is not answered. The Convention leaves the form
#   to the law of the requested Party (Article 25(4)), so that saying nothing is not a lack; preservation has a content of its own (29(2)).
# custom:
#   id: ets185.content
#   instrument: ETS185
#   article: 27, 29
#   code: request_content
#   failure_msg: the request is not shown to contain what the Convention asks for
prohibits contains reason.of(rego.metadata.rule()) if not content_shown

content_shown if requests.complete

content_shown if {
	facts.request.treaty_ref in carrying
	not stated_incomplete
}

stated_incomplete if facts.request.complete == false

stated_incomplete if count(facts.request.missing_fields) > 0

# METADATA
# title: Use limits and confidentiality that were set
# description: Articles 26(2) and 28; the receiving State must accept them beforehand and is then bound.
# custom:
#   id: ets185.art28
#   instrument: ETS185
#   article: 26(2), 28
#   code: confidentiality_condition
#   failure_msg: a condition was set and the receiving State is not shown to accept it
prohibits contains reason.of(rego.metadata.rule()) if not requests.condition_settled

# METADATA
# title: No other use than stated
# description: Article 28(2)(b); where an intended use or the use of the request is stated, the two must be one, or consent be shown.
# custom:
#   id: ets185.art28.use
#   instrument: ETS185
#   article: 28(2)(b)
#   code: use_limitation
#   failure_msg: the intended use is not shown to stay within the investigations or proceedings stated
prohibits contains reason.of(rego.metadata.rule()) if not use_shown

use_shown if {
	not use_stated
	facts.request.treaty_ref
}

use_stated if facts.request.intended_use

use_stated if facts.request.stated_use

use_shown if requests.within_stated_use

# METADATA
# title: Dual criminality by conduct
# description: Where it is asked for, the underlying conduct must be an offence, whatever its name or category.
# custom:
#   id: ets185.art25.5
#   instrument: ETS185
#   article: "25(5)"
#   code: dual_criminality
#   failure_msg: dual criminality is asked for and the conduct is not shown to be an offence in the requested State
prohibits contains reason.of(rego.metadata.rule()) if not requests.dual_criminality_settled

leads contains reason.lead(10, facts.request.treaty_ref) if disclosure_carried

duties contains obligations.of("record_request", {})

duties contains obligations.of("use_limit", {})
