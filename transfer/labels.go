package transfer

// Labels are the markings that a source put on information, as they are found on the data. A label that is not known
// counts as the strictest (docs/facts.md: marking, pap, handling_code). Rules that read them add to the law and never
// replace it, so that to leave a label out takes a burden away: agreements that live by labels refuse unmarked data.
type Labels struct {
	TLP          string // Traffic Light Protocol, such as "TLP:AMBER" or the id of a STIX marking definition
	PAP          string // Permissible Actions Protocol, such as "PAP:GREEN"
	HandlingCode string // Europol, such as "H1"
}

// into adds the labels to the evidence on a transfer.
func (l Labels) into(evidence map[string]any) {
	for _, label := range []struct{ fact, value string }{
		{"marking", l.TLP}, {"pap", l.PAP}, {"handling_code", l.HandlingCode},
	} {
		if label.value != "" {
			evidence[label.fact] = label.value
		}
	}
}
