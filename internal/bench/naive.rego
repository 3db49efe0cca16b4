# METADATA
# title: The policy of the naive glue
# description: |
#   What a user would write without Passavant: one file, deny rules over a Go map, actions per field. It is a yardstick
#   for speed. Do not learn from it: several of its rules fail open when a fact is absent.
package naive

default allow := false

agreement := data.agreements[input.agreement]

at := time.parse_rfc3339_ns(input.at)

allow if {
	agreement
	count(deny) == 0
	count(field_denials) == 0
}

decision := {
	"allow": allow,
	"reasons": deny | field_denials,
	"obligations": obligations,
	"fields": field_actions,
	"retention_days": retention_days,
	"mechanism": mechanism,
}

deny contains {"code": "agreement", "text": "no such agreement"} if not agreement

deny contains {"code": "early", "text": "not yet in force"} if at < time.parse_rfc3339_ns(agreement.valid_from)

deny contains {"code": "late", "text": "expired"} if at >= time.parse_rfc3339_ns(agreement.valid_until)

deny contains {"code": "status", "text": "not active"} if agreement.status != "active"

deny contains {"code": "exporter", "text": "exporter is no party"} if not exporter

deny contains {"code": "recipient", "text": "recipient is no party"} if not recipient

deny contains {"code": "exporter-role", "text": "exporter's role"} if {
	exporter
	not input.exporter.role in exporter.roles
}

deny contains {"code": "recipient-role", "text": "recipient's role"} if {
	recipient
	not input.recipient.role in recipient.roles
}

deny contains {"code": "purpose", "text": sprintf("purpose %s", [input.purpose])} if not input.purpose in agreement.purposes

deny contains {"code": "collected", "text": "incompatible purpose"} if {
	some p in input.collected_for
	not compatible(p, input.purpose)
}

deny contains {"code": "basis", "text": "no legal basis"} if not input.legal_basis.kind

deny contains {"code": "basis-agreed", "text": "legal basis not agreed"} if {
	not input.legal_basis.kind in agreement.legal_bases
}

deny contains {"code": "order", "text": "reference of the order"} if {
	input.legal_basis.kind == "judicial_order"
	not regex.match(`^[A-Z]{2}-[0-9]{4}-[0-9]{4,8}$`, input.legal_basis.reference)
}

deny contains {"code": "mechanism", "text": "no transfer mechanism"} if not mechanism

deny contains {"code": "embargo", "text": "embargo"} if input.recipient.country in data.zones.embargo

deny contains {"code": "onward", "text": "onward transfer"} if {
	input.onward
	not agreement.onward.allowed
}

deny contains {"code": "onward-where", "text": "onward destination"} if {
	some c in input.onward.countries
	not c in agreement.onward.countries
}

deny contains {"code": "safeguard", "text": sprintf("safeguard %s", [s])} if {
	some s in agreement.safeguards
	not s in input.recipient.safeguards
}

deny contains {"code": "volume", "text": "too many records"} if input.case.records > agreement.max_records

deny contains {"code": "age", "text": "case too old"} if {
	(at - time.parse_rfc3339_ns(input.case.opened)) / 86400000000000 > agreement.max_case_days
}

deny contains {"code": "severity", "text": "severity"} if {
	data.severity[input.case.severity] < data.severity[agreement.min_severity]
}

field_denials contains {"code": "field", "text": sprintf("%s (%s)", [f.category, f.path])} if {
	some f in input.fields
	not agreement.categories[f.category]
}

field_denials contains {"code": "special", "text": sprintf("%s", [f.path])} if {
	some f in input.fields
	f.category in data.special_categories
	not input.legal_basis.art9
}

field_actions[f.path] := agreement.categories[f.category].action if some f in input.fields

exporter := p if {
	some p in agreement.parties
	p.id == input.exporter.id
	p.country == input.exporter.country
}

recipient := p if {
	some p in agreement.parties
	p.id == input.recipient.id
	p.country == input.recipient.country
}

compatible(a, b) if a == b

compatible(a, b) if b in data.compatible[a]

mechanism := "domestic" if input.exporter.country == input.recipient.country

else := "inside" if {
	input.exporter.country in data.zones.eea
	input.recipient.country in data.zones.eea
}

else := "adequacy" if input.recipient.country in data.zones.adequate

else := "clauses" if agreement.clauses_signed

retention_days := min({agreement.retention_days, data.retention[input.recipient.country]})

obligations contains {"kind": "encrypt"}

obligations contains {"kind": "pseudonymise", "path": f.path} if {
	some f in input.fields
	agreement.categories[f.category].action == "pseudonymise"
}

obligations contains {"kind": "generalise", "path": f.path} if {
	some f in input.fields
	agreement.categories[f.category].action == "generalise"
}

obligations contains {"kind": "drop", "path": f.path} if {
	some f in input.fields
	agreement.categories[f.category].action == "drop"
}

obligations contains {"kind": "tell"} if mechanism == "clauses"

obligations contains {"kind": "delete", "days": retention_days}
