# METADATA
# title: GDPR, derogations for specific situations
# description: |
#   The last rung, interpreted strictly (EDPB Guidelines 2/2018). A derogation is claimed by the request; the claim counts only
#   if the agreement lets its requests rely on that derogation, and its conditions are asserted one by one.
# related_resources:
#   - ref: https://eur-lex.europa.eu/eli/reg/2016/679/oj
#     description: Regulation (EU) 2016/679, Article 49
package passavant.law.gdpr.derogations

import data.passavant.facts
import data.passavant.lib.parties
import data.passavant.lib.processing
import data.passavant.reason

# METADATA
# title: Explicit consent to the proposed transfer
# description: Article 49(1)(a), after information on the risks; not for public authorities exercising public powers.
# custom: {id: gdpr.art49.1.a, instrument: GDPR, article: "49(1)(a)", rung: 49, basis: ["GDPR:49(1)(a)"], duties: []}
permits contains reason.ground(rego.metadata.rule(), {}) if {
	claimed("49(1)(a)")
	open_to_exporter
	conditions_met
}

# METADATA
# title: Necessary for a contract with the data subject
# description: Article 49(1)(b), occasional (recital 111); not for public authorities exercising public powers.
# custom: {id: gdpr.art49.1.b, instrument: GDPR, article: "49(1)(b)", rung: 49, basis: ["GDPR:49(1)(b)"], duties: []}
permits contains reason.ground(rego.metadata.rule(), {}) if {
	claimed("49(1)(b)")
	open_to_exporter
	conditions_met
	occasional
}

# METADATA
# title: Necessary for a contract in the interest of the data subject
# description: Article 49(1)(c), occasional (recital 111); not for public authorities exercising public powers.
# custom: {id: gdpr.art49.1.c, instrument: GDPR, article: "49(1)(c)", rung: 49, basis: ["GDPR:49(1)(c)"], duties: []}
permits contains reason.ground(rego.metadata.rule(), {}) if {
	claimed("49(1)(c)")
	open_to_exporter
	conditions_met
	occasional
}

# METADATA
# title: Important reasons of public interest
# description: Article 49(1)(d), an interest recognised in Union law or in the law of the exporter's Member State (49(4)), not systematic.
# custom: {id: gdpr.art49.1.d, instrument: GDPR, article: "49(1)(d)", rung: 49, basis: ["GDPR:49(1)(d)", "GDPR:49(4)"], duties: []}
permits contains reason.ground(rego.metadata.rule(), {}) if {
	claimed("49(1)(d)")
	public_interest_recognised
	conditions_met
	occasional
}

# METADATA
# title: Legal claims
# description: Article 49(1)(e), necessary for the establishment, exercise or defence of legal claims, occasional (recital 111).
# custom: {id: gdpr.art49.1.e, instrument: GDPR, article: "49(1)(e)", rung: 49, basis: ["GDPR:49(1)(e)"], duties: []}
permits contains reason.ground(rego.metadata.rule(), {}) if {
	claimed("49(1)(e)")
	conditions_met
	occasional
}

# METADATA
# title: Vital interests
# description: Article 49(1)(f), where the data subject is physically or legally incapable of giving consent.
# custom: {id: gdpr.art49.1.f, instrument: GDPR, article: "49(1)(f)", rung: 49, basis: ["GDPR:49(1)(f)"], duties: []}
permits contains reason.ground(rego.metadata.rule(), {}) if {
	claimed("49(1)(f)")
	conditions_met
}

# METADATA
# title: Public register
# description: Article 49(1)(g) and 49(2), never the whole register or an entire category of it.
# custom: {id: gdpr.art49.1.g, instrument: GDPR, article: "49(1)(g)", rung: 49, basis: ["GDPR:49(1)(g)", "GDPR:49(2)"], duties: []}
permits contains reason.ground(rego.metadata.rule(), {}) if {
	claimed("49(1)(g)")
	conditions_met
}

# METADATA
# title: Compelling legitimate interests
# description: |
#   Article 49(1) second subparagraph: no other ground is possible, not repetitive, few data subjects, not overridden, all
#   circumstances assessed, suitable safeguards. The authority and the data subject are informed and the record says so.
# custom: {id: gdpr.art49.1.second, instrument: GDPR, article: "49(1) second subparagraph", rung: 50, basis: ["GDPR:49(1)-2"], duties: [inform_sa_49, inform_ds_49, document_49_6]}
permits contains reason.ground(rego.metadata.rule(), {}) if {
	claimed("49(1)_second_subparagraph")
	open_to_exporter
	conditions_met
	not_repetitive_and_few
}

# METADATA
# title: The agreement does not let its requests rely on this derogation
# description: A request asserts a derogation; only the agreement can say that such a claim may be made under it.
# custom:
#   id: gdpr.art49.agreed
#   instrument: GDPR
#   article: "49(1)"
#   code: derogation_condition_unmet
#   failure_msg: the agreement does not let its requests rely on the derogation that is claimed
lacks contains reason.of(rego.metadata.rule()) if {
	facts.derogation.type
	not processing.derogation_admitted
}

