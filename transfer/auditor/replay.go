package auditor

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/passavant/passavant/audit"
	"github.com/passavant/passavant/internal/canonical"
	"github.com/passavant/passavant/policy"
)

// Replay is what came of deciding again.
type Replay struct {
	Decisions  int          `json:"decisions"`            // records of decisions in the period
	Identical  int          `json:"identical"`            // came out the same, word by word
	Erased     int          `json:"erased"`               // their facts are gone
	Unasked    int          `json:"unasked"`              // refused by the engine before any rule was asked: there are no facts
	Unarchived int          `json:"unarchived,omitempty"` // no archive of the policy that decided
	Different  []Difference `json:"different,omitempty"`
}

// Difference is a decision that does not come out as it did.
type Difference struct {
	Record   int64  `json:"record"`
	Transfer string `json:"transfer"`
	Problem  string `json:"problem"`
}

// Flip is a transfer that a candidate policy would decide the other way.
type Flip struct {
	Record    int64    `json:"record"`
	Transfer  string   `json:"transfer"`
	At        string   `json:"at"`
	Agreement string   `json:"agreement"`
	Recipient string   `json:"recipient"`
	Permitted bool     `json:"permitted"` // what the candidate says; the record says the opposite
	Reasons   []Reason `json:"reasons"`   // why
}

// Reason is one rule of the candidate that turns a decision.
type Reason struct {
	Rule    string `json:"rule"`
	Clause  string `json:"clause,omitempty"`
	Article string `json:"article,omitempty"`
	Code    string `json:"code,omitempty"`
	Message string `json:"message"`
}

// decided is one recorded decision with what it was made on.
type decided struct {
	index    int64
	record   audit.Record
	revision string
	facts    []byte // nil if they are gone, or never were
}

// eachDecision visits the recorded decisions that the filter selects.
func (a *Auditor) eachDecision(f Filter, visit func(decided) error) error {
	index, err := a.Reader.IndexDetails()
	if err != nil {
		return err
	}
	for i, r := range a.Select(f) {
		if r.Fields["decision"] == "" {
			continue
		}
		d := decided{index: i, record: r, revision: r.PolicyRevision}
		if d.revision == "" {
			d.revision = r.Fields["policy"] // of a decision on access
		}
		if d.facts, err = a.factsOf(index, r); err != nil {
			return err
		}
		if err := visit(d); err != nil {
			return err
		}
	}
	return a.Err()
}

// factsOf finds the facts that the record names.
func (a *Auditor) factsOf(index *audit.DetailIndex, r audit.Record) ([]byte, error) {
	if r.FactsDigest == "" {
		return nil, nil
	}
	raw, err := index.Details(r.Transfer)
	if errors.Is(err, audit.ErrErased) || errors.Is(err, audit.ErrNoDetail) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	for _, one := range raw {
		d, found, err := a.parseDetail(r.Transfer, one)
		if err == nil && found && d.HasFacts() && canonical.DigestBytes(d.Facts) == r.FactsDigest {
			return d.Facts, nil
		}
	}
	return nil, nil
}

// Replay decides again what the log says was decided, each decision under the very revision that decided, and compares the
// answers word by word. progress, if not nil, is told how many are done.
func (a *Auditor) Replay(ctx context.Context, f Filter, progress func(done int)) (Replay, error) {
	var out Replay
	engines, answers := map[string]*policy.Engine{}, memo{}
	err := a.eachDecision(f, func(d decided) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		out.Decisions++
		if progress != nil {
			progress(out.Decisions)
		}
		switch {
		case d.record.FactsDigest == "":
			out.Unasked++
			return nil
		case d.facts == nil:
			out.Erased++
			return nil
		}
		engine, err := a.engineOf(ctx, engines, d.revision)
		if err != nil {
			return err
		}
		if engine == nil {
			out.Unarchived++
			return nil
		}
		again := answers.of(d, func() policy.Decision { return engine.Replay(ctx, d.facts, d.record.AgreementDigest) })
		if problem := compare(again, d.record, engine); problem != "" {
			out.Different = append(out.Different, Difference{d.index, d.record.Transfer, problem})
			return nil
		}
		out.Identical++
		return nil
	})
	return out, err
}

// memo keeps answers: within a minute, many transfers are one question.
type memo map[[6]string]policy.Decision

