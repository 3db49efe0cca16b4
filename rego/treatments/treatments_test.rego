package passavant.treatments_test

import data.passavant.treatments

test_strictest[name] if {
	some agreed, low in treatments.severity
	some floor, high in treatments.severity
	name := sprintf("%s with floor %s", [agreed, floor])
	got := treatments.strictest({"technique": agreed, "params": {}}, {floor}).technique
	got == expected(agreed, low, floor, high)
}

whole_value := {"preserve_format", "tokenise", "pseudonymise"}

met(_, low, _, high) if low >= high

met(agreed, _, floor, _) if {
	floor == "pseudonymise"
	agreed in whole_value
}

expected(agreed, low, floor, high) := agreed if met(agreed, low, floor, high)

expected(agreed, low, floor, high) := "drop" if {
	not met(agreed, low, floor, high)
	not floor in whole_value
	floor != "redact"
}

expected(agreed, low, floor, high) := floor if {
	not met(agreed, low, floor, high)
	floor == "redact"
}

expected(agreed, low, floor, high) := "pseudonymise" if {
	not met(agreed, low, floor, high)
	floor in whole_value
}

test_the_strictest_of_many_floors_wins if {
	kept := {"technique": "keep", "params": {}}
	treatments.strictest(kept, {"pseudonymise", "generalise"}).technique == "pseudonymise"
	treatments.strictest(kept, {"pseudonymise", "preserve_format"}).technique == "pseudonymise"
	treatments.strictest(kept, {"redact", "pseudonymise"}).technique == "redact"
	treatments.strictest(kept, {"redact", "drop"}).technique == "drop"
}

test_a_part_of_a_value_is_no_pseudonym if {
	every technique in {"preserve_prefix", "split_email", "shift_date"} {
		treatments.strictest({"technique": technique, "params": {"days": "3"}}, {"pseudonymise"}) == {"technique": "pseudonymise", "params": {}}
	}
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
