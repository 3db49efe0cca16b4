package passavant.decision_test

import data.passavant.decision
import data.passavant.facts_test.bank
import data.passavant.facts_test.ids
import data.passavant.facts_test.transfer
import data.passavant.facts_test.without
import data.passavant.law.amlr.partnership_test
import data.passavant.law.eevidence.orders_test
import data.passavant.law.gdpr.assessment_test
import data.passavant.law.gdpr.safeguards_test
import data.passavant.lib.policing_test

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

# A marking adds to the law that governs, and its ground never carries personal data.
test_governing_and_adding if {
	marked := object.union(bank, {"standing": {"recipient": {"relation_to_holder": "client"}}, "claims": {"need_to_know": true}, "evidence": {"marking": "TLP:AMBER"}})
	outcome := decision.outcome with input as marked
	outcome.basis == ["GDPR:45", "EU:2019/419"]
	count(outcome.grounds) == 1
	"preserve_marking" in {obligation.code | some obligation in outcome.obligations}
	red := decision.outcome with input as object.union(marked, {"evidence": {"marking": "TLP:RED"}})
	not red.permit
	count(red.grounds) == 1
	elsewhere := decision.outcome with input as object.union(marked, {"standing": {"recipient": {"country": "VN"}}})
	not elsewhere.permit
	count(elsewhere.grounds) == 0
}

test_impersonal_data_are_governed_by_their_marking if {
	marked := object.union(bank, {"standing": {"recipient": {"relation_to_holder": "client"}}, "claims": {"need_to_know": true}, "evidence": {"marking": "TLP:AMBER", "data": {"personal": false}}})
	outcome := decision.outcome with input as marked
	outcome.basis == ["TLP2:AMBER"]
	unmarked := decision.outcome with input as json.remove(marked, ["/evidence/marking"])
	not unmarked.permit
	"scope.unknown_law" in ids(unmarked.prohibits)
}

test_leads_come_first if {
	asked := object.union(policing_test.police, {"claims": {"request": {
		"treaty_ref": "MLAT", "in_force": true, "complete": true, "intended_use": "trial", "stated_use": "trial", "confidentiality_accepted": true,
	}}})
	outcome := decision.outcome with input as asked
	outcome.basis == ["MLA:treaty", "LED:36", "EU:2021/1773"]
	urgent := object.union(asked, {"claims": {"origin": {"state": "FR"}, "emergency": policing_test.threat}})
	both := decision.outcome with input as urgent
	both.basis == ["MLA:treaty", "LED:35(2)", "LED:36", "EU:2021/1773"]
}

# Union law that mandates a disclosure gives its basis and its purpose, and nothing more.
test_mandated_by_union_law if {
	order := decision.outcome with input as orders_test.order
	order.basis == ["EEVIDENCE:5(4)", "GDPR:6(1)(c)"]
	shared := decision.outcome with input as json.remove(partnership_test.shared, ["/standing/collected_for"])
	shared.basis == ["AMLR:75", "GDPR:6(1)(e)"]
	abroad := decision.outcome with input as object.union(partnership_test.shared, {"standing": {"recipient": {"country": "US"}}})
	not abroad.permit
	health := decision.outcome with input as object.union(partnership_test.shared, {"evidence": {"data": {"special_categories": ["health"]}}})
	ids(health.prohibits) == {"gdpr.art9.2"}
}

# What is told: the conditions that were met, of the law and of the agreement.
test_supports_are_told if {
	outcome := decision.outcome with input as transfer
	ids(outcome.supports) == {"agreement.in_force", "gdpr.art6.1"}
}

# A refusal brings nothing: no duty of its ground or of the agreement, and no treatment, whatever was raised.
test_a_refusal_brings_nothing if {
	rules := {"x": {"prohibits": set(), "duties": {{"code": "use_limit", "params": {}, "travels": true}}, "floors": {"name": {"drop"}}}}
	refused := without(measured, "/standing/lawful_basis")
	every stated in [rules, {}] {
		outcome := decision.outcome with input as object.union(refused, {"standing": {"agreement": {"rules": "x"}}}) with data.passavant.agreements as stated
		not outcome.permit
		count(outcome.grounds) == 1
		count(outcome.obligations) == 0
		outcome.treatments == {}
	}
	plain := decision.outcome with input as without(transfer, "/standing/lawful_basis")
	plain.treatments == {}
}
