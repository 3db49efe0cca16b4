# METADATA
# title: Urgent requests to a bank, what the terms cannot say
package passavant.agreements.police_foreign_bank_led39

import data.passavant.facts
import data.passavant.reason

# METADATA
# title: Few people
# description: A specific case has few people. More than five, or a request that does not say, is no urgent request.
# custom:
#   id: bank39.few
#   instrument: agreement
#   article: "2"
#   clause: "2.1"
#   code: data_minimisation
#   failure_msg: the request does not say that it concerns five people at most
prohibits contains reason.of(rego.metadata.rule()) if not few_people

few_people if facts.subject_count <= 5
