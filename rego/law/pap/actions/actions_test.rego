package passavant.law.pap.actions_test

import data.passavant.facts_test.ids
import data.passavant.law.pap.actions
import data.passavant.law.pap.scope

to(label, action) := {"at": "2026-11-23T00:00:00Z", "scope": "law", "standing": {}, "claims": {"intended_action": action}, "evidence": {"pap": label}}

labels := ["PAP:RED", "AMBER", "PAP:GREEN", "PAP:CLEAR"]

least := {"log_search": 0, "passive_dns": 1, "block": 2, "hack_back": 3}

permitted[action] contains label if {
	some action, _ in least
	some label in labels
	refusals := actions.prohibits with input as to(label, action)
	count(refusals) == 0
}

test_labels if {
	every action, first in least {
		permitted[action] == {label | some place, label in labels; place >= first}
	}
}

test_unknown if {
	ids(actions.prohibits) == {"pap.action"} with input as to("PAP:PURPLE", "log_search")
	ids(actions.prohibits) == {"pap.action"} with input as json.remove(to("PAP:CLEAR", "x"), ["/claims/intended_action"])
}

test_scope_and_duties if {
	scope.applies with input as to("PAP:RED", "x")
	not scope.applies with input as json.remove(to("PAP:RED", "x"), ["/evidence/pap"])
	{duty.code | some duty in actions.duties} == {"preserve_marking", "use_limit"}
}

test_clear_by_every_name if {
	every label in ["CLEAR", "WHITE", "PAP:CLEAR", "PAP:WHITE"] {
		count(actions.prohibits) == 0 with input as to(label, "an_action_on_no_list")
	}
	ids(actions.prohibits) == {"pap.action"} with input as to("PAP:GREEN", "an_action_on_no_list")
}
