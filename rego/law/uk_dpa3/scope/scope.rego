# METADATA
# title: Data Protection Act 2018 Part 3, scope
# description: A competent authority of the United Kingdom that transfers for a law-enforcement purpose.
# related_resources:
#   - ref: https://www.legislation.gov.uk/ukpga/2018/12/part/3
#     description: Data Protection Act 2018, sections 29 to 31
package passavant.law.uk_dpa3.scope

import data.passavant.lib.parties

default applies := false

applies if {
	parties.exporter_in("UK")
	parties.exporter_acts_for_criminal_justice
	not parties.proven_impersonal
}

governs := applies
