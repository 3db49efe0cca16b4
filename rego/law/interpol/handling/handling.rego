# METADATA
# title: INTERPOL Rules on the Processing of Data, handling
# description: |
#   The source keeps control: it may restrict members and uses (Articles 56 to 58), further use asks it first (Article 63), and
#   a confidentiality level travels with the data (Article 112).
# related_resources:
#   - ref: https://www.interpol.int/content/download/5694/file/24%20E%20RulesProcessingData_RPD_UPDATE_7_11_19_ok.pdf
#     description: INTERPOL's Rules on the Processing of Data, III/IRPD/GA/2011
package passavant.law.interpol.handling

import data.passavant.facts
import data.passavant.obligations
import data.passavant.reason

# METADATA
# title: A restricted member receives nothing
# description: Neither as the recipient nor onward, unless the source itself permits it.
# custom:
#   id: interpol.art58
#   instrument: INTERPOL:RPD
#   article: 56-58
#   code: source_permission
#   failure_msg: the data would reach a member that the source has restricted, or the restrictions are not stated
#   confirm: true
prohibits contains reason.of(rego.metadata.rule()) if not restrictions_respected

restrictions_respected if {
	facts.interpol.restricted_members
	not restricted_member_receives
}

# The organisation itself, with the exporter as the source and no restriction stated, is open to all members.
restrictions_respected if {
	facts.recipient.organisation == "INTERPOL"
	not facts.interpol.restricted_members
	not facts.onward
}

restricted_member_receives if facts.recipient.country in facts.interpol.restricted_members

# An onward recipient that is not named may be any member.
restricted_member_receives if {
	count(facts.interpol.restricted_members) > 0
	facts.onward
	not onward_recipient
}

onward_recipient := facts.onward.recipient.country

restricted_member_receives if onward_recipient in facts.interpol.restricted_members

# METADATA
# title: The confidentiality level must be one of the three
# description: For official use only, restricted, confidential. A level that nobody knows cannot be kept.
# custom:
#   id: interpol.art112
#   instrument: INTERPOL:RPD
#   article: "112"
#   code: confidentiality_condition
#   failure_msg: the confidentiality level of the data is not one that INTERPOL knows
#   confirm: true
prohibits contains reason.of(rego.metadata.rule()) if not confidentiality_known

confidentiality_known if facts.interpol.confidentiality in data.passavant.reference.markings.interpol

confidentiality_known if not facts.interpol.confidentiality

duties contains obligations.of("use_limit", {})

duties contains obligations.of("preserve_marking", {}) if facts.interpol.confidentiality
