package passavant.access_test

import data.passavant.access
import data.passavant.decision
import data.passavant.facts_test.ids
import data.passavant.facts_test.transfer
import data.passavant.facts_test.without

anybody := {"role": "auditor"}

# A bank's auditor asks to read the log under an agreement that names auditors.
reading := {
	"at": "2026-11-23T00:00:00Z",
	"scope": "access",
	"standing": {
		"agreement": {"id": "x", "version": "1.0", "digest": "sha256:0", "purposes": ["prevent_and_investigate_fraud"]},
		"exporter": {"id": "emerald-bank-ie", "country": "IE", "type": "bank"},
		"who_may": [{"agreement": "x", "entries": [anybody]}],
	},
	"claims": {"access": {"action": "read_log"}},
	"evidence": {"caller": {"roles": ["auditor"]}},
}

named(entries) := object.union(reading, {"standing": {"who_may": [{"agreement": "x", "entries": entries}]}})

asking(action, more) := object.union(object.union(reading, {"claims": {"access": {"action": action}}}), more)

silent := object.union(reading, {"standing": {"who_may": []}})

refused_by(facts) := refusing if {
	refusing := ids(access.prohibits) with input as facts
}

permitted(facts) if {
	outcome := decision.outcome with input as facts
	outcome.permit
}

test_named if {
	outcome := decision.outcome with input as reading
	outcome.permit
	outcome.basis == ["agreement:who_may"]
	ids(outcome.grounds) == {"access.named"}
	outcome.treatments == {}
	((count(outcome.obligations) + count(outcome.lacks)) + count(outcome.supports)) + count(outcome.notices) == 0
}

test_another_role if refused_by(named([{"role": "clerk"}])) == {"access.read_log"}

test_one_entry_is_enough if permitted(named([{"role": "clerk"}, anybody]))

test_an_empty_list_names_nobody if refused_by(named([])) == {"access.read_log"}

test_nobody_said_who_asks if {
	refused_by(without(reading, "/evidence/caller")) == {"access.read_log"}
	refused_by(without(reading, "/evidence/caller/roles")) == {"access.read_log"}
}

test_a_refusal_has_no_basis if {
	outcome := decision.outcome with input as named([])
	not outcome.permit
	outcome.basis == []
	count(outcome.grounds) == 0
}

test_an_absent_list_is_not_silence if refused_by(without(reading, "/standing/who_may")) == {"access.read_log"}

test_silence_opens[action] if {
	some action in {"read_log", "approve"}
	permitted(object.union(silent, {"claims": {"access": {"action": action}, "purpose": "lawfulness_check"}}))
}

test_silence_never_opens_what_undoes_the_protection if {
	refused_by(object.union(silent, {"claims": {"access": {"action": "open_detail"}, "purpose": "lawfulness_check"}})) == {"access.open_detail"}
}

test_silence_says_what_it_rests_on if {
	outcome := decision.outcome with input as silent
	outcome.basis == ["library:open_unless_stated"]
}

test_unknown_action if {
	facts := without(reading, "/claims/access/action")
	outcome := decision.outcome with input as facts
	not outcome.permit
	count(outcome.prohibits) == 0
}

# Where both speak, both must name the caller.
test_house if {
	auditors := {"read_log": [anybody]}
	clerks := {"read_log": [{"role": "clerk"}]}
	permitted(reading) with data.passavant.reference.who_may.house as auditors
	permitted(silent) with data.passavant.reference.who_may.house as auditors
	refused_by(reading) == {"access.read_log"} with data.passavant.reference.who_may.house as clerks
	refused_by(silent) == {"access.read_log"} with data.passavant.reference.who_may.house as clerks
	refused_by(named([{"role": "clerk"}])) == {"access.read_log"} with data.passavant.reference.who_may.house as auditors
	permitted(reading) with data.passavant.reference.who_may.house as {"approve": []}
}

# The log as a whole is of every agreement that names readers.
test_every_agreement_must_name if {
	two := [{"agreement": "x", "entries": [anybody]}, {"agreement": "y", "entries": [{"role": "clerk"}]}]
	facts := object.union(reading, {"standing": {"who_may": two}})
	refused_by(facts) == {"access.read_log"}
	permitted(object.union(facts, {"evidence": {"caller": {"roles": ["auditor", "clerk"]}}}))
}

test_unit if {
	facts := named([{"role": "auditor", "unit": "group_audit"}])
	refused_by(facts) == {"access.read_log"}
	refused_by(object.union(facts, {"evidence": {"caller": {"unit": "sales"}}})) == {"access.read_log"}
	permitted(object.union(facts, {"evidence": {"caller": {"unit": "group_audit"}}}))
}

test_party if {
	permitted(named([{"role": "auditor", "party": "emerald-bank-ie"}]))
	refused_by(named([{"role": "auditor", "party": "sakura-bank-jp"}])) == {"access.read_log"}
	refused_by(without(named([{"role": "auditor", "party": "emerald-bank-ie"}]), "/standing/exporter")) == {"access.read_log"}
}

