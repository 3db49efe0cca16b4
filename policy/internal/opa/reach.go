package opa

import (
	"context"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/storage/inmem"
	"github.com/open-policy-agent/opa/v1/tester"
	"github.com/open-policy-agent/opa/v1/topdown"
)

// follower is a tracer that notes the rules that an evaluation looks up, by path, such as
// data.passavant.lib.dates.on_or_after. A rule whose path is never looked up has no part in the answer, and neither has a
// change of it: until it is looked up, the evaluation is the same. Rules that the index leaves out are noted too, since what
// is noted is the question and not its answer.
type follower struct {
	compiler *ast.Compiler // its tree of rules is there as soon as anything is evaluated
	note     func(path string)
}

func (f *follower) Enabled() bool               { return true }
func (f *follower) Config() topdown.TraceConfig { return topdown.TraceConfig{} }

func (f *follower) TraceEvent(e topdown.Event) {
	switch rule, entered := e.Node.(*ast.Rule); {
	case e.Op == topdown.IndexOp && e.Ref != nil:
		f.note(pathOf(f.compiler.RuleTree, *e.Ref))
	case e.Op == topdown.EnterOp && entered: // rules without an index are all entered
		f.note(pathOf(f.compiler.RuleTree, rule.Ref()))
	}
}

// pathOf cuts a reference down to the rule that it leads to.
func pathOf(tree *ast.TreeNode, r ast.Ref) string {
	node := tree
	for i, term := range r {
		if node = node.Child(term.Value); node == nil {
			return r[:i].String()
		}
		if len(node.Values) > 0 {
			return r[:i+1].String()
		}
	}
	return r.String()
}

// pathOfRule is the path of a rule before it is compiled: its package and the first part of its name.
func pathOfRule(m *ast.Module, r *ast.Rule) string {
	name := r.Head.Ref()[0].Value
	if v, ok := name.(ast.Var); ok {
		name = ast.String(v)
	}
	return m.Package.Path.Append(ast.NewTerm(name)).String()
}

// reachOfTests runs all Rego tests once and says, for each path, which tests looked at it.
func reachOfTests(ctx context.Context, modules map[string]*ast.Module, data map[string]any, limit time.Duration) (map[string][]string, error) {
	compiler := ast.NewCompiler().WithCapabilities(capabilities("internal.test_case"))
	store := inmem.NewFromObject(data)
	reached, current := map[string]map[string]bool{}, ""
	f := &follower{compiler: compiler, note: func(path string) {
		if isTest(path) {
			current = path // the runner evaluates one test after another
		}
		if reached[path] == nil {
			reached[path] = map[string]bool{}
		}
		reached[path][current] = true
	}}
	runner := tester.NewRunner().SetCompiler(compiler).SetStore(store).SetModules(modules).RaiseBuiltinErrors(true).
		SetTimeout(limit).SetParallel(1).SetCoverageQueryTracer(f)
	txn, err := store.NewTransaction(ctx)
	if err != nil {
		return nil, err
	}
	defer store.Abort(ctx, txn)
	results, err := runner.RunTests(ctx, txn)
	if err != nil {
		return nil, err
	}
	for range results {
		continue // the tracer listens
	}
	out := map[string][]string{}
	for path, tests := range reached {
		for test := range tests {
			out[path] = append(out[path], test)
		}
		slices.Sort(out[path])
	}
	return out, nil
}

// isTest tells the path of a test. The runner renames a test whose name another one of its package has: test_x becomes
// ["test_x#01"].
func isTest(path string) bool {
	name := path[strings.LastIndexByte(path, '.')+1:]
	return strings.HasPrefix(name, tester.TestPrefix) || strings.Contains(name, `["`+tester.TestPrefix)
}

// onlyThese matches the full names of tests.
func onlyThese(tests []string) string {
	quoted := make([]string, len(tests))
	for i, t := range tests {
		quoted[i] = regexp.QuoteMeta(t)
	}
	return "^(" + strings.Join(quoted, "|") + ")$"
}

// Following returns the policy with an ear: note is told the path of every rule that an evaluation looks up. It is called
// by whoever evaluates.
func (p *Policy) Following(note func(path string)) *Policy {
	other := *p
	other.tracer = &follower{compiler: p.compiler, note: note}
	return &other
}
