package passavant.treatments_test

import data.passavant.treatments

test_strictest[name] if {
	some agreed, low in treatments.severity
	some floor, high in treatments.severity
	name := sprintf("%s with floor %s", [agreed, floor])
	got := treatments.strictest({"technique": agreed, "params": {}}, {floor}).technique
	got == expected(agreed, low, floor, high)
}

expected(agreed, low, _, high) := agreed if low >= high

expected(_, low, floor, high) := "drop" if {
	low < high
	floor in {"mask", "generalise", "drop"}
}

expected(_, low, floor, high) := "pseudonymise" if {
	low < high
	floor == "pseudonymise"
}

test_parameters_stay_with_their_technique if {
	masked := {"technique": "mask", "params": {"keep_last": "4"}}
	treatments.strictest(masked, {"keep"}) == masked
	treatments.strictest(masked, {"drop", "keep"}) == {"technique": "drop", "params": {}}
}

test_no_floor if treatments.strictest({"technique": "keep", "params": {}}, set()).technique == "keep"

test_unknown_floor_is_the_strictest if {
	treatments.strictest({"technique": "keep", "params": {}}, {"shred"}).technique == "drop"
}

test_raised_keeps_every_category if {
	agreed := {"a": {"technique": "keep", "params": {}}, "b": {"technique": "keep", "params": {}}}
	got := treatments.raised(agreed, {"b": {"drop"}, "c": {"drop"}})
	got == {"a": {"technique": "keep", "params": {}}, "b": {"technique": "drop", "params": {}}}
}
