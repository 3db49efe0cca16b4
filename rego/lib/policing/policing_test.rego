# METADATA
# title: Tests of transfers for criminal justice, and the case that they start from
package passavant.lib.policing_test

import data.passavant.lib.policing

# Dutch police to the police of the United Kingdom, a question about the law alone.
police := {
	"at": "2026-11-23T00:00:00Z",
	"scope": "law",
	"standing": {
		"exporter": {"country": "NL", "type": "police", "competent_authority": true, "led_3_7": "a"},
		"recipient": {"country": "GB", "type": "police", "competent_authority": true},
		"collected_for": "investigate_fraud",
	},
	"claims": {
		"purpose": "investigate_fraud",
		"necessary": true,
		"origin": {"state": "NL"},
		"data": {"quality_checked": true, "facts_assessments_marked": true},
	},
	"evidence": {"data": {"categories": ["name"], "special_categories": [], "subjects": ["suspect"]}},
}

changed(changes) := object.union(police, changes)

claims(changes) := changed({"claims": changes})

standing(changes) := changed({"standing": changes})

# As a transfer under an agreement, where claims are no longer enough.
transfer(changes) := object.union(changed({"scope": "transfer"}), changes)

without(document, path) := json.remove(document, [path])

test_necessary if {
	policing.necessary with input as police
	not policing.necessary with input as claims({"necessary": false})
	not policing.necessary with input as without(police, "/claims/purpose")
}

ethnic := {"evidence": {"data": {"special_categories": ["ethnic_origin"]}}}

test_special_categories if {
	strict := object.union(ethnic, {"claims": {"art10": {"strictly_necessary": true, "authorised_by_law": true}}})
	policing.special_categories_strict with input as police
	policing.special_categories_authorised with input as police
	policing.special_categories_strict with input as changed(strict)
	policing.special_categories_authorised with input as changed(strict)
	not policing.special_categories_strict with input as changed(ethnic)
	not policing.special_categories_authorised with input as changed(ethnic)
	not policing.special_categories_strict with input as without(changed(strict), "/claims/art10/strictly_necessary")
	not policing.special_categories_strict with input as without(changed(strict), "/claims/art10/authorised_by_law")
}

test_quality if {
	policing.quality_checked with input as police
	not policing.quality_checked with input as without(police, "/claims/data/quality_checked")
	not policing.quality_checked with input as without(police, "/claims/data/facts_assessments_marked")
	not policing.quality_checked with input as without(police, "/evidence/data/subjects")
	not policing.quality_checked with input as json.patch(police, [{"op": "replace", "path": "/evidence/data/subjects", "value": []}])
}

foreign := {"claims": {"origin": {"state": "FR"}}}

test_originator if {
	policing.originator_settled with input as police
	not policing.originator_settled with input as without(police, "/claims/origin")
	not policing.originator_settled with input as changed(foreign)
	not policing.originator_settled with input as claims({"origin": {"state": "FR", "prior_authorisation": false}})
	policing.originator_settled with input as claims({"origin": {"state": "FR", "prior_authorisation": true}})
	policing.originator_settled with input as claims({"origin": {"state": "FR", "authorised_destinations": ["GB"]}})
	not policing.originator_settled with input as claims({"origin": {"state": "FR", "authorised_destinations": ["US"]}})
}

# In a transfer only the approval that was verified counts.
test_originator_in_a_transfer if {
	not policing.originator_settled with input as transfer({"claims": {"origin": {"state": "FR", "prior_authorisation": true}}})
	not policing.originator_settled with input as transfer({"claims": {"origin": {"state": "FR", "authorised_destinations": ["GB"]}}})
	approved := object.union(foreign, {"evidence": {"approvals": ["originating_authority"]}})
	policing.originator_settled with input as transfer(approved)
	not policing.originator_settled with input as transfer(object.union(foreign, {"evidence": {"approvals": ["second_person"]}}))
}

threat := {"immediate_serious_threat": true, "authorisation_in_time": false}

