package passavant.law.uk_gdpr.transfers_test

import data.passavant.facts_test.bank
import data.passavant.facts_test.ids
import data.passavant.law.uk_gdpr.principles
import data.passavant.law.uk_gdpr.scope
import data.passavant.law.uk_gdpr.transfers

# A bank of the United Kingdom to a bank in the United States.
document := object.union(bank, {"standing": {
	"exporter": {"country": "GB"},
	"recipient": {"country": "US"},
	"lawful_basis": "UKGDPR:6(1)(f)",
}})

idta := {"type": "idta", "enforceable_rights": true}

assessed := {"done": true, "conclusion": "essentially_equivalent"}

changed(changes) := object.union(document, changes)

with_tool(tool) := changed({"standing": {"safeguard": object.union({"enforceable_rights": true}, tool), "tia": assessed}})

bases(facts) := {ground.basis[0] | some ground in grounds} if {
	grounds := transfers.permits with input as facts
}

test_scope if {
	scope.governs with input as document
	not scope.applies with input as bank
	not scope.applies with input as changed({"evidence": {"data": {"personal": false}}})
	not scope.applies with input as changed({"standing": {"exporter": {"competent_authority": true}}})
}

test_inside if bases(changed({"standing": {"recipient": {"country": "GB"}}})) == {"UKGDPR:6(1)(f)"}

test_regulations if {
	bases(changed({"standing": {"recipient": {"country": "FR"}}})) == {"UKGDPR:45A"}
	count(transfers.lacks) == 3 with input as changed({"standing": {"recipient": {"country": "VN"}}})
	"ukgdpr.art45a.none" in ids(transfers.lacks) with input as changed({"standing": {"recipient": {"country": "VN"}}})
	"ukgdpr.art45a.scope" in ids(transfers.lacks) with input as document
}

bridge := {"standing": {"recipient": {"type": "private", "certifications": [{"scheme": "dpf_eu", "active": true, "covers": ["non_hr"], "uk_extension": true}]}}}

test_bridge if {
	bases(changed(bridge)) == {"UKGDPR:45A"}
	without_extension := changed({"standing": {"recipient": {"type": "private", "certifications": [{"scheme": "dpf_eu", "active": true, "covers": ["non_hr"]}]}}})
	bases(without_extension) == set()
}

test_tools if {
	bases(with_tool(idta)) == {"UKGDPR:46(2)(d)"}
	addendum := {"type": "scc_2021_914", "uk_addendum": true, "annexes_complete": true}
	bases(with_tool(addendum)) == {"UKGDPR:46(2)(d)"}
	rules := {"type": "bcr", "approved": true, "member_listed": true}
	bases(with_tool(rules)) == {"UKGDPR:46(2)(b)"}
	every tool in [addendum, rules] {
		every key, _ in tool {
			bases(with_tool(object.remove(tool, [key]))) == set()
		}
	}
	instrument := with_tool({"type": "binding_instrument", "binding_and_enforceable": true})
	bases(instrument) == set()
	public := {"standing": {"exporter": {"public_powers": true}, "recipient": {"public_body": true}}}
	bases(object.union(instrument, public)) == {"UKGDPR:46(2)(a)"}
	bases(object.union(instrument, {"standing": {"exporter": {"public_powers": true}}})) == set()
	bases(object.union(instrument, {"standing": {"recipient": {"public_body": true}}})) == set()
	bases(object.union(object.union(instrument, public), {"standing": {"safeguard": {"binding_and_enforceable": false}}})) == set()
}

test_what_a_tool_lacks if {
	every path, expected in {
		"/standing/safeguard/type": "ukgdpr.art46.none",
		"/standing/safeguard/enforceable_rights": "ukgdpr.art46.rights",
		"/standing/tia/done": "ukgdpr.art46.test",
		"/standing/tia/conclusion": "ukgdpr.art46.test",
	} {
		partly := json.remove(with_tool(idta), [path])
		bases(partly) == set()
		found := ids(transfers.lacks) with input as partly
		found == {"ukgdpr.art45a.scope", expected}
	}
}

test_bare_clauses_of_the_union if {
	bare := with_tool({"type": "scc_2021_914", "annexes_complete": true, "uk_addendum": false})
	"ukgdpr.art46.none" in ids(transfers.lacks) with input as bare
}

derogation(facts) := changed({"claims": {"derogation": facts}})

test_derogations if {
	bases(derogation({"type": "49(1)(e)", "necessary": true, "occasional": true})) == {"UKGDPR:49(1)(e)"}
	bases(derogation({"type": "49(1)(e)", "necessary": true})) == set()
	bases(derogation({"type": "49(1)(e)", "occasional": true})) == set()
	bases(derogation({"type": "49(1)(a)", "explicit": true, "informed_of_risks": true})) == {"UKGDPR:49(1)(a)"}
	bases(derogation({"type": "49(1)(f)", "vital_interest": true, "incapable_of_consent": true})) == {"UKGDPR:49(1)(f)"}
	interest := {"type": "49(1)(d)", "necessary": true, "systematic": false, "recognised_in": "GB"}
	bases(derogation(interest)) == {"UKGDPR:49(1)(d)"}
	bases(derogation(object.union(interest, {"recognised_in": "FR"}))) == set()
	bases(object.union(derogation(interest), {"scope": "transfer"})) == set()
	"ukgdpr.art49.conditions" in ids(transfers.lacks) with input as derogation({"type": "49(1)(e)"})
}

