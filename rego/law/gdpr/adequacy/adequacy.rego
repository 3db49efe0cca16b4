# METADATA
# title: GDPR, adequacy decisions
# description: |
#   The first rung of the ladder. The test is not "is the country on a list" but "is this recipient, for this purpose,
#   within the scope of a decision in force at the time of the transfer". The decisions are reference data with dates.
# related_resources:
#   - ref: https://eur-lex.europa.eu/eli/reg/2016/679/oj
#     description: Regulation (EU) 2016/679, Article 45
package passavant.law.gdpr.adequacy

import data.passavant.facts
import data.passavant.lib.conditions
import data.passavant.lib.records
import data.passavant.reason

# METADATA
# title: Adequacy decision
# description: |
#   The Commission has decided that the destination ensures an adequate level of protection, the decision is in force,
#   it applies to exporters of this country, and the recipient is within its scope. No specific authorisation is needed.
# custom:
#   id: gdpr.art45.3
#   instrument: GDPR
#   article: "45(3)"
#   rung: 45
#   basis: ["GDPR:45"]
#   duties: []
#   conditional_duties: [check_dpf_status]
permits contains reason.ground(rego.metadata.rule(), {"basis": [decision.ref], "duties": status_check(decision)}) if {
	some decision in records.in_scope("EU_GDPR")
}

# METADATA
# title: No adequacy decision in force for the destination
# description: There is none, it has ended or been invalidated, or it does not reach exporters of this country.
# custom:
#   id: gdpr.art45.in_force
#   instrument: GDPR
#   article: "45(1)"
#   code: adequacy_decision_in_force
#   failure_msg: no adequacy decision is in force for this destination at the time of the transfer
lacks contains reason.of(rego.metadata.rule()) if not some_decision_in_force

# METADATA
# title: Recipient outside the scope of the adequacy decision
# description: A decision for the destination is in force, but this recipient, activity or data is not shown to be within it.
# custom:
#   id: gdpr.art45.scope
#   instrument: GDPR
#   article: "45(3)"
#   code: recipient_within_adequacy_scope
#   failure_msg: an adequacy decision exists for the destination, but the recipient is not shown to be within its scope
lacks contains reason.of(rego.metadata.rule()) if {
	some_decision_in_force
	not some_decision_in_scope
}

# METADATA
# title: Data Privacy Framework certification claimed without effect
# description: |
#   The recipient presents a certification that is inactive, or that it cannot hold: depository institutions, common
#   carriers and public authorities are outside the jurisdiction of the FTC and the DOT.
# custom:
#   id: gdpr.art45.dpf
#   instrument: EU:2023/1795
#   article: "1"
#   code: dpf_ineligible_or_inactive
#   failure_msg: a Data Privacy Framework certification is presented that is not active or not open to this recipient
lacks contains reason.of(rego.metadata.rule()) if {
	some certification in facts.recipient.certifications
	certification.scheme == "dpf_eu"
	not conditions.established.dpf_list_active_eu
}

some_decision_in_force if count(records.in_force("EU_GDPR")) > 0

some_decision_in_scope if count(records.in_scope("EU_GDPR")) > 0

status_check(decision) := {"check_dpf_status"} if "dpf_list_active_eu" in decision.scope_rule.all_of

else := set()

stale := records.stale("EU_GDPR")