# METADATA
# title: This derogation is closed to public authorities
# description: Article 49(3) takes (a), (b), (c) and the second subparagraph away where public powers are exercised.
# custom:
#   id: gdpr.art49.3
#   instrument: GDPR
#   article: "49(3)"
#   code: derogation_unavailable_to_public_authority
#   failure_msg: the exporter is not shown to act without public powers, and this derogation is closed to public authorities
lacks contains reason.of(rego.metadata.rule()) if {
	facts.derogation.type in closed_to_public_authorities
	not open_to_exporter
}

# METADATA
# title: The public interest must be recognised here
# description: Article 49(4), in Union law or the law of the Member State of the exporter; the third country's interest alone is not enough.
# custom:
#   id: gdpr.art49.4
#   instrument: GDPR
#   article: "49(4)"
#   code: public_interest_not_recognised
#   failure_msg: the public interest is not recognised in Union law or the law of the exporter's Member State
lacks contains reason.of(rego.metadata.rule()) if {
	facts.derogation.type == "49(1)(d)"
	not public_interest_recognised
}

# METADATA
# title: The transfer must be occasional
# description: Recital 111 for (b), (c) and (e); a derogation cannot become the rule for (d) either.
# custom:
#   id: gdpr.art49.occasional
#   instrument: GDPR
#   article: recital 111
#   code: occasional_only
#   failure_msg: the transfer is not shown to be occasional
lacks contains reason.of(rego.metadata.rule()) if {
	facts.derogation.type in occasional_types
	not occasional
}

# METADATA
# title: Not repetitive, and few data subjects
# description: Article 49(1) second subparagraph.
# custom:
#   id: gdpr.art49.1.second.limited
#   instrument: GDPR
#   article: "49(1) second subparagraph"
#   code: not_repetitive_limited
#   failure_msg: the transfer is not shown to be non-repetitive and limited to few data subjects
lacks contains reason.of(rego.metadata.rule()) if {
	facts.derogation.type == "49(1)_second_subparagraph"
	not not_repetitive_and_few
}

# METADATA
# title: A condition of the derogation is not met
# description: Each derogation has its own conditions; all must be asserted.
# custom:
#   id: gdpr.art49.conditions
#   instrument: GDPR
#   article: "49(1)"
#   code: derogation_condition_unmet
#   failure_msg: not every condition of the derogation that is claimed is shown to be met
lacks contains reason.of(rego.metadata.rule()) if {
	facts.derogation.type
	not conditions_met
}

# METADATA
# title: What each derogation asks the request to assert
conditions := {
	"49(1)(a)": {"explicit": true, "informed_of_risks": true},
	"49(1)(b)": {"necessary": true},
	"49(1)(c)": {"necessary": true},
	"49(1)(d)": {"necessary": true},
	"49(1)(e)": {"necessary": true},
	"49(1)(f)": {"vital_interest": true, "incapable_of_consent": true},
	"49(1)(g)": {"public_register": true, "entire_or_category": false},
	"49(1)_second_subparagraph": {
		"other_derogations_available": false,
		"overridden": false,
		"assessed": true,
		"suitable_safeguards": true,
	},
}

closed_to_public_authorities := {"49(1)(a)", "49(1)(b)", "49(1)(c)", "49(1)_second_subparagraph"}

occasional_types := {"49(1)(b)", "49(1)(c)", "49(1)(d)", "49(1)(e)"}

claimed(type) if {
	facts.derogation.type == type
	processing.derogation_admitted
}

open_to_exporter if parties.exporter_acts_without_public_powers

conditions_met if {
	every name, answer in conditions[facts.derogation.type] {
		facts.derogation[name] == answer
	}
	safeguards_first
	extent_kept
}

# Article 49(2) for a register, whichever fact states its extent.
extent_kept if facts.derogation.type != "49(1)(g)"

extent_kept if not whole_register

whole_register if facts.register_extent in {"all", "category", "entire", "entire_category", "entire_register", "full", "whole"}

# The second subparagraph is the last resort: adequacy and safeguards must be impossible.
safeguards_first if facts.derogation.type != "49(1)_second_subparagraph"

safeguards_first if facts.safeguard_impossible == true

# METADATA
# title: What limits this derogation beyond its own conditions
# description: Occasional, or few and not repetitive, where that is asked for.
limits_kept if occasional_or_not_asked

limits_kept if not_repetitive_and_few_here

occasional_or_not_asked if facts.derogation.type in {"49(1)(a)", "49(1)(f)", "49(1)(g)"}

occasional_or_not_asked if {
	facts.derogation.type in occasional_types
	occasional
}

not_repetitive_and_few_here if {
	facts.derogation.type == "49(1)_second_subparagraph"
	not_repetitive_and_few
}

# METADATA
# title: The agreement admits the claim and the derogation is open to this exporter
admitted_here if {
	processing.derogation_admitted
	facts.derogation.type in {"49(1)(d)", "49(1)(e)", "49(1)(f)", "49(1)(g)"}
}

admitted_here if {
	processing.derogation_admitted
	facts.derogation.type in closed_to_public_authorities
	open_to_exporter
}

occasional if facts.derogation.occasional == true

occasional if {
	facts.derogation.type == "49(1)(d)"
	facts.derogation.systematic == false
}

not_repetitive_and_few if {
	facts.derogation.repetitive == false
	facts.derogation.limited_number == true
}

public_interest_recognised if facts.derogation.recognised_in == "EU"

public_interest_recognised if {
	facts.derogation.recognised_in == facts.exporter.country
	parties.exporter_in("EEA")
}
