# METADATA
# title: GDPR, principles and lawful basis
# description: |
#   Step one of the two-step test: the disclosure itself must be lawful, whatever Chapter V says
#   (EDPB Guidelines 2/2020, para 5). These rules are gates: no transfer tool repairs what they find.
# related_resources:
#   - ref: https://eur-lex.europa.eu/eli/reg/2016/679/oj
#     description: Regulation (EU) 2016/679, Articles 5 and 6
package passavant.law.gdpr.principles

import data.passavant.facts
import data.passavant.law.gdpr.mandates
import data.passavant.lib.parties
import data.passavant.lib.processing
import data.passavant.obligations
import data.passavant.reason

# METADATA
# title: The disclosure has a lawful basis
# description: One of the points (a) to (f) of Article 6(1) is recorded for the exporter.
# custom:
#   id: gdpr.art6.1
#   instrument: GDPR
#   article: "6(1)"
supports contains reason.of(rego.metadata.rule()) if lawful_basis_available

# METADATA
# title: Processing needs a lawful basis
# description: |
#   No point of Article 6(1) is recorded, or the one recorded is not open to this exporter: public authorities
#   cannot rely on (f) in the performance of their tasks, and the order of a third country is neither a legal
#   obligation (c) nor a public task (e), which must lie in Union or Member State law (Article 6(3)).
# custom:
#   id: gdpr.art6.1.missing
#   instrument: GDPR
#   article: "6(1)"
#   code: lawful_basis
#   failure_msg: no lawful basis under Article 6(1) is recorded that is open to this exporter
#   remedies:
#     - text: record legitimate interests (fraud prevention, recital 47) as the lawful basis, after the balancing test
#       set: {lawful_basis: "GDPR:6(1)(f)"}
prohibits contains reason.of(rego.metadata.rule()) if not lawful_basis_available

lawful_basis_available if facts.lawful_basis in {"GDPR:6(1)(a)", "GDPR:6(1)(b)", "GDPR:6(1)(d)"}

lawful_basis_available if {
	facts.lawful_basis in {"GDPR:6(1)(c)", "GDPR:6(1)(e)"}
	not rests_on_foreign_order
}

# An order or a partnership under Union law is itself the legal obligation or the public task.
lawful_basis_available if mandates.lawful_basis

lawful_basis_available if {
	facts.lawful_basis == "GDPR:6(1)(f)"
	parties.exporter_acts_without_public_powers
}

rests_on_foreign_order if {
	facts.request.kind
	not facts.request.via_treaty
}

# METADATA
# title: Further use must be compatible with the purpose of collection
# description: |
#   The purpose of the transfer is the purpose of collection, or has been found compatible with it: by the reference
#   data, or by an assessment under Article 6(4) that the agreement records for this purpose.
# custom:
#   id: gdpr.art5.1.b
#   instrument: GDPR
#   article: "5(1)(b)"
#   code: purpose_compatible
#   failure_msg: the purpose of the transfer is not shown to be compatible with the purpose for which the data were collected
prohibits contains reason.of(rego.metadata.rule()) if not purpose_compatible

purpose_compatible if processing.purpose_compatible

purpose_compatible if mandates.lawful_basis

# METADATA
# title: Only data that the purpose needs
# description: |
#   Every data category that would leave lies within the categories of the agreement. For a question about the law alone,
#   where no list has been agreed, naming the categories is enough.
# custom:
#   id: gdpr.art5.1.c
#   instrument: GDPR
#   article: "5(1)(c)"
#   code: data_minimisation
#   failure_msg: data categories would leave that are not within the agreed minimum
prohibits contains reason.of(rego.metadata.rule()) if not processing.data_minimised

duties contains obligations.of("record_art30", {})

duties contains obligations.of("inform_data_subjects", {})

# METADATA
# title: Inside the EEA there is no restricted transfer
# description: Chapter V does not apply between exporters and recipients in the EEA; the principles and Article 6 still do.
# custom:
#   id: gdpr.art44.inside_eea
#   instrument: GDPR
#   article: "44"
#   rung: 10
#   basis: []
#   duties: []
permits contains reason.ground(rego.metadata.rule(), {"basis": [basis]}) if parties.recipient_in("EEA")

basis := facts.lawful_basis

basis := mandates.lawful_basis if not facts.lawful_basis
