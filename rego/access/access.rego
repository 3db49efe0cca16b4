# METADATA
# title: Who may act
# description: |
#   Who may send, read the log, open a detail, approve or re-identify. The program that embeds the library states who asks, as roles,
#   a unit and attributes; the agreement, and the rules of the house, name who may. Where both name somebody, both must name the
#   caller. A caller that nobody stated has no role. Sending is a gate of the transfer; the other actions are questions
#   of their own, whose whole answer is `outcome`.
package passavant.access

import data.passavant.facts
import data.passavant.reason

# METADATA
# title: The outcome of a question about an action, complete and never undefined
outcome := {
	"permit": permitted,
	"basis": basis,
	"supports": set(),
	"prohibits": prohibits,
	"lacks": set(),
	"grounds": permits,
	"obligations": set(),
	"treatments": {},
	"notices": set(),
}

default permitted := false

permitted if {
	count(prohibits) == 0
	count(permits) > 0
}

default basis := []

basis := [citation | some ground in permits; some citation in ground.basis] if permitted

action := "send" if facts.transfer_asked

action := facts.access.action if facts.access_asked

known_action if {
	facts.access_asked
	action in {"approve", "open_detail", "read_log", "reidentify"}
}

# METADATA
# title: The caller is named for this action
# description: Everybody who names somebody for the action, each agreement concerned and the house, names the caller.
# custom:
#   id: access.named
#   instrument: agreement
#   article: who may
#   rung: 1
#   basis: ["agreement:who_may"]
#   duties: []
permits contains reason.ground(rego.metadata.rule(), {}) if {
	known_action
	named
}

# METADATA
# title: Nobody is named for this action, and it is open
# description: The program that embeds the library let the caller in, and neither agreement nor house says more.
# custom:
#   id: access.open
#   instrument: library
#   article: who may
#   rung: 2
#   basis: ["library:open_unless_stated"]
#   duties: []
permits contains reason.ground(rego.metadata.rule(), {}) if {
	known_action
	open
}

# METADATA
# title: Only who is named may send
# description: The agreement or the house names who may send, and the caller has to be among them.
# custom:
#   id: access.send
#   instrument: agreement
#   article: who may
#   code: caller_not_entitled
#   failure_msg: the caller is not among those who may send under this agreement, or nobody said who the caller is
prohibits contains reason.of(rego.metadata.rule()) if {
	facts.transfer_asked
	not entitled
}

# METADATA
# title: Only who is named may read the log
# description: Logs name organisations, purposes and times; who reads them is part of their protection.
# related_resources:
#   - ref: https://eur-lex.europa.eu/eli/dir/2016/680/oj
#     description: Directive (EU) 2016/680, Article 25
# custom:
#   id: access.read_log
#   instrument: agreement
#   article: who may
#   code: caller_not_entitled
#   failure_msg: the caller is not among those who may read the log, or nobody said who the caller is
prohibits contains reason.of(rego.metadata.rule()) if {
	action == "read_log"
	not entitled
}

# METADATA
# title: Only who is named may open a detail
# description: What the erasable side store keeps can name people. Nobody may open it unless somebody is named for it.
# custom:
#   id: access.open_detail
#   instrument: agreement
#   article: who may
#   code: caller_not_entitled
#   failure_msg: the caller is not among those who may open details of a transfer, or nobody said who the caller is
prohibits contains reason.of(rego.metadata.rule()) if {
	action == "open_detail"
	not entitled
}

# METADATA
# title: Only who is named may approve
# description: The key must be named for the role of the approval as well.
# custom:
#   id: access.approve
#   instrument: agreement
#   article: who may
#   code: caller_not_entitled
#   failure_msg: the caller is not among those who may approve under this agreement, or nobody said who the caller is
prohibits contains reason.of(rego.metadata.rule()) if {
	action == "approve"
	not entitled
}

