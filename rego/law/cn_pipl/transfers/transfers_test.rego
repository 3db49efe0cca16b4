package passavant.law.cn_pipl.transfers_test

import data.passavant.facts_test.bank
import data.passavant.facts_test.ids
import data.passavant.law.cn_pipl.scope
import data.passavant.law.cn_pipl.transfers

# A bank in China to a bank in Germany under the standard contract.
document := object.union(bank, {
	"standing": {"exporter": {"country": "CN"}, "recipient": {"country": "DE"}, "cac_mechanism": "standard_contract"},
	"claims": {"separate_consent": true},
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

test_mechanisms if {
	every name, citation in transfers.mechanisms {
		bases(changed({"standing": {"cac_mechanism": name}})) == {citation}
	}
	bases(changed({"standing": {"cac_mechanism": "handshake"}})) == set()
	ids(transfers.lacks) == {"pipl.art38.none"} with input as json.remove(document, ["/standing/cac_mechanism"])
	count(transfers.lacks) == 0 with input as document
}

test_gates if {
	count(transfers.prohibits) == 0 with input as document
	ids(transfers.prohibits) == {"pipl.art39"} with input as json.remove(document, ["/claims/separate_consent"])
	ids(transfers.prohibits) == {"pipl.art6"} with input as json.remove(document, ["/evidence/data/categories"])
	ids(transfers.prohibits) == {"pipl.art41"} with input as json.remove(document, ["/standing/recipient/type"])
}

test_foreign_authorities if {
	police := changed({"standing": {"recipient": {"type": "police", "competent_authority": true}}})
	ids(transfers.prohibits) == {"pipl.art41"} with input as police
	approved := object.union(police, {"claims": {"request": {"prc_authority_approval": true}}})
	count(transfers.prohibits) == 0 with input as approved
	"pipl.art41" in ids(transfers.prohibits) with input as object.union(approved, {"scope": "transfer"})
	not "pipl.art41" in ids(transfers.prohibits) with input as object.union(police, {"scope": "transfer", "evidence": {"approvals": ["prc_authority"]}})
}

test_inside if {
	inside := json.remove(changed({"standing": {"recipient": {"country": "CN", "type": "police"}}}), ["/claims/separate_consent"])
	count(transfers.prohibits) == 0 with input as inside
	"PIPL:23" in bases(inside)
}

test_duty if {
	count(transfers.duties) == 0 with input as document
	{duty.code | some duty in transfers.duties} == {"record_request"} with input as changed({"claims": {"request": {"kind": "subpoena"}}})
}
