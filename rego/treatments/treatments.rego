# METADATA
# title: Treatments
# description: |
#   What happens to each data category before it leaves. The agreement names a technique per category; a floor of the law
#   or of the agreement's own rules may only make it stricter. A category that nobody names is dropped.
package passavant.treatments

# METADATA
# title: Techniques from the mildest to the strictest
# description: By what the recipient can still learn of the value; docs/techniques.md says why.
severity := {
	"keep": 0,
	"scrub": 1,
	"mask": 2,
	"generalise": 3,
	"shift_date": 4,
	"preserve_prefix": 5,
	"split_email": 6,
	"preserve_format": 7,
	"tokenise": 8,
	"pseudonymise": 9,
	"redact": 10,
	"drop": 11,
}

# METADATA
# title: The agreed treatments, raised to the floors where they are milder
# description: Parameters stay with the technique they were agreed for.
raised(agreed, floors) := {category: treatment |
	some category, treatment_agreed in agreed
	treatment := strictest(treatment_agreed, object.get(floors, category, set()))
}

strictest(agreed, floor) := agreed if {
	every technique in floor {
		severity[agreed.technique] >= level(technique)
	}
} else := {"technique": without_parameters(max({level(technique) | some technique in floor})), "params": {}}

# What meets a floor and needs no parameters. Only the agreement can say how a value is masked, moved or made coarser. A floor
# that asks for it where the agreement has no such words therefore drops the value.
without_parameters(rank) := "pseudonymise" if {
	rank >= level("pseudonymise")
	rank <= severity.pseudonymise
} else := "redact" if {
	rank == severity.redact
} else := "drop"

# A floor is met from its own technique on, that of a pseudonym by every pseudonym of a whole value. A technique that is not
# known counts as the strictest.
level(technique) := severity.preserve_format if technique == "pseudonymise"

else := object.get(severity, technique, severity.drop)
