package passavant.law.led.derogations_test

import data.passavant.facts_test.ids
import data.passavant.law.led.derogations
import data.passavant.lib.policing_test
import data.passavant.lib.policing_test.police

claimed(letter, facts) := policing_test.claims(object.union(facts, {"derogation": {"type": sprintf("38(1)(%s)", [letter])}}))

test_each_stands_alone if {
	every letter, facts in policing_test.asserted {
		grounds := derogations.permits with input as claimed(letter, facts)
		{ground.basis | some ground in grounds} == {[sprintf("LED:38(1)(%s)", [letter])]}
		{ground.duties | some ground in grounds} == {{"led_document"}}
		lacks := derogations.lacks with input as claimed(letter, facts)
		count(lacks) == 0
	}
}

test_nothing_claimed if {
	count(derogations.permits) == 0 with input as police
	count(derogations.lacks) == 0 with input as police
}

test_bulk if {
	bulk := claimed("d", {"derogation": {"individual_case": false, "systematic": true, "rights_override": false}})
	ids(derogations.lacks) == {"led.art38.conditions"} with input as bulk
	count(derogations.permits) == 0 with input as bulk
}

test_rights if {
	every letter in ["d", "e"] {
		unweighed := claimed(letter, {"derogation": {"individual_case": true}})
		found := ids(derogations.lacks) with input as unweighed
		found == {"led.art38.conditions", "led.art38.2"}
	}
	ids(derogations.lacks) == {"led.art38.conditions"} with input as claimed("a", {})
}

test_unknown_derogation if ids(derogations.lacks) == {"led.art38.conditions"} with input as claimed("z", {"derogation": {"vital_interest": true}})

# The conditions of one letter do not open another, and its name alone opens nothing.
test_letters_are_not_mixed if {
	every letter, _ in policing_test.asserted {
		every facts in policing_test.asserted {
			opened := {ground.basis | some ground in derogations.permits} with input as claimed(letter, facts)
			opened - {[sprintf("LED:38(1)(%s)", [letter])]} == set()
		}
		count(derogations.permits) == 0 with input as claimed(letter, {})
	}
}
