# METADATA
# title: The decision
# description: |
#   A transfer is permitted when a law applies to it, no gate prohibits it, and it has a ground to rest on. Grounds are a
#   ladder, not a menu: the lowest rung that holds decides and brings its duties. The parts are found by their path,
#   `passavant.law.<instrument>.<part>`, so that a new part needs no change here. A part may say:
#
#   - `supports`: a condition that is met and worth telling;
#   - `prohibits`: a gate; one is enough to refuse;
#   - `permits`: a ground;
#   - `lacks`: what a ground lacks, told when no ground holds;
#   - `duties`: obligations whatever the ground;
#   - `leads`: citations that come before those of the ground.
#
#   Some instruments govern (a law of data protection), others only add to the one that governs (a treaty, a marking). Gates
#   and duties of both count; grounds only those of the one that governs.
#
#   Rules of an agreement (`passavant.agreements.<id>`) can prohibit, add duties and make treatments stricter.
#   They cannot permit.
#
#   A question about another action, such as reading the log, is answered by `passavant.access` alone.
# entrypoint: true
package passavant.decision

import data.passavant.access
import data.passavant.applicable
import data.passavant.facts
import data.passavant.obligations
import data.passavant.treatments

# METADATA
# title: The outcome, complete and never undefined
outcome := {
	"permit": permitted,
	"basis": basis,
	"supports": supports,
	"prohibits": prohibits,
	"lacks": lacks,
	"grounds": grounds,
	"obligations": required,
	"treatments": treated,
	"notices": notices,
} if not facts.access_asked

outcome := access.outcome if facts.access_asked

default permitted := false

permitted if {
	count(prohibits) == 0
	some ground in grounds
	ground == decisive
}

supports contains rule if {
	some instrument in applicable.instruments
	some rule in data.passavant.law[instrument][_].supports
}

supports contains rule if some rule in data.passavant.terms.supports

prohibits contains rule if {
	some instrument in applicable.instruments
	some rule in data.passavant.law[instrument][_].prohibits
}

prohibits contains rule if some rule in data.passavant.terms.prohibits

prohibits contains rule if some rule in access.prohibits

prohibits contains rule if some rule in data.passavant.agreements[facts.agreement.rules].prohibits

prohibits contains rule if some rule in applicable.prohibits

grounds contains ground if {
	some instrument in applicable.governing
	some ground in data.passavant.law[instrument][_].permits
}

lowest_rung := min({ground.rung | some ground in grounds})

# One ground decides. If two stand on the same rung, the first by its identifier does: the same facts, the same decision.
decisive := [ground |
	some ground in grounds
	ground.rung == lowest_rung
][0]

default basis := []

basis := array.concat(leading, decisive.basis) if permitted

leading := [citation | some [_, citation] in sort(leads)]

leads contains lead if {
	some instrument in applicable.instruments
	some lead in data.passavant.law[instrument][_].leads
}

# What the grounds lack is of interest only when there is no ground.
lacks contains rule if {
	count(grounds) == 0
	some instrument in applicable.instruments
	some rule in data.passavant.law[instrument][_].lacks
}

required contains obligation if {
	permitted
	some code in decisive.duties
	obligation := obligations.of(code, {})
}

required contains obligation if {
	permitted
	some instrument in applicable.instruments
	some obligation in data.passavant.law[instrument][_].duties
}

required contains obligation if {
	permitted
	some obligation in data.passavant.terms.duties
}

required contains obligation if {
	permitted
	some obligation in data.passavant.agreements[facts.agreement.rules].duties
}

default treated := {}

treated := facts.agreement.treatments if {
	permitted
	count(floors) == 0
}

treated := treatments.raised(facts.agreement.treatments, floors) if {
	permitted
	count(floors) > 0
}

# METADATA
# title: The least strict technique that each category may have
# description: |
#   A supplementary measure sets floors by role; a category whose role is not known has the floor of the role "unknown". The
#   agreement's own rules set floors by category.
floors[category] contains technique if {
	some instrument in applicable.instruments
	some measure in decisive.measures
	table := data.passavant.law[instrument][_].use_cases[measure].floors
	some category, _ in facts.agreement.treatments
	technique := table[role(category)]
}

floors[category] contains technique if {
	some category, techniques in data.passavant.agreements[facts.agreement.rules].floors
	some technique in techniques
}

role(category) := stated if {
	stated := facts.data_roles[category]
} else := "unknown"

notices contains "stale_legal_data" if {
	some instrument in applicable.instruments
	some record in data.passavant.law[instrument][_].stale
}
