# METADATA
# title: Exchange of indicators, what the terms cannot say
package passavant.agreements.cert_exchange_tlp

import data.passavant.facts
import data.passavant.reason

# METADATA
# title: Every item is marked
# description: |
#   The protocol speaks only of marked information. Between these parties nothing is unmarked: what carries no label
#   stays where it is.
# custom:
#   id: cert.marked
#   instrument: agreement
#   article: "2"
#   clause: "2.1"
#   code: tlp_recipient
#   failure_msg: no label of the Traffic Light Protocol was found on the data
prohibits contains reason.of(rego.metadata.rule()) if not marked

marked if facts.marking
