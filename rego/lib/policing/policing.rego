# METADATA
# title: Conditions of transfers for criminal justice
# description: |
#   Positive statements that the Law Enforcement Directive and Part 3 of the Data Protection Act 2018 both ask about. What one
#   authority asserts about its own assessment is a claim; what another authority must have authorised is evidence in a
#   transfer, and taken as stated only in a question about the law alone.
package passavant.lib.policing

import data.passavant.facts
import data.passavant.lib.processing

# METADATA
# title: Necessary for a purpose of criminal justice
necessary if {
	facts.necessary == true
	facts.purpose
}

# METADATA
# title: Special categories are shown to be absent, or strictly necessary and authorised by law
special_categories_strict if processing.no_special_categories

special_categories_strict if {
	facts.art10.strictly_necessary == true
	facts.art10.authorised_by_law == true
}

special_categories_authorised if processing.no_special_categories

special_categories_authorised if facts.art10.authorised_by_law == true

# METADATA
# title: Quality was checked, facts are distinguished from assessments, and it is known whose data they are
quality_checked if {
	facts.quality_checked == true
	facts.facts_assessments_marked == true
	count(facts.data_subjects) > 0
}

# METADATA
# title: The data are the exporter's own, or the authority from which they came has authorised the transfer
originator_settled if facts.origin.state == facts.exporter.country

originator_settled if originator_authorised

originator_settled if urgent_exception

originator_authorised if {
	facts.law_only
	facts.origin.prior_authorisation == true
}

originator_authorised if {
	facts.law_only
	facts.recipient.country in facts.origin.authorised_destinations
}

originator_authorised if "originating_authority" in facts.approvals

# METADATA
# title: The urgent exception is needed and its conditions are asserted
# description: An immediate and serious threat, and no authorisation in good time.
urgent_exception if {
	foreign_origin
	not originator_authorised
	processing.exception_admitted("35(2)")
	facts.emergency.immediate_serious_threat == true
	facts.emergency.authorisation_in_time == false
}

foreign_origin if {
	facts.origin.state
	facts.origin.state != facts.exporter.country
}

# METADATA
# title: A binding instrument with appropriate safeguards covers the transfer
binding_instrument if {
	facts.safeguard.type == "37(1)(a)"
	facts.safeguard.binding == true
	facts.safeguard.covers_transfer == true
	not found_inequivalent
}

# METADATA
# title: The exporter assessed all circumstances and documented that safeguards exist
assessed_safeguards if {
	facts.safeguard.type == "37(1)(b)"
	facts.safeguard.assessed == true
	facts.safeguard.documented == true
	not found_inequivalent
}

# The exporter found that protection for this very transfer is not essentially equivalent (EDPB Guidelines 01/2023).
found_inequivalent if facts.safeguard.equivalent_for_this_transfer == false

# METADATA
# title: What each derogation asks the request to assert, by its letter
# description: |
#   (a) vital interests, (b) legitimate interests of the data subject, (c) an immediate and serious threat to public security,
#   (d) an individual case of criminal justice, (e) an individual case of legal claims. Never for bulk.
derogation_conditions := {
	"a": {"vital_interest": true},
	"b": {},
	"c": {},
	"d": {"individual_case": true, "rights_override": false},
	"e": {"individual_case": true, "rights_override": false},
}

# METADATA
# title: The conditions of the derogation with this letter are asserted, and nothing shows bulk
derogation_asserted(letter) if {
	every name, answer in derogation_conditions[letter] {
		facts.derogation[name] == answer
	}
	circumstances_asserted(letter)
	processing.derogation_admitted
	not systematic
}

circumstances_asserted(letter) if letter in {"a", "d", "e"}

circumstances_asserted("b") if facts.derogation.recognised_in == facts.exporter.country

circumstances_asserted("c") if facts.emergency.immediate_serious_threat == true

systematic if facts.derogation.systematic == true

systematic if facts.derogation.repetitive == true

# METADATA
# title: Every condition for a recipient that is not a competent authority is asserted
private_recipient_conditions if {
	facts.exporter.led_3_7 == "a"
	private_recipient_case
}

private_recipient_case if {
	facts.art39.individual_case == true
	facts.art39.strictly_necessary == true
	facts.art39.rights_override == false
	facts.art39.authority_ineffective == true
	facts.art39.authority_informed == true
	facts.art39.recipient_purpose_told == true
	facts.art39.national_law_allows == true
}
