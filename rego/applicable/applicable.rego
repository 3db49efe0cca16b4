# METADATA
# title: Applicable law
# description: |
#   This library can only say yes where it knows the law. Each instrument says in its `scope` part whether it governs the
#   exporter; if none does, or two claim to, the transfer is refused.
package passavant.applicable

import data.passavant.reason

# METADATA
# title: The instruments that govern this exporter
instruments contains instrument if data.passavant.law[instrument].scope.applies

# METADATA
# title: No law known to the library governs this exporter
# description: Today that is the GDPR for exporters in the EEA that are not competent authorities.
# custom:
#   id: scope.unknown_law
#   instrument: library
#   article: scope
#   code: no_applicable_law
#   failure_msg: exactly one law known to this library must govern the exporter, and that is not the case
prohibits contains reason.of(rego.metadata.rule()) if not exactly_one

exactly_one if count(instruments) == 1
