package passavant.law.led.recipients_test

import data.passavant.facts_test.ids
import data.passavant.law.led.recipients
import data.passavant.lib.policing_test
import data.passavant.lib.policing_test.police

thai_bank := {"standing": {"recipient": {"country": "TH", "type": "bank", "competent_authority": false}}}

case := object.union(policing_test.changed(thai_bank), {"claims": {"art39": policing_test.conditions}})

codes := {duty.code | some duty in recipients.duties}

test_competent_authority if {
	count(recipients.prohibits) == 0 with input as police
	count(recipients.leads) == 0 with input as police
	count(recipients.duties) == 0 with input as police
}

test_article_39 if {
	count(recipients.prohibits) == 0 with input as case
	recipients.leads == {[20, "LED:39(1)"]} with input as case
	codes == {"led_document", "led_inform_sa", "led_inform_foreign_authority", "led_inform_recipient_purpose"} with input as case
}

test_nothing_shown if {
	all := {"led.art35.1.b", "led.art39.1", "led.art39.1.b", "led.art39.authority"}
	ids(recipients.prohibits) == all with input as json.remove(policing_test.changed(thai_bank), ["/standing/exporter/led_3_7"])
	ids(recipients.prohibits) == all with input as json.remove(police, ["/standing/exporter/led_3_7", "/standing/recipient/competent_authority"])
}

test_in_part if {
	every path, expected in {
		"/standing/exporter/led_3_7": {"led.art35.1.b", "led.art39.authority"},
		"/claims/art39/national_law_allows": {"led.art35.1.b", "led.art39.1"},
		"/claims/art39/rights_override": {"led.art35.1.b", "led.art39.1", "led.art39.1.b"},
	} {
		found := ids(recipients.prohibits) with input as json.remove(case, [path])
		found == expected
	}
}

test_entrusted_bodies_are_out if {
	entrusted := object.union(case, {"standing": {"exporter": {"led_3_7": "b"}}})
	ids(recipients.prohibits) == {"led.art35.1.b", "led.art39.authority"} with input as entrusted
}

# Inside the zone a private recipient is a matter of national law, which is not here.
test_inside_the_zone if {
	ids(recipients.prohibits) == {"led.art35.1.b"} with input as object.union(case, {"standing": {"recipient": {"country": "FR"}}})
}

# In a transfer the agreement must have foreseen the exception.
test_transfer if {
	ids(recipients.prohibits) == {"led.art35.1.b"} with input as object.union(case, {"scope": "transfer"})
	count(recipients.prohibits) == 0 with input as object.union(case, {"scope": "transfer", "standing": {"agreement": {"derogations": ["39(1)"]}}})
}

# Article 39 is for recipients that are no authority.
test_an_authority_is_not_under_article_39 if {
	authority := object.union(case, {"standing": {"recipient": {"type": "police", "competent_authority": true}}})
	count(recipients.prohibits) == 0 with input as authority
	count(recipients.leads) == 0 with input as authority
	count(recipients.duties) == 0 with input as authority
}
