package passavant.terms_test

import data.passavant.facts_test.agreed
import data.passavant.facts_test.bank
import data.passavant.facts_test.claims
import data.passavant.facts_test.ids
import data.passavant.facts_test.transfer
import data.passavant.facts_test.without
import data.passavant.terms

on(day) := object.union(transfer, {"at": concat("", [day, "T23:59:00Z"])})

test_in_force if {
	count(terms.prohibits) == 0 with input as transfer
	ids(terms.supports) == {"agreement.in_force"} with input as transfer
}

test_first_and_last_day if {
	count(terms.prohibits) == 0 with input as on("2026-01-01")
	count(terms.prohibits) == 0 with input as on("2026-12-31")
	ids(terms.prohibits) == {"agreement.inactive"} with input as on("2025-12-31")
	ids(terms.prohibits) == {"agreement.inactive"} with input as on("2027-01-01")
}

test_not_active if ids(terms.prohibits) == {"agreement.inactive"} with input as agreed({"active": false})

# A transfer needs every term; silence is not consent.
test_transfer_without[key] if {
	some key, id in {
		"active": "agreement.inactive",
		"valid_from": "agreement.inactive",
		"valid_until": "agreement.inactive",
		"purposes": "agreement.purpose",
		"signatures": "agreement.signed",
		"data_categories": "agreement.categories",
		"approvals": "agreement.approval",
		"data_subjects": "agreement.subjects",
	}
	missing := ids(terms.prohibits) with input as without(transfer, concat("/", ["/standing/agreement", key]))
	missing == {id}
}

test_no_agreement_is_no_transfer if {
	every_term := {
		"agreement.approval", "agreement.categories", "agreement.inactive",
		"agreement.purpose", "agreement.signed", "agreement.subjects",
	}
	ids(terms.prohibits) == every_term with input as object.union(bank, {"scope": "transfer"})
}

test_the_law_alone_may_leave_the_agreement_out if {
	count(terms.prohibits) == 0 with input as bank
	count(terms.duties) == 0 with input as bank
	ended := object.union(bank, {"standing": {"agreement": {"active": true, "valid_until": "2026-06-30"}}})
	ids(terms.prohibits) == {"agreement.inactive"} with input as ended
}

test_purpose_and_subjects if {
	ids(terms.prohibits) == {"agreement.purpose"} with input as object.union(transfer, {"claims": {"purpose": "marketing"}})
	ids(terms.prohibits) == {"agreement.subjects"} with input as object.union(transfer, {"evidence": {"data": {"subjects": ["witness"]}}})
}

onward := {"recipient": {"country": "AU"}, "authorised": true}

test_onward_is_prohibited_by_default if {
	asked := object.union(transfer, {"claims": {"onward": onward}})
	ids(terms.prohibits) == {"agreement.onward"} with input as asked
	"no_onward_transfer" in {duty.code | some duty in terms.duties} with input as transfer
}

test_onward_needs_a_verified_authorisation if {
	asked := object.union(agreed({"onward": "prior_authorisation"}), {"claims": {"onward": onward}})
	ids(terms.prohibits) == {"agreement.onward"} with input as asked
	count(terms.prohibits) == 0 with input as object.union(asked, {"evidence": {"onward_authorised": true}})
	"bind_onward_authorisation" in {duty.code | some duty in terms.duties} with input as asked
}

test_onward_in_a_question_about_the_law if {
	count(terms.prohibits) == 0 with input as claims({"onward": onward})
	ids(terms.prohibits) == {"agreement.onward"} with input as claims({"onward": object.union(onward, {"authorised": false})})
}

test_duties_travel if {
	expected := {"purpose_limit", "delete_after", "no_onward_transfer"}
	{duty.code | some duty in terms.duties; duty.travels} == expected with input as transfer
	some duty in terms.duties with input as transfer
	duty.params == {"days": "30"}
}

test_signatures if {
	count(terms.prohibits) == 0 with input as agreed({"signatures": "verified"})
	ids(terms.prohibits) == {"agreement.signed"} with input as agreed({"signatures": "missing"})
	ids(terms.prohibits) == {"agreement.signed"} with input as agreed({"signatures": "said so"})
}

