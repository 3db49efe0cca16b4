# METADATA
# title: Conditions of processing that several laws share
# description: |
#   Positive statements for the gates of the first step: purpose, minimisation, special categories, offence data. Each law
#   says in its own gate what follows if one of them is not shown.
package passavant.lib.processing

import data.passavant.facts
import data.passavant.lib.parties

# METADATA
# title: The purpose of the transfer is that of collection, or has been found compatible with it
# description: By the reference data, or by an assessment that the agreement records for this purpose.
purpose_compatible if facts.purpose == facts.collected_for

purpose_compatible if facts.purpose in data.passavant.reference.purposes.compatible[facts.collected_for]

purpose_compatible if facts.collected_for in facts.agreement.compatible_purposes[facts.purpose]

# METADATA
# title: Every category that would leave lies within the agreement
# description: For a question about the law alone, where no list has been agreed, naming the categories is enough.
data_minimised if {
	every category in facts.data_categories {
		category in facts.agreement.data_categories
	}
}

data_minimised if {
	facts.law_only
	count(facts.data_categories) > 0
	not facts.agreement.data_categories
}

# METADATA
# title: The data are shown to hold no special categories
no_special_categories if count(facts.special_categories) == 0

# METADATA
# title: Offence data are shown to be absent, or have official authority or an authorising law
offence_data_lawful if facts.criminal_offence_data == false

offence_data_lawful if facts.art10_basis in {"union_law", "member_state_law"}

offence_data_lawful if {
	facts.art10_basis == "official_authority"
	parties.exporter_is_public
}

# METADATA
# title: The agreement lets its requests rely on the derogation that is claimed
# description: A question about the law alone has no agreement and is not bound.
derogation_admitted if facts.law_only

derogation_admitted if facts.derogation.type in facts.agreement.derogations

# METADATA
# title: An exception other than a derogation may be relied on
exception_admitted(_) if facts.law_only

exception_admitted(exception) if exception in facts.agreement.derogations

# METADATA
# title: Nothing asks for an onward transfer, or the one asked for is authorised
# description: In a transfer only what was verified counts; in a question about the law alone the facts are taken as stated.
onward_authorised if not facts.onward

onward_authorised if {
	facts.law_only
	facts.onward.authorised == true
}

onward_authorised if facts.onward_authorised == true

onward_authorised if "onward_authority" in facts.approvals
