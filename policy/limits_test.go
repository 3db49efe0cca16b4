package policy_test

import (
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passavant/passavant/policy"
)

// GDPR Art. 49(5): what national law limits, no safeguard and no derogation opens; an adequacy decision does.
func TestNationalLimitIsAProhibition(t *testing.T) {
	limits := `{title: Ours, version: "2026-12-01", checked_on: "2026-12-01", source: counsel, limits: [
		{state: NL, categories: [iban], valid_from: "2026-01-01", source: counsel, checked_on: "2026-12-01"}]}`
	e, err := policy.Load(t.Context(), fstest.MapFS{"reference/limits.yaml": {Data: []byte(limits)}})
	require.NoError(t, err)
	facts := map[string]map[string]any{}
	for _, c := range lawCases(t) {
		facts[c.ID] = c.Facts
	}
	clauses := facts["S06"] // Dutch bank, standard contractual clauses
	refused := e.Assess(t.Context(), clauses)
	assert.False(t, refused.Permit)
	assert.Contains(t, ids(refused), "gdpr.art49.5")
	assert.False(t, e.Assess(t.Context(), without(clauses, []string{"data", "categories"})).Permit, "the categories are not known")
	assert.Contains(t, ids(e.Assess(t.Context(), without(clauses, []string{"data", "categories"}))), "gdpr.art49.5")

	for name, changed := range map[string]map[string]any{
		"another category": with(clauses, []string{"data", "categories"}, []any{"name"}),
		"another exporter": with(clauses, []string{"exporter", "country"}, "IE"),
		"before its day":   with(clauses, []string{"at"}, "2025-12-31"),
		"adequacy":         with(clauses, []string{"recipient", "country"}, "CH"),
		"inside the EEA":   with(clauses, []string{"recipient", "country"}, "FR"),
	} {
		assert.True(t, e.Assess(t.Context(), changed).Permit, name)
	}
	assert.True(t, engine(t).Assess(t.Context(), clauses).Permit, "no limit is known to the embedded data")
}
