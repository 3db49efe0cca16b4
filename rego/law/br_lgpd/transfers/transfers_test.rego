package passavant.law.br_lgpd.transfers_test

import data.passavant.facts_test.bank
import data.passavant.facts_test.ids
import data.passavant.law.br_lgpd.scope
import data.passavant.law.br_lgpd.transfers

# A bank in Brazil to a bank in Portugal.
document := object.union(bank, {"standing": {"exporter": {"country": "BR"}, "recipient": {"country": "PT"}}})

changed(changes) := object.union(document, changes)

# A prosecutor in Brazil answers one in the United States.
cooperation := changed({
	"standing": {
		"exporter": {"type": "prosecutor", "competent_authority": true},
		"recipient": {"country": "US", "type": "prosecutor", "competent_authority": true},
	},
	"claims": {"request": {"treaty_ref": "MLAT", "in_force": true, "complete": true, "intended_use": "trial", "stated_use": "trial"}},
})

bases(facts) := {ground.basis[0] | some ground in grounds} if {
	grounds := transfers.permits with input as facts
}

abroad(standing, claims) := changed({"standing": object.union({"recipient": {"country": "VN"}}, standing), "claims": claims})

test_scope if {
	scope.governs with input as document
	not scope.applies with input as bank
	not scope.applies with input as changed({"evidence": {"data": {"personal": false}}})
}

test_adequacy if {
	bases(document) == {"LGPD:33(I)"}
	bases(changed({"standing": {"recipient": {"country": "BR"}}})) == {"LGPD:6"}
	bases(abroad({}, {})) == set()
	count(transfers.stale) == 1 with input as changed({"at": "2027-11-23T00:00:00Z"})
	{duty.code | some duty in transfers.duties} == {"inform_data_subjects"}
}

test_cooperation if {
	bases(cooperation) == {"LGPD:33(III)"}
	bases(object.union(cooperation, {"standing": {"recipient": {"country": "PT"}}})) == {"LGPD:33(III)"}
	some ground in transfers.permits with input as cooperation
	ground.duties == {"use_limit", "record_request"}
	every path, expected in {
		"/claims/request/in_force": "lgpd.art33.iii.treaty",
		"/claims/request/complete": "lgpd.art33.iii.content",
		"/standing/exporter/competent_authority": "lgpd.art33.iii.authorities",
		"/standing/recipient/competent_authority": "lgpd.art33.iii.authorities",
	} {
		partly := json.remove(cooperation, [path])
		bases(partly) == set()
		lacks := ids(transfers.lacks) with input as partly
		lacks == {"lgpd.art33.none", expected}
	}
	ids(transfers.prohibits) == {"lgpd.art33.iii.use"} with input as json.remove(cooperation, ["/claims/request/stated_use"])
	count(transfers.prohibits) == 0 with input as cooperation
}

test_guarantees if {
	clauses := {"type": "lgpd_scc", "annexes_complete": true}
	bases(abroad({"safeguard": clauses}, {})) == {"LGPD:33(II)"}
	bases(abroad({"safeguard": {"type": "lgpd_scc"}}, {})) == set()
	bases(abroad({"safeguard": {"type": "bcr", "approved": true}}, {})) == {"LGPD:33(II)"}
	bases(abroad({"safeguard": {"type": "bcr"}}, {})) == set()
	bases(abroad({"safeguard": {"type": "scc_2021_914", "annexes_complete": true, "approved": true}}, {})) == set()
	count(transfers.lacks) == 0 with input as abroad({"safeguard": clauses}, {})
}

test_exceptions if {
	bases(abroad({}, {"derogation": {"type": "33(IV)", "vital_interest": true}})) == {"LGPD:33(IV)"}
	bases(abroad({}, {"derogation": {"type": "33(IV)"}})) == set()
	consent := {"type": "33(VIII)", "explicit": true, "informed_of_risks": true}
	bases(abroad({}, {"derogation": consent})) == {"LGPD:33(VIII)"}
	every key in ["explicit", "informed_of_risks"] {
		bases(abroad({}, {"derogation": object.remove(consent, [key])})) == set()
	}
	bases(object.union(abroad({}, {"derogation": consent}), {"scope": "transfer"})) == set()
	bases(object.union(abroad({}, {"derogation": {"type": "33(IV)", "vital_interest": true}}), {"scope": "transfer"})) == set()
}

test_minimised if ids(transfers.prohibits) == {"lgpd.art6.iii"} with input as json.remove(document, ["/evidence/data/categories"])

test_every_approved_guarantee if {
	every kind in ["bcr", "certification", "contract"] {
		bases(abroad({"safeguard": {"type": kind, "approved": true}}, {})) == {"LGPD:33(II)"}
	}
}

# The conditions of one exception do not open another.
test_exceptions_are_not_mixed if {
	bases(abroad({}, {"derogation": {"type": "33(IX)", "vital_interest": true}})) == set()
	bases(abroad({}, {"derogation": {"type": "33(IX)", "explicit": true, "informed_of_risks": true}})) == set()
}

test_cooperation_names_its_treaty if bases(json.remove(cooperation, ["/claims/request/treaty_ref"])) == set()
