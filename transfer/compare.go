package transfer

import (
	"cmp"
	"iter"
	"slices"

	"github.com/passavant/passavant/audit"
)

// Difference is a transfer on which two logs do not agree.
type Difference struct {
	Transfer string `json:"transfer"`
	Sent     int64  `json:"sent"`     // record of the sender's log, -1 if there is none
	Received int64  `json:"received"` // record of the recipient's log, -1 if there is none
	Outcome  string `json:"outcome"`  // as the sender's log has it: delivered, failed, in-doubt, "" without an intent
}

// Comparison is what two logs say about the transfers from one party to another.
type Comparison struct {
	Exporter  string `json:"exporter"`
	Recipient string `json:"recipient"`
	Matched   int64  `json:"matched"` // sent and received, the same envelope
	// SentNotReceived left, or may have, and is not with the recipient. A failed transfer that was not received is no
	// difference.
	SentNotReceived []Difference `json:"sent_not_received"`
	// ReceivedNotSent is with the recipient, and the sender's log has no intent, or says that it failed.
	ReceivedNotSent []Difference `json:"received_not_sent"`
	// Altered was sent and received under one id, and not as the same envelope.
	Altered []Difference `json:"altered"`
	// Unsealed left in the clear, so that the recipient's log knows nothing of it.
	Unsealed int64 `json:"unsealed"`
}

// Agrees reports whether there is no difference.
func (c Comparison) Agrees() bool {
	return len(c.SentNotReceived)+len(c.ReceivedNotSent)+len(c.Altered) == 0
}

type sentRecord struct {
	index           int64
	digest, outcome string
}

// Compare holds the log of an exporter against the log of a recipient. Both logs must have been verified; their records
// are read as they are.
func Compare(sender, recipient iter.Seq2[int64, audit.Record], exporterParty, recipientParty string) Comparison {
	c := Comparison{Exporter: exporterParty, Recipient: recipientParty, SentNotReceived: []Difference{}, ReceivedNotSent: []Difference{}, Altered: []Difference{}}
	sent := c.sent(sender)
	for i, r := range recipient {
		if r.Type != audit.Received || r.Exporter != exporterParty || r.Recipient != recipientParty {
			continue
		}
		s, found := sent[r.Transfer]
		switch {
		case !found:
			c.ReceivedNotSent = append(c.ReceivedNotSent, Difference{r.Transfer, -1, i, ""})
		case s.digest != r.EnvelopeDigest:
			c.Altered = append(c.Altered, Difference{r.Transfer, s.index, i, s.outcome})
		case s.outcome == string(audit.Failed):
			c.ReceivedNotSent = append(c.ReceivedNotSent, Difference{r.Transfer, s.index, i, s.outcome})
		default:
			c.Matched++
		}
		delete(sent, r.Transfer)
	}
	for id, s := range sent {
		if s.outcome != string(audit.Failed) {
			c.SentNotReceived = append(c.SentNotReceived, Difference{id, s.index, -1, s.outcome})
		}
	}
	slices.SortFunc(c.SentNotReceived, func(a, b Difference) int { return cmp.Compare(a.Sent, b.Sent) })
	return c
}

// sent reads what the sender's log says of each transfer to the recipient.
func (c *Comparison) sent(records iter.Seq2[int64, audit.Record]) map[string]sentRecord {
	sent := map[string]sentRecord{}
	for i, r := range records {
		s, found := sent[r.Transfer]
		switch {
		case r.Type == audit.Intent && r.Exporter == c.Exporter && r.Recipient == c.Recipient && r.Fields[fieldForm] == formClear:
			c.Unsealed++
		case r.Type == audit.Intent && r.Exporter == c.Exporter && r.Recipient == c.Recipient:
			sent[r.Transfer] = sentRecord{i, r.EnvelopeDigest, "in-doubt"}
		case found && (r.Type == audit.Delivered || r.Type == audit.Failed):
			s.outcome = string(r.Type)
			sent[r.Transfer] = s
		case found && r.Type == audit.Reconciled:
			s.outcome = map[string]string{ReconciledDelivered: string(audit.Delivered), ReconciledNotDelivered: string(audit.Failed)}[r.Fields["outcome"]]
			sent[r.Transfer] = s
		}
	}
	return sent
}
