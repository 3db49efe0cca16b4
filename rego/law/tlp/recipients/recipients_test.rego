package passavant.law.tlp.recipients_test

import data.passavant.facts_test.ids
import data.passavant.law.tlp.recipients
import data.passavant.law.tlp.scope

to(marking, relation) := {
	"at": "2026-11-23T00:00:00Z",
	"scope": "law",
	"standing": {"exporter": {"country": "FI", "type": "cert"}, "recipient": {"country": "FI", "relation_to_holder": relation}},
	"claims": {"need_to_know": true},
	"evidence": {"marking": marking, "data": {"personal": false}},
}

relations := ["same_individual_in_exchange", "same_organisation", "client", "community_peer", "other_organisation", "public"]

# Each label lets pass those up to its place in the list of relations, which goes from the narrowest to the widest.
reaches := {"TLP:RED": 1, "TLP:AMBER+STRICT": 2, "TLP:AMBER": 3, "TLP:GREEN": 4, "TLP:CLEAR": 6, "TLP:WHITE": 6}

let_pass[label] contains relation if {
	some label, _ in reaches
	some relation in relations
	grounds := recipients.permits with input as to(label, relation)
	count(grounds) == 1
}

held_back[label] contains relation if {
	some label, _ in reaches
	some relation in relations
	refusals := ids(recipients.prohibits) with input as to(label, relation)
	refusals == {"tlp.recipient.outside", "tlp.source"}
}

test_labels if {
	every label, reach in reaches {
		let_pass[label] == {relation | some place, relation in relations; place < reach}
		object.get(held_back, label, set()) == {relation | some place, relation in relations; place >= reach}
	}
}

test_basis_and_duties if {
	some ground in recipients.permits with input as to("TLP:AMBER", "client")
	ground.basis == ["TLP2:AMBER"]
	{duty.code | some duty in recipients.duties} == {"preserve_marking", "strict_need_to_know"} with input as to("TLP:AMBER", "client")
	{duty.code | some duty in recipients.duties} == {"preserve_marking"} with input as to("TLP:GREEN", "client")
}

test_need_to_know if {
	every label in ["TLP:AMBER", "TLP:AMBER+STRICT"] {
		grounds := recipients.permits with input as json.remove(to(label, "same_organisation"), ["/claims/need_to_know"])
		count(grounds) == 0
	}
	count(recipients.permits) == 1 with input as json.remove(to("TLP:GREEN", "client"), ["/claims/need_to_know"])
}

test_unknown_is_red if {
	recipients.label == "RED" with input as to("marking-definition--00000000-0000-4000-8000-000000000000", "client")
	count(recipients.permits) == 0 with input as to("TLP:PURPLE", "same_organisation")
	recipients.label == "AMBER+STRICT" with input as to("marking-definition--826578e1-40ad-459f-bc73-ede076f81f37", "client")
}

test_unknown_relation if count(recipients.permits) == 0 with input as json.remove(to("TLP:GREEN", "client"), ["/standing/recipient/relation_to_holder"])

test_permission_of_the_source if {
	permitted := object.union(to("TLP:AMBER+STRICT", "client"), {"claims": {"source_permission": true}})
	count(recipients.prohibits) == 0 with input as permitted
	count(recipients.prohibits) == 2 with input as json.remove(permitted, ["/claims/need_to_know"])
	count(recipients.prohibits) == 2 with input as object.union(permitted, {"claims": {"source_permission": false}})
	count(recipients.prohibits) == 2 with input as object.union(permitted, {"scope": "transfer"})
	count(recipients.prohibits) == 0 with input as object.union(permitted, {"scope": "transfer", "evidence": {"approvals": ["information_source"]}})
}

test_scope if {
	scope.applies with input as to("TLP:RED", "client")
	scope.governs with input as to("TLP:RED", "client")
	not scope.governs with input as json.remove(to("TLP:RED", "client"), ["/evidence/data/personal"])
	not scope.governs with input as object.union(to("TLP:RED", "client"), {"evidence": {"data": {"personal": true}}})
	not scope.applies with input as json.remove(to("TLP:RED", "client"), ["/evidence/marking"])
}

test_clear_reaches_whoever_it_is if {
	count(recipients.prohibits) == 0 with input as json.remove(to("TLP:CLEAR", "public"), ["/standing/recipient/relation_to_holder"])
	count(recipients.prohibits) == 0 with input as json.remove(to("TLP:CLEAR", "public"), ["/claims/need_to_know"])
	count(recipients.prohibits) == 2 with input as json.remove(to("TLP:GREEN", "public"), ["/standing/recipient/relation_to_holder"])
}
