# METADATA
# title: GDPR, appropriate safeguards
# description: |
#   The second rung. Every tool of Article 46 needs enforceable rights and effective remedies (46(1)) and, since
#   C-311/18, an assessment of the law and practice of the destination. Tools of 46(2) need no authorisation, tools of
#   46(3) do. A tool that is not one of these does not permit.
# related_resources:
#   - ref: https://eur-lex.europa.eu/eli/reg/2016/679/oj
#     description: Regulation (EU) 2016/679, Article 46
#   - ref: https://eur-lex.europa.eu/eli/dec_impl/2021/914/oj
#     description: Implementing Decision (EU) 2021/914, standard contractual clauses
package passavant.law.gdpr.safeguards

import data.passavant.facts
import data.passavant.law.gdpr.assessment
import data.passavant.lib.parties
import data.passavant.reason

# METADATA
# title: Standard contractual clauses
# description: |
#   The clauses of Decision 2021/914 bind exporter and recipient, the module fits their roles, the annexes are complete,
#   data subjects can enforce their rights, and the transfer impact assessment (clause 14) ends well.
# custom:
#   id: gdpr.art46.2.c
#   instrument: GDPR
#   article: "46(2)(c)"
#   clause: "14"
#   rung: 46
#   basis: ["GDPR:46(2)(c)", "EU:2021/914"]
#   duties: [make_safeguards_available, document_tia, suspend_on_change]
permits contains reason.ground(rego.metadata.rule(), assessment.outcome) if {
	clauses_chosen
	clauses_usable
	module_fits_roles
	annexes_complete
	rights_enforceable
	destination_assessed
}

# METADATA
# title: Administrative arrangement between public authorities
# description: |
#   Provisions in an arrangement between public bodies with enforceable and effective rights, authorised by the competent
#   supervisory authority. The assessment of the destination applies as to every tool of Article 46.
# custom:
#   id: gdpr.art46.3.b
#   instrument: GDPR
#   article: "46(3)(b)"
#   rung: 46
#   basis: ["GDPR:46(3)(b)"]
#   duties: [make_safeguards_available, document_tia, suspend_on_change, bind_onward_authorisation]
permits contains reason.ground(rego.metadata.rule(), assessment.outcome) if {
	tool == "46(3)(b)"
	both_parties_public
	authorised
	rights_enforceable
	assessment.passed
}

# METADATA
# title: Binding instrument between public authorities
# description: Legally binding and enforceable, between public authorities or bodies, with enforceable and effective rights.
# custom:
#   id: gdpr.art46.2.a
#   instrument: GDPR
#   article: "46(2)(a)"
#   rung: 46
#   basis: ["GDPR:46(2)(a)"]
#   duties: [make_safeguards_available, document_tia, suspend_on_change, bind_onward_authorisation]
permits contains reason.ground(rego.metadata.rule(), assessment.outcome) if {
	tool == "46(2)(a)"
	tool_complete
	both_parties_public
	rights_enforceable
	assessment.passed
}

# METADATA
# title: Binding corporate rules
# description: Approved under Article 47, binding on every member; only for the members that are listed.
# custom:
#   id: gdpr.art46.2.b
#   instrument: GDPR
#   article: "46(2)(b), 47"
#   rung: 46
#   basis: ["GDPR:46(2)(b)"]
#   duties: [make_safeguards_available, document_tia, suspend_on_change]
permits contains reason.ground(rego.metadata.rule(), assessment.outcome) if {
	tool == "46(2)(b)"
	tool_complete
	rights_enforceable
	assessment.passed
}

# METADATA
# title: Clauses of a supervisory authority
# description: Adopted by a supervisory authority and approved by the Commission.
# custom:
#   id: gdpr.art46.2.d
#   instrument: GDPR
#   article: "46(2)(d)"
#   rung: 46
#   basis: ["GDPR:46(2)(d)"]
#   duties: [make_safeguards_available, document_tia, suspend_on_change]
permits contains reason.ground(rego.metadata.rule(), assessment.outcome) if {
	tool == "46(2)(d)"
	tool_complete
	rights_enforceable
	assessment.passed
}

# METADATA
# title: Code of conduct
# description: Approved under Article 40, with binding and enforceable commitments of the recipient in the third country.
# custom:
#   id: gdpr.art46.2.e
#   instrument: GDPR
#   article: "46(2)(e)"
#   rung: 46
#   basis: ["GDPR:46(2)(e)"]
#   duties: [make_safeguards_available, document_tia, suspend_on_change]
permits contains reason.ground(rego.metadata.rule(), assessment.outcome) if {
	tool == "46(2)(e)"
	tool_complete
	rights_enforceable
	assessment.passed
}

