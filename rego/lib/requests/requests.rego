# METADATA
# title: Requests for assistance
# description: Positive statements about a request of another State, which several instruments ask about.
package passavant.lib.requests

import data.passavant.facts
import data.passavant.lib.dates

# METADATA
# title: The use stays within the proceedings stated, or the requested State has consented
within_stated_use if facts.request.intended_use == facts.request.stated_use

within_stated_use if facts.request.prior_consent == true

# METADATA
# title: The request has the content that the treaty asks for
complete if {
	facts.request.complete == true
	not something_missing
}

something_missing if count(facts.request.missing_fields) > 0

# METADATA
# title: Dual criminality is not asked for, or the conduct is an offence here too
# description: By the conduct, whatever the offence is called or how it is classed (ETS 185, Article 25(5)).
dual_criminality_settled if not dual_criminality_asked

dual_criminality_settled if facts.request.conduct_is_offence_in_requested_state == true

dual_criminality_asked if facts.request.dual_criminality_required == true

# METADATA
# title: No condition was set, or the receiver accepts it
condition_settled if not facts.request.condition

condition_settled if facts.request.receiver_accepts_condition == true

# METADATA
# title: Confidentiality of the information is accepted
confidentiality_accepted if facts.request.confidentiality_accepted == true

# METADATA
# title: The treaty binds both States at the time of the transfer
treaty_binds(name) if {
	treaty := data.passavant.reference.treaties.treaties[name]
	treaty.status == "in_force"
	dates.on_or_after(facts.at, treaty.valid_from)
	party(treaty, facts.exporter.country)
	party(treaty, facts.recipient.country)
}

party(treaty, country) if dates.on_or_after(facts.at, treaty.parties[country].valid_from)
