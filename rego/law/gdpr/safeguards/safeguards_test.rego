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

# What binds and is enforceable needs no authorisation, and what does not is at most an arrangement.
test_arrangement_that_binds if {
	binds := object.union(without(arrangement, "/standing/safeguard/sa_authorised"), {"standing": {"safeguard": {"binding_and_enforceable": true}}})
	some ground in safeguards.permits with input as binds
	ground.basis == ["GDPR:46(2)(a)"]
	instrument := object.union(binds, {"standing": {"safeguard": {"type": "binding_instrument", "binding_and_enforceable": false}}})
	ids(safeguards.lacks) == {"gdpr.art46.2.complete", "gdpr.art46.3.authorisation"} with input as instrument
	count(safeguards.permits) == 0 with input as instrument
}

tools := {
	"binding_instrument": {"binding_and_enforceable": true},
	"bcr": {"approved": true, "member_listed": true},
	"sa_scc": {"approved": true, "annexes_complete": true},
	"code_of_conduct": {"approved": true, "binding_and_enforceable": true},
	"certification": {"approved": true, "binding_and_enforceable": true},
}

of(type, facts) := object.union(arrangement, {"standing": {"safeguard": object.union(facts, {"type": type})}})

test_every_tool_with_everything if {
	every type, facts in tools {
		tooled := json.remove(of(type, facts), ["/standing/safeguard/module", "/standing/safeguard/sa_authorised"])
		grounds := safeguards.permits with input as tooled
		{ground.basis[0] | some ground in grounds} == {concat("", ["GDPR:", safeguards.points[type]])}
	}
}

# A tool that lacks one of its conditions, or the rights, or the assessment, does not permit.
permitted_in_part contains [type, key] if {
	some type, facts in tools
	some key, _ in facts
	grounds := safeguards.permits with input as json.patch(of(type, facts), [{"op": "replace", "path": concat("/", ["/standing/safeguard", key]), "value": false}])
	count(grounds) > 0
}

permitted_in_part contains [type, path] if {
	some type, facts in tools
	some path in ["/standing/tia", "/standing/safeguard/enforceable_rights"]
	grounds := safeguards.permits with input as without(of(type, facts), path)
	count(grounds) > 0
}

test_no_tool_in_part if permitted_in_part == set()

test_private_parties_have_no_binding_instrument if {
	every path in ["/standing/exporter/type", "/standing/recipient/public_body"] {
		grounds := safeguards.permits with input as without(of("binding_instrument", tools.binding_instrument), path)
		count(grounds) == 0
	}
}

test_own_clauses if {
	own := of("ad_hoc_clauses", {})
	some ground in safeguards.permits with input as own
	ground.basis == ["GDPR:46(3)(a)"]
	every path in ["/standing/safeguard/sa_authorised", "/standing/safeguard/enforceable_rights", "/standing/tia"] {
		grounds := safeguards.permits with input as without(own, path)
		count(grounds) == 0
	}
	ids(safeguards.lacks) == {"gdpr.art46.3.authorisation"} with input as without(own, "/standing/safeguard/sa_authorised")
}

test_processor_to_controller_without_assessment if {
	returned := object.union(without(changed({"module": 4}), "/standing/tia"), {"standing": {"exporter": {"role": "processor"}, "data": {"combined_with_eu_data": false}}})
	count(safeguards.permits) == 1 with input as returned
	count(safeguards.permits) == 0 with input as object.union(returned, {"standing": {"data": {"combined_with_eu_data": true}}})
	count(safeguards.permits) == 0 with input as without(returned, "/standing/data/combined_with_eu_data")
}

# The clauses open nothing without each of their conditions.
test_clauses_without[path] if {
	some path in [
		"/standing/safeguard/annexes_complete", "/standing/safeguard/enforceable_rights", "/standing/safeguard/module",
		"/standing/tia/done", "/standing/tia/documented", "/standing/tia/conclusion", "/standing/tia/problematic_law",
	]
	count(safeguards.permits) == 0 with input as without(us, path)
}

test_arrangement_without[path] if {
	whole := object.union(arrangement, {"standing": {"safeguard": {"enforceable_rights": true}}})
	some ground in safeguards.permits with input as whole
	ground.basis == ["GDPR:46(3)(b)"]
	some path in [
		"/standing/safeguard/sa_authorised", "/standing/safeguard/enforceable_rights", "/standing/recipient/public_body",
		"/standing/tia/done", "/standing/tia/conclusion",
	]
	count(safeguards.permits) == 0 with input as without(whole, path)
}

# What is lacking is told of the tool that was chosen, and only where it is lacking.
test_lacks_are_of_the_chosen_tool if {
	subject := changed({"importer_subject_to_gdpr_3_2": true})
	"gdpr.art46.2.c.importer" in ids(safeguards.lacks) with input as subject
	rules := object.union(subject, {"standing": {"safeguard": {"type": "bcr", "approved": true, "member_listed": true}}})
	not "gdpr.art46.2.c.importer" in ids(safeguards.lacks) with input as rules
	not "gdpr.art46.2.complete" in ids(safeguards.lacks) with input as rules
	"gdpr.art46.2.complete" in ids(safeguards.lacks) with input as without(rules, "/standing/safeguard/member_listed")
}

test_authorisation_is_asked_of_arrangements_only if {
	binding := object.union(us, {"standing": {"safeguard": {"type": "46(2)(a)", "binding_and_enforceable": true}}})
	not "gdpr.art46.3.authorisation" in ids(safeguards.lacks) with input as binding
	unbinding := object.union(us, {"standing": {"safeguard": {"type": "46(2)(a)", "binding_and_enforceable": false}}})
	"gdpr.art46.3.authorisation" in ids(safeguards.lacks) with input as unbinding
	loose := changed({"binding_and_enforceable": false})
	not "gdpr.art46.3.authorisation" in ids(safeguards.lacks) with input as loose
}

# Only module 4 knows data that are not combined.
test_uncombined_data_are_of_module_4 if {
	loose := object.union(without(us, "/standing/tia"), {"standing": {"data": {"combined_with_eu_data": false}}})
	count(safeguards.permits) == 0 with input as loose
}
