# METADATA
# title: Law Enforcement Directive, control of the originator
# description: |
#   Data that came from another Member State go to a third country only with its prior authorisation (Article 35(1)(c)), and
#   onward only with that of the authority that transferred them (Article 35(1)(e)). No ground cures their lack.
# related_resources:
#   - ref: https://eur-lex.europa.eu/eli/dir/2016/680/oj
#     description: Directive (EU) 2016/680, Article 35(1)(c), 35(1)(e) and 35(2)
package passavant.law.led.origin

import data.passavant.lib.parties
import data.passavant.lib.policing
import data.passavant.lib.processing
import data.passavant.obligations
import data.passavant.reason

# METADATA
# title: The originator must have authorised the transfer
# description: |
#   Unless the data are the exporter's own, or an immediate and serious threat leaves no time (Article 35(2)); then the
#   originator is informed without delay. In a transfer the authorisation is an approval that was verified.
# custom:
#   id: led.art35.1.c
#   instrument: LED
#   article: 35(1)(c)
#   code: originator_authorisation
#   failure_msg: the data may come from another State and its prior authorisation is not shown
prohibits contains reason.of(rego.metadata.rule()) if not originator_settled

originator_settled if policing.originator_settled

originator_settled if parties.recipient_in("LED_SCHENGEN")

# METADATA
# title: Onward transfer needs the authority that transferred
# description: It weighs the offence, the purpose and the protection at the onward destination.
# custom:
#   id: led.art35.1.e
#   instrument: LED
#   article: 35(1)(e)
#   code: onward_authorisation
#   failure_msg: an onward transfer is asked for that the transferring authority is not shown to have authorised
prohibits contains reason.of(rego.metadata.rule()) if not processing.onward_authorised

leads contains reason.lead(30, "LED:35(2)") if urgent

duties contains obligations.of("led_inform_authorising_state", {}) if urgent

urgent if {
	policing.urgent_exception
	not parties.recipient_in("LED_SCHENGEN")
}
