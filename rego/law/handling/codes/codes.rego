# METADATA
# title: Handling codes of Europol
# description: |
#   H0 carries no restriction, H1 bars use as evidence without permission, H2 bars passing on without the originator, H3 carries
#   a restriction in words. The provider's restriction binds (Regulation (EU) 2016/794, Article 19).
# related_resources:
#   - ref: https://eur-lex.europa.eu/eli/reg/2016/794/oj
#     description: Regulation (EU) 2016/794, Article 19(2) and (3)
package passavant.law.handling.codes

import data.passavant.facts
import data.passavant.obligations
import data.passavant.reason

# METADATA
# title: The handling code must allow the transfer
# description: A code that nobody knows does not. H2 and H3 need the permission of the originator, H1 needs it for use as evidence.
# custom:
#   id: handling.code
#   instrument: EUROPOL
#   article: "19(2)"
#   code: prohibited_handling_code
#   failure_msg: the handling code of the data does not allow this transfer without the permission of the originator
#   confirm: true
prohibits contains reason.of(rego.metadata.rule()) if not code_allows

code_allows if facts.handling_code == "H0"

code_allows if {
	facts.handling_code == "H1"
	not_as_evidence
}

code_allows if {
	facts.handling_code in {"H1", "H2", "H3"}
	originator_permits
}

# The use must be stated, and be one that is not evidence.
not_as_evidence if {
	stated_use
	not evidential
}

stated_use := facts.request.intended_use

stated_use := facts.purpose if not facts.request.intended_use

evidential if stated_use in data.passavant.reference.policing.evidential

originator_permits if {
	facts.law_only
	facts.source_permission == true
}

originator_permits if "information_source" in facts.approvals

duties contains obligations.of("preserve_marking", {})

duties contains obligations.of("use_limit", {})
