# METADATA
# title: Permissible Actions Protocol, what may be done
# description: |
#   Orthogonal to the Traffic Light Protocol: that says who may know, this says what may be done. RED allows only what nobody
#   outside can see, AMBER passive checks with third parties, GREEN active measures, CLEAR everything. A label or an action that
#   nobody knows is not allowed.
# related_resources:
#   - ref: https://www.misp-project.org/taxonomies.html#_pap
#     description: MISP taxonomies, PAP
package passavant.law.pap.actions

import data.passavant.facts
import data.passavant.obligations
import data.passavant.reason

# METADATA
# title: The intended action must be one that the label permits
# description: The request names the action; the label that came with the data bounds it.
# custom:
#   id: pap.action
#   instrument: PAP
#   article: definitions
#   code: pap_action
#   failure_msg: the intended action is not shown to be one that the label of the data permits
prohibits contains reason.of(rego.metadata.rule()) if not action_permitted

action_permitted if facts.intended_action in data.passavant.reference.markings.pap[facts.pap]

action_permitted if {
	facts.intended_action
	facts.pap in {"CLEAR", "PAP:CLEAR", "PAP:WHITE", "WHITE"}
}

duties contains obligations.of("preserve_marking", {})

duties contains obligations.of("use_limit", {})
