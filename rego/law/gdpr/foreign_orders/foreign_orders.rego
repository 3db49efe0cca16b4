# METADATA
# title: GDPR, orders of third countries
# description: |
#   A judgment or administrative decision of a third country is enforceable here only on the basis of an international
#   agreement, and is never itself a ground for a transfer. Other grounds of Chapter V remain open
#   (EDPB Guidelines 02/2024).
# related_resources:
#   - ref: https://eur-lex.europa.eu/eli/reg/2016/679/oj
#     description: Regulation (EU) 2016/679, Article 48
package passavant.law.gdpr.foreign_orders

import data.passavant.facts
import data.passavant.reason

# METADATA
# title: An order of a third country needs an international agreement
# description: Refer the authority to the mutual legal assistance channel.
# custom:
#   id: gdpr.art48
#   instrument: GDPR
#   article: "48"
#   code: treaty_in_force
#   failure_msg: the request of the third country does not rest on an international agreement in force
lacks contains reason.of(rego.metadata.rule()) if {
	facts.request.kind
	not through_treaty
}

through_treaty if facts.request.via_treaty == true
