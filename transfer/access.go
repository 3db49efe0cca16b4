package transfer

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/passavant/passavant/audit"
	"github.com/passavant/passavant/policy"
)

// AccessDeniedError is a refusal by policy of something other than a transfer, such as reading the log.
type AccessDeniedError struct {
	Action   string
	Decision policy.Decision
}

func (e *AccessDeniedError) Error() string {
	return "refused by policy: " + strings.ReplaceAll(e.Action, "_", " ") + refusalText(e.Decision)
}

// Authorize asks whether a caller may do something other than send, and makes the answer durable: as a log-access record
// if it is about reading, and as a refused record if it is about anything else and refused. who is the person or service, kept
// in the erasable side store; what is a short code for what is done, such as "list". The error is *[AccessDeniedError], or
// wraps [ErrNotRecorded], and then nothing may be done.
//
// log may be nil where the program has none to write to.
func Authorize(ctx context.Context, e *policy.Engine, log *audit.Log, q policy.Access, who, what string) (policy.Decision, error) {
	d := e.Authorize(ctx, q)
	if err := recordAccess(ctx, log, q, d, who, what); err != nil {
		return d, err
	}
	if !d.Permit {
		return d, &AccessDeniedError{Action: q.Action, Decision: d}
	}
	return d, nil
}

// Consultation is the wish to see what the log itself does not hold: who asked for a transfer, on which facts it was
// decided, which values left.
type Consultation struct {
	Reader string   // who; kept in the erasable side store
	Why    string   // in words; kept there too
	Record int64    // number of the record that is opened
	Fields []string // names of the fields; patterns may end in "*"
}

// ErrUnjustified is the condition that somebody wants to open a record and does not say who he is or why.
var ErrUnjustified = errors.New("say who opens the record and why")

// Consult is Authorize for the opening of details: the record says which fields of which record were opened, and nothing may be
// shown before it is durable. Errors are *[AccessDeniedError], ErrUnjustified (not recorded), or wrap [ErrNotRecorded].
func Consult(ctx context.Context, e *policy.Engine, log *audit.Log, q policy.Access, c Consultation) (policy.Decision, error) {
	if c.Reader == "" || strings.TrimSpace(c.Why) == "" {
		return policy.Decision{}, ErrUnjustified
	}
	if log == nil {
		return policy.Decision{}, fmt.Errorf("%w: there is no log to write to", ErrNotRecorded)
	}
	d := e.Authorize(ctx, q)
	r := accessRecord(q, d, "open")
	r.Fields["record"], r.Fields["fields"] = strconv.FormatInt(c.Record, 10), fieldList(c.Fields)
	err := appendByPerson(ctx, log, r, d.FactsCanonical, person{Actor: c.Reader, Reference: q.CaseReference, Justification: c.Why})
	if err != nil {
		return d, fmt.Errorf("%w: %w", ErrNotRecorded, err)
	}
	if !d.Permit {
		return d, &AccessDeniedError{Action: q.Action, Decision: d}
	}
	return d, nil
}

// fieldList names what is opened, as far as it fits; a pointer with letters beyond ASCII is shown by its first part.
func fieldList(names []string) string {
	fit := make([]string, len(names))
	for i, name := range names {
		if strings.ContainsFunc(name, func(r rune) bool { return r < ' ' || r > '~' || r == ',' }) {
			name, _, _ = strings.Cut(name, "/")
		}
		fit[i] = name
	}
	list := strings.Join(fit, ",")
	if len(list) > maxFieldBytes {
		return list[:maxFieldBytes-1] + "~"
	}
	return list
}

func recordAccess(ctx context.Context, log *audit.Log, q policy.Access, d policy.Decision, who, what string) error {
	if log == nil || d.Permit && !isReading(q) {
		return nil
	}
	err := appendByPerson(ctx, log, accessRecord(q, d, what), d.FactsCanonical, person{Actor: who, Reference: q.CaseReference})
	if err != nil {
		return fmt.Errorf("%w: %w", ErrNotRecorded, err)
	}
	return nil
}

func isReading(q policy.Access) bool {
	return q.Action == policy.ReadLog || q.Action == policy.OpenDetail
}

// accessRecord is what the log says of an answer.
func accessRecord(q policy.Access, d policy.Decision, what string) audit.Record {
	r := audit.Record{
		Type: audit.Refused, Transfer: q.Action + "-" + newTransferID(), Cause: causePolicy, Exporter: q.Party, Agreement: q.Agreement,
		AgreementDigest: d.AgreementDigest, Purpose: q.Purpose, Basis: d.Basis, Missing: d.Missing, Reasons: reasonIDs(d.Reasons),
		FactsDigest: d.FactsDigest, DataVersion: d.DataVersion,
		Fields: map[string]string{"action": q.Action, fieldDecision: d.Digest, "policy": d.Revision, "reading": what},
	}
	if isReading(q) {
		r.Type, r.Transfer = audit.LogAccess, "reading-"+newTransferID()
	}
	if d.Permit {
		r.Cause = ""
	}
	return r
}
