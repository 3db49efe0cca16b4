package passavant.law.ch_fadp.transfers_test

import data.passavant.facts_test.bank
import data.passavant.facts_test.ids
import data.passavant.law.ch_fadp.scope
import data.passavant.law.ch_fadp.transfers

# A Swiss bank to a bank in Germany.
document := object.union(bank, {"standing": {"exporter": {"country": "CH"}, "recipient": {"country": "DE"}}})

changed(changes) := object.union(document, changes)

indian(standing, claims) := changed({"standing": object.union({"recipient": {"country": "IN"}}, standing), "claims": claims})

bases(facts) := {ground.basis[0] | some ground in grounds} if {
	grounds := transfers.permits with input as facts
}

test_scope if {
	scope.governs with input as document
	not scope.applies with input as bank
	not scope.applies with input as changed({"standing": {"exporter": {"competent_authority": true}}})
	not scope.applies with input as changed({"evidence": {"data": {"personal": false}}})
}

test_list if {
	bases(document) == {"FADP:16(1)"}
	bases(changed({"standing": {"recipient": {"country": "CH"}}})) == {"FADP:6"}
	bases(changed({"standing": {"recipient": {"country": "JP"}}})) == set()
	{duty.code | some duty in transfers.duties} == {"inform_data_subjects"}
	count(transfers.stale) == 1 with input as changed({"at": "2027-11-23T00:00:00Z"})
}

test_swiss_framework if {
	certified := changed({"standing": {"recipient": {"country": "US", "type": "private", "certifications": [{"scheme": "dpf_ch", "active": true}]}}})
	bases(certified) == {"FADP:16(1)"}
	bases(changed({"standing": {"recipient": {"country": "US", "type": "private", "certifications": [{"scheme": "dpf_eu", "active": true}]}}})) == set()
}

met := {"done": true, "conclusion": "essentially_equivalent"}

guarantees := [
	{"type": "scc_2021_914", "annexes_complete": true, "enforceable_rights": true},
	{"type": "bcr", "approved": true},
	{"type": "contract", "approved": true},
	{"type": "binding_instrument", "binding_and_enforceable": true},
]

test_guarantees if {
	every guarantee in guarantees {
		bases(indian({"safeguard": guarantee, "tia": met}, {})) == {"FADP:16(2)"}
		bases(indian({"safeguard": guarantee}, {})) == set()
	}
	partial := {object.remove(guarantee, [key]) | some guarantee in guarantees; some key, _ in guarantee}
	{part | some part in partial; count(bases(indian({"safeguard": part, "tia": met}, {}))) > 0} == set()
	bases(indian({"safeguard": guarantees[0], "tia": {"done": true}}, {})) == set()
	bases(indian({"safeguard": guarantees[0], "tia": {"conclusion": "essentially_equivalent"}}, {})) == set()
}

test_what_is_missing if {
	none := {"fadp.art16.1.none", "fadp.art16.1.scope", "fadp.art16.2.none", "fadp.art16.2.assessment"}
	ids(transfers.lacks) == none with input as indian({}, {})
	ids(transfers.lacks) == none | {"fadp.art17.conditions"} with input as indian({}, {"derogation": {"type": "17(1)(b)"}})
	{"fadp.art16.1.none", "fadp.art16.1.scope"} & ids(transfers.lacks) == set() with input as document
	ids(transfers.lacks) == {"fadp.art16.1.none", "fadp.art16.1.scope"} with input as indian({"safeguard": guarantees[0], "tia": met}, {})
}

test_exceptions if {
	every type, asserted in transfers.exceptions {
		claim := object.union(asserted, {"type": type})
		bases(indian({}, {"derogation": claim})) == {concat(":", ["FADP", type])}
		bases(object.union(indian({}, {"derogation": claim}), {"scope": "transfer"})) == set()
		bases(indian({}, {"derogation": {"type": type}})) == set()
	}
	bases(indian({}, {"derogation": {"type": "17(1)(z)"}})) == set()
}

test_gates if {
	count(transfers.prohibits) == 0 with input as document
	ids(transfers.prohibits) == {"fadp.art6.3"} with input as json.remove(document, ["/claims/purpose"])
	ids(transfers.prohibits) == {"fadp.art6.2"} with input as json.remove(document, ["/evidence/data/categories"])
}

test_every_approved_guarantee if {
	every kind in ["bcr", "contract", "certification", "code_of_conduct"] {
		bases(indian({"safeguard": {"type": kind, "approved": true}, "tia": met}, {})) == {"FADP:16(2)"}
	}
	bases(indian({"safeguard": {"type": "promise", "approved": true}, "tia": met}, {})) == set()
}

test_an_exception_that_is_met_lacks_nothing if {
	claimed := {"type": "17(1)(d)", "vital_interest": true, "incapable_of_consent": true}
	not "fadp.art17.conditions" in ids(transfers.lacks) with input as indian({}, {"derogation": claimed})
	"fadp.art17.conditions" in ids(transfers.lacks) with input as indian({}, {"derogation": object.remove(claimed, ["vital_interest"])})
}
