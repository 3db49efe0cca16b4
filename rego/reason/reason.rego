# METADATA
# title: Reasons
# description: |
#   The only place where a reason or a ground is built. A rule states its condition; everything that is said about the
#   rule (title, instrument, article, message) is its METADATA, which the engine joins to the reason by `custom.id`.
package passavant.reason

# METADATA
# title: A reason that supports or refuses
of(rule) := {"id": rule.custom.id, "code": object.get(rule.custom, "code", "")}

# METADATA
# title: A ground on which a transfer may rest
# description: |
#   `custom.rung` is its place on the ladder (the lowest rung decides), `custom.basis` the citations and
#   `custom.duties` the duties that come with it. `more` adds what only the facts can tell:
#   further citations, further duties, the supplementary measure relied on.
ground(rule, more) := {
	"id": rule.custom.id,
	"rung": rule.custom.rung,
	"basis": array.concat(rule.custom.basis, object.get(more, "basis", [])),
	"duties": ({code | some code in rule.custom.duties} | object.get(more, "duties", set())),
	"measures": object.get(more, "measures", set()),
}

# METADATA
# title: A citation that comes before the ground
# description: |
#   A treaty or an exception that had to hold as well, such as the treaty behind a request. The lower the place, the earlier the
#   citation. It is told with a permission and never makes one.
lead(place, citation) := [place, citation]
