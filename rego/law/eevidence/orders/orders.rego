# METADATA
# title: e-Evidence Regulation, orders to providers
# description: |
#   A competent authority of a Member State other than Denmark addresses a provider directly. Subscriber data may be asked
#   for in any case; traffic and content data need a judge and an offence of a certain weight. An authority outside the Union
#   cannot use it.
# related_resources:
#   - ref: https://eur-lex.europa.eu/eli/reg/2023/1543/oj
#     description: Regulation (EU) 2023/1543, Articles 4 and 5
package passavant.law.eevidence.orders

import data.passavant.facts
import data.passavant.lib.dates
import data.passavant.lib.parties
import data.passavant.obligations
import data.passavant.reason

# METADATA
# title: The order meets every condition of the Regulation
binding if {
	facts.request.instrument == "EPOC"
	applicable
	issuer_competent
	addressed_to_provider
	categories_known
	issued_by_the_right_authority
	offence_grave_enough
}

# METADATA
# title: The Regulation must already apply
# description: It applies since 18 August 2026.
# custom:
#   id: eevidence.art34
#   instrument: EU:2023/1543
#   article: "34"
#   code: not_yet_applicable
#   failure_msg: the e-Evidence Regulation did not yet apply at the time of the transfer
prohibits contains reason.of(rego.metadata.rule()) if not applicable

applicable if dates.on_or_after(facts.at, act.valid_from)

act := data.passavant.reference.treaties.acts["EU:2023/1543"]

# METADATA
# title: Only authorities of Member States that take part
# description: The issuing authority is one of a Member State of the Union other than Denmark, competent in criminal matters.
# custom:
#   id: eevidence.art4
#   instrument: EU:2023/1543
#   article: "4"
#   code: recipient_competent_authority
#   failure_msg: the order does not come from a competent authority of a Member State that takes part
prohibits contains reason.of(rego.metadata.rule()) if not issuer_competent

issuer_competent if {
	parties.recipient_is_competent_authority
	facts.recipient.country in act.states
}

# METADATA
# title: Only providers in the Member States that take part
# description: The order goes to the designated establishment or representative of a provider of electronic communications or other information society services.
# custom:
#   id: eevidence.art2
#   instrument: EU:2023/1543
#   article: "2(1)"
#   code: request_content
#   failure_msg: the addressee is not shown to be a service provider to whom such an order can be addressed
prohibits contains reason.of(rego.metadata.rule()) if not addressed_to_provider

addressed_to_provider if {
	facts.exporter.type in {"csp", "telecom"}
	facts.exporter.country in act.states
}

# METADATA
# title: The order must name what it asks for
# description: Subscriber data, data solely to identify the user, traffic data or content data; nothing else can be ordered.
# custom:
#   id: eevidence.art5.5
#   instrument: EU:2023/1543
#   article: "5(5)"
#   code: request_content
#   failure_msg: the data asked for are not shown to be subscriber, identification, traffic or content data
prohibits contains reason.of(rego.metadata.rule()) if not categories_known

categories_known if {
	count(facts.data_categories) > 0
	every category in facts.data_categories {
		category in orderable
	}
}

orderable := any_offence | grave_offence_only

any_offence := {"subscriber", "subscriber_data", "identification", "identification_data"}

grave_offence_only := {"traffic", "traffic_data", "content", "content_data"}

only_subscriber_data if {
	every category in facts.data_categories {
		category in any_offence
	}
}

# METADATA
# title: Traffic and content data need a judge
# description: A judge, a court or an investigating judge issues or validates the order; a prosecutor may do so for subscriber data only.
# custom:
#   id: eevidence.art4.2
#   instrument: EU:2023/1543
#   article: "4(2)"
#   code: request_content
#   failure_msg: traffic or content data are asked for and the order is not shown to come from a judge
#   confirm: true
prohibits contains reason.of(rego.metadata.rule()) if not issued_by_the_right_authority

issued_by_the_right_authority if facts.request.issued_by_judge == true

issued_by_the_right_authority if only_subscriber_data

# METADATA
# title: Traffic and content data need an offence of a certain weight
# description: At least three years of imprisonment at the maximum, or an offence of the list in Article 5(4).
# custom:
#   id: eevidence.art5.4
#   instrument: EU:2023/1543
#   article: "5(4)"
#   code: offence_threshold
#   failure_msg: traffic or content data are asked for and the offence reaches neither three years nor the list
#   confirm: true
prohibits contains reason.of(rego.metadata.rule()) if not offence_grave_enough

offence_grave_enough if facts.request.max_penalty_years >= 3

offence_grave_enough if facts.request.listed_offence == true

offence_grave_enough if only_subscriber_data

# METADATA
# title: A preservation order does not hand over data
# description: The provider keeps the data for sixty days; handing them over needs a production order.
# custom:
#   id: eevidence.art6
#   instrument: EU:2023/1543
#   article: "6"
#   code: request_content
#   failure_msg: a preservation order asks to keep data, not to hand them over
prohibits contains reason.of(rego.metadata.rule()) if not production

production if facts.request.instrument == "EPOC"

leads contains reason.lead(10, "EEVIDENCE:5(3)") if {
	binding
	only_subscriber_data
}

leads contains reason.lead(10, "EEVIDENCE:5(4)") if {
	binding
	not only_subscriber_data
}

duties contains obligations.of("record_request", {})

duties contains obligations.of("use_limit", {})
