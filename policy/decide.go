package policy

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/passavant/passavant/internal/canonical"
	"github.com/passavant/passavant/policy/internal/opa"
)

// Decide answers one question. It never fails: what cannot be decided is refused, with a reason that says why. Equal
// facts within the same minute are answered from the cache. The Decision is the caller's own.
func (e *Engine) Decide(ctx context.Context, f Facts) Decision {
	key, keyed := e.cache.keyOf(f)
	if keyed {
		if d, ok := e.cache.get(key); ok {
			return d.clone()
		}
	}
	d, final := e.decide(ctx, f, nil)
	d = e.seal(d)
	if keyed && final {
		e.cache.put(key, d.clone())
	}
	return d
}

// decide evaluates without the cache. patch changes the assembled input, for explanations. final is false if the answer
// depends on the moment (a time-out) and must not be kept.
func (e *Engine) decide(ctx context.Context, f Facts, patch func(map[string]any)) (d Decision, final bool) {
	a, ok := e.agreements[f.Agreement]
	if !ok {
		return e.stamp(refused(CodeUnknownAgreement, "no agreement with this id is loaded")), true
	}
	standing, err := a.StandingFacts(f.Exporter, f.Recipient)
	if err != nil {
		d := e.stamp(refused(CodeUnknownParty, "exporter and recipient must be two parties of the agreement"))
		d.AgreementDigest = a.Digest()
		return d, true
	}
	standing["agreement"].(map[string]any)["signatures"] = e.signatures[f.Agreement].between(f.Exporter, f.Recipient)
	in := input(scopeTransfer, instant(f.At), standing, f.Claims, f.allEvidence())
	if patch != nil {
		patch(in)
	}
	d, final = e.evaluate(ctx, e.policy, in)
	d.AgreementDigest = a.Digest()
	return d, final
}

// Assess answers a question about the law alone. flat is one case in the vocabulary of docs/facts.md; its facts are put
// into the branches by the same table that the rules read from. The Decision is marked LawOnly: it tells what the law says
// and permits nothing.
func (e *Engine) Assess(ctx context.Context, flat map[string]any) Decision {
	d, _ := e.assess(ctx, flat)
	d.LawOnly = true
	return d
}

func (e *Engine) assess(ctx context.Context, flat map[string]any) (Decision, bool) {
	at, ok := caseInstant(flat["at"])
	if !ok {
		return e.stamp(refused(CodeFactsInvalid, "the fact at must be a day (YYYY-MM-DD) or an instant (RFC 3339)")), true
	}
	branches, err := e.split(compact(flat))
	if err != nil {
		return e.stamp(refused(CodeFactsInvalid, err.Error())), true
	}
	in := input(scopeLaw, at, branches[branchStanding], branches[branchClaims], branches[branchEvidence])
	return e.evaluate(ctx, e.policy, in)
}

// caseInstant reads the time of a case: a day counts from its first minute, UTC.
func caseInstant(value any) (string, bool) {
	text, _ := value.(string)
	for _, layout := range []string{time.DateOnly, time.RFC3339} {
		if at, err := time.Parse(layout, text); err == nil {
			return instant(at), true
		}
	}
	return "", false
}

// evaluate validates, evaluates and reads the outcome of one assembled input.
func (e *Engine) evaluate(ctx context.Context, policy evaluator, in map[string]any) (Decision, bool) {
	raw, err := e.encode(in)
	if err != nil {
		return e.stamp(refused(CodeFactsInvalid, err.Error())), true
	}
	outcome, err := policy.Outcome(ctx, raw, e.timeout)
	var d Decision
	if err != nil {
		d = refused(codeOf(err), err.Error())
	} else {
		d = e.read(outcome, in)
	}
	d.FactsCanonical, d.FactsDigest = raw, canonical.DigestBytes(raw)
	return e.stamp(d), !errors.Is(err, opa.ErrTimeout)
}

func codeOf(err error) string {
	switch {
	case errors.Is(err, opa.ErrTimeout):
		return CodeEvaluationTimeout
	case errors.Is(err, opa.ErrConflict):
		return CodeConflict
	case errors.Is(err, opa.ErrUndefined):
		return CodeUndefinedResult
	case errors.Is(err, opa.ErrMalformed):
		return CodeMalformedResult
	}
	return CodeEvaluationError
}

func (e *Engine) stamp(d Decision) Decision {
	d.Revision, d.DataVersion = e.revision, e.dataVersion
	slices.Sort(d.Missing)
	d.Missing = slices.Compact(d.Missing)
	return d
}