# METADATA
# title: Certification
# description: Approved under Article 42, with binding and enforceable commitments of the recipient in the third country.
# custom:
#   id: gdpr.art46.2.f
#   instrument: GDPR
#   article: "46(2)(f)"
#   rung: 46
#   basis: ["GDPR:46(2)(f)"]
#   duties: [make_safeguards_available, document_tia, suspend_on_change]
permits contains reason.ground(rego.metadata.rule(), assessment.outcome) if {
	tool == "46(2)(f)"
	tool_complete
	rights_enforceable
	assessment.passed
}

# METADATA
# title: Clauses of the parties' own
# description: Contractual clauses that are not standard need the authorisation of the supervisory authority.
# custom:
#   id: gdpr.art46.3.a
#   instrument: GDPR
#   article: "46(3)(a)"
#   rung: 46
#   basis: ["GDPR:46(3)(a)"]
#   duties: [make_safeguards_available, document_tia, suspend_on_change]
permits contains reason.ground(rego.metadata.rule(), assessment.outcome) if {
	tool == "46(3)(a)"
	authorised
	rights_enforceable
	assessment.passed
}

# METADATA
# title: No appropriate safeguard
# description: No tool of Article 46 is in place.
# custom:
#   id: gdpr.art46.1
#   instrument: GDPR
#   article: "46(1)"
#   code: appropriate_safeguard
#   failure_msg: no appropriate safeguard of Article 46 is in place between exporter and recipient
#   remedies:
#     - text: sign the standard contractual clauses 2021/914, module 1 (controller to controller), with all annexes
#       set: &scc {safeguard.type: scc_2021_914, safeguard.module: 1, safeguard.annexes_complete: true, safeguard.enforceable_rights: true, safeguard.importer_subject_to_gdpr_3_2: false}
#     - text: sign the standard contractual clauses 2021/914, module 2 (controller to processor), with all annexes
#       set: {<<: *scc, safeguard.module: 2}
#     - text: sign the standard contractual clauses 2021/914, module 3 (processor to processor), with all annexes
#       set: {<<: *scc, safeguard.module: 3}
#     - text: sign the standard contractual clauses 2021/914, module 4 (processor to controller), with all annexes
#       set: {<<: *scc, safeguard.module: 4}
lacks contains reason.of(rego.metadata.rule()) if not tool_chosen

# METADATA
# title: The module of the clauses must match the roles
# description: Module 1 is controller to controller, 2 controller to processor, 3 processor to processor, 4 processor to controller.
# custom:
#   id: gdpr.art46.2.c.module
#   instrument: EU:2021/914
#   article: "1"
#   code: scc_module_matching_roles
#   failure_msg: the chosen module of the standard contractual clauses does not match the roles of exporter and recipient
#   remedies:
#     - text: use module 1 (controller to controller)
#       set: {safeguard.module: 1}
#     - text: use module 2 (controller to processor)
#       set: {safeguard.module: 2}
#     - text: use module 3 (processor to processor)
#       set: {safeguard.module: 3}
#     - text: use module 4 (processor to controller)
#       set: {safeguard.module: 4}
lacks contains reason.of(rego.metadata.rule()) if {
	clauses_chosen
	not module_fits_roles
}

# METADATA
# title: The annexes of the clauses must be complete
# description: Parties, description of the transfer, supervisory authority, technical and organisational measures.
# custom:
#   id: gdpr.art46.2.c.annexes
#   instrument: EU:2021/914
#   article: Annex
#   code: appropriate_safeguard
#   failure_msg: the annexes of the standard contractual clauses are not shown to be complete
#   remedies:
#     - text: complete annexes I and II (and III where sub-processors are used)
#       set: {safeguard.annexes_complete: true}
lacks contains reason.of(rego.metadata.rule()) if {
	clauses_chosen
	not annexes_complete
}

# METADATA
# title: The clauses cannot be used with an importer that is itself subject to the GDPR
# description: Recital 7 and Article 1(1) of the Decision; where Article 3(2) applies to the importer's own processing.
# custom:
#   id: gdpr.art46.2.c.importer
#   instrument: EU:2021/914
#   article: "1(1)"
#   code: scc_unusable_importer_subject_to_gdpr
#   failure_msg: the importer's own processing is subject to the GDPR, for which these clauses were not adopted
#   confirm: true
lacks contains reason.of(rego.metadata.rule()) if {
	clauses_chosen
	not clauses_usable
}

# METADATA
# title: Enforceable rights and effective remedies
# description: Article 46(1) makes them a condition of every safeguard.
# custom:
#   id: gdpr.art46.1.rights
#   instrument: GDPR
#   article: "46(1)"
#   code: enforceable_rights_and_remedies
#   failure_msg: enforceable data-subject rights and effective legal remedies are not shown
#   remedies:
#     - text: give data subjects enforceable rights and effective remedies under the safeguard
#       set: {safeguard.enforceable_rights: true}
lacks contains reason.of(rego.metadata.rule()) if {
	tool_chosen
	not rights_enforceable
}

