package auditor_test

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passavant/passavant/audit"
	"github.com/passavant/passavant/transfer/auditor"
)

func selected(t *testing.T, a *auditor.Auditor, f auditor.Filter) (types []string) {
	t.Helper()
	require.NoError(t, f.Check())
	for _, r := range a.Select(f) {
		types = append(types, string(r.Type))
	}
	require.NoError(t, a.Err())
	slices.Sort(types)
	return slices.Compact(types)
}

func TestSelect(t *testing.T) {
	s := tell(t)
	whole := []string{"acknowledged", "delivered", "intent"}
	for name, tc := range map[string]struct {
		filter auditor.Filter
		want   []string
	}{
		"a country":           {auditor.Filter{Country: "JP", Outcome: auditor.Acknowledged}, whole},
		"another country":     {auditor.Filter{Country: "US"}, nil},
		"an agreement":        {auditor.Filter{Agreement: "ie-jp-bank-fraud"}, append([]string{"acknowledged", "delivered", "intent"}, "refused")},
		"a purpose":           {auditor.Filter{Purpose: "marketing"}, []string{"refused"}},
		"a category":          {auditor.Filter{Category: "iban"}, whole},
		"a category withheld": {auditor.Filter{Category: "narrative"}, nil},
		"refused":             {auditor.Filter{Outcome: auditor.Refused}, []string{"refused"}},
		"in doubt":            {auditor.Filter{Outcome: auditor.InDoubt}, nil},
		"a type":              {auditor.Filter{Type: audit.PolicyChange}, []string{"policy-change"}},
		"a party":             {auditor.Filter{Party: "sakura-bank-jp"}, append([]string{"acknowledged", "delivered", "intent"}, "refused")},
		"before all":          {auditor.Filter{Until: time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)}, nil},
		"after all":           {auditor.Filter{Since: time.Date(2200, 1, 1, 0, 0, 0, 0, time.UTC)}, nil},
		"since":               {auditor.Filter{Since: time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC), Type: audit.Intent}, []string{"intent"}},
	} {
		assert.Equal(t, tc.want, selected(t, s.auditor, tc.filter), name)
	}
	require.ErrorIs(t, auditor.Filter{Outcome: "gone"}.Check(), auditor.ErrFilter)
	require.ErrorIs(t, auditor.Filter{Since: time.Unix(2, 0), Until: time.Unix(2, 0)}.Check(), auditor.ErrFilter)
}
