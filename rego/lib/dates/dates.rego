# METADATA
# title: Dates
# description: |
#   Calendar days in UTC, written YYYY-MM-DD. A period includes both its first and its last day
#   (Regulation (EEC, Euratom) No 1182/71, Art. 3). A day that does not exist is an evaluation error, which
#   refuses the transfer; it is never "undefined".
# related_resources:
#   - ref: https://eur-lex.europa.eu/eli/reg/1971/1182/oj
#     description: Regulation 1182/71 on periods, dates and time limits
package passavant.lib.dates

day_ns := 86400000000000

# The instant at which a calendar day begins, in nanoseconds since 1970.
begins(day) := time.parse_ns("2006-01-02", day)

# The instant is on that day or later.
on_or_after(instant, day) if instant >= begins(day)

# The instant is on that day or earlier: the last day counts in full.
on_or_before(instant, day) if instant < begins(day) + day_ns

days_since(instant, day) := floor((instant - begins(day)) / day_ns)
