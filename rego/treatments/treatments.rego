# METADATA
# title: Treatments
# description: |
#   What happens to each data category before it leaves. The agreement names a technique per category; a floor of the law
#   or of the agreement's own rules may only make it stricter. A category that nobody names is dropped.
package passavant.treatments

# METADATA
# title: Techniques from the mildest to the strictest
severity := {"keep": 0, "mask": 1, "generalise": 2, "pseudonymise": 3, "drop": 4}

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
} else := {"technique": without_parameters(technique), "params": {}} if {
	some technique, rank in severity
	rank == max({level(demanded) | some demanded in floor})
}

# Only the agreement can say how a value is masked or made coarser. A floor that asks for it where the agreement has no
# such words therefore drops the value.
without_parameters(technique) := "pseudonymise" if technique == "pseudonymise"

else := "drop"

# A technique that is not known counts as the strictest.
level(technique) := object.get(severity, technique, severity.drop)
