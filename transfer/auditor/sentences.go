package auditor

import (
	"context"
	"slices"

	"github.com/passavant/passavant/audit"
	"github.com/passavant/passavant/policy"
	"github.com/passavant/passavant/policy/sentences"
	"github.com/passavant/passavant/transfer"
)

// Part is one paragraph about a record: a heading, and lines below it.
type Part = sentences.Part

// Outcomes says what became of each transfer, one of Outcomes. After it, Err tells whether the log could be read.
func (a *Auditor) Outcomes() map[string]string {
	out := map[string]string{}
	for id, p := range a.profiles() {
		if p.outcome != "" {
			out[id] = p.outcome
		}
	}
	return out
}

// Sentences puts the decision of record n into English sentences, by deciding again under the archived revision. A record
// without a decision, or whose facts or policy are gone, has none.
func (a *Auditor) Sentences(ctx context.Context, n int64) ([]Part, error) {
	r, _, err := a.Reader.Record(n)
	if err != nil || r.Fields["decision"] == "" || a.Archives == nil {
		return nil, err
	}
	d, found, err := a.decisionOf(ctx, r)
	if err != nil || !found {
		return nil, err
	}
	english, err := sentences.In("en")
	if err != nil {
		return nil, err
	}
	return english.Explain(policy.Explanation{Decision: d}), nil
}

// decisionOf repeats the decision of a record; found is false unless it comes out as it did.
func (a *Auditor) decisionOf(ctx context.Context, r audit.Record) (d policy.Decision, found bool, err error) {
	details, err := a.details(r.Transfer)
	if err != nil {
		return d, false, err
	}
	i := slices.IndexFunc(details, transfer.Detail.HasFacts)
	revision := r.PolicyRevision
	if revision == "" {
		revision = r.Fields["policy"]
	}
	if i < 0 {
		return d, false, nil
	}
	engine, err := a.engineOf(ctx, a.compiled(), revision)
	if err != nil || engine == nil {
		return d, false, err
	}
	d = engine.Replay(ctx, details[i].Facts, r.AgreementDigest)
	return d, d.Digest == r.Fields["decision"], nil
}

// compiled keeps engines for as long as the Auditor, or for longer if it was given a shelf for them.
func (a *Auditor) compiled() map[string]*policy.Engine {
	if a.Engines == nil {
		a.Engines = map[string]*policy.Engine{}
	}
	return a.Engines
}
