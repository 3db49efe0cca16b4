package auditor

import (
	"errors"
	"iter"
	"slices"
	"time"

	"github.com/passavant/passavant/audit"
)

// Filter says which records somebody wants to see. What a transfer is about stands in its decision (intent, refused) or,
// at the recipient, in its received or rejected record; its other records are selected with it. Empty members select all.
type Filter struct {
	Since, Until time.Time // from Since on, before Until; of the record itself
	Type         audit.Type
	Transfer     string
	Agreement    string
	Party        string // exporter or recipient
	Country      string // of the recipient, ISO 3166-1 alpha-2
	Purpose      string
	Category     string // of the data that left
	Outcome      string // one of Outcomes
}

// The outcomes of a transfer.
const (
	Refused      = "refused"
	InDoubt      = "in-doubt"
	Delivered    = "delivered"
	Failed       = "failed"
	Acknowledged = "acknowledged"
	Received     = "received"
	Rejected     = "rejected"
)

// Outcomes are the values of Filter.Outcome.
func Outcomes() []string {
	return []string{Refused, InDoubt, Delivered, Failed, Acknowledged, Received, Rejected}
}

// ErrFilter is the condition that a filter can match nothing; the text says why.
var ErrFilter = errors.New("the filter is not one")

// Check refuses what is surely a slip of the pen.
func (f Filter) Check() error {
	switch {
	case f.Outcome != "" && !slices.Contains(Outcomes(), f.Outcome):
		return errors.Join(ErrFilter, errors.New("the outcome must be refused, in-doubt, delivered, failed, acknowledged, received or rejected"))
	case !f.Since.IsZero() && !f.Until.IsZero() && !f.Since.Before(f.Until):
		return errors.Join(ErrFilter, errors.New("since is not before until"))
	}
	return nil
}

// profile is what one transfer is about and what became of it.
type profile struct {
	audit.Record
	outcome string
}

// outcomeOf says what a record makes of a transfer; "" if nothing.
func outcomeOf(r audit.Record, before string) string {
	switch r.Type {
	case audit.Intent:
		return InDoubt
	case audit.Refused, audit.Delivered, audit.Failed, audit.Received, audit.Rejected, audit.Acknowledged:
		return string(r.Type)
	case audit.Reconciled:
		if r.Fields["outcome"] == "delivered" {
			return Delivered
		}
		return Failed
	}
	return before
}

func (f Filter) needsProfile() bool {
	return f.Agreement != "" || f.Party != "" || f.Country != "" || f.Purpose != "" || f.Category != "" || f.Outcome != ""
}

// Select returns the records that the filter matches, by number. After the loop, Err tells whether it ended early.
func (a *Auditor) Select(f Filter) iter.Seq2[int64, audit.Record] {
	return func(yield func(int64, audit.Record) bool) {
		var profiles map[string]*profile
		if f.needsProfile() {
			profiles = a.profiles()
			if a.Reader.Err() != nil {
				return
			}
		}
		for i, r := range a.Reader.All(0) {
			if f.matches(r, profiles[r.Transfer]) && !yield(i, r) {
				return
			}
		}
	}
}

// Err returns the error that ended the last Select.
func (a *Auditor) Err() error { return a.Reader.Err() }

// profiles reads the whole log once.
func (a *Auditor) profiles() map[string]*profile {
	all := map[string]*profile{}
	for _, r := range a.Reader.All(0) {
		if r.Transfer == "" {
			continue
		}
		p := all[r.Transfer]
		if p == nil {
			p = &profile{}
			all[r.Transfer] = p
		}
		switch r.Type {
		case audit.Intent, audit.Refused, audit.Received, audit.Rejected, audit.LogAccess:
			p.Record = r
		}
		p.outcome = outcomeOf(r, p.outcome)
	}
	return all
}

func (f Filter) matches(r audit.Record, p *profile) bool {
	if !f.matchesTime(r.At) || f.Type != "" && r.Type != f.Type || f.Transfer != "" && r.Transfer != f.Transfer {
		return false
	}
	if !f.needsProfile() {
		return true
	}
	if p == nil {
		p = &profile{Record: r}
	}
	is := func(want, have string) bool { return want == "" || want == have }
	return is(f.Agreement, p.Agreement) && is(f.Country, p.RecipientCountry) && is(f.Purpose, p.Purpose) && is(f.Outcome, p.outcome) &&
		(f.Category == "" || slices.Contains(p.Categories, f.Category)) && (is(f.Party, p.Recipient) || is(f.Party, p.Exporter))
}

func (f Filter) matchesTime(at string) bool {
	if f.Since.IsZero() && f.Until.IsZero() {
		return true
	}
	t, err := time.Parse(time.RFC3339Nano, at)
	return err == nil && !t.Before(f.Since) && (f.Until.IsZero() || t.Before(f.Until))
}
