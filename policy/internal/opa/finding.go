package opa

import (
	"context"
	"errors"
	"fmt"

	"github.com/open-policy-agent/opa/v1/ast"
)

// The checks that a finding can come from.
const (
	CheckNegation   = "undefined-negation"
	CheckProof      = "unproven-refusal"
	CheckMetadata   = "missing-metadata"
	CheckDuplicate  = "duplicate-id"
	CheckDefault    = "default-allow"
	CheckClock      = "wall-clock"
	CheckPrint      = "printing"
	CheckInput      = "reads-input"
	CheckPermits    = "agreement-permits"
	CheckObligation = "computed-obligation"
	CheckReference  = "unknown-reference"
	CheckCompile    = "does-not-compile"
)

// Finding is one thing that is wrong with a module, or likely to be. It is also the error that refuses to load.
type Finding struct {
	Check   string
	File    string
	Row     int
	Problem string
	Warning bool // loads nevertheless
}

// Error writes "file:row: problem".
func (f *Finding) Error() string { return fmt.Sprintf("%s:%d: %s", f.File, f.Row, f.Problem) }

func fault(check string, at *ast.Location, format string, args ...any) *Finding {
	f := &Finding{Check: check, Problem: fmt.Sprintf(format, args...)}
	if at != nil {
		f.File, f.Row = at.File, at.Row
	}
	return f
}

func warning(check string, at *ast.Location, format string, args ...any) *Finding {
	f := fault(check, at, format, args...)
	f.Warning = true
	return f
}

// Findings is everything that can be said against a source: all faults of one stage (a source that does not parse is not
// compiled), and warnings if it could be parsed.
func Findings(ctx context.Context, src Source) []*Finding {
	modules, err := parse(src.Modules)
	if err != nil {
		return flatten(err, nil)
	}
	found := advise(modules)
	rules, err := annotatedRules(modules)
	_, err2 := obligationCodes(modules, rules)
	if err := errors.Join(lint(modules), err, err2); err != nil {
		return append(flatten(err, nil), found...)
	}
	if _, err := compile(ctx, src, modules); err != nil {
		return append(flatten(err, nil), found...)
	}
	return found
}

// located turns OPA's errors into findings, which have their place apart and one line each.
func located(err error) error {
	var errs []error
	seen := map[string]bool{}
	for _, f := range flatten(err, nil) {
		if !seen[f.Error()] {
			seen[f.Error()] = true
			errs = append(errs, f)
		}
	}
	return errors.Join(errs...)
}

// flatten takes joined errors, ours and OPA's, apart.
func flatten(err error, into []*Finding) []*Finding {
	switch err := err.(type) { // the tree is taken apart here, so errors.As would skip what stands beside its find
	case nil:
		return into
	case *Finding:
		return append(into, err)
	case *ast.Error:
		return append(into, fault(CheckCompile, err.Location, "%s", err.Message))
	case ast.Errors:
		for _, e := range err {
			into = flatten(e, into)
		}
		return into
	case interface{ Unwrap() []error }:
		for _, e := range err.Unwrap() {
			into = flatten(e, into)
		}
		return into
	}
	return append(into, &Finding{Check: CheckCompile, Problem: err.Error()})
}
