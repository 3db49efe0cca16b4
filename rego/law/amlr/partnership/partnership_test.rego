package passavant.law.amlr.partnership_test

import data.passavant.facts_test.bank
import data.passavant.facts_test.ids
import data.passavant.law.amlr.partnership
import data.passavant.law.amlr.scope
import data.passavant.law.gdpr.mandates

shared := object.union(json.remove(bank, ["/standing/lawful_basis"]), {
	"at": "2027-07-10T00:00:00Z",
	"standing": {
		"recipient": {"country": "BE"},
		"agreement": {"active": true, "partnership_verified": true, "dpia_ref": "dpia-7"},
	},
})

changed(changes) := object.union(shared, changes)

test_in_order if {
	count(partnership.prohibits) == 0 with input as shared
	partnership.leads == {[10, "AMLR:75"]} with input as shared
	{duty.code | some duty in partnership.duties} == {"use_limit", "no_onward_transfer", "record_request"}
	mandates.lawful_basis == "GDPR:6(1)(e)" with input as shared
}

test_scope if {
	scope.applies with input as shared
	scope.applies with input as changed({"standing": {"agreement": {"partnership_verified": false}}})
	not scope.applies with input as json.remove(shared, ["/standing/agreement/partnership_verified"])
	scope.applies with input as json.remove(changed({"standing": {"agreement": {"type": "aml_partnership"}}}), ["/standing/agreement/partnership_verified"])
	not scope.applies with input as changed({"standing": {"exporter": {"country": "US"}}})
}

test_each_condition if {
	every path, expected in {
		"/standing/agreement/partnership_verified": {"amlr.art75.2"},
		"/standing/agreement/dpia_ref": {"amlr.art75.4.h"},
		"/standing/recipient/type": {"amlr.art75.1"},
		"/standing/exporter/type": {"amlr.art75.1"},
		"/evidence/data/categories": {"amlr.art75.4.k"},
	} {
		found := ids(partnership.prohibits) with input as json.remove(shared, [path])
		found == expected
		not partnership.in_order with input as json.remove(shared, [path])
	}
	not partnership.in_order with input as json.remove(shared, ["/standing/agreement/active"])
}

test_not_before_its_day if {
	ids(partnership.prohibits) == {"amlr.art90"} with input as changed({"at": "2027-07-09T23:59:00Z"})
	not partnership.in_order with input as changed({"at": "2027-07-09T23:59:00Z"})
}

test_empty_reference if ids(partnership.prohibits) == {"amlr.art75.4.h"} with input as changed({"standing": {"agreement": {"dpia_ref": ""}}})

test_suspicions if {
	claimed := changed({"claims": {"data": {"suspicion_report": true}}})
	found := changed({"evidence": {"data": {"categories": ["suspicion_report"]}}})
	every document in [claimed, found] {
		refused := ids(partnership.prohibits) with input as document
		refused == {"amlr.art75.4.k"}
		agreed := partnership.prohibits with input as object.union(document, {"claims": {"fiu_agreement": true}})
		count(agreed) == 0
		in_transfer := ids(partnership.prohibits) with input as object.union(document, {"scope": "transfer", "claims": {"fiu_agreement": true}})
		in_transfer == {"amlr.art75.4.k"}
		approved := partnership.prohibits with input as object.union(document, {"scope": "transfer", "evidence": {"approvals": ["fiu"]}})
		count(approved) == 0
	}
}

test_suspicions_by_every_name if {
	every category in ["suspicion", "suspicion_report", "suspicious_activity_report"] {
		refused := ids(partnership.prohibits) with input as changed({"evidence": {"data": {"categories": ["name", category]}}})
		refused == {"amlr.art75.4.k"}
	}
}

test_short_reference if count(partnership.prohibits) == 0 with input as changed({"standing": {"agreement": {"dpia_ref": "7"}}})

# A partnership that is not in order leads nowhere and gives no basis.
test_out_of_order if {
	count(partnership.leads) == 0 with input as json.remove(shared, ["/standing/agreement/dpia_ref"])
	not mandates.lawful_basis with input as json.remove(shared, ["/standing/agreement/dpia_ref"])
}
