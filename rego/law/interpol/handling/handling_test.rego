package passavant.law.interpol.handling_test

import data.passavant.facts_test.ids
import data.passavant.law.interpol.handling
import data.passavant.law.interpol.scope
import data.passavant.lib.policing_test
import data.passavant.lib.policing_test.police

organisation := object.union(json.remove(police, ["/standing/recipient/country"]), {"standing": {"recipient": {"type": "international_organisation", "organisation": "INTERPOL"}}})

restricted(document, members) := object.union(document, {"claims": {"interpol": {"restricted_members": members}}})

test_scope if {
	scope.applies with input as organisation
	not scope.applies with input as police
	not scope.applies with input as restricted(police, [])
	scope.applies with input as restricted(police, ["RU"])
	scope.applies with input as policing_test.claims({"interpol": {"confidentiality": "restricted"}})
}

test_open_to_all_members if {
	count(handling.prohibits) == 0 with input as organisation
	count(handling.prohibits) == 0 with input as restricted(organisation, [])
}

onward := {"claims": {"onward": {"recipient": {"country": "RU"}}}}

test_restrictions if {
	ids(handling.prohibits) == {"interpol.art58"} with input as object.union(organisation, onward)
	ids(handling.prohibits) == {"interpol.art58"} with input as object.union(restricted(organisation, ["RU"]), onward)
	count(handling.prohibits) == 0 with input as object.union(restricted(organisation, ["CN"]), onward)
	ids(handling.prohibits) == {"interpol.art58"} with input as object.union(restricted(organisation, ["RU"]), {"claims": {"onward": {"authorised": true}}})
	count(handling.prohibits) == 0 with input as object.union(restricted(organisation, []), {"claims": {"onward": {"authorised": true}}})
	ids(handling.prohibits) == {"interpol.art58"} with input as restricted(police, ["GB"])
	count(handling.prohibits) == 0 with input as restricted(police, ["RU"])
	ids(handling.prohibits) == {"interpol.art58"} with input as policing_test.claims({"interpol": {"confidentiality": "restricted"}})
}

test_confidentiality if {
	ids(handling.prohibits) == {"interpol.art112"} with input as object.union(organisation, {"claims": {"interpol": {"confidentiality": "top secret"}}})
	count(handling.prohibits) == 0 with input as object.union(organisation, {"claims": {"interpol": {"confidentiality": "INTERPOL Restricted"}}})
}

test_duties if {
	{duty.code | some duty in handling.duties} == {"use_limit"} with input as organisation
	{duty.code | some duty in handling.duties} == {"use_limit", "preserve_marking"} with input as policing_test.claims({"interpol": {"confidentiality": "restricted"}})
}

test_a_restriction_holds_for_the_organisation_too if {
	ids(handling.prohibits) == {"interpol.art58"} with input as object.union(restricted(organisation, ["GB"]), {"standing": {"recipient": {"country": "GB"}}})
}
