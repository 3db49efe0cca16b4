# METADATA
# title: GDPR, appropriate safeguards
# description: |
#   The second rung. Every tool of Article 46 needs enforceable rights and effective remedies (46(1)) and, since
#   C-311/18, an assessment of the law and practice of the destination. This part knows standard contractual clauses
#   (46(2)(c)) and administrative arrangements between public bodies (46(3)(b)); any other tool is not yet known and
#   therefore does not permit.
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
	assessment.passed
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
	arrangement_chosen
	both_parties_public
	arrangement_authorised
	rights_enforceable
	assessment.passed
}

# METADATA
# title: No appropriate safeguard
# description: Neither standard contractual clauses nor another known tool of Article 46 is in place.
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
# title: Administrative arrangements need the supervisory authority's authorisation
# description: Article 46(3); the consistency mechanism of Article 63 applies (46(4)).
# custom:
#   id: gdpr.art46.3.authorisation
#   instrument: GDPR
#   article: "46(3)(b)"
#   code: sa_authorisation
#   failure_msg: the competent supervisory authority has not authorised the arrangement
#   remedies:
#     - text: obtain the authorisation of the competent supervisory authority
#       set: {safeguard.sa_authorised: true}
lacks contains reason.of(rego.metadata.rule()) if {
	arrangement_chosen
	not arrangement_authorised
}

# METADATA
# title: Administrative arrangements are for public bodies on both sides
# description: A public and a private party cannot use Article 46(3)(b).
# custom:
#   id: gdpr.art46.3.public
#   instrument: GDPR
#   article: "46(3)(b)"
#   code: appropriate_safeguard
#   failure_msg: exporter and recipient are not both shown to be public authorities or bodies
lacks contains reason.of(rego.metadata.rule()) if {
	arrangement_chosen
	not both_parties_public
}

tool_chosen if clauses_chosen

tool_chosen if arrangement_chosen

clauses_chosen if facts.safeguard.type == "scc_2021_914"

arrangement_chosen if facts.safeguard.type == "administrative_arrangement"

arrangement_authorised if facts.safeguard.sa_authorised == true

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