func (m memo) of(d decided, ask func() policy.Decision) policy.Decision {
	r := d.record
	question := [6]string{d.revision, r.FactsDigest, r.AgreementDigest, r.Agreement, r.Exporter, r.Recipient}
	answer, asked := m[question]
	if !asked {
		answer = ask()
		answer.FactsCanonical = nil
		m[question] = answer
	}
	return answer
}

// engineOf compiles each revision once; nil without error if it was not archived.
func (a *Auditor) engineOf(ctx context.Context, engines map[string]*policy.Engine, revision string) (*policy.Engine, error) {
	if e, known := engines[revision]; known {
		return e, nil
	}
	if a.Archives == nil {
		return nil, nil
	}
	archive, err := a.Archives(revision)
	if errors.Is(err, policy.ErrArchive) {
		return nil, err
	}
	if err != nil {
		engines[revision] = nil
		return nil, nil
	}
	e, err := policy.LoadArchive(ctx, archive, policy.Options{CacheEntries: -1})
	if err != nil {
		return nil, fmt.Errorf("policy revision %s: %w", revision, err)
	}
	engines[revision] = e
	return e, nil
}

// compare says what differs between a decision and the record of it; "" if nothing does.
func compare(d policy.Decision, r audit.Record, e *policy.Engine) string {
	if d.Digest == r.Fields["decision"] {
		return ""
	}
	var differ []string
	for _, part := range []struct {
		name string
		same bool
	}{
		{"permit", d.Permit == permitted(r)}, {"basis", slices.Equal(d.Basis, r.Basis)}, {"missing", slices.Equal(d.Missing, r.Missing)},
		{"rules", slices.Equal(ruleIDs(d), r.Reasons)}, {"reference data", d.DataVersion == r.DataVersion},
	} {
		if !part.same {
			differ = append(differ, part.name)
		}
	}
	if len(differ) == 0 {
		differ = []string{"obligations, treatments or the words of a rule"}
	}
	problem := "not the same: " + strings.Join(differ, ", ")
	if recorded := e.Archive().OPA(); recorded != policy.EvaluatorVersion() {
		problem += fmt.Sprintf(" (decided by OPA %s, repeated by %s)", recorded, policy.EvaluatorVersion())
	}
	return problem
}

// permitted is what the policy said: a transfer that a later step refused had been permitted.
func permitted(r audit.Record) bool {
	return r.Type == audit.Intent || r.Cause != causePolicy
}

// causePolicy marks the record of a refusal by policy (docs/architecture.md).
const causePolicy = "policy"

func ruleIDs(d policy.Decision) []string {
	var ids []string
	for _, r := range d.Reasons {
		ids = append(ids, r.ID)
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

// Flips decides every recorded transfer of the period again under a candidate policy, and returns those that it would
// decide the other way. erased counts transfers whose facts are gone.
func (a *Auditor) Flips(ctx context.Context, f Filter, candidate *policy.Engine, progress func(done int)) (flips []Flip, asked, erased int, err error) {
	answers := memo{}
	err = a.eachDecision(f, func(d decided) error {
		r := d.record
		if err := ctx.Err(); err != nil || r.Type != audit.Intent && (r.Type != audit.Refused || r.PolicyRevision == "") {
			return err
		}
		if d.facts == nil {
			erased++
			return nil
		}
		if asked++; progress != nil {
			progress(asked)
		}
		now := answers.of(d, func() policy.Decision {
			return candidate.Reconsider(ctx, r.Agreement, r.Exporter, r.Recipient, d.facts)
		})
		if now.Permit == permitted(r) {
			return nil
		}
		flips = append(flips, Flip{
			Record: d.index, Transfer: r.Transfer, At: r.At, Agreement: r.Agreement, Recipient: r.Recipient, Permitted: now.Permit, Reasons: reasonsFor(now),
		})
		return nil
	})
	return flips, asked, erased, err
}

func reasonsFor(d policy.Decision) []Reason {
	var out []Reason
	for _, r := range d.Reasons {
		if (r.Effect == policy.EffectPermits) == d.Permit {
			out = append(out, Reason{Rule: r.ID, Clause: r.Clause, Article: strings.TrimSpace(r.Instrument + " " + r.Article), Code: r.Code, Message: r.Message})
		}
	}
	return out
}
