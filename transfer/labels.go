package transfer

import (
	"github.com/passavant/passavant/transfer/payload"
	"github.com/passavant/passavant/transfer/payload/stix"
)

// Labels are the markings that a source put on information, as they are found on the data. A label that is not known
// counts as the strictest (docs/facts.md: marking, pap, handling_code). Rules that read them add to the law and never
// replace it, so that to leave a label out takes a burden away: agreements that live by labels refuse unmarked data.
type Labels struct {
	TLP          string // Traffic Light Protocol, such as "TLP:AMBER" or the id of a STIX marking definition
	PAP          string // Permissible Actions Protocol, such as "PAP:GREEN"
	HandlingCode string // Europol, such as "H1"

	ids []string // marking-definitions of a bundle
}

// maxMarkingIDs is how many ids of marking-definitions become facts; a bundle with more has none of them as a fact, so that a
// rule which asks for one refuses.
const maxMarkingIDs = 200

// labelled is the request with the labels that its document carries itself, if that is a STIX bundle. Where both say something the
// stricter label counts: nobody takes a label off by saying another. A document that is no bundle has none; minimisation refuses
// it.
func (r Request) labelled(format payload.Format) Request {
	if format != payload.FormatSTIX || len(r.document) == 0 {
		return r
	}
	found, err := stix.ReadMarkings(r.document)
	if err != nil {
		return r
	}
	r.Labels.TLP = stix.StricterTLP(r.Labels.TLP, found.TLP)
	r.Labels.PAP = stix.StricterPAP(r.Labels.PAP, found.PAP)
	if len(found.IDs) <= maxMarkingIDs {
		r.Labels.ids = found.IDs
	}
	return r
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
	if len(l.ids) > 0 {
		evidence["marking_ids"] = texts(l.ids)
	}
}
