package passavant.lib.dates_test

import data.passavant.lib.dates

noon := time.parse_rfc3339_ns("2026-11-23T12:00:00Z")

test_first_and_last_day_count if {
	dates.on_or_after(noon, "2026-11-23")
	dates.on_or_before(noon, "2026-11-23")
}

test_the_day_before_and_after_do_not if {
	not dates.on_or_after(noon, "2026-11-24")
	not dates.on_or_before(noon, "2026-11-22")
}

test_last_nanosecond_of_the_day if {
	dates.on_or_before(dates.begins("2026-11-24") - 1, "2026-11-23")
	not dates.on_or_before(dates.begins("2026-11-24"), "2026-11-23")
}

test_leap_day if dates.on_or_before(dates.begins("2028-02-29"), "2028-02-29")

test_days_since if {
	dates.days_since(noon, "2026-11-23") == 0
	dates.days_since(noon, "2026-05-23") == 184
}
