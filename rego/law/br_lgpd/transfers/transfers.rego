# METADATA
# title: Lei Geral de Proteção de Dados, transfers
# description: |
#   Article 33: adequacy (I), guarantees (II), international legal cooperation between investigation and prosecution bodies (III), life
#   (IV), authorisation of the authority (V), specific and highlighted consent (VIII).
# related_resources:
#   - ref: https://www.planalto.gov.br/ccivil_03/_ato2015-2018/2018/lei/l13709.htm
#     description: Lei 13.709/2018, Article 33
package passavant.law.br_lgpd.transfers

import data.passavant.facts
import data.passavant.lib.parties
import data.passavant.lib.processing
import data.passavant.lib.records
import data.passavant.lib.requests
import data.passavant.obligations
import data.passavant.reason

# METADATA
# title: Only data that the purpose needs
# description: Article 6(III), necessity; the categories are named and lie within the agreement.
# custom: {id: lgpd.art6.iii, instrument: LGPD, article: "6(III)", code: data_minimisation, failure_msg: data categories would leave that are not named or not within the agreed minimum}
prohibits contains reason.of(rego.metadata.rule()) if not processing.data_minimised

# METADATA
# title: Use within the treaty
# description: What is given on a request is used in the proceedings stated.
# custom: {id: lgpd.art33.iii.use, instrument: LGPD, article: "33(III)", code: use_limitation, failure_msg: a request is answered and its use is not shown to stay within the proceedings stated}
prohibits contains reason.of(rego.metadata.rule()) if not use_settled

use_settled if not facts.request.treaty_ref

use_settled if requests.within_stated_use

# METADATA
# title: Inside Brazil
# description: No international transfer.
# custom: {id: lgpd.inside, instrument: LGPD, article: "33", rung: 10, basis: ["LGPD:6"], duties: []}
permits contains reason.ground(rego.metadata.rule(), {}) if parties.domestic

# METADATA
# title: Adequate level of protection
# description: Article 33(I), recognised by the national authority.
# custom: {id: lgpd.art33.i, instrument: LGPD, article: "33(I)", rung: 45, basis: ["LGPD:33(I)"], duties: []}
permits contains reason.ground(rego.metadata.rule(), {"basis": [decision.ref]}) if {
	not cooperation_asked
	some decision in records.in_scope("BR_LGPD")
}

# METADATA
# title: Guarantees
# description: Article 33(II); the standard clauses of Resolution 19/2024 unaltered, approved specific clauses, corporate rules, seals.
# custom: {id: lgpd.art33.ii, instrument: LGPD, article: "33(II)", rung: 46, basis: ["LGPD:33(II)"], duties: [make_safeguards_available], confirm: true}
permits contains reason.ground(rego.metadata.rule(), {}) if guarantee

# METADATA
# title: International legal cooperation
# description: Article 33(III), between public intelligence, investigation and prosecution bodies, under an instrument of international law in force.
# custom: {id: lgpd.art33.iii, instrument: LGPD, article: "33(III)", rung: 40, basis: ["LGPD:33(III)"], duties: [use_limit, record_request]}
permits contains reason.ground(rego.metadata.rule(), {}) if {
	cooperation_asked
	between_authorities
	facts.request.in_force == true
	requests.complete
}

# METADATA
# title: Life or physical integrity
# description: Article 33(IV), of the data subject or a third party.
# custom: {id: lgpd.art33.iv, instrument: LGPD, article: "33(IV)", rung: 49, basis: ["LGPD:33(IV)"], duties: []}
permits contains reason.ground(rego.metadata.rule(), {}) if {
	facts.derogation.type == "33(IV)"
	facts.derogation.vital_interest == true
	processing.derogation_admitted
}

# METADATA
# title: Specific and highlighted consent
# description: Article 33(VIII), with prior information that the operation is international.
# custom: {id: lgpd.art33.viii, instrument: LGPD, article: "33(VIII)", rung: 49, basis: ["LGPD:33(VIII)"], duties: []}
permits contains reason.ground(rego.metadata.rule(), {}) if {
	facts.derogation.type == "33(VIII)"
	facts.derogation.explicit == true
	facts.derogation.informed_of_risks == true
	processing.derogation_admitted
}

# METADATA
# title: The treaty must be in force
# description: Cooperation under Article 33(III) rests on an instrument of international law.
# custom: {id: lgpd.art33.iii.treaty, instrument: LGPD, article: "33(III)", code: treaty_in_force, failure_msg: the instrument of international law on which the request rests is not shown to be in force}
lacks contains reason.of(rego.metadata.rule()) if {
	cooperation_asked
	not in_force
}

# METADATA
# title: The request must be complete
# description: The request has the content that the treaty asks for.
# custom: {id: lgpd.art33.iii.content, instrument: LGPD, article: "33(III)", code: request_content, failure_msg: the request is not shown to contain what the treaty asks for}
lacks contains reason.of(rego.metadata.rule()) if {
	cooperation_asked
	not requests.complete
}

# METADATA
# title: Cooperation is between authorities
# description: Intelligence, investigation and prosecution bodies on both sides.
# custom: {id: lgpd.art33.iii.authorities, instrument: LGPD, article: "33(III)", code: recipient_competent_authority, failure_msg: exporter and recipient are not both shown to be competent authorities}
lacks contains reason.of(rego.metadata.rule()) if {
	cooperation_asked
	not between_authorities
}

# METADATA
# title: No ground of Article 33
# description: Neither adequacy nor guarantees nor another point.
# custom: {id: lgpd.art33.none, instrument: LGPD, article: "33", code: appropriate_safeguard, failure_msg: no adequate destination and no guarantee of Article 33(II) is shown}
lacks contains reason.of(rego.metadata.rule()) if not guarantee

cooperation_asked if facts.request.treaty_ref

between_authorities if {
	parties.exporter_is_competent_authority
	parties.recipient_is_competent_authority
}

in_force if facts.request.in_force == true

guarantee if {
	facts.safeguard.type == "lgpd_scc"
	facts.safeguard.annexes_complete == true
}

guarantee if {
	facts.safeguard.type in {"bcr", "certification", "contract"}
	facts.safeguard.approved == true
}

stale := records.stale("BR_LGPD")

duties contains obligations.of("inform_data_subjects", {})
