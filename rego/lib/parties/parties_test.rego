package passavant.lib.parties_test

import data.passavant.facts_test.bank
import data.passavant.facts_test.standing
import data.passavant.lib.parties

test_zones_differ if {
	parties.exporter_in("EEA") with input as bank
	not parties.exporter_in("UK") with input as bank
	parties.recipient_in("LED_SCHENGEN") with input as standing({"recipient": {"country": "CH"}})
	not parties.recipient_in("EEA") with input as standing({"recipient": {"country": "CH"}})
}

test_neither_public_nor_private_is_proven_for_an_unknown_type if {
	unknown := json.remove(bank, ["/standing/recipient/type", "/standing/exporter/type"])
	not parties.recipient_is_private_sector with input as unknown
	not parties.recipient_is_public with input as unknown
	not parties.exporter_acts_without_public_powers with input as unknown
}

test_public_by_type_by_body_by_competence if {
	parties.recipient_is_public with input as standing({"recipient": {"type": "police"}})
	parties.recipient_is_public with input as standing({"recipient": {"public_body": true}})
	parties.recipient_is_public with input as standing({"recipient": {"competent_authority": true}})
	not parties.recipient_is_private_sector with input as standing({"recipient": {"public_body": true}})
}

test_exporter_with_public_powers if {
	parties.exporter_is_public with input as standing({"exporter": {"public_powers": true}})
	parties.exporter_is_public with input as standing({"exporter": {"type": "court"}})
	not parties.exporter_acts_without_public_powers with input as standing({"exporter": {"public_powers": true}})
}

test_destination_of_an_organisation_without_a_country if {
	epo := object.union(json.remove(bank, ["/standing/recipient"]), {"standing": {"recipient": {"type": "international_organisation", "organisation": "EPO"}}})
	parties.destination == "EPO" with input as epo
	parties.destination == "JP" with input as bank
}

test_destinations if {
	parties.destinations == {"JP"} with input as bank
	parties.destinations == {"FR", "EEA", "EU/EEA"} with input as standing({"recipient": {"country": "FR"}})
	agency := json.remove(standing({"recipient": {"type": "eu_agency"}}), ["/standing/recipient/country"])
	parties.destinations == {"EU/EEA"} with input as agency
	parties.destinations == {"US"} with input as standing({"recipient": {"type": "eu_agency", "country": "US"}})
}

test_domestic if {
	parties.domestic with input as standing({"recipient": {"country": "IE"}})
	not parties.domestic with input as bank
	not parties.domestic with input as json.remove(bank, ["/standing/recipient/country", "/standing/exporter/country"])
}

test_criminal_justice if {
	police := standing({"exporter": {"type": "police", "competent_authority": true}})
	parties.exporter_acts_for_criminal_justice with input as police
	parties.exporter_acts_for_criminal_justice with input as json.remove(police, ["/claims/purpose"])
	not parties.exporter_acts_for_criminal_justice with input as object.union(police, {"claims": {"purpose": "payroll"}})
	not parties.exporter_acts_for_criminal_justice with input as bank
	not parties.exporter_acts_for_criminal_justice with input as standing({"exporter": {"competent_authority": false}})
}

test_impersonal_must_be_proven if {
	not parties.proven_impersonal with input as bank
	not parties.proven_impersonal with input as object.union(bank, {"evidence": {"data": {"personal": true}}})
	parties.proven_impersonal with input as object.union(bank, {"evidence": {"data": {"personal": false}}})
}

nowhere := json.remove(bank, ["/standing/recipient/country"])

organised(facts) := object.union(nowhere, {"standing": {"recipient": facts}})

# An organisation stands for itself only if it is an international one and in no country; an agency of the Union, only in none.
test_destinations_of_organisations if {
	parties.destinations == {"EPO"} with input as organised({"type": "international_organisation", "organisation": "EPO"})
	parties.destinations == set() with input as organised({"type": "bank", "organisation": "EPO"})
	parties.destinations == {"EU/EEA"} with input as organised({"type": "eu_agency"})
	parties.destinations == set() with input as nowhere
	seated := standing({"recipient": {"type": "international_organisation", "organisation": "EPO", "country": "JP"}})
	parties.destinations == {"JP"} with input as seated
}
