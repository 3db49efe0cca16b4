// Package policytest runs the Rego tests and the cases of a user's own agreements, and those of the library, from an ordinary
// go test.
//
//	func TestPolicy(t *testing.T) { policytest.Run(t, os.DirFS("policies")) }
//	func TestCases(t *testing.T)  { policytest.RunCases(t, os.DirFS("policies")) }
//
// Mutation testing takes minutes and is therefore a command: passavant test --mutate.
package policytest

import (
	"errors"
	"io/fs"
	"testing"

	"github.com/passavant/passavant/policy"
	"github.com/passavant/passavant/policy/casebook"
)

// Run runs every Rego test as a subtest and returns the report. It fails the test if the policy does not load, if there
// are no tests, or if one does not pass.
func Run(t *testing.T, trees ...fs.FS) policy.RegoReport {
	t.Helper()
	report, err := policy.RunRegoTests(t.Context(), policy.Options{FS: trees})
	if err != nil {
		t.Fatal(err)
	}
	if len(report.Tests) == 0 {
		t.Fatal("policytest: there are no Rego tests")
	}
	for _, r := range report.Tests {
		t.Run(r.Name, func(t *testing.T) {
			if !r.Pass {
				t.Errorf("%s: test does not hold %s", r.Source, r.Problem)
			}
		})
	}
	return report
}

// RunCases judges the cases of the library and of the trees (agreements/<id>/cases.yaml), each as a subtest, and returns the
// results. It fails the test if the policy or a case file does not load, if a case does not hold, and for each gap: a refusing
// rule of an agreement without a case in which its fact is absent, a clause that no case tries. Signatures are not asked for:
// cases are about the words.
func RunCases(t *testing.T, trees ...fs.FS) []casebook.Result {
	t.Helper()
	engine, err := policy.LoadWith(t.Context(), policy.Options{FS: trees})
	if err != nil {
		t.Fatal(err)
	}
	cases, err := casebook.Library()
	for _, tree := range trees {
		more, fault := casebook.ReadTree(tree)
		cases, err = append(cases, more...), errors.Join(err, fault)
	}
	if err != nil {
		t.Fatal(err)
	}
	results := casebook.JudgeAll(t.Context(), engine, cases)
	for _, r := range results {
		t.Run(r.ID, func(t *testing.T) {
			for _, fault := range r.Faults {
				t.Errorf("%s: %s: %s", r.Source, r.Title, fault)
			}
		})
	}
	for _, gap := range casebook.Gaps(t.Context(), engine, results) {
		t.Errorf("%s: %s", gap.Source, gap.Problem)
	}
	return results
}
