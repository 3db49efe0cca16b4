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
# title: The stricter of the agreed technique and the floors
# description: Parameters stay with the technique they were agreed for.
strictest(agreed, floors) := agreed if {
	every technique in floors {
		severity[agreed.technique] >= severity[technique]
	}
} else := {"technique": technique, "params": {}} if {
	top := max({severity[floor] | some floor in floors})
	some technique in object.keys(severity)
	severity[technique] == top
}
