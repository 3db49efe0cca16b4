# METADATA
# title: Records of approved destinations
# description: |
#   Reads the dated lists of the reference data (decisions of the Commission, of the United Kingdom, of Switzerland, …). The
#   test is not "is the country on a list" but "is this recipient within the scope of a record in force at the time of the
#   transfer". A record whose scope uses a word that no rule knows permits nothing.
package passavant.lib.records

import data.passavant.facts
import data.passavant.lib.conditions
import data.passavant.lib.dates
import data.passavant.lib.parties

# METADATA
# title: The records of a list that are in force for this exporter and this destination
# description: An invalidated record is void from the beginning and is never in force, whatever the date.
in_force(list) := {record |
	some destination in parties.destinations
	some record in data.passavant.reference.adequacy.records[list][destination]
	record.status == "in_force"
	within_period(record)
	reaches_exporter(record)
}

# METADATA
# title: Exclusions that counted while they lasted
exclusions(list) := {record |
	some destination in parties.destinations
	some record in data.passavant.reference.adequacy.records[list][destination]
	record.status == "exclusion_historical"
	within_period(record)
}

# METADATA
# title: Those of them within whose scope the recipient is shown to be
in_scope(list) := {record |
	some record in in_force(list)
	established(record)
	excluded_by_none(record.scope_rule.none_of)
	every exclusion in exclusions(list) {
		excluded_by_none(exclusion.scope_rule.none_of)
	}
}

# METADATA
# title: References of records relied on that have not been checked lately
stale(list) := {record.ref |
	some record in in_force(list)
	dates.days_since(facts.at, record.checked_on) > data.passavant.reference.pack.stale_after_days
}

established(record) if {
	every condition in record.scope_rule.all_of {
		conditions.established[condition]
	}
}

excluded_by_none(words) if {
	every condition in words {
		conditions.ruled_out[condition]
	}
}

within_period(record) if {
	dates.on_or_after(facts.at, record.valid_from)
	not has_end(record)
}

within_period(record) if {
	dates.on_or_after(facts.at, record.valid_from)
	dates.on_or_before(facts.at, record.valid_until)
}

has_end(record) if record.valid_until

reaches_exporter(record) if record.applies_to_exporters == "ANY"

reaches_exporter(record) if parties.exporter_in(record.applies_to_exporters)
