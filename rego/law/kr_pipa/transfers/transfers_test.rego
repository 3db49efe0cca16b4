package passavant.law.kr_pipa.transfers_test

import data.passavant.facts_test.bank
import data.passavant.facts_test.ids
import data.passavant.law.kr_pipa.scope
import data.passavant.law.kr_pipa.transfers

# A bank in Korea to a bank in Ireland.
document := object.union(bank, {
	"standing": {"exporter": {"country": "KR"}, "recipient": {"country": "IE"}},
	"evidence": {"data": {"personal_credit_information": false}},
})

changed(changes) := object.union(document, changes)

bases(facts) := {ground.basis[0] | some ground in grounds} if {
	grounds := transfers.permits with input as facts
}

test_scope if {
	scope.governs with input as document
	not scope.applies with input as bank
	not scope.applies with input as changed({"evidence": {"data": {"personal": false}}})
}

test_equivalence if {
	bases(document) == {"PIPA:28-8(1)5"}
	bases(changed({"standing": {"recipient": {"country": "KR"}}})) == {"PIPA:17"}
	not "pipa.art28_8.scope" in ids(transfers.lacks) with input as document
	count(transfers.stale) == 1 with input as changed({"at": "2027-11-23T00:00:00Z"})
}

test_what_the_recognition_leaves_out if {
	every outside in [
		changed({"evidence": {"data": {"personal_credit_information": true}}}),
		json.remove(document, ["/evidence/data/personal_credit_information"]),
		changed({"evidence": {"data": {"categories": ["name", "national_id"]}}}),
		changed({"evidence": {"data": {"fields": ["resident_registration_number"]}}}),
		changed({"standing": {"recipient": {"country": "VN"}}}),
	] {
		bases(outside) == set()
		lacks := ids(transfers.lacks) with input as outside
		lacks == {"pipa.art28_8.scope", "pipa.art28_8.1.none", "pipa.art28_8.4.none"}
	}
	bases(changed({"evidence": {"data": {"fields": ["iban"]}}})) == {"PIPA:28-8(1)5"}
}

test_other_grounds if {
	vietnamese := changed({"standing": {"recipient": {"country": "VN"}}})
	bases(object.union(vietnamese, {"claims": {"separate_consent": true}})) == {"PIPA:28-8(1)1"}
	bases(object.union(vietnamese, {"standing": {"safeguard": {"type": "certification", "approved": true}}})) == {"PIPA:28-8(1)4"}
	bases(object.union(vietnamese, {"standing": {"safeguard": {"type": "certification"}}})) == set()
	bases(object.union(vietnamese, {"standing": {"safeguard": {"approved": true}}})) == set()
}

test_gate_and_duty if {
	count(transfers.prohibits) == 0 with input as document
	ids(transfers.prohibits) == {"pipa.art3"} with input as json.remove(document, ["/evidence/data/categories"])
	count(transfers.duties) == 0 with input as document
	{duty.code | some duty in transfers.duties} == {"record_request"} with input as changed({"claims": {"request": {"kind": "subpoena"}}})
}

test_what_is_there_is_not_lacking if {
	vietnamese := changed({"standing": {"recipient": {"country": "VN"}}})
	agreed := object.union(vietnamese, {"claims": {"separate_consent": true}})
	ids(transfers.lacks) == {"pipa.art28_8.scope", "pipa.art28_8.4.none"} with input as agreed
	approved := object.union(vietnamese, {"standing": {"safeguard": {"type": "certification", "approved": true}}})
	ids(transfers.lacks) == {"pipa.art28_8.scope", "pipa.art28_8.1.none"} with input as approved
}
