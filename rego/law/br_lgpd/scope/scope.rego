# METADATA
# title: Lei Geral de Proteção de Dados, scope
# description: An exporter in Brazil.
# related_resources:
#   - ref: https://www.planalto.gov.br/ccivil_03/_ato2015-2018/2018/lei/l13709.htm
#     description: Lei Geral de Proteção de Dados
package passavant.law.br_lgpd.scope

import data.passavant.facts
import data.passavant.lib.parties

default applies := false

applies if {
	facts.exporter.country == "BR"
	not parties.proven_impersonal
}

governs := applies
