package transfer

import (
	"context"
	"fmt"
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

func recordAccess(ctx context.Context, log *audit.Log, q policy.Access, d policy.Decision, who, what string) error {
	reading := q.Action == policy.ReadLog || q.Action == policy.OpenDetail
	if log == nil || d.Permit && !reading {
		return nil
	}
	r := audit.Record{
		Type: audit.Refused, Transfer: q.Action + "-" + newTransferID(), Cause: causePolicy, Exporter: q.Party, Agreement: q.Agreement,
		AgreementDigest: d.AgreementDigest, Purpose: q.Purpose, Basis: d.Basis, Missing: d.Missing, Reasons: reasonIDs(d.Reasons),
		FactsDigest: d.FactsDigest, DataVersion: d.DataVersion,
		Fields: map[string]string{"action": q.Action, fieldDecision: d.Digest, "policy": d.Revision, "reading": what},
	}
	if reading {
		r.Type, r.Transfer = audit.LogAccess, "reading-"+newTransferID()
	}
	if d.Permit {
		r.Cause = ""
	}
	err := appendByPerson(ctx, log, r, d.FactsCanonical, person{Actor: who, Reference: q.CaseReference})
	if err != nil {
		return fmt.Errorf("%w: %w", ErrNotRecorded, err)
	}
	return nil
}
