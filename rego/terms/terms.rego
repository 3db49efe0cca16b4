# METADATA
# title: Terms of every agreement
# description: |
#   What binds whatever the law permits: the agreement is in force and signed, the request stays within its purposes, data
#   subjects and categories, the approvals that it asks for are there, and nothing goes onward without authorisation. A question about the law alone may leave the agreement out,
#   but an agreement that is there must be in force.
package passavant.terms

import data.passavant.facts
import data.passavant.lib.dates
import data.passavant.obligations
import data.passavant.reason

# METADATA
# title: The agreement is in force
# description: Active, and within its period of validity on the day of the transfer.
# custom:
#   id: agreement.in_force
#   instrument: agreement
#   article: validity
supports contains reason.of(rego.metadata.rule()) if in_force

# METADATA
# title: The agreement must be in force
# description: "Suspended, terminated, not begun or ended: nothing binds the recipient."
# custom:
#   id: agreement.inactive
#   instrument: agreement
#   article: validity
#   code: agreement_inactive
#   failure_msg: the agreement is not active on the day of the transfer
prohibits contains reason.of(rego.metadata.rule()) if not in_force_or_not_asked

in_force_or_not_asked if in_force

in_force_or_not_asked if {
	facts.law_only
	not facts.agreement
}

in_force if {
	facts.agreement.active == true
	begun
	not_ended
}

begun if dates.on_or_after(facts.at, facts.agreement.valid_from)

begun if {
	facts.law_only
	not facts.agreement.valid_from
}

not_ended if dates.on_or_before(facts.at, facts.agreement.valid_until)

not_ended if {
	facts.law_only
	not facts.agreement.valid_until
}

# METADATA
# title: The agreement must be signed
# description: |
#   By the exporter and by the recipient, over this very version. Go verifies the signatures and says so in the standing
#   facts; where the workspace asks for none, it says that instead.
# custom:
#   id: agreement.signed
#   instrument: agreement
#   article: signatures
#   code: agreement_unsigned
#   failure_msg: this version of the agreement is not signed by both the exporter and the recipient
#   remedies:
#     - text: have the exporter and the recipient sign this version of the agreement (passavant sign-agreement)
#       set: {agreement.signatures: verified}
prohibits contains reason.of(rego.metadata.rule()) if not signed

signed if facts.agreement.signatures in {"verified", "not_required"}

signed if {
	facts.law_only
	not facts.agreement.signatures
}

# METADATA
# title: The purpose must be one of the agreement
# description: Specific, explicit and agreed; a request cannot add a purpose.
# custom:
#   id: agreement.purpose
#   instrument: agreement
#   article: purposes
#   code: purpose_compatible
#   failure_msg: the purpose of the request is not one of the purposes of the agreement
prohibits contains reason.of(rego.metadata.rule()) if not purpose_agreed

purpose_agreed if facts.purpose in facts.agreement.purposes

purpose_agreed if {
	facts.law_only
	not facts.agreement.purposes
}

# METADATA
# title: The data subjects must be within the agreement
# description: Customers, victims, suspects and witnesses are not interchangeable.
# custom:
#   id: agreement.subjects
#   instrument: agreement
#   article: data subjects
#   code: data_minimisation
#   failure_msg: the data concern categories of data subjects that the agreement does not name
prohibits contains reason.of(rego.metadata.rule()) if not subjects_agreed

subjects_agreed if {
	every subject in facts.data_subjects {
		subject in facts.agreement.data_subjects
	}
}

subjects_agreed if {
	facts.law_only
	not facts.agreement.data_subjects
}

# METADATA
# title: Only the agreed categories of data
# description: A category leaves if the agreement names it and gives it a form in which it may leave.
# custom:
#   id: agreement.categories
#   instrument: agreement
#   article: data categories
#   code: data_minimisation
#   failure_msg: data would leave whose category the agreement does not name
prohibits contains reason.of(rego.metadata.rule()) if not categories_agreed

categories_agreed if {
	every category in facts.data_categories {
		category in facts.agreement.data_categories
	}
}

categories_agreed if {
	facts.law_only
	not facts.agreement.data_categories
}

# METADATA
# title: Approvals that the agreement asks for
# description: |
#   An approval is a statement signed by a key that the agreement names for the role, bound to the facts of this transfer
#   and to an expiry. Only what Go verified counts; a request that merely says so is not believed.
# custom:
#   id: agreement.approval
#   instrument: agreement
#   article: approvals
#   code: approval_missing
#   failure_msg: the agreement asks for an approval that was not shown
prohibits contains reason.of(rego.metadata.rule()) if not approvals_shown

approvals_shown if {
	every approval in facts.agreement.approvals {
		settled(approval)
	}
}

approvals_shown if {
	facts.law_only
	not facts.agreement.approvals
}

settled(approval) if approval.role in facts.approvals

settled(approval) if approval.when == "never"

settled(approval) if {
	approval.when == "special_categories"
	count(facts.special_categories) == 0
}

settled(approval) if {
	approval.when == "criminal_offence_data"
	facts.criminal_offence_data == false
}

settled(approval) if {
	approval.when == "foreign_origin"
	facts.origin.state == facts.exporter.country
}

settled(approval) if {
	approval.when == "onward"
	not facts.onward
}

# METADATA
# title: No onward transfer without prior authorisation
# description: |
#   Prohibited by default. Where the agreement allows it with prior authorisation, the authorisation must have been
#   verified; the word of the request is not enough.
# custom:
#   id: agreement.onward
#   instrument: agreement
#   article: onward transfer
#   code: onward_authorisation
#   failure_msg: an onward transfer is asked for that is not authorised
prohibits contains reason.of(rego.metadata.rule()) if not onward_settled

onward_settled if not facts.onward

onward_settled if {
	facts.law_only
	facts.onward.authorised == true
}

onward_settled if {
	facts.agreement.onward == "prior_authorisation"
	facts.onward_authorised == true
}

onward_settled if {
	facts.agreement.onward == "prior_authorisation"
	"onward_authority" in facts.approvals
}

duties contains obligations.of("purpose_limit", {"purpose": facts.purpose}) if transfer_under_agreement

duties contains obligations.of("delete_after", {"days": sprintf("%d", [facts.agreement.retention_days])}) if {
	transfer_under_agreement
}

duties contains obligations.of("no_onward_transfer", {}) if facts.agreement.onward == "prohibited"

duties contains obligations.of("bind_onward_authorisation", {}) if facts.agreement.onward == "prior_authorisation"

transfer_under_agreement if facts.agreement.id
