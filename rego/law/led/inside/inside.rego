# METADATA
# title: Law Enforcement Directive, inside the zone
# description: |
#   Member States and associated States apply the Directive, so a transfer between their competent authorities is no transfer to
#   a third country; specific processing conditions are passed on and no stricter ones are made up (Article 9(3) and (4)).
# related_resources:
#   - ref: https://eur-lex.europa.eu/eli/dir/2016/680/oj
#     description: Directive (EU) 2016/680, Article 9(3) and (4)
package passavant.law.led.inside

import data.passavant.lib.parties
import data.passavant.obligations
import data.passavant.reason

# METADATA
# title: Inside the zone there is no transfer to a third country
# description: The recipient is a competent authority of a Member State or of an associated State.
# custom: {id: led.art9.4, instrument: LED, article: "9(4)", rung: 10, basis: ["LED:9(4)"], duties: [notify_conditions_9_3]}
permits contains reason.ground(rego.metadata.rule(), {}) if {
	parties.recipient_in("LED_SCHENGEN")
	parties.recipient_is_competent_authority
}

duties contains obligations.of("bind_onward_authorisation", {}) if outside

outside if not parties.recipient_in("LED_SCHENGEN")
