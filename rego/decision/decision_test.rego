package passavant.decision_test

import data.passavant.decision
import data.passavant.facts_test.bank
import data.passavant.facts_test.ids
import data.passavant.facts_test.transfer
import data.passavant.facts_test.without
import data.passavant.law.gdpr.assessment_test
import data.passavant.law.gdpr.safeguards_test

test_permitted if {
	outcome := decision.outcome with input as transfer
	outcome.permit
	outcome.basis == ["GDPR:45", "EU:2019/419"]
	outcome.treatments.name == {"technique": "keep", "params": {}}
	count(outcome.obligations) == 5
	count(outcome.notices) == 0
}

test_outcome_is_complete_on_nothing_at_all if {
	outcome := decision.outcome with input as {"at": "2026-11-23T00:00:00Z", "scope": "law", "standing": {}, "claims": {}, "evidence": {}}
	not outcome.permit
	outcome.basis == []
	outcome.treatments == {}
	count(outcome.obligations) == 0
	"scope.unknown_law" in ids(outcome.prohibits)
}

test_gate_beats_ground if {
	outcome := decision.outcome with input as without(transfer, "/standing/lawful_basis")
	not outcome.permit
	count(outcome.grounds) == 1
	ids(outcome.prohibits) == {"gdpr.art6.1.missing"}
	count(outcome.lacks) == 0
	count(outcome.obligations) == 0
}

# A ladder, not a menu: the lowest rung decides and brings its own duties only.
test_adequacy_before_safeguards if {
	both := object.union(bank, {"standing": {"safeguard": safeguards_test.scc, "tia": safeguards_test.clean}})
	outcome := decision.outcome with input as both
	count(outcome.grounds) == 2
	outcome.basis == ["GDPR:45", "EU:2019/419"]
	codes := {obligation.code | some obligation in outcome.obligations}
	codes == {"record_art30", "inform_data_subjects"}
}

test_safeguards_before_derogations if {
	both := object.union(safeguards_test.us, {"claims": {"derogation": {"type": "49(1)(f)", "vital_interest": true, "incapable_of_consent": true}}})
	outcome := decision.outcome with input as both
	count(outcome.grounds) == 2
	outcome.basis[0] == "GDPR:46(2)(c)"
}

# The order of grounds by their text would put Article 46 first.
test_inside_the_eea_before_everything if {
	french := object.union(safeguards_test.us, {"standing": {"recipient": {"country": "FR"}}})
	outcome := decision.outcome with input as french
	count(outcome.grounds) == 2
	outcome.basis == ["GDPR:6(1)(f)"]
	not "document_tia" in {obligation.code | some obligation in outcome.obligations}
}

measured := object.union(transfer, {"standing": object.union(
	{"recipient": {"country": "US"}, "safeguard": safeguards_test.scc},
	object.filter(assessment_test.pseudonymised.standing, ["tia", "data"]),
)})

test_floors_of_a_measure_follow_the_role if {
	roles := {"name": "direct", "amount": "quasi"}
	outcome := decision.outcome with input as object.union(measured, {"evidence": {"data": {"roles": roles}}})
	outcome.permit
	outcome.treatments.name.technique == "pseudonymise"
	outcome.treatments.amount.technique == "drop"
}

test_unknown_role_is_dropped if {
	outcome := decision.outcome with input as measured
	outcome.treatments.name.technique == "drop"
	partly := decision.outcome with input as object.union(measured, {"evidence": {"data": {"roles": {"name": "operational"}}}})
	partly.treatments.name.technique == "keep"
	partly.treatments.amount.technique == "drop"
}

test_rules_of_an_agreement if {
	rules := {"x": {"prohibits": set(), "duties": {{"code": "use_limit", "params": {}, "travels": true}}, "floors": {"name": {"drop"}}}}
	ruled := object.union(transfer, {"standing": {"agreement": {"rules": "x"}}})
	outcome := decision.outcome with input as ruled with data.passavant.agreements as rules
	outcome.permit
	outcome.treatments.name.technique == "drop"
	"use_limit" in {obligation.code | some obligation in outcome.obligations}
	prohibiting := {"x": {"prohibits": {{"id": "x.no", "code": "no"}}}}
	refused := decision.outcome with input as ruled with data.passavant.agreements as prohibiting
	not refused.permit
	"x.no" in ids(refused.prohibits)
}

test_stale_data_is_a_notice_and_no_obstacle if {
	later := object.union(bank, {"at": "2027-11-23T00:00:00Z"})
	outcome := decision.outcome with input as later
	outcome.permit
	outcome.notices == {"stale_legal_data"}
}
