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
		"data_subjects": "agreement.subjects",
	}
	missing := ids(terms.prohibits) with input as without(transfer, concat("/", ["/standing/agreement", key]))
	missing == {id}
}

test_no_agreement_is_no_transfer if {
	ids(terms.prohibits) == {"agreement.inactive", "agreement.purpose", "agreement.subjects"} with input as object.union(bank, {"scope": "transfer"})
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
