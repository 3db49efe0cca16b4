package passavant.law.jp_appi.transfers_test

import data.passavant.facts_test.bank
import data.passavant.facts_test.ids
import data.passavant.law.jp_appi.scope
import data.passavant.law.jp_appi.transfers

# A bank in Japan to a bank in Ireland.
document := object.union(bank, {"standing": {"exporter": {"country": "JP"}, "recipient": {"country": "IE"}}})

changed(changes) := object.union(document, changes)

abroad(standing, claims) := changed({"standing": object.union({"recipient": {"country": "VN"}}, standing), "claims": claims})

bases(facts) := {ground.basis[0] | some ground in grounds} if {
	grounds := transfers.permits with input as facts
}

test_scope if {
	scope.governs with input as document
	not scope.applies with input as bank
	not scope.applies with input as changed({"evidence": {"data": {"personal": false}}})
}

test_designated if {
	bases(document) == {"APPI:28(1)"}
	bases(changed({"standing": {"recipient": {"country": "GB"}}})) == {"APPI:28(1)"}
	bases(changed({"standing": {"recipient": {"country": "JP"}}})) == {"APPI:27"}
	ids(transfers.lacks) == {"appi.art28.scope", "appi.art28.none", "appi.art28.consent.none"} with input as abroad({}, {})
	count(transfers.stale) == 1 with input as changed({"at": "2027-11-23T00:00:00Z"})
	not "appi.art28.scope" in ids(transfers.lacks) with input as document
}

system := {"type": "contract", "comparable_protection": true, "legally_enforceable": true}

test_equivalent_system if {
	bases(abroad({"safeguard": system}, {})) == {"APPI:28(1)"}
	bases(abroad({"safeguard": object.union(system, {"type": "cbpr"})}, {})) == {"APPI:28(1)"}
	every key, _ in system {
		bases(abroad({"safeguard": object.remove(system, [key])}, {})) == set()
	}
	ids(transfers.lacks) == {"appi.art28.scope", "appi.art28.consent.none"} with input as abroad({"safeguard": system}, {})
}

test_consent_and_exceptions if {
	consent := {"type": "consent", "explicit": true, "informed_of_risks": true}
	life := {"type": "27(1)", "vital_interest": true, "incapable_of_consent": true}
	bases(abroad({}, {"derogation": consent})) == {"APPI:28(1)"}
	bases(abroad({}, {"derogation": life})) == {"APPI:27(1)"}
	partial := {object.remove(claim, [key]) | some claim in [consent, life]; some key, _ in claim}
	{part | some part in partial; count(bases(abroad({}, {"derogation": part}))) > 0} == set()
	bases(object.union(abroad({}, {"derogation": consent}), {"scope": "transfer"})) == set()
	bases(object.union(abroad({}, {"derogation": life}), {"scope": "transfer"})) == set()
	ids(transfers.lacks) == {"appi.art28.scope", "appi.art28.none"} with input as abroad({}, {"derogation": consent})
}

test_gate_and_duty if {
	count(transfers.prohibits) == 0 with input as document
	ids(transfers.prohibits) == {"appi.art18"} with input as json.remove(document, ["/evidence/data/categories"])
	count(transfers.duties) == 0 with input as document
	{duty.code | some duty in transfers.duties} == {"record_request"} with input as changed({"claims": {"request": {"kind": "subpoena"}}})
}

test_consent_by_its_article if bases(abroad({}, {"derogation": {"type": "28(1)", "explicit": true, "informed_of_risks": true}})) == {"APPI:28(1)"}
