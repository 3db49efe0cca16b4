# METADATA
# title: Europol Regulation, private parties
# description: |
#   Europol may receive from private parties; it transfers to them only in the narrow cases of Article 26(5), which this library
#   does not know. A recipient that is not a competent authority is therefore refused.
# related_resources:
#   - ref: https://eur-lex.europa.eu/eli/reg/2016/794/oj
#     description: Regulation (EU) 2016/794, Article 26
package passavant.law.europol.private_parties

import data.passavant.facts
import data.passavant.lib.parties
import data.passavant.reason

# METADATA
# title: The recipient must be a competent authority or a body of the Union
# description: Article 26(5) aside, which a person decides in the single case.
# custom:
#   id: europol.art26
#   instrument: EUROPOL
#   article: 25(1), 26
#   code: recipient_competent_authority
#   failure_msg: the recipient is not shown to be a competent authority, an international organisation or a body of the Union
#   confirm: true
prohibits contains reason.of(rego.metadata.rule()) if not recipient_settled

recipient_settled if parties.recipient_is_competent_authority

recipient_settled if facts.recipient.type == "eu_agency"
