# METADATA
# title: Law Enforcement Directive, adequacy decisions
# description: |
#   The list of this Directive alone. Decisions under the GDPR do not count here, nor the reverse, and decisions cover competent
#   authorities, not private recipients.
# related_resources:
#   - ref: https://eur-lex.europa.eu/eli/dir/2016/680/oj
#     description: Directive (EU) 2016/680, Article 36
package passavant.law.led.adequacy

import data.passavant.lib.records
import data.passavant.reason

# METADATA
# title: Adequacy decision under the Directive
# description: In force at the time of the transfer, with this recipient in its scope.
# custom: {id: led.art36, instrument: LED, article: "36", rung: 45, basis: ["LED:36"], duties: []}
permits contains reason.ground(rego.metadata.rule(), {"basis": [decision.ref]}) if {
	some decision in records.in_scope("EU_LED")
}

# METADATA
# title: No adequacy decision under the Directive
# description: None is in force for this destination with this recipient in its scope.
# custom:
#   id: led.art36.none
#   instrument: LED
#   article: "36"
#   code: adequacy_decision_in_force
#   failure_msg: no adequacy decision under the Law Enforcement Directive covers this recipient at the time of the transfer
lacks contains reason.of(rego.metadata.rule()) if not covered

covered if count(records.in_scope("EU_LED")) > 0

stale := records.stale("EU_LED")
