# METADATA
# title: Fraud partnership, what the terms cannot say
package passavant.agreements.bank_fraud_partnership

import data.passavant.facts
import data.passavant.reason

# METADATA
# title: Single cases, not lists
# description: More than fifty people is a list of customers. A request that does not say how many is refused.
# custom:
#   id: partnership.single_cases
#   instrument: agreement
#   article: "2"
#   clause: "2.3"
#   code: data_minimisation
#   failure_msg: the request does not say that it concerns fifty people at most
prohibits contains reason.of(rego.metadata.rule()) if not single_case

single_case if facts.subject_count <= 50
