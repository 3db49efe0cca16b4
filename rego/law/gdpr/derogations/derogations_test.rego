package passavant.law.gdpr.derogations_test

import data.passavant.facts_test.bank
import data.passavant.facts_test.claims
import data.passavant.facts_test.ids
import data.passavant.facts_test.transfer
import data.passavant.law.gdpr.derogations

# One complete claim of each derogation.
complete := {
	"49(1)(a)": {"explicit": true, "informed_of_risks": true},
	"49(1)(b)": {"necessary": true, "occasional": true},
	"49(1)(c)": {"necessary": true, "occasional": true},
	"49(1)(d)": {"necessary": true, "systematic": false, "recognised_in": "IE"},
	"49(1)(e)": {"necessary": true, "occasional": true},
	"49(1)(f)": {"vital_interest": true, "incapable_of_consent": true},
	"49(1)(g)": {"public_register": true, "entire_or_category": false},
	"49(1)_second_subparagraph": {
		"other_derogations_available": false,
		"overridden": false,
		"assessed": true,
		"suitable_safeguards": true,
		"repetitive": false,
		"limited_number": true,
	},
}

claim(type) := claims({"derogation": object.union(complete[type], {"type": type}), "safeguard_impossible": true})

public(document) := object.union(document, {"standing": {"exporter": {"public_powers": true}}})

test_complete_claim[type] if {
	some type, _ in complete
	grounds := derogations.permits with input as claim(type)
	count(grounds) == 1
	lacking := derogations.lacks with input as claim(type)
	count(lacking) == 0
}

# Every condition of every derogation is needed.
test_without[name] if {
	some type, conditions in complete
	some condition, _ in conditions
	name := concat(" ", [type, condition])
	broken := json.remove(claim(type), [concat("/", ["claims/derogation", condition])])
	grounds := derogations.permits with input as broken
	count(grounds) == 0
	lacking := derogations.lacks with input as broken
	count(lacking) > 0
}

# Article 49(3).
test_public_authority[type] if {
	some type, _ in complete
	closed := type in {"49(1)(a)", "49(1)(b)", "49(1)(c)", "49(1)_second_subparagraph"}
	grounds := derogations.permits with input as public(claim(type))
	open := count(grounds) == 1
	open != closed
	told := "gdpr.art49.3" in ids(derogations.lacks) with input as public(claim(type))
	told == closed
}

test_nothing_claimed if {
	count(derogations.permits) == 0 with input as bank
	count(derogations.lacks) == 0 with input as bank
}

test_union_law_recognises_an_interest if {
	eu := object.union(claim("49(1)(d)"), {"claims": {"derogation": {"recognised_in": "EU"}}})
	count(derogations.permits) == 1 with input as eu
}

test_interest_of_the_other_side if {
	theirs := object.union(claim("49(1)(d)"), {"claims": {"derogation": {"recognised_in": "JP"}}})
	ids(derogations.lacks) == {"gdpr.art49.4"} with input as theirs
}

test_last_resort_only if {
	possible := object.union(claim("49(1)_second_subparagraph"), {"claims": {"safeguard_impossible": false}})
	count(derogations.permits) == 0 with input as possible
	ids(derogations.lacks) == {"gdpr.art49.conditions"} with input as possible
}

test_unknown_derogation if {
	unknown := claims({"derogation": {"type": "49(1)(z)", "necessary": true}})
	count(derogations.permits) == 0 with input as unknown
	ids(derogations.lacks) == {"gdpr.art49.conditions"} with input as unknown
}

test_agreement_must_admit_the_claim if {
	claimed := object.union(transfer, {"claims": claim("49(1)(e)").claims})
	count(derogations.permits) == 0 with input as claimed
	ids(derogations.lacks) == {"gdpr.art49.agreed"} with input as claimed
	admitted := object.union(claimed, {"standing": {"agreement": {"derogations": ["49(1)(e)"]}}})
	count(derogations.permits) == 1 with input as admitted
}

register := object.union(bank, {"standing": {"recipient": {"country": "VN"}}, "claims": {"derogation": {"type": "49(1)(g)", "public_register": true, "entire_or_category": false}}})

test_extent_of_a_register if {
	count(derogations.permits) == 1 with input as register
	count(derogations.permits) == 1 with input as object.union(register, {"claims": {"data": {"register_extent": "single_entry"}}})
	count(derogations.permits) == 0 with input as object.union(register, {"claims": {"data": {"register_extent": "entire"}}})
	ids(derogations.lacks) == {"gdpr.art49.conditions"} with input as object.union(register, {"claims": {"data": {"register_extent": "category"}}})
}

test_whole_register_by_every_name if {
	every extent in ["all", "category", "entire", "entire_category", "entire_register", "full", "whole"] {
		count(derogations.permits) == 0 with input as object.union(register, {"claims": {"data": {"register_extent": extent}}})
	}
}

# The extent of a register limits that derogation alone.
test_extent_concerns_registers if {
	elsewhere := object.union(claim("49(1)(e)"), {"claims": {"data": {"register_extent": "entire"}}})
	count(derogations.permits) == 1 with input as elsewhere
}

# An exporter outside the Union cannot recognise an interest for it.
test_interest_of_an_exporter_elsewhere if {
	elsewhere := object.union(claim("49(1)(d)"), {"standing": {"exporter": {"country": "US"}}, "claims": {"derogation": {"recognised_in": "US"}}})
	not derogations.public_interest_recognised with input as elsewhere
}

# What other laws use: limits and admission, each for its derogations.
test_limits_and_admission_by_type if {
	every type in ["49(1)(a)", "49(1)(f)", "49(1)(g)"] {
		derogations.limits_kept with input as claim(type)
	}
	every type in ["49(1)(b)", "49(1)(c)", "49(1)(e)"] {
		derogations.limits_kept with input as claim(type)
		not derogations.limits_kept with input as json.remove(claim(type), ["/claims/derogation/occasional"])
	}
	every type in ["49(1)(d)", "49(1)(e)", "49(1)(f)", "49(1)(g)"] {
		derogations.admitted_here with input as public(claim(type))
		not derogations.admitted_here with input as object.union(claim(type), {"scope": "transfer"})
	}
	every type in derogations.closed_to_public_authorities {
		derogations.admitted_here with input as claim(type)
		not derogations.admitted_here with input as public(claim(type))
		not derogations.admitted_here with input as object.union(claim(type), {"scope": "transfer"})
	}
	unknown := claims({"derogation": {"type": "49(1)(z)", "occasional": true, "repetitive": false, "limited_number": true}})
	not derogations.limits_kept with input as unknown
	not derogations.admitted_here with input as unknown
	not derogations.limits_kept with input as claims({"derogation": {"type": "49(1)(b)", "systematic": false}})
}

# In a transfer no derogation opens what the agreement does not admit, and nothing is lacking where nothing is claimed.
test_none_without_the_agreement[type] if {
	some type, _ in complete
	unadmitted := object.union(transfer, {"claims": claim(type).claims})
	count(derogations.permits) == 0 with input as unadmitted
}

test_nothing_claimed_in_a_transfer if count(derogations.lacks) == 0 with input as transfer
