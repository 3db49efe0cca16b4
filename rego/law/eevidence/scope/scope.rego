# METADATA
# title: e-Evidence Regulation, scope
# description: A certificate of a production or preservation order is presented. It adds to the law of the exporter.
# related_resources:
#   - ref: https://eur-lex.europa.eu/eli/reg/2023/1543/oj
#     description: Regulation (EU) 2023/1543
package passavant.law.eevidence.scope

import data.passavant.facts

default applies := false

applies if facts.request.instrument in {"EPOC", "EPOC-PR"}
