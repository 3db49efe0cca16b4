# METADATA
# title: Tests of the facts, and the case that other tests start from
package passavant.facts_test

import data.passavant.facts

# An Irish bank to a Japanese bank, a question about the law alone.
bank := {
	"at": "2026-11-23T00:00:00Z",
	"scope": "law",
	"standing": {
		"exporter": {"country": "IE", "type": "bank", "role": "controller"},
		"recipient": {"country": "JP", "type": "bank", "role": "controller", "subject_to": ["APPI"]},
		"lawful_basis": "GDPR:6(1)(f)",
		"collected_for": "fraud_monitoring",
	},
	"claims": {"purpose": "prevent_and_investigate_fraud"},
	"evidence": {"data": {
		"categories": ["name", "iban"],
		"special_categories": [],
		"criminal_offence_data": false,
		"subjects": ["customer"],
	}},
}

terms := {
	"id": "x",
	"active": true,
	"approvals": [],
	"signatures": "not_required",
	"valid_from": "2026-01-01",
	"valid_until": "2026-12-31",
	"purposes": ["prevent_and_investigate_fraud"],
	"compatible_purposes": {},
	"data_categories": ["name", "iban"],
	"data_subjects": ["customer"],
	"treatments": {"name": {"technique": "keep", "params": {}}, "amount": {"technique": "keep", "params": {}}},
	"retention_days": 30,
	"onward": "prohibited",
	"derogations": [],
}

# The same bank under an agreement, as a transfer.
transfer := object.union(bank, {"scope": "transfer", "standing": {"agreement": terms, "who_may": []}})

standing(changes) := object.union(bank, {"standing": changes})

claims(changes) := object.union(bank, {"claims": changes})

evidence(changes) := object.union(bank, {"evidence": changes})

agreed(changes) := object.union(transfer, {"standing": {"agreement": changes}})

without(document, path) := json.remove(document, [path])

ids(rules) := {rule.id | some rule in rules}

test_every_fact_is_read_from_its_home if {
	every key, branch in facts.home {
		count(split(key, ".")) <= 2
		branch in {"standing", "claims", "evidence"}
	}
}

test_views_show_what_their_home_holds if {
	facts.purpose == "prevent_and_investigate_fraud" with input as bank
	facts.special_categories == [] with input as bank
	facts.law_only with input as bank
	not facts.law_only with input as transfer
	facts.at == 1795392000000000000 with input as bank
}

test_absent_list_is_undefined_and_not_empty if {
	not facts.special_categories with input as without(bank, "/evidence/data/special_categories")
	not facts.data_categories with input as without(bank, "/evidence/data/categories")
}

test_every_view_can_be_read if {
	full := {
		"standing": {key: true | some key, "standing" in facts.home},
		"claims": {key: true | some key, "claims" in facts.home},
		"evidence": {key: true | some key, "evidence" in facts.home},
	}
	nested := {branch: object.union(full[branch], {"data": {substring(key, 5, -1): true | some key, branch in facts.home; startswith(key, "data.")}}) |
		some branch in ["standing", "claims", "evidence"]
	}
	read := data.passavant.facts with input as object.union(nested, {"at": "2026-11-23T00:00:00Z", "scope": "law"})
	count(read) >= count(facts.home)
}
