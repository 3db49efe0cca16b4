package passavant.law.europol.transfers_test

import data.passavant.facts_test.ids
import data.passavant.law.europol.private_parties
import data.passavant.law.europol.provider
import data.passavant.law.europol.scope
import data.passavant.law.europol.transfers
import data.passavant.lib.policing_test.police

# Europol to Georgia under a cooperation agreement.
document := object.union(json.remove(police, ["/standing/exporter"]), {
	"standing": {
		"exporter": {"type": "eu_agency", "organisation": "EUROPOL"},
		"recipient": {"country": "GE"},
		"recipient_undertaking": true,
		"agreement": {"type": "operational_pre_2017", "active": true},
	},
	"claims": {"provider": {"state": "NL", "consent": true}},
})

changed(changes) := object.union(document, changes)

no_agreement(changes) := object.union(json.remove(document, ["/standing/agreement"]), changes)

bases(facts) := {ground.basis[0] | some ground in grounds} if {
	grounds := transfers.permits with input as facts
}

test_scope if {
	scope.applies with input as document
	scope.governs with input as document
	not scope.applies with input as changed({"standing": {"exporter": {"organisation": "FRONTEX"}}})
	not scope.applies with input as changed({"standing": {"exporter": {"type": "police"}}})
	not scope.applies with input as changed({"evidence": {"data": {"personal": false}}})
}

test_grounds if {
	bases(document) == {"EUROPOL:25(1)(c)"}
	bases(changed({"standing": {"agreement": {"type": "art_218_tfeu"}}})) == {"EUROPOL:25(1)(b)"}
	bases(changed({"standing": {"agreement": {"active": false}}})) == set()
	bases(changed({"standing": {"agreement": {"type": "art_218_tfeu", "active": false}}})) == set()
	bases(no_agreement({})) == set()
	bases(no_agreement({"standing": {"recipient": {"country": "GB"}}})) == {"EUROPOL:25(1)(a)"}
	bases(no_agreement({"standing": {"recipient": {"country": "FR"}}})) == {"EUROPOL:20"}
	bases(no_agreement({"standing": {"recipient": {"type": "eu_agency"}}})) == {"EUROPOL:24"}
}

test_provider_is_cited if {
	some ground in transfers.permits with input as document
	ground.basis == ["EUROPOL:25(1)(c)", "EUROPOL:23(6)"]
}

test_authorised_safeguards if {
	safeguards := {"type": "25(4a)", "approved": true, "documented": true}
	bases(no_agreement({"standing": {"safeguard": safeguards}})) == {"EUROPOL:25(4a)"}
	every key in ["type", "approved", "documented"] {
		bases(no_agreement({"standing": {"safeguard": object.remove(safeguards, [key])}})) == set()
	}
}

test_single_case if {
	single := {"type": "25(5)(d)", "individual_case": true, "systematic": false, "rights_override": false}
	bases(no_agreement({"claims": {"derogation": single}})) == {"EUROPOL:25(5)"}
	count(transfers.lacks) == 0 with input as no_agreement({"claims": {"derogation": single}})
	every key in ["individual_case", "systematic", "rights_override"] {
		partly := no_agreement({"claims": {"derogation": object.remove(single, [key])}})
		bases(partly) == set()
		lacks := ids(transfers.lacks) with input as partly
		lacks == {"europol.art25.none", "europol.art25.5.conditions"}
	}
	bases(no_agreement({"scope": "transfer", "claims": {"derogation": single}})) == set()
	bases(no_agreement({"claims": {"derogation": object.union(single, {"type": "38(1)(d)"})}})) == set()
}

test_no_ground if {
	ids(transfers.lacks) == {"europol.art25.none"} with input as no_agreement({})
	count(transfers.lacks) == 0 with input as document
}

test_stale if transfers.stale == {"EU:2021/1773"} with input as no_agreement({"at": "2027-11-23T00:00:00Z", "standing": {"recipient": {"country": "GB"}}})

test_provider if {
	count(provider.prohibits) == 0 with input as document
	{duty.code | some duty in provider.duties} == {"use_limit", "bind_onward_authorisation"}
	every path, expected in {
		"/claims/provider/consent": {"europol.art23.6.consent"},
		"/claims/provider/state": {"europol.art23.6.consent"},
		"/standing/recipient_undertaking": {"europol.art23.6.undertaking"},
		"/claims/necessary": {"europol.art23.5"},
		"/evidence/data/special_categories": {"europol.art30"},
	} {
		found := ids(provider.prohibits) with input as json.remove(document, [path])
		found == expected
	}
	ids(provider.prohibits) == {"europol.art23.7"} with input as changed({"claims": {"onward": {"recipient": {"country": "AU"}}}})
}

test_consent_in_a_transfer if {
	ids(provider.prohibits) == {"europol.art23.6.consent"} with input as changed({"scope": "transfer"})
	count(provider.prohibits) == 0 with input as changed({"scope": "transfer", "evidence": {"approvals": ["data_provider"]}})
}

test_private_parties if {
	count(private_parties.prohibits) == 0 with input as document
	ids(private_parties.prohibits) == {"europol.art26"} with input as changed({"standing": {"recipient": {"type": "bank", "competent_authority": false}}})
	ids(private_parties.prohibits) == {"europol.art26"} with input as json.remove(document, ["/standing/recipient/competent_authority"])
	count(private_parties.prohibits) == 0 with input as changed({"standing": {"recipient": {"type": "eu_agency", "competent_authority": false}}})
}

test_every_name_of_a_basis if {
	every type in ["art_218_tfeu", "218_tfeu", "international_agreement_218"] {
		bases(changed({"standing": {"agreement": {"type": type}}})) == {"EUROPOL:25(1)(b)"}
	}
	every type in ["25(4a)", "25(4a)(a)", "25(4a)(b)"] {
		bases(no_agreement({"standing": {"safeguard": {"type": type, "approved": true, "documented": true}}})) == {"EUROPOL:25(4a)"}
	}
}