# METADATA
# title: Only who is named may re-identify
# description: Reversing a pseudonym undoes the protection. Nobody may unless somebody is named for it.
# custom:
#   id: access.reidentify
#   instrument: agreement
#   article: who may
#   code: caller_not_entitled
#   failure_msg: the caller is not among those who may re-identify, or nobody said who the caller is
prohibits contains reason.of(rego.metadata.rule()) if {
	action == "reidentify"
	not entitled
}

# METADATA
# title: Logs are read for what logs are for
# description: |
#   Logs serve the verification of lawfulness, self-monitoring, integrity and security, and criminal proceedings. Details may
#   be opened by others than competent authorities also to answer a data subject or the supervisory authority.
# related_resources:
#   - ref: https://eur-lex.europa.eu/eli/dir/2016/680/oj
#     description: Directive (EU) 2016/680, Article 25(2)
# custom:
#   id: access.log_purpose
#   instrument: LED
#   article: "25(2)"
#   code: log_purpose
#   failure_msg: no purpose was stated for which logs may be used
prohibits contains reason.of(rego.metadata.rule()) if {
	action in {"read_log", "open_detail"}
	not log_purpose_stated
}

# METADATA
# title: Re-identification serves a purpose of the agreement
# description: Or it answers the data subject.
# custom:
#   id: access.reidentify_purpose
#   instrument: agreement
#   article: purposes
#   code: reidentification_purpose
#   failure_msg: the re-identification states neither a purpose of the agreement nor a request of the data subject
prohibits contains reason.of(rego.metadata.rule()) if {
	action == "reidentify"
	not reidentification_purpose_agreed
}

# METADATA
# title: Re-identification belongs to a case
# description: Which case it is stays outside of the facts; the record commits to it.
# custom:
#   id: access.reidentify_case
#   instrument: agreement
#   article: who may
#   code: case_reference
#   failure_msg: no case reference was stated for the re-identification
prohibits contains reason.of(rego.metadata.rule()) if {
	action == "reidentify"
	not case_stated
}

# METADATA
# title: Re-identification needs two who agree
# description: Two approvals by different keys, verified before the question is asked.
# custom:
#   id: access.reidentify_two
#   instrument: agreement
#   article: approvals
#   code: approval_missing
#   failure_msg: fewer than two different keys approved the re-identification
prohibits contains reason.of(rego.metadata.rule()) if {
	action == "reidentify"
	not two_approved
}

two_approved if facts.approvers >= 2

case_stated if facts.access.case_reference == true

reidentification_purpose_agreed if facts.purpose in facts.agreement.purposes

reidentification_purpose_agreed if facts.purpose == "data_subject_request"

log_purpose_stated if facts.purpose in data.passavant.reference.who_may.log_purposes

log_purpose_stated if {
	action == "open_detail"
	not facts.exporter.competent_authority
	facts.purpose in data.passavant.reference.who_may.log_purposes_beyond_authorities
}

log_purpose_stated if {
	action == "read_log"
	not facts.exporter.competent_authority
}

entitled if named

entitled if open

named if {
	somebody_named
	every statement in facts.who_may {
		admits(statement.entries)
	}
	house_admits
}

somebody_named if count(facts.who_may) > 0

somebody_named if house

# Silence is a list that is there and empty. A list that is absent is not known.
open if {
	count(facts.who_may) == 0
	not house
	action in data.passavant.reference.who_may.open_unless_stated
}

house := data.passavant.reference.who_may.house[action]

house_admits if not house

house_admits if admits(house)

admits(entries) if {
	some entry in entries
	entry.role in facts.caller.roles
	unit_fits(entry)
	party_fits(entry)
	purpose_fits(entry)
	attributes_fit(entry)
}

unit_fits(entry) if not entry.unit

unit_fits(entry) if entry.unit == facts.caller.unit

party_fits(entry) if not entry.party

party_fits(entry) if entry.party == facts.exporter.id

purpose_fits(entry) if not entry.purposes

purpose_fits(entry) if facts.purpose in entry.purposes

attributes_fit(entry) if {
	every name, value in object.get(entry, "attributes", {}) {
		facts.caller.attributes[name] == value
	}
}