compelling := {
	"type": "49(1)_second_subparagraph", "other_derogations_available": false, "overridden": false, "assessed": true,
	"suitable_safeguards": true, "repetitive": false, "limited_number": true,
}

test_second_subparagraph if {
	full := object.union(derogation(compelling), {"claims": {"safeguard_impossible": true}})
	bases(full) == {"UKGDPR:49(1)_second_subparagraph"}
	bases(object.union(full, {"claims": {"derogation": {"repetitive": true}}})) == set()
}

test_public_authorities if {
	authority := object.union(derogation({"type": "49(1)(a)", "explicit": true, "informed_of_risks": true}), {"standing": {"exporter": {"type": "public_authority"}}})
	bases(authority) == set()
	"ukgdpr.art49.3" in ids(transfers.lacks) with input as authority
}

test_stale if count(transfers.stale) == 1 with input as object.union(changed({"standing": {"recipient": {"country": "FR"}}}), {"at": "2027-11-23T00:00:00Z"})

test_gates if {
	count(principles.prohibits) == 0 with input as document
	{duty.code | some duty in principles.duties} == {"record_art30", "inform_data_subjects"}
	every path, expected in {
		"/standing/lawful_basis": {"ukgdpr.art6.1"},
		"/standing/exporter/type": {"ukgdpr.art6.1"},
		"/standing/collected_for": {"ukgdpr.art5.1.b"},
		"/evidence/data/categories": {"ukgdpr.art5.1.c"},
		"/evidence/data/special_categories": {"ukgdpr.art9.2"},
		"/evidence/data/criminal_offence_data": {"ukgdpr.art10"},
	} {
		found := ids(principles.prohibits) with input as json.remove(document, [path])
		found == expected
	}
}

test_lawful_basis if {
	every point in ["a", "b", "c", "d", "e", "f", "ea"] {
		found := principles.prohibits with input as changed({"standing": {"lawful_basis": sprintf("UKGDPR:6(1)(%s)", [point])}})
		count(found) == 0
	}
	foreign := changed({"standing": {"lawful_basis": "UKGDPR:6(1)(c)"}, "claims": {"request": {"kind": "subpoena"}}})
	ids(principles.prohibits) == {"ukgdpr.art6.1"} with input as foreign
	count(principles.prohibits) == 0 with input as object.union(foreign, {"claims": {"request": {"via_treaty": true}}})
	ids(principles.prohibits) == {"ukgdpr.art6.1"} with input as changed({"standing": {"lawful_basis": "GDPR:6(1)(f)"}})
}

test_special_categories if {
	health := changed({"evidence": {"data": {"special_categories": ["health"]}}})
	ids(principles.prohibits) == {"ukgdpr.art9.2"} with input as health
	count(principles.prohibits) == 0 with input as object.union(health, {"standing": {"art9_condition": "UKGDPR:9(2)(g)"}})
}

test_recognised_in_the_kingdom_by_either_name if {
	interest := {"type": "49(1)(d)", "necessary": true, "systematic": false, "recognised_in": "UK"}
	count(bases(derogation(interest))) == 1
}

test_what_is_there_is_not_lacking if {
	not "ukgdpr.art45a.scope" in ids(transfers.lacks) with input as changed({"standing": {"recipient": {"country": "FR"}}})
	vital := {"type": "49(1)(f)", "vital_interest": true, "incapable_of_consent": true}
	count(bases(derogation(vital))) == 1
	not "ukgdpr.art49.conditions" in ids(transfers.lacks) with input as derogation(vital)
	"ukgdpr.art49.conditions" in ids(transfers.lacks) with input as derogation(object.remove(vital, ["vital_interest"]))
	powers := {"standing": {"exporter": {"public_powers": true}}}
	not "ukgdpr.art49.3" in ids(transfers.lacks) with input as object.union(derogation(vital), powers)
	consent := {"type": "49(1)(a)", "explicit": true, "informed_of_risks": true}
	not "ukgdpr.art49.3" in ids(transfers.lacks) with input as derogation(consent)
	"ukgdpr.art49.3" in ids(transfers.lacks) with input as object.union(derogation(consent), powers)
}

test_a_binding_instrument_is_named if {
	public := {"standing": {"exporter": {"type": "public_authority"}, "recipient": {"type": "public_authority"}}}
	bases(object.union(with_tool({"type": "binding_instrument", "binding_and_enforceable": true}), public)) == {"UKGDPR:46(2)(a)"}
	bases(object.union(with_tool({"type": "memorandum", "binding_and_enforceable": true}), public)) == set()
}

test_condition_of_special_categories if {
	health := changed({"evidence": {"data": {"special_categories": ["health"]}}})
	"ukgdpr.art9.2" in ids(principles.prohibits) with input as health
	"ukgdpr.art9.2" in ids(principles.prohibits) with input as object.union(health, {"standing": {"art9_condition": "UKGDPR:9(2)(z)"}})
	not "ukgdpr.art9.2" in ids(principles.prohibits) with input as object.union(health, {"standing": {"art9_condition": "UKGDPR:9(2)(g)"}})
}
