# METADATA
# title: Applicable law
# description: |
#   This library can only say yes where it knows the law. Each instrument says in its `scope` part whether it `applies`, and
#   whether it `governs`: a law of data protection governs its exporters, a treaty or a marking only adds to the law that
#   governs. If none governs, or two claim to, the transfer is refused.
package passavant.applicable

import data.passavant.reason

# METADATA
# title: The instruments whose gates and duties count
instruments contains instrument if data.passavant.law[instrument].scope.applies

# METADATA
# title: The instrument whose grounds count
governing contains instrument if data.passavant.law[instrument].scope.governs

# METADATA
# title: No law known to the library governs this exporter
# description: Either the exporter's law is not in this library, or two laws claim the same transfer.
# custom:
#   id: scope.unknown_law
#   instrument: library
#   article: scope
#   code: no_applicable_law
#   failure_msg: exactly one law known to this library must govern the exporter, and that is not the case
prohibits contains reason.of(rego.metadata.rule()) if not exactly_one

exactly_one if count(governing) == 1
