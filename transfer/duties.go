package transfer

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"time"

	"github.com/passavant/passavant/audit"
)

// Owed is an obligation that a party has taken on and not yet met, as its log says.
type Owed struct {
	Transfer  string `json:"transfer"`
	Code      string `json:"code"`
	Deadline  string `json:"deadline,omitempty"`  // YYYY-MM-DD; empty if it stands as long as the data are held
	About     string `json:"about,omitempty"`     // of a notice: the transfer that it is about
	Exporter  string `json:"exporter"`            // whose data they are
	Recipient string `json:"recipient"`           // who has them
	Agreement string `json:"agreement,omitempty"` //
	Record    int64  `json:"record"`              // number of the record that says so
}

// Overdue reports whether the deadline is before a day.
func (o Owed) Overdue(day time.Time) bool {
	return o.Deadline != "" && o.Deadline < day.UTC().Format(time.DateOnly)
}

// duty names one obligation of one transfer.
type dutyOf struct{ transfer, code string }

// fieldObligation names, in a "discharged" record, which obligation was met, fieldHow in what way.
const (
	fieldObligation = "obligation"
	fieldHow        = "how"
)

// Obligations returns what a party owes according to its log: as a recipient what travelled with the data, as an exporter
// what its organisation must do outside of this program. The earliest deadline comes first, those without one last. A
// recall that was followed ends the other duties towards the recalled data.
func Obligations(records iter.Seq2[int64, audit.Record], party string) []Owed {
	open := map[dutyOf]Owed{}
	for i, r := range records {
		switch r.Type {
		case audit.Received:
			if r.Recipient == party {
				take(open, i, r, func(string) bool { return true })
			}
		case audit.Intent:
			if r.Exporter == party && r.Fields[fieldNotice] == "" {
				take(open, i, r, isOwn)
			}
		case audit.Failed:
			drop(open, r.Transfer) // nothing left
		case audit.Discharged:
			met := dutyOf{r.Transfer, r.Fields[fieldObligation]}
			if recalled := open[met]; recalled.Code == string(Recall) {
				drop(open, recalled.About)
			}
			delete(open, met)
		}
	}
	list := make([]Owed, 0, len(open))
	for _, o := range open {
		list = append(list, o)
	}
	slices.SortFunc(list, func(a, b Owed) int {
		return cmp.Or(cmp.Compare(dated(a), dated(b)), cmp.Compare(a.Record, b.Record), cmp.Compare(a.Code, b.Code))
	})
	return list
}

// dated sorts what has no deadline behind what has.
func dated(o Owed) string { return cmp.Or(o.Deadline, "~") }

// isOwn reports whether an obligation is the exporter's own to meet outside of this program.
func isOwn(code string) bool { return discharges()[code] == recorded }

func take(open map[dutyOf]Owed, index int64, r audit.Record, mine func(code string) bool) {
	for _, d := range r.Obligations {
		if !d.Discharged && mine(d.Code) {
			open[dutyOf{r.Transfer, d.Code}] = Owed{
				Transfer: r.Transfer, Code: d.Code, Deadline: d.Deadline, About: r.Fields[fieldNoticeOf],
				Exporter: r.Exporter, Recipient: r.Recipient, Agreement: r.Agreement, Record: index,
			}
		}
	}
}

func drop(open map[dutyOf]Owed, transferID string) {
	for key := range open {
		if key.transfer == transferID {
			delete(open, key)
		}
	}
}

// ErrNotOwed is the condition that a party does not owe an obligation, or has met it.
var ErrNotOwed = errors.New("nothing of that kind is owed for the transfer")

// Discharge records that an obligation was met: data deleted or returned, a person informed, a notice followed. How is a
// code, such as "deleted"; who and why lie in the erasable side store, under a commitment. The log believes whoever says so:
// it proves who said it and when. Errors are [ErrNotOwed] and the log's.
func Discharge(ctx context.Context, log *audit.Log, party, transferID, code, how, actor, why string) error {
	if !isCode(how) {
		return fmt.Errorf("%w: how it was met must be a code, such as deleted", ErrRequest)
	}
	reader, err := audit.OpenReader(log.Dir(), log.VerifierKey())
	if err != nil {
		return err
	}
	owed := Obligations(reader.All(0), party)
	if err := errors.Join(reader.Err(), reader.Close()); err != nil {
		return err
	}
	at := slices.IndexFunc(owed, func(o Owed) bool { return o.Transfer == transferID && o.Code == code })
	if at < 0 {
		return fmt.Errorf("%w: %q", ErrNotOwed, code)
	}
	return appendByPerson(ctx, log, audit.Record{
		Type: audit.Discharged, Transfer: transferID, Exporter: owed[at].Exporter, Recipient: owed[at].Recipient, Agreement: owed[at].Agreement,
		Fields: map[string]string{fieldObligation: code, fieldHow: how},
	}, nil, person{Actor: actor, Justification: why})
}

// Unanswered is a transfer that left, or may have left, and of which no receipt came back.
type Unanswered struct {
	Transfer  string    `json:"transfer"`
	Recipient string    `json:"recipient"`
	Agreement string    `json:"agreement"`
	Since     time.Time `json:"since"`
	InDoubt   bool      `json:"in_doubt"` // no outcome is on record either
	Record    int64     `json:"record"`
}

// Unacknowledged returns the transfers of a log without a receipt whose intent is older than a time, the oldest first. What
// failed, and what left unsealed and so is never answered, is not among them.
func Unacknowledged(records iter.Seq2[int64, audit.Record], before time.Time) []Unanswered {
	waiting := map[string]Unanswered{}
	for i, r := range records {
		switch r.Type {
		case audit.Intent:
			at, err := time.Parse(time.RFC3339Nano, r.At)
			if err == nil && at.Before(before) && r.Fields[fieldForm] != formClear {
				waiting[r.Transfer] = Unanswered{r.Transfer, r.Recipient, r.Agreement, at, true, i}
			}
		case audit.Delivered:
			if u, found := waiting[r.Transfer]; found {
				u.InDoubt = false
				waiting[r.Transfer] = u
			}
		case audit.Failed, audit.Acknowledged:
			delete(waiting, r.Transfer)
		case audit.Reconciled:
			settle(waiting, r)
		}
	}
	list := make([]Unanswered, 0, len(waiting))
	for _, u := range waiting {
		list = append(list, u)
	}
	slices.SortFunc(list, func(a, b Unanswered) int { return cmp.Compare(a.Record, b.Record) })
	return list
}

// settle takes a person's word on what became of a transfer in doubt; there is still no receipt of what was delivered.
func settle(waiting map[string]Unanswered, r audit.Record) {
	u, found := waiting[r.Transfer]
	if !found {
		return
	}
	if r.Fields["outcome"] == ReconciledNotDelivered {
		delete(waiting, r.Transfer)
		return
	}
	u.InDoubt = false
	waiting[r.Transfer] = u
}
