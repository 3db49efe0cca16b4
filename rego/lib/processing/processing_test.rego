package passavant.lib.processing_test

import data.passavant.facts_test.bank
import data.passavant.facts_test.claims
import data.passavant.facts_test.transfer
import data.passavant.facts_test.without
import data.passavant.lib.processing

test_purpose if {
	processing.purpose_compatible with input as bank
	processing.purpose_compatible with input as claims({"purpose": "fraud_monitoring"})
	not processing.purpose_compatible with input as claims({"purpose": "marketing"})
	not processing.purpose_compatible with input as without(bank, "/claims/purpose")
	agreed := object.union(transfer, {"claims": {"purpose": "audit"}, "standing": {"agreement": {"compatible_purposes": {"audit": ["fraud_monitoring"]}}}})
	processing.purpose_compatible with input as agreed
	not processing.purpose_compatible with input as object.union(agreed, {"standing": {"collected_for": "payments"}})
}

test_minimised if {
	processing.data_minimised with input as bank
	processing.data_minimised with input as transfer
	not processing.data_minimised with input as without(bank, "/evidence/data/categories")
	not processing.data_minimised with input as object.union(transfer, {"evidence": {"data": {"categories": ["name", "email"]}}})
	not processing.data_minimised with input as without(transfer, "/standing/agreement/data_categories")
}

onward := {"onward": {"recipient": {"country": "AU"}, "authorised": true}}

test_onward if {
	processing.onward_authorised with input as bank
	processing.onward_authorised with input as claims(onward)
	not processing.onward_authorised with input as without(claims(onward), "/claims/onward/authorised")
	asked := object.union(transfer, {"claims": onward})
	not processing.onward_authorised with input as asked
	processing.onward_authorised with input as object.union(asked, {"evidence": {"onward_authorised": true}})
	processing.onward_authorised with input as object.union(asked, {"evidence": {"approvals": ["onward_authority"]}})
	not processing.onward_authorised with input as object.union(asked, {"evidence": {"approvals": ["fiu"]}})
}

test_exceptions_must_be_agreed if {
	processing.exception_admitted("39(1)") with input as bank
	not processing.exception_admitted("39(1)") with input as transfer
	processing.exception_admitted("39(1)") with input as object.union(transfer, {"standing": {"agreement": {"derogations": ["39(1)"]}}})
}

offences := object.union(bank, {"evidence": {"data": {"criminal_offence_data": true}}})

test_offence_data if {
	not processing.offence_data_lawful with input as offences
	every basis in ["union_law", "member_state_law"] {
		processing.offence_data_lawful with input as object.union(offences, {"standing": {"art10_basis": basis}})
	}
	official := object.union(offences, {"standing": {"art10_basis": "official_authority"}})
	not processing.offence_data_lawful with input as official
	processing.offence_data_lawful with input as object.union(official, {"standing": {"exporter": {"type": "public_authority"}}})
	not processing.offence_data_lawful with input as object.union(offences, {"standing": {"exporter": {"type": "public_authority"}}})
	not processing.offence_data_lawful with input as without(bank, "/evidence/data/criminal_offence_data")
}

# In a question about the law alone any list will do, unless an agreement names another.
test_minimised_without_an_agreement if {
	outside := object.union(bank, {"standing": {"agreement": {"data_categories": ["iban"]}}})
	not processing.data_minimised with input as outside
}