# METADATA
# title: The tool must be complete
# description: |
#   A binding instrument binds and is enforceable; corporate rules, clauses, codes and certifications are approved; corporate rules
#   list the recipient; codes and certifications come with binding commitments of the recipient.
# custom:
#   id: gdpr.art46.2.complete
#   instrument: GDPR
#   article: "46(2)"
#   code: appropriate_safeguard
#   failure_msg: the safeguard that is named is not shown to have everything that Article 46(2) asks of it
lacks contains reason.of(rego.metadata.rule()) if {
	tool in object.keys(completeness)
	not tool_complete
}

# METADATA
# title: The supervisory authority must have authorised the tool
# description: Article 46(3), for clauses of the parties' own and for administrative arrangements; the consistency mechanism of Article 63 applies (46(4)).
# custom:
#   id: gdpr.art46.3.authorisation
#   instrument: GDPR
#   article: "46(3)"
#   code: sa_authorisation
#   failure_msg: the competent supervisory authority has not authorised the clauses or the arrangement
#   remedies:
#     - text: obtain the authorisation of the competent supervisory authority
#       set: {safeguard.sa_authorised: true}
lacks contains reason.of(rego.metadata.rule()) if {
	needs_authorisation
	not authorised
}

needs_authorisation if tool in {"46(3)(a)", "46(3)(b)"}

# An instrument between authorities that does not bind is at most an arrangement.
needs_authorisation if {
	tool == "46(2)(a)"
	facts.safeguard.binding_and_enforceable == false
}

# METADATA
# title: Some tools are for public bodies on both sides
# description: A public and a private party can use neither Article 46(2)(a) nor Article 46(3)(b).
# custom:
#   id: gdpr.art46.3.public
#   instrument: GDPR
#   article: "46(2)(a), 46(3)(b)"
#   code: appropriate_safeguard
#   failure_msg: exporter and recipient are not both shown to be public authorities or bodies
lacks contains reason.of(rego.metadata.rule()) if {
	tool in {"46(2)(a)", "46(3)(b)"}
	not both_parties_public
}

# METADATA
# title: The tool that is in place, as the point of Article 46
# description: |
#   An arrangement that binds and is enforceable is an instrument of 46(2)(a), which needs no authorisation.
tool := "46(2)(a)" if {
	points[facts.safeguard.type] == "46(3)(b)"
	facts.safeguard.binding_and_enforceable == true
} else := points[facts.safeguard.type]

points := {
	"binding_instrument": "46(2)(a)",
	"legally_binding_instrument": "46(2)(a)",
	"binding_agreement": "46(2)(a)",
	"international_agreement": "46(2)(a)",
	"treaty": "46(2)(a)",
	"46(2)(a)": "46(2)(a)",
	"bcr": "46(2)(b)",
	"46(2)(b)": "46(2)(b)",
	"scc_2021_914": "46(2)(c)",
	"sa_scc": "46(2)(d)",
	"46(2)(d)": "46(2)(d)",
	"code_of_conduct": "46(2)(e)",
	"46(2)(e)": "46(2)(e)",
	"certification": "46(2)(f)",
	"46(2)(f)": "46(2)(f)",
	"ad_hoc_clauses": "46(3)(a)",
	"46(3)(a)": "46(3)(a)",
	"administrative_arrangement": "46(3)(b)",
	"46(3)(b)": "46(3)(b)",
}

# METADATA
# title: What the agreement must state of each tool that needs no authorisation
completeness := {
	"46(2)(a)": {"binding_and_enforceable": true},
	"46(2)(b)": {"approved": true, "member_listed": true},
	"46(2)(d)": {"approved": true, "annexes_complete": true},
	"46(2)(e)": {"approved": true, "binding_and_enforceable": true},
	"46(2)(f)": {"approved": true, "binding_and_enforceable": true},
}

tool_complete if {
	every name, answer in completeness[tool] {
		facts.safeguard[name] == answer
	}
}

tool_chosen if tool

clauses_chosen if tool == "46(2)(c)"

authorised if facts.safeguard.sa_authorised == true

annexes_complete if facts.safeguard.annexes_complete == true

rights_enforceable if facts.safeguard.enforceable_rights == true

both_parties_public if {
	parties.exporter_is_public
	parties.recipient_is_public
}

# A case of the law may leave this open. An agreement may not: its schema asks for the answer.
clauses_usable if not facts.safeguard.importer_subject_to_gdpr_3_2

modules := {
	1: {"exporter": "controller", "recipient": "controller"},
	2: {"exporter": "controller", "recipient": "processor"},
	3: {"exporter": "processor", "recipient": "processor"},
	4: {"exporter": "processor", "recipient": "controller"},
}

module_fits_roles if {
	module := modules[facts.safeguard.module]
	module.exporter == facts.exporter.role
	module.recipient == facts.recipient.role
}

destination_assessed if assessment.passed

# Clauses 14 and 15 bind a processor here only where it combines the data with data of its own from the Union.
destination_assessed if {
	facts.safeguard.module == 4
	facts.combined_with_eu_data == false
}
