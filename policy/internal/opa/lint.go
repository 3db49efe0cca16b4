package opa

import (
	"errors"
	"maps"
	"slices"

	"github.com/open-policy-agent/opa/v1/ast"
)

// lint refuses constructions that fail open.
//
// A negated comparison or membership with an operand that may be undefined does not hold and does not fail: OPA lifts
// the operand out of the negation, so that the whole body is undefined and the prohibition silently does not fire.
// Therefore only a plain reference or a call of a named rule on local variables may be negated.
//
// The input is read in package passavant.facts alone: there each fact has one home, and nowhere else can a rule choose
// to believe a claim.
func lint(modules map[string]*ast.Module) error {
	var errs []error
	for _, name := range slices.Sorted(maps.Keys(modules)) {
		m := modules[name]
		errs = append(errs, lintExpressions(m)...)
		errs = append(errs, readsInput(m)...)
		for _, r := range m.Rules {
			if r.Default && r.Head.Name == "permitted" && !r.Head.Value.Equal(ast.BooleanTerm(false)) {
				errs = append(errs, fault(CheckDefault, r.Loc(), "the default of a permission is false"))
			}
		}
	}
	return errors.Join(errs...)
}

func lintExpressions(m *ast.Module) []error {
	var errs []error
	globals := globalNames(m)
	ast.WalkExprs(m, func(e *ast.Expr) bool {
		if e.IsCall() && e.Operator().String() == "print" {
			errs = append(errs, fault(CheckPrint, e.Loc(), "undefined function print: rules do not print facts"))
		}
		if e.Negated && !safelyNegated(e, globals) {
			errs = append(errs, fault(CheckNegation, e.Loc(), "negate a named rule, not an expression: an undefined operand would switch the rule off"))
		}
		return false
	})
	return append(errs, impureCalls(m)...)
}

// impureCalls finds calls of built-ins whose answer differs from call to call. They would not compile either; here the
// message says why.
func impureCalls(m *ast.Module) []error {
	var errs []error
	seen := map[string]bool{}
	ast.WalkTerms(m, func(t *ast.Term) bool {
		ref, ok := t.Value.(ast.Ref)
		if !ok {
			return false
		}
		b, builtin := ast.BuiltinMap[ref.String()]
		if !builtin || !b.Nondeterministic {
			return false
		}
		if f := fault(CheckClock, t.Loc(), "undefined function %s: a decision depends on its facts alone", ref); !seen[f.Error()] {
			seen[f.Error()] = true
			errs = append(errs, f)
		}
		return false
	})
	return errs
}

func readsInput(m *ast.Module) []error {
	if m.Package.Path.String() == "data.passavant.facts" {
		return nil
	}
	var errs []error
	ast.WalkRefs(m, func(r ast.Ref) bool {
		if r.HasPrefix(ast.InputRootRef) {
			errs = append(errs, fault(CheckInput, r[0].Loc(), "facts are read through data.passavant.facts, never from the input"))
		}
		return false
	})
	return errs
}

// advise finds what loads and yet is likely to be wrong: a refusal that rests on no proof, and a yes by default.
func advise(modules map[string]*ast.Module) []*Finding {
	var out []*Finding
	for _, name := range slices.Sorted(maps.Keys(modules)) {
		if !speaks(modules[name]) {
			continue
		}
		for _, r := range modules[name].Rules {
			if ruleKinds()[r.Head.Name.String()] == Refuses && !restsOnProof(r.Body) {
				out = append(out, warning(CheckProof, r.Loc(), "rule %s refuses without a \"not (proof)\"", r.Head.Name))
			}
			if r.Default && r.Head.Value.Equal(ast.BooleanTerm(true)) {
				out = append(out, warning(CheckDefault, r.Loc(), "%s is true by default", r.Head.Name))
			}
		}
	}
	return out
}

func restsOnProof(b ast.Body) bool {
	return slices.ContainsFunc(b, func(e *ast.Expr) bool { return e.Negated })
}

// globalNames are the names in a module that stand for documents, which may be undefined.
func globalNames(m *ast.Module) map[string]bool {
	names := map[string]bool{"input": true, "data": true}
	for _, i := range m.Imports {
		names[string(i.Name())] = true
	}
	for _, r := range m.Rules {
		names[r.Head.Name.String()] = true
		if ref := r.Head.Ref(); len(ref) > 0 {
			names[ref[0].String()] = true
		}
	}
	return names
}

func safelyNegated(e *ast.Expr, globals map[string]bool) bool {
	if t, ok := e.Terms.(*ast.Term); ok {
		return plainReference(t) || isCallOnLocals(t, globals)
	}
	terms, ok := e.Terms.([]*ast.Term)
	return ok && namedRule(terms[0]) && onLocals(terms[1:], globals)
}

func plainReference(t *ast.Term) bool {
	switch v := t.Value.(type) {
	case ast.Var:
		return true
	case ast.Ref:
		for _, part := range v[1:] {
			switch part.Value.(type) {
			case ast.String, ast.Var, ast.Number:
			default:
				return false
			}
		}
		return true
	}
	return false
}

func isCallOnLocals(t *ast.Term, globals map[string]bool) bool {
	call, ok := t.Value.(ast.Call)
	return ok && namedRule(call[0]) && onLocals(call[1:], globals)
}

// namedRule tells a rule from a built-in, whose operators print as their names (equal, internal.member_2, …).
func namedRule(operator *ast.Term) bool {
	_, builtin := ast.BuiltinMap[operator.String()]
	return !builtin
}

func onLocals(args []*ast.Term, globals map[string]bool) bool {
	for _, a := range args {
		switch v := a.Value.(type) {
		case ast.Var:
			if globals[string(v)] {
				return false
			}
		case ast.String, ast.Number, ast.Boolean, ast.Null:
		default:
			return false
		}
	}
	return true
}
