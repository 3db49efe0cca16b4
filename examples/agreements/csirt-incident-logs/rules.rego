# METADATA
# title: Incident logs for the CSIRT, what the terms cannot say
package passavant.agreements.csirt_incident_logs

import data.passavant.facts
import data.passavant.reason

# METADATA
# title: No special categories in logs
# description: The agreement has no condition for them; a catalogue that may hold them is refused, and so is one that does not say.
# custom:
#   id: csirt.no_special_categories
#   instrument: agreement
#   article: "2"
#   clause: "2.3"
#   code: special_categories_not_agreed
#   failure_msg: logs that may hold special categories of data are not shared
prohibits contains reason.of(rego.metadata.rule()) if not no_special_categories

no_special_categories if count(facts.special_categories) == 0

# METADATA
# title: One incident at a time
# description: More than ten thousand people is no incident but a copy of the log.
# custom:
#   id: csirt.one_incident
#   instrument: agreement
#   article: "4"
#   clause: "4"
#   code: data_minimisation
#   failure_msg: the request does not say that it concerns ten thousand people at most
prohibits contains reason.of(rego.metadata.rule()) if not one_incident

one_incident if facts.subject_count <= 10000

# METADATA
# title: Tracing an attack needs the incident lead
# description: Clear addresses leave for the purpose of tracing only, and only after the incident lead agreed.
# custom:
#   id: csirt.trace_approved
#   instrument: agreement
#   article: "3"
#   clause: "3.3"
#   code: approval_missing
#   failure_msg: clear addresses were asked for without the approval of the incident lead
prohibits contains reason.of(rego.metadata.rule()) if not addresses_settled

addresses_settled if facts.purpose == "analyse_incident"

addresses_settled if clear_addresses_approved

clear_addresses_approved if {
	facts.purpose == "trace_attack"
	"incident_lead" in facts.approvals
}

# Clear addresses stay behind unless they were asked for and approved.
floors.attack_source contains "drop" if not clear_addresses_approved
