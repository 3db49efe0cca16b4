package opa

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/cover"
	"github.com/open-policy-agent/opa/v1/storage/inmem"
	"github.com/open-policy-agent/opa/v1/tester"
)

// TestResult is the result of one Rego test rule.
type TestResult struct {
	Name     string // package and rule, with "data." removed
	Source   string // file:line
	Pass     bool
	Problem  string // the error, if there was one instead of an answer
	Duration time.Duration
}

// Coverage is how much of the rules the tests reached.
type Coverage struct {
	Percent float64
	// Missed are the places that no test reached, "file:row" or "file:from-to", sorted.
	Missed []string
	// Rules are the ids of the rules that permit or refuse and that some test reached, sorted.
	Rules []string
}

// RunTests runs every rule test_* of the modules whose file name ends in _test.rego against the others, under the same
// regime as decisions: strict, allow-listed built-ins, built-in errors raised.
func RunTests(ctx context.Context, src Source, limit time.Duration) ([]TestResult, Coverage, error) {
	modules, err := parse(src.Modules)
	if err != nil {
		return nil, Coverage{}, err
	}
	schemas, err := schemaSet(src.Schemas)
	if err != nil {
		return nil, Coverage{}, err
	}
	tracer := cover.New()
	compiler := ast.NewCompiler().WithStrict(true).WithCapabilities(capabilities("internal.test_case")).
		WithSchemas(schemas).WithUseTypeCheckAnnotations(true)
	store := inmem.NewFromObject(src.Data)
	runner := tester.NewRunner().SetCompiler(compiler).SetStore(store).SetModules(modules).
		SetCoverageQueryTracer(tracer).RaiseBuiltinErrors(true).SetTimeout(limit)
	txn, err := store.NewTransaction(ctx)
	if err != nil {
		return nil, Coverage{}, err
	}
	defer store.Abort(ctx, txn)
	results, err := runner.RunTests(ctx, txn)
	if err != nil {
		return nil, Coverage{}, err
	}
	var out []TestResult
	for r := range results {
		out = append(out, testResult(r))
	}
	reached, err := coverage(tracer, rulesOnly(modules))
	return out, reached, err
}

func testResult(r *tester.Result) TestResult {
	out := TestResult{
		Name: strings.TrimPrefix(r.Package, "data.") + "." + r.Name, Source: fmt.Sprintf("%s:%d", r.Location.File, r.Location.Row),
		Pass: r.Pass(), Duration: r.Duration,
	}
	if r.Error != nil {
		out.Problem = r.Error.Error()
	}
	return out
}

func rulesOnly(modules map[string]*ast.Module) map[string]*ast.Module {
	out := maps.Clone(modules)
	maps.DeleteFunc(out, func(name string, _ *ast.Module) bool { return strings.HasSuffix(name, "_test.rego") })
	return out
}

func coverage(tracer *cover.Cover, modules map[string]*ast.Module) (Coverage, error) {
	report := tracer.Report(modules)
	c := Coverage{Percent: report.Coverage}
	for _, file := range slices.Sorted(maps.Keys(report.Files)) {
		for _, missed := range report.Files[file].NotCovered {
			place := fmt.Sprintf("%s:%d", file, missed.Start.Row)
			if missed.End.Row != missed.Start.Row {
				place = fmt.Sprintf("%s-%d", place, missed.End.Row)
			}
			c.Missed = append(c.Missed, place)
		}
	}
	c.Missed = slices.Compact(c.Missed) // one line may hold several expressions
	rules, err := annotatedRules(modules)
	for _, id := range slices.Sorted(maps.Keys(rules)) {
		if file := report.Files[rules[id].file]; file != nil && file.IsCovered(rules[id].row) {
			c.Rules = append(c.Rules, id)
		}
	}
	return c, err
}
