package opa

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/rego"
	"github.com/open-policy-agent/opa/v1/topdown"
)

// The conditions under which an evaluation has no outcome.
var (
	ErrTimeout    = errors.New("evaluation took too long")
	ErrConflict   = errors.New("rules contradict each other")
	ErrUndefined  = errors.New("evaluation has no result")
	ErrMalformed  = errors.New("evaluation has more than one result")
	ErrEvaluation = errors.New("evaluation failed")
)

// Outcome evaluates data.passavant.decision.outcome on one JSON input and returns it as decoded JSON. The error is one
// of the conditions above; it names the kind of fault and its place in the Rego, never a value of the input.
func (p *Policy) Outcome(ctx context.Context, input []byte, limit time.Duration) (any, error) {
	return p.evaluate(ctx, p.outcome, input, limit)
}

// Value evaluates one fixed reference, such as data.passavant.facts.home, without input.
func (p *Policy) Value(ctx context.Context, reference string) (any, error) {
	query, err := p.prepare(ctx, reference)
	if err != nil {
		return nil, err
	}
	return p.evaluate(ctx, query, []byte("{}"), time.Minute)
}

func (p *Policy) evaluate(ctx context.Context, q rego.PreparedEvalQuery, input []byte, limit time.Duration) (any, error) {
	var doc any
	if err := json.Unmarshal(input, &doc); err != nil {
		return nil, fmt.Errorf("%w: input is not JSON", ErrEvaluation)
	}
	value, err := ast.InterfaceToValue(doc)
	if err != nil {
		return nil, fmt.Errorf("%w: input is not JSON", ErrEvaluation)
	}
	if ctx.Err() != nil {
		return nil, ErrTimeout
	}
	// The cancel of our own spares a goroutine per evaluation; both the limit and the caller's context pull it.
	cancel := topdown.NewCancel()
	timer := time.AfterFunc(limit, cancel.Cancel)
	defer timer.Stop()
	defer context.AfterFunc(ctx, cancel.Cancel)()
	options := []rego.EvalOption{rego.EvalParsedInput(value), rego.EvalExternalCancel(cancel),
		rego.EvalRuleIndexing(!p.plain), rego.EvalEarlyExit(!p.plain)}
	if p.tracer != nil {
		options = append(options, rego.EvalQueryTracer(p.tracer))
	}
	rs, err := q.Eval(ctx, options...)
	return single(rs, err)
}

// single takes the one value of a result set. An undefined decision is an empty set with a nil error.
func single(rs rego.ResultSet, err error) (any, error) {
	switch {
	case err != nil:
		return nil, classify(err)
	case len(rs) == 0:
		return nil, ErrUndefined
	case len(rs) > 1 || len(rs[0].Expressions) != 1:
		return nil, ErrMalformed
	}
	return rs[0].Expressions[0].Value, nil
}

func classify(err error) error {
	var fault *topdown.Error
	if !errors.As(err, &fault) {
		return ErrEvaluation
	}
	kind := ErrEvaluation
	switch fault.Code {
	case topdown.CancelErr:
		return ErrTimeout
	case topdown.ConflictErr:
		kind = ErrConflict
	}
	if fault.Location != nil {
		return fmt.Errorf("%w at %s:%d", kind, fault.Location.File, fault.Location.Row)
	}
	return kind
}
