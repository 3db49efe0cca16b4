# METADATA
# title: Traffic Light Protocol 2.0, who may receive
# description: |
#   The source decides how far information goes, and the label travels unchanged. The protocol is neither a legal basis nor a
#   classification: a label that lets information pass leaves every other condition in place. A label that nobody knows
#   counts as RED.
# related_resources:
#   - ref: https://www.first.org/tlp/
#     description: FIRST, Traffic Light Protocol version 2.0
package passavant.law.tlp.recipients

import data.passavant.facts
import data.passavant.obligations
import data.passavant.reason

# METADATA
# title: The label lets the information pass to this recipient
# description: The recipient stands to the holder as the label demands, or the source has permitted wider sharing.
# custom:
#   id: tlp.recipient
#   instrument: TLP2
#   article: definitions
#   rung: 20
#   basis: []
#   duties: []
permits contains reason.ground(rego.metadata.rule(), {"basis": [concat(":", ["TLP2", label])]}) if recipient_permitted

# METADATA
# title: The recipient is outside what the label allows
# description: |
#   RED is for the individuals of the exchange, AMBER+STRICT for the recipient's own organisation, AMBER for it and its clients,
#   GREEN for the community; RED and AMBER need a need to know.
# custom:
#   id: tlp.recipient.outside
#   instrument: TLP2
#   article: definitions
#   code: tlp_recipient
#   failure_msg: the label does not allow this recipient, or a need to know is not shown
prohibits contains reason.of(rego.metadata.rule()) if not recipient_permitted

# METADATA
# title: Wider sharing needs the permission of the source
# description: Whoever wants to share further than the label allows asks the source first.
# custom:
#   id: tlp.source
#   instrument: TLP2
#   article: usage
#   code: source_permission
#   failure_msg: the recipient is outside the label and the source is not shown to have permitted it
prohibits contains reason.of(rego.metadata.rule()) if not recipient_permitted

recipient_permitted if {
	facts.recipient.relation_to_holder in markings.tlp[label].relations
	need_to_know_shown
}

recipient_permitted if label == "CLEAR"

recipient_permitted if {
	source_permits
	need_to_know_shown
}

source_permits if {
	facts.law_only
	facts.source_permission == true
}

source_permits if "information_source" in facts.approvals

need_to_know_shown if markings.tlp[label].need_to_know == false

need_to_know_shown if facts.need_to_know == true

# METADATA
# title: The label in its present form
# description: Labels of version 1 and the identifiers of STIX marking definitions are reference data.
label := known if {
	known := markings.labels[facts.marking]
} else := "RED"

markings := data.passavant.reference.markings

duties contains obligations.of("preserve_marking", {})

duties contains obligations.of("strict_need_to_know", {}) if markings.tlp[label].need_to_know == true
