package passavant.law.led.safeguards_test

import data.passavant.facts_test.ids
import data.passavant.law.led.safeguards
import data.passavant.lib.policing_test
import data.passavant.lib.policing_test.police

binding := {"type": "37(1)(a)", "binding": true, "covers_transfer": true}

to(country, safeguard) := policing_test.standing({"recipient": {"country": country}, "safeguard": safeguard})

test_binding_instrument if {
	some ground in safeguards.permits with input as to("BR", binding)
	ground.basis == ["LED:37(1)(a)"]
	ground.rung == 46
	count(safeguards.lacks) == 0 with input as to("BR", binding)
}

test_umbrella if {
	named := object.union(binding, {"instrument": "EU-US MLA"})
	some ground in safeguards.permits with input as to("US", named)
	ground.basis == ["LED:37(1)(a)", "UMBRELLA:5"]
	ground.duties == {"use_limit"}
	alone := to("US", object.union(binding, {"instrument": "EU-US Umbrella Agreement"}))
	count(safeguards.permits) == 0 with input as alone
	ids(safeguards.lacks) == {"led.art37.none"} with input as alone
	count(safeguards.permits) == 0 with input as to("US", binding)
}

test_assessed if {
	assessed := {"type": "37(1)(b)", "assessed": true, "documented": true}
	some ground in safeguards.permits with input as to("BR", assessed)
	ground.basis == ["LED:37(1)(b)"]
	ground.duties == {"led_document", "led_inform_sa"}
	count(safeguards.lacks) == 0 with input as to("BR", assessed)
}

test_none if ids(safeguards.lacks) == {"led.art37.none"} with input as police

test_umbrella_by_every_name if {
	every name in ["UMBRELLA", "Umbrella agreement", "EU-US Umbrella agreement", "EU-US Umbrella Agreement"] {
		alone := to("US", object.union(binding, {"instrument": name}))
		count(safeguards.permits) == 0 with input as alone
	}
}