test_urgent_exception if {
	urgent := object.union(foreign, {"claims": {"emergency": threat}})
	policing.urgent_exception with input as changed(urgent)
	policing.originator_settled with input as changed(urgent)
	not policing.urgent_exception with input as changed(object.union(urgent, {"claims": {"emergency": {"authorisation_in_time": true}}}))
	not policing.urgent_exception with input as without(changed(urgent), "/claims/emergency/immediate_serious_threat")
	not policing.urgent_exception with input as claims({"emergency": threat})
	not policing.urgent_exception with input as without(claims({"emergency": threat}), "/claims/origin/state")
	authorised := object.union(urgent, {"claims": {"origin": {"prior_authorisation": true}}})
	not policing.urgent_exception with input as changed(authorised)
	not policing.urgent_exception with input as transfer(urgent)
	policing.urgent_exception with input as transfer(object.union(urgent, {"standing": {"agreement": {"derogations": ["35(2)"]}}}))
}

test_safeguards if {
	binding := {"type": "37(1)(a)", "binding": true, "covers_transfer": true}
	policing.binding_instrument with input as standing({"safeguard": binding})
	every key in ["type", "binding", "covers_transfer"] {
		not policing.binding_instrument with input as standing({"safeguard": object.remove(binding, [key])})
	}
	every safeguard in [binding, {"type": "37(1)(b)", "assessed": true, "documented": true}] {
		found := standing({"safeguard": object.union(safeguard, {"equivalent_for_this_transfer": false})})
		not policing.binding_instrument with input as found
		not policing.assessed_safeguards with input as found
	}
	assessed := {"type": "37(1)(b)", "assessed": true, "documented": true}
	policing.assessed_safeguards with input as standing({"safeguard": assessed})
	every key in ["type", "assessed", "documented"] {
		not policing.assessed_safeguards with input as standing({"safeguard": object.remove(assessed, [key])})
	}
}

asserted := {
	"a": {"derogation": {"vital_interest": true}},
	"b": {"derogation": {"recognised_in": "NL"}},
	"c": {"derogation": {}, "emergency": {"immediate_serious_threat": true}},
	"d": {"derogation": {"individual_case": true, "rights_override": false}},
	"e": {"derogation": {"individual_case": true, "rights_override": false}},
}

test_derogations if {
	every letter, facts in asserted {
		policing.derogation_asserted(letter) with input as claims(facts)
		not policing.derogation_asserted(letter) with input as police
		not policing.derogation_asserted(letter) with input as claims(object.union(facts, {"derogation": {"systematic": true}}))
		not policing.derogation_asserted(letter) with input as claims(object.union(facts, {"derogation": {"repetitive": true}}))
		not policing.derogation_asserted(letter) with input as transfer({"claims": facts})
	}
}

test_derogation_in_part if {
	every letter in ["d", "e"] {
		not policing.derogation_asserted(letter) with input as claims({"derogation": {"individual_case": true}})
		not policing.derogation_asserted(letter) with input as claims({"derogation": {"rights_override": false}})
		not policing.derogation_asserted(letter) with input as claims({"derogation": {"individual_case": true, "rights_override": true}})
	}
	not policing.derogation_asserted("b") with input as claims({"derogation": {"recognised_in": "FR"}})
}

conditions := {
	"individual_case": true,
	"strictly_necessary": true,
	"rights_override": false,
	"authority_ineffective": true,
	"authority_informed": true,
	"recipient_purpose_told": true,
	"national_law_allows": true,
}

test_private_recipient if {
	policing.private_recipient_conditions with input as claims({"art39": conditions})
	every key, answer in conditions {
		not policing.private_recipient_conditions with input as claims({"art39": object.remove(conditions, [key])})
		not policing.private_recipient_conditions with input as claims({"art39": object.union(conditions, {key: answer == false})})
	}
	not policing.private_recipient_conditions with input as object.union(claims({"art39": conditions}), {"standing": {"exporter": {"led_3_7": "b"}}})
}