test_purposes if {
	facts := named([{"role": "auditor", "purposes": ["self_monitoring"]}])
	refused_by(facts) == {"access.read_log"}
	refused_by(object.union(facts, {"claims": {"purpose": "curiosity"}})) == {"access.read_log"}
	permitted(object.union(facts, {"claims": {"purpose": "self_monitoring"}}))
}

test_attributes if {
	facts := named([{"role": "auditor", "attributes": {"clearance": "secret", "shift": "day"}}])
	refused_by(facts) == {"access.read_log"}
	refused_by(object.union(facts, {"evidence": {"caller": {"attributes": {"clearance": "secret"}}}})) == {"access.read_log"}
	refused_by(object.union(facts, {"evidence": {"caller": {"attributes": {"clearance": "secret", "shift": "night"}}}})) == {"access.read_log"}
	permitted(object.union(facts, {"evidence": {"caller": {"attributes": {"clearance": "secret", "shift": "day"}}}}))
}

police := {"standing": {"exporter": {"competent_authority": true}}}

for_purpose(purpose) := asking("open_detail", {"claims": {"purpose": purpose}})

test_purpose_of_opening if {
	refused_by(asking("open_detail", {})) == {"access.log_purpose"}
	refused_by(for_purpose("curiosity")) == {"access.log_purpose"}
	permitted(for_purpose("lawfulness_check"))
	permitted(for_purpose("supervisory_authority"))
	refused_by(object.union(for_purpose("supervisory_authority"), police)) == {"access.log_purpose"}
	permitted(object.union(for_purpose("criminal_proceedings"), police))
}

test_purpose_of_reading if {
	refused_by(object.union(reading, police)) == {"access.log_purpose"}
	refused_by(asking("read_log", object.union(police, {"claims": {"purpose": "data_subject_request"}}))) == {"access.log_purpose"}
	permitted(asking("read_log", object.union(police, {"claims": {"purpose": "self_monitoring"}})))
}

reversing := asking("reidentify", {
	"claims": {"access": {"case_reference": true}, "purpose": "prevent_and_investigate_fraud"},
	"evidence": {"approvers": 2},
})

test_reidentify if {
	permitted(reversing)
	permitted(object.union(reversing, {"evidence": {"approvers": 3}}))
	permitted(object.union(reversing, {"claims": {"purpose": "data_subject_request"}}))
}

test_reidentify_lacks[path] if {
	some path, id in {
		"/evidence/caller": "access.reidentify",
		"/evidence/approvers": "access.reidentify_two",
		"/claims/purpose": "access.reidentify_purpose",
		"/standing/agreement": "access.reidentify_purpose",
		"/claims/access/case_reference": "access.reidentify_case",
	}
	refused_by(without(reversing, path)) == {id}
}

test_reidentify_refuses if {
	refused_by(object.union(reversing, {"evidence": {"approvers": 1}})) == {"access.reidentify_two"}
	refused_by(object.union(reversing, {"claims": {"purpose": "curiosity"}})) == {"access.reidentify_purpose"}
	refused_by(object.union(reversing, {"claims": {"access": {"case_reference": false}}})) == {"access.reidentify_case"}
	refused_by(object.union(reversing, {"standing": {"who_may": []}})) == {"access.reidentify"}
}

test_approve if {
	permitted(asking("approve", {}))
	refused_by(object.union(asking("approve", {}), {"standing": {"who_may": [{"agreement": "x", "entries": []}]}})) == {"access.approve"}
}

sending(who_may) := object.union(transfer, {"standing": {"who_may": who_may}})

test_send if {
	permitted(transfer)
	analysts := sending([{"agreement": "x", "entries": [{"role": "analyst"}]}])
	refused_by(analysts) == {"access.send"}
	permitted(object.union(analysts, {"evidence": {"caller": {"roles": ["analyst"]}}}))
	outcome := decision.outcome with input as analysts
	ids(outcome.prohibits) == {"access.send"}
	refused_by(without(transfer, "/standing/who_may")) == {"access.send"}
}

# A question about the law alone asks nobody who he is; and naming a caller is no ground for a transfer.
test_apart_from_the_law if {
	count(access.prohibits) == 0 with input as object.union(transfer, {"scope": "law"})
	count(access.permits) == 0 with input as transfer
}

# A ground of an action is none of a transfer, even where an action is named beside it.
test_a_transfer_asks_for_no_action if {
	mixed := object.union(reading, {"scope": "transfer"})
	count(access.permits) == 0 with input as mixed
	count(access.permits) == 0 with input as object.union(mixed, {"standing": {"who_may": []}})
	refused := object.union(reading, {"standing": {"exporter": {"competent_authority": true}}})
	outcome := decision.outcome with input as refused
	count(outcome.grounds) == 1
	not outcome.permit
	outcome.basis == []
}

# What a detail may be opened for is more than what a log may be read for.
test_purposes_of_details_do_not_open_the_log if {
	logs_only := object.union(asking("read_log", {"claims": {"purpose": "supervisory_authority"}}), police)
	refused_by(logs_only) == {"access.log_purpose"}
	refused_by(asking("open_detail", {"claims": {"purpose": "data_subject_request"}})) == set()
}

test_an_action_beside_a_transfer_is_not_asked_about if refused_by(object.union(reading, {"scope": "transfer"})) == set()
