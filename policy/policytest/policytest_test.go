package policytest_test

import (
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
