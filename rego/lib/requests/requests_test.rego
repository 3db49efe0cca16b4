package passavant.lib.requests_test

import data.passavant.lib.policing_test.claims
import data.passavant.lib.policing_test.police
import data.passavant.lib.policing_test.standing
import data.passavant.lib.requests

request(facts) := claims({"request": facts})

test_use if {
	requests.within_stated_use with input as request({"intended_use": "a", "stated_use": "a"})
	not requests.within_stated_use with input as request({"intended_use": "a", "stated_use": "b"})
	not requests.within_stated_use with input as request({"intended_use": "a"})
	not requests.within_stated_use with input as request({"stated_use": "a"})
	requests.within_stated_use with input as request({"intended_use": "a", "stated_use": "b", "prior_consent": true})
	not requests.within_stated_use with input as request({"intended_use": "a", "stated_use": "b", "prior_consent": false})
}

test_complete if {
	requests.complete with input as request({"complete": true})
	requests.complete with input as request({"complete": true, "missing_fields": []})
	not requests.complete with input as request({"complete": true, "missing_fields": ["offence"]})
	not requests.complete with input as request({"complete": false})
	not requests.complete with input as police
}

test_dual_criminality if {
	requests.dual_criminality_settled with input as police
	requests.dual_criminality_settled with input as request({"dual_criminality_required": false})
	not requests.dual_criminality_settled with input as request({"dual_criminality_required": true})
	not requests.dual_criminality_settled with input as request({"dual_criminality_required": true, "offence_name_matches": true})
	requests.dual_criminality_settled with input as request({"dual_criminality_required": true, "conduct_is_offence_in_requested_state": true, "offence_name_matches": false})
}

test_conditions if {
	requests.condition_settled with input as police
	not requests.condition_settled with input as request({"condition": "no_death_penalty"})
	requests.condition_settled with input as request({"condition": "no_death_penalty", "receiver_accepts_condition": true})
	requests.confidentiality_accepted with input as request({"confidentiality_accepted": true})
	not requests.confidentiality_accepted with input as police
}

test_treaty if {
	requests.treaty_binds("ETS185") with input as police
	not requests.treaty_binds("ETS185") with input as standing({"exporter": {"country": "IE"}})
	not requests.treaty_binds("ETS185") with input as standing({"recipient": {"country": "VN"}})
	not requests.treaty_binds("ETS185") with input as object.union(police, {"at": "2024-06-19T00:00:00Z"})
	not requests.treaty_binds("CETS224") with input as police
	not requests.treaty_binds("nothing") with input as police
}

# Once the reference data say so, the Protocol binds its Parties and nobody else.
test_treaty_that_enters_into_force if {
	entered := {"status": "in_force", "valid_from": "2026-09-01", "parties": {"NL": {"valid_from": "2026-09-01"}, "GB": {"valid_from": "2026-12-01"}, "RS": {"valid_from": "2026-09-01"}}}
	serbian := standing({"recipient": {"country": "RS"}})
	requests.treaty_binds("CETS224") with input as serbian with data.passavant.reference.treaties.treaties as {"CETS224": entered}
	not requests.treaty_binds("CETS224") with input as police with data.passavant.reference.treaties.treaties as {"CETS224": entered}
	later := object.union(entered, {"valid_from": "2026-12-01"})
	not requests.treaty_binds("CETS224") with input as serbian with data.passavant.reference.treaties.treaties as {"CETS224": later}
	signed := object.union(entered, {"status": "not_in_force"})
	not requests.treaty_binds("CETS224") with input as serbian with data.passavant.reference.treaties.treaties as {"CETS224": signed}
}