test_categories if {
	more := object.union(transfer, {"evidence": {"data": {"categories": ["name", "photograph"]}}})
	ids(terms.prohibits) == {"agreement.categories"} with input as more
	ids(terms.prohibits) == {"agreement.categories"} with input as without(transfer, "/evidence/data/categories")
}

asks(when) := agreed({"approvals": [{"role": "second_person", "when": when}]})

# What settles each occasion without an approval, and what brings it about.
test_approval_is_asked_for_on_its_occasion if {
	occasions := {
		"always": {"evidence": {}},
		"special_categories": {"evidence": {"data": {"special_categories": ["health"]}}},
		"criminal_offence_data": {"evidence": {"data": {"criminal_offence_data": true}}},
		"foreign_origin": {"claims": {"origin": {"state": "FR"}}},
		"onward": {"claims": {"onward": onward}},
	}
	every when, occasion in occasions {
		asked := object.union(asks(when), occasion)
		"agreement.approval" in ids(terms.prohibits) with input as asked
		shown := object.union(asked, {"evidence": {"approvals": ["second_person"]}})
		not "agreement.approval" in ids(terms.prohibits) with input as shown
		other := object.union(asked, {"evidence": {"approvals": ["originating_authority"]}})
		"agreement.approval" in ids(terms.prohibits) with input as other
	}
}

test_approval_is_not_asked_for_otherwise if {
	every when in ["special_categories", "criminal_offence_data", "onward", "never"] {
		count(terms.prohibits) == 0 with input as asks(when)
	}
	home := object.union(asks("foreign_origin"), {"claims": {"origin": {"state": "IE"}}})
	count(terms.prohibits) == 0 with input as home
}

# Silence about what brings an approval about is not a reason to do without it.
test_approval_when_the_occasion_is_unknown if {
	silences := {
		"special_categories": "/evidence/data/special_categories",
		"criminal_offence_data": "/evidence/data/criminal_offence_data",
	}
	every when, fact in silences {
		ids(terms.prohibits) == {"agreement.approval"} with input as without(asks(when), fact)
	}
	ids(terms.prohibits) == {"agreement.approval"} with input as asks("foreign_origin")
	ids(terms.prohibits) == {"agreement.approval"} with input as asks("no such occasion")
}

# A claim is not evidence: the request cannot say that it was approved.
test_a_claimed_approval_is_nothing if {
	claimed := object.union(asks("always"), {"claims": {"approvals": ["second_person"]}})
	ids(terms.prohibits) == {"agreement.approval"} with input as claimed
}

test_an_onward_approval_is_an_authorisation if {
	asked := object.union(agreed({"onward": "prior_authorisation"}), {"claims": {"onward": onward}})
	count(terms.prohibits) == 0 with input as object.union(asked, {"evidence": {"approvals": ["onward_authority"]}})
	prohibited := object.union(transfer, {"claims": {"onward": onward}, "evidence": {"approvals": ["onward_authority"]}})
	ids(terms.prohibits) == {"agreement.onward"} with input as prohibited
}

test_nothing_is_said_of_an_agreement_that_is_not_in_force if {
	count(terms.supports) == 0 with input as agreed({"active": false})
}

asked_of_the_law(agreement) := object.union(bank, {"standing": {"agreement": object.union({"active": true}, agreement)}})

# A question about the law alone may leave terms out, and is held to those that it states.
test_the_law_alone_is_held_to_the_terms_that_it_states if {
	count(terms.prohibits) == 0 with input as asked_of_the_law({})
	stated := {
		"agreement.inactive": {"valid_from": "2027-01-01"},
		"agreement.signed": {"signatures": "missing"},
		"agreement.purpose": {"purposes": ["marketing"]},
		"agreement.subjects": {"data_subjects": ["witness"]},
		"agreement.categories": {"data_categories": ["photo"]},
		"agreement.approval": {"approvals": [{"role": "second_person", "when": "always"}]},
	}
	every rule, agreement in stated {
		ids(terms.prohibits) == {rule} with input as asked_of_the_law(agreement)
	}
}

test_an_authorisation_does_not_open_what_is_prohibited if {
	asked := object.union(transfer, {"claims": {"onward": onward}, "evidence": {"onward_authorised": true}})
	ids(terms.prohibits) == {"agreement.onward"} with input as asked
}

test_no_duty_without_an_agreement if {
	count(terms.duties) == 0 with input as asked_of_the_law({"retention_days": 30})
}
