package passavant.law.sg_pdpa.transfers_test

import data.passavant.facts_test.bank
import data.passavant.facts_test.ids
import data.passavant.law.sg_pdpa.scope
import data.passavant.law.sg_pdpa.transfers

comparable := {"type": "contract", "comparable_protection": true, "legally_enforceable": true}

# A bank in Singapore to a bank in Malaysia.
document := object.union(bank, {"standing": {"exporter": {"country": "SG"}, "recipient": {"country": "MY"}, "safeguard": comparable}})

changed(changes) := object.union(document, changes)

bases(facts) := {ground.basis[0] | some ground in grounds} if {
	grounds := transfers.permits with input as facts
}

test_scope if {
	scope.governs with input as document
	not scope.applies with input as bank
	not scope.applies with input as changed({"standing": {"exporter": {"type": "public_authority"}}})
	not scope.applies with input as changed({"evidence": {"data": {"personal": false}}})
}

test_comparable if {
	bases(document) == {"SGPDPA:26"}
	count(transfers.lacks) == 0 with input as document
	every key, _ in comparable {
		partly := json.remove(document, [concat("/", ["/standing/safeguard", key])])
		bases(partly) == set()
		lacks := ids(transfers.lacks) with input as partly
		lacks == {"pdpa.s26.none"}
	}
}

test_inside if bases(json.remove(changed({"standing": {"recipient": {"country": "SG"}}}), ["/standing/safeguard"])) == {"SGPDPA:17"}

test_consent if {
	consent := {"type": "consent", "explicit": true, "informed_of_risks": true}
	asked := json.remove(changed({"claims": {"derogation": consent}}), ["/standing/safeguard"])
	bases(asked) == {"SGPDPA:26"}
	every key, _ in consent {
		bases(json.remove(asked, [concat("/", ["/claims/derogation", key])])) == set()
	}
	bases(object.union(asked, {"scope": "transfer"})) == set()
}

test_gate_and_duty if {
	count(transfers.prohibits) == 0 with input as document
	ids(transfers.prohibits) == {"pdpa.s18"} with input as json.remove(document, ["/evidence/data/categories"])
	count(transfers.duties) == 0 with input as document
	{duty.code | some duty in transfers.duties} == {"record_request"} with input as changed({"claims": {"request": {"kind": "subpoena"}}})
}

test_every_kind_of_obligation if {
	every kind in ["contract", "bcr", "law", "cbpr", "certification"] {
		bases(changed({"standing": {"safeguard": {"type": kind}}})) == {"SGPDPA:26"}
	}
	bases(changed({"standing": {"safeguard": {"type": "promise"}}})) == set()
	cited := json.remove(changed({"claims": {"derogation": {"type": "26", "explicit": true, "informed_of_risks": true}}}), ["/standing/safeguard"])
	bases(cited) == {"SGPDPA:26"}
}
