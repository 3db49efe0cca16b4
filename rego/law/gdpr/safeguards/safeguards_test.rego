package passavant.law.gdpr.safeguards_test

import data.passavant.facts_test.bank
import data.passavant.facts_test.ids
import data.passavant.facts_test.without
import data.passavant.law.gdpr.safeguards

scc := {"type": "scc_2021_914", "module": 1, "annexes_complete": true, "enforceable_rights": true}

clean := {"done": true, "documented": true, "problematic_law": false, "conclusion": "essentially_equivalent"}

us := object.union(bank, {"standing": {"recipient": {"country": "US"}, "safeguard": scc, "tia": clean}})

arrangement := object.union(us, {"standing": {
	"exporter": {"type": "public_authority"},
	"recipient": {"public_body": true},
	"safeguard": {"type": "administrative_arrangement", "sa_authorised": true},
}})

changed(safeguard) := object.union(us, {"standing": {"safeguard": safeguard}})

test_clauses if {
	some ground in safeguards.permits with input as us
	ground.basis == ["GDPR:46(2)(c)", "EU:2021/914"]
	ground.duties == {"make_safeguards_available", "document_tia", "suspend_on_change"}
	count(safeguards.lacks) == 0 with input as us
}

test_no_tool if {
	ids(safeguards.lacks) == {"gdpr.art46.1"} with input as without(us, "/standing/safeguard")
	ids(safeguards.lacks) == {"gdpr.art46.1"} with input as changed({"type": "handshake"})
	count(safeguards.permits) == 0 with input as changed({"type": "handshake"})
}

# Each module against each pair of roles: it fits its own pair and no other.
test_modules[name] if {
	some module, own in safeguards.modules
	some exporter in ["controller", "processor"]
	some recipient in ["controller", "processor"]
	name := sprintf("module %d, %s to %s", [module, exporter, recipient])
	document := object.union(changed({"module": module}), {"standing": {"exporter": {"role": exporter}, "recipient": {"role": recipient}}})
	fits := own == {"exporter": exporter, "recipient": recipient}
	permitted := count(safeguards.permits) == 1 with input as document
	permitted == fits
}

test_annexes if ids(safeguards.lacks) == {"gdpr.art46.2.c.annexes"} with input as changed({"annexes_complete": false})

test_rights if ids(safeguards.lacks) == {"gdpr.art46.1.rights"} with input as changed({"enforceable_rights": false})

test_importer_under_the_gdpr if {
	direct := changed({"importer_subject_to_gdpr_3_2": true})
	ids(safeguards.lacks) == {"gdpr.art46.2.c.importer"} with input as direct
	count(safeguards.permits) == 0 with input as direct
}

test_no_assessment_no_ground if count(safeguards.permits) == 0 with input as without(us, "/standing/tia")

test_arrangement if {
	some ground in safeguards.permits with input as arrangement
	ground.basis == ["GDPR:46(3)(b)"]
	"bind_onward_authorisation" in ground.duties
}

test_arrangement_needs_authorisation if {
	ids(safeguards.lacks) == {"gdpr.art46.3.authorisation"} with input as without(arrangement, "/standing/safeguard/sa_authorised")
}

test_arrangement_is_for_public_bodies if {
	ids(safeguards.lacks) == {"gdpr.art46.3.public"} with input as without(arrangement, "/standing/recipient/public_body")
	count(safeguards.permits) == 0 with input as without(arrangement, "/standing/recipient/public_body")
}
