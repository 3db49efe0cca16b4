package passavant.lib.records_test

import data.passavant.facts_test.bank
import data.passavant.lib.policing_test.police
import data.passavant.lib.records

refs(list) := {record.ref | some record in list}

test_in_force_and_in_scope if {
	refs(records.in_force("EU_LED")) == {"EU:2021/1773"} with input as police
	refs(records.in_scope("EU_LED")) == {"EU:2021/1773"} with input as police
	count(records.in_scope("EU_LED")) == 0 with input as json.remove(police, ["/standing/recipient/competent_authority"])
	count(records.in_force("EU_LED")) == 0 with input as json.remove(police, ["/standing/recipient/country"])
	count(records.in_force("EU_LED")) == 0 with input as bank
}

test_unconfirmed_is_not_in_force if {
	manx := object.union(police, {"standing": {"exporter": {"country": "GB"}, "recipient": {"country": "IM"}}})
	count(records.in_force("UK_DPA_PART3")) == 0 with input as manx
}

test_groups_of_states if {
	korean := object.union(bank, {"standing": {"exporter": {"country": "KR"}, "recipient": {"country": "FR"}}})
	refs(records.in_force("KR_PIPA")) == {"PIPC:2025-09-16"} with input as korean
	count(records.in_force("KR_PIPA")) == 0 with input as object.union(korean, {"standing": {"recipient": {"country": "VN"}}})
	count(records.in_force("KR_PIPA")) == 0 with input as object.union(korean, {"at": "2025-09-15T00:00:00Z"})
}

test_stale if {
	count(records.stale("EU_LED")) == 0 with input as police
	records.stale("EU_LED") == {"EU:2021/1773"} with input as object.union(police, {"at": "2027-11-23T00:00:00Z"})
}

# The day on which data become stale: 180 days after they were checked is the last good one.
test_first_stale_day if {
	checked := {record.checked_on | some record in records.in_force("EU_LED")} with input as police
	checked == {"2026-11-23"}
	count(records.stale("EU_LED")) == 0 with input as object.union(police, {"at": "2027-05-22T00:00:00Z"})
	count(records.stale("EU_LED")) == 1 with input as object.union(police, {"at": "2027-05-23T00:00:00Z"})
}
