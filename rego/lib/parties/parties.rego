# METADATA
# title: Parties and zones
# description: |
#   Positive statements about the exporter and the recipient. Each one is a proof: it holds only when the facts
#   show it. What the facts leave open is not proven, and its opposite is not proven either.
package passavant.lib.parties

import data.passavant.facts

zones := data.passavant.reference.zones.zones

kinds := data.passavant.reference.parties

exporter_in(zone) if facts.exporter.country in zones[zone]

recipient_in(zone) if facts.recipient.country in zones[zone]

# A country, or an international organisation that stands for itself.
destination := facts.recipient.country

destination := facts.recipient.organisation if {
	facts.recipient.type == "international_organisation"
	not facts.recipient.country
}

# METADATA
# title: The names under which a list may hold the destination
# description: Its own, and those of the groups of States to which it belongs.
destinations contains destination

destinations contains "EEA" if recipient_in("EEA")

destinations contains "EU/EEA" if recipient_in("EEA")

destinations contains "EU/EEA" if {
	facts.recipient.type == "eu_agency"
	not facts.recipient.country
}

# METADATA
# title: Exporter and recipient are in one country
domestic if facts.recipient.country == facts.exporter.country

recipient_is_private_sector if {
	facts.recipient.type in kinds.private_sector
	not recipient_is_public
}

recipient_is_public if facts.recipient.type in kinds.public_authority

recipient_is_public if facts.recipient.public_body

recipient_is_public if facts.recipient.competent_authority

recipient_is_competent_authority if facts.recipient.competent_authority == true

exporter_is_competent_authority if facts.exporter.competent_authority == true

exporter_is_public if facts.exporter.type in kinds.public_authority

exporter_is_public if facts.exporter.public_powers

# Proven to act without public powers: what Art. 6(1) second subparagraph and Art. 49(3) ask about.
exporter_acts_without_public_powers if {
	facts.exporter.type in kinds.may_rely_on_legitimate_interests
	not exporter_is_public
}

recipient_subject_to(law) if law in facts.recipient.subject_to

# METADATA
# title: The exporter acts as a competent authority for criminal justice
# description: |
#   A competent authority transfers under the law for criminal justice unless the purpose is known to lie outside it, such as
#   the administration of its own staff.
exporter_acts_for_criminal_justice if {
	exporter_is_competent_authority
	not purpose_outside_criminal_justice
}

purpose_outside_criminal_justice if facts.purpose in data.passavant.reference.policing.outside_criminal_justice

# METADATA
# title: The facts concern personal data, or it is not known
# description: Only a proof that the data are not personal takes the law of data protection away.
proven_impersonal if facts.personal == false
