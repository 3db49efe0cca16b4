// Package policytest runs the Rego tests of the library and of a user's own agreements from an ordinary go test.
//
//	func TestPolicy(t *testing.T) { policytest.Run(t, os.DirFS("policies")) }
package policytest

import (
	"io/fs"
	"testing"

	"github.com/passavant/passavant/policy"
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
