package passavant.law.led.adequacy_test

import data.passavant.facts_test.ids
import data.passavant.law.led.adequacy
import data.passavant.lib.policing_test
import data.passavant.lib.policing_test.police

test_united_kingdom if {
	some ground in adequacy.permits with input as police
	ground.basis == ["LED:36", "EU:2021/1773"]
	count(adequacy.lacks) == 0 with input as police
}

test_competent_authorities_only if {
	bank := policing_test.standing({"recipient": {"type": "bank", "competent_authority": false}})
	count(adequacy.permits) == 0 with input as bank
	ids(adequacy.lacks) == {"led.art36.none"} with input as bank
}

# Japan has a decision under the GDPR, which is worth nothing here.
test_decisions_of_the_gdpr_do_not_count if {
	ids(adequacy.lacks) == {"led.art36.none"} with input as policing_test.standing({"recipient": {"country": "JP"}})
}

test_stale if {
	adequacy.stale == {"EU:2021/1773"} with input as object.union(police, {"at": "2027-11-23T00:00:00Z"})
}
