package policytest_test

import (
	"os"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/passavant/passavant/internal/sample"
	"github.com/passavant/passavant/policy/policytest"
)

const wantCoverage = 95.0

func TestRegoLibrary(t *testing.T) {
	report := policytest.Run(t, sample.Workspace(), sample.Elsewhere())
	t.Logf("%d tests, coverage %.1f %%", len(report.Tests), report.Coverage)
	assert.GreaterOrEqual(t, report.Coverage, wantCoverage, "not reached: %v", report.Missed)
}

func TestCases(t *testing.T) {
	results := policytest.RunCases(t, sample.Workspace(), os.DirFS("../../examples"))
	assert.Greater(t, len(results), 40)
}
