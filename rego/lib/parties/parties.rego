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

recipient_is_private_sector if {
	facts.recipient.type in kinds.private_sector
	not recipient_is_public
}

recipient_is_public if facts.recipient.type in kinds.public_authority

recipient_is_public if facts.recipient.public_body

recipient_is_public if facts.recipient.competent_authority

exporter_is_public if facts.exporter.type in kinds.public_authority

exporter_is_public if facts.exporter.public_powers

# Proven to act without public powers: what Art. 6(1) second subparagraph and Art. 49(3) ask about.
exporter_acts_without_public_powers if {
	facts.exporter.type in kinds.may_rely_on_legitimate_interests
	not exporter_is_public
}

recipient_subject_to(law) if law in facts.recipient.subject_to
