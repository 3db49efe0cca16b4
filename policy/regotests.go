package policy

import (
	"context"
	"fmt"
	"time"

	"github.com/passavant/passavant/policy/internal/opa"
)

// RegoTest is the result of one Rego test (a rule test_* in a file *_test.rego).
type RegoTest struct {
	Name     string        `json:"name"`
	Source   string        `json:"source"` // file:line
	Pass     bool          `json:"pass"`
	Problem  string        `json:"problem,omitempty"`
	Duration time.Duration `json:"duration_ns"`
}

// RegoReport is the result of all Rego tests.
type RegoReport struct {
	Tests    []RegoTest `json:"tests"`
	Coverage float64    `json:"coverage"` // percent of the lines of rules, tests themselves not counted
	Missed   []string   `json:"missed"`   // places that no test reached
	Reached  []string   `json:"reached"`  // ids of the rules that some test reached
}

// RunRegoTests runs the Rego tests of the embedded library and of the user's trees (agreements/<id>/rules_test.rego) with
// the same built-ins, schemas and strictness that decisions have. Each test has the time of Options.Timeout (default
// 10 s here).
func RunRegoTests(ctx context.Context, opts Options) (RegoReport, error) {
	lib, err := readLibrary(opts.FS, true)
	if err != nil {
		return RegoReport{}, fmt.Errorf("policy: %w", err)
	}
	limit := opts.Timeout
	if limit <= 0 {
		limit = 10 * time.Second
	}
	results, coverage, err := opa.RunTests(ctx, opa.Source{Modules: lib.modules, Data: lib.data(), Schemas: lib.schemas}, limit)
	if err != nil {
		return RegoReport{}, fmt.Errorf("policy: %w", err)
	}
	report := RegoReport{Coverage: coverage.Percent, Missed: coverage.Missed, Reached: coverage.Rules}
	for _, r := range results {
		report.Tests = append(report.Tests, RegoTest(r))
	}
	return report, nil
}
