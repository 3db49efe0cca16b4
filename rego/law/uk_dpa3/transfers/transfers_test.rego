package passavant.law.uk_dpa3.transfers_test

import data.passavant.facts_test.ids
import data.passavant.law.uk_dpa3.principles
import data.passavant.law.uk_dpa3.scope
import data.passavant.law.uk_dpa3.transfers
import data.passavant.lib.policing_test

# Scottish police to the police of Jersey.
document := policing_test.changed({
	"standing": {"exporter": {"country": "GB"}, "recipient": {"country": "JE"}},
	"claims": {"origin": {"state": "GB"}},
})

changed(changes) := object.union(document, changes)

to(country) := {"standing": {"recipient": {"country": country}}}

bases(facts) := {ground.basis | some ground in grounds} if {
	grounds := transfers.permits with input as facts
}

codes(facts) := {duty.code | some duty in duties} if {
	duties := principles.duties with input as facts
}

test_scope if {
	scope.governs with input as document
	not scope.applies with input as changed({"standing": {"exporter": {"competent_authority": false}}})
	not scope.applies with input as changed({"claims": {"purpose": "payroll"}})
	not scope.applies with input as changed({"evidence": {"data": {"personal": false}}})
	not scope.applies with input as policing_test.police
}

test_approval if {
	bases(document) == {["UKDPA:73", "UKDPA:74AA", "UKSI:2023/1221"]}
	count(transfers.lacks) == 0 with input as document
	bases(object.union(document, {"at": "2023-12-12T00:00:00Z"})) == set()
	bases(changed(to("IM"))) == set()
}

test_inside if {
	bases(changed(to("GB"))) == {["UKDPA:36"]}
	bases(changed({"standing": {"recipient": {"country": "GB", "competent_authority": false}}})) == set()
	codes(changed(to("GB"))) == {"led_log_25", "mark_subject_category", "verify_quality"}
	codes(document) == {"led_log_25", "mark_subject_category", "verify_quality", "bind_onward_authorisation"}
}

test_safeguards if {
	bases(changed({"standing": {"recipient": {"country": "US"}, "safeguard": {"type": "37(1)(a)", "binding": true, "covers_transfer": true}}})) == {["UKDPA:73", "UKDPA:75(1)(a)"]}
	bases(changed({"standing": {"recipient": {"country": "US"}, "safeguard": {"type": "37(1)(b)", "assessed": true, "documented": true}}})) == {["UKDPA:73", "UKDPA:75(1)(b)"]}
}

test_special_circumstances if {
	every letter, facts in policing_test.asserted {
		type := sprintf("76(1)(%s)", [letter])
		claimed := object.union(changed(to("US")), {"claims": object.union(facts, {"derogation": {"type": type}})})
		found := bases(object.union(claimed, {"standing": {"exporter": {"country": home(letter)}}}))
		found == {["UKDPA:73", "UKDPA:76"]}
	}
	unmet := object.union(changed(to("US")), {"claims": {"derogation": {"type": "76(1)(d)"}}})
	bases(unmet) == set()
	ids(transfers.lacks) == {"ukdpa.s73.3", "ukdpa.s76.conditions"} with input as unmet
	bases(object.union(changed(to("US")), {"claims": {"derogation": {"type": "38(1)(a)", "vital_interest": true}}})) == {["UKDPA:73", "UKDPA:76"]}
}

# The fixture for (b) recognises the interest in the law of the Netherlands.
home(letter) := "NL" if letter == "b"

home(letter) := "GB" if letter != "b"

test_nothing if ids(transfers.lacks) == {"ukdpa.s73.3"} with input as changed(to("US"))

test_stale if count(transfers.stale) == 1 with input as object.union(document, {"at": "2027-11-23T00:00:00Z"})

test_gates if {
	count(principles.prohibits) == 0 with input as document
	every path, expected in {
		"/claims/necessary": {"ukdpa.s73.2"},
		"/standing/collected_for": {"ukdpa.s36"},
		"/evidence/data/categories": {"ukdpa.s37"},
		"/evidence/data/special_categories": {"ukdpa.s35"},
		"/claims/data/quality_checked": {"ukdpa.s38"},
		"/standing/recipient/competent_authority": {"ukdpa.s73.4", "ukdpa.s77"},
		"/claims/origin": {"ukdpa.s73.1.b"},
	} {
		found := ids(principles.prohibits) with input as json.remove(document, [path])
		found == expected
	}
	ids(principles.prohibits) == {"ukdpa.s78"} with input as changed({"claims": {"onward": {"recipient": {"country": "AU"}}}})
}

test_section_77 if {
	case := changed({"standing": {"recipient": {"type": "bank", "competent_authority": false}}, "claims": {"art39": policing_test.conditions}})
	count(principles.prohibits) == 0 with input as case
	principles.leads == {[20, "UKDPA:77"]} with input as case
	{"led_document", "led_inform_foreign_authority", "led_inform_recipient_purpose"} & codes(case) == {"led_document", "led_inform_foreign_authority", "led_inform_recipient_purpose"}
	"ukdpa.s77" in ids(principles.prohibits) with input as object.union(case, {"scope": "transfer"})
	{"led_document"} & codes(document) == set()
}

test_urgent if {
	urgent := changed({"claims": {"origin": {"state": "FR"}, "emergency": policing_test.threat}})
	count(principles.prohibits) == 0 with input as urgent
	principles.leads == {[30, "UKDPA:73(5)"]} with input as urgent
	"led_inform_authorising_state" in codes(urgent)
	count(principles.leads) == 0 with input as document
}

test_circumstances_that_are_met_lack_nothing if {
	met := changed(object.union(to("KE"), {"claims": {"derogation": {"type": "76(1)(a)", "vital_interest": true}}}))
	not "ukdpa.s76.conditions" in ids(transfers.lacks) with input as met
	"ukdpa.s76.conditions" in ids(transfers.lacks) with input as changed(object.union(to("KE"), {"claims": {"derogation": {"type": "76(1)(a)"}}}))
	bases(changed(object.union(to("KE"), {"claims": {"derogation": {"type": "76(1)(z)", "vital_interest": true}}}))) == set()
}

# Section 77 is for recipients that are no authority.
test_an_authority_is_not_under_section_77 if {
	authority := changed({"claims": {"art39": policing_test.conditions}})
	count(principles.leads) == 0 with input as authority
	not "led_inform_foreign_authority" in codes(authority)
}
