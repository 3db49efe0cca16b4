package policy_test

import (
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passavant/passavant/policy"
)

// The rule that the guide for lawyers shows loads and does what the guide says.
func TestGuideForLawyersShowsARuleThatWorks(t *testing.T) {
	guide, err := os.ReadFile("../rego/README.md")
	require.NoError(t, err)
	_, after, ok := strings.Cut(string(guide), "```rego\npackage ")
	require.True(t, ok)
	rule, _, ok := strings.Cut("package "+after, "```")
	require.True(t, ok)
	e, err := loadJP(t, strings.ReplaceAll(rule, "agreements.my_agreement", "agreements.ie_jp_bank_fraud"), policy.Options{})
	require.NoError(t, err)
	f := fraudFacts(t, e, "ie-jp-bank-fraud", "sakura-bank-jp")
	assert.Equal(t, []string{"too_many_persons"}, e.Decide(t.Context(), f).Missing)
	f.Claims["data"] = map[string]any{"subject_count": 3}
	assert.True(t, e.Decide(t.Context(), f).Permit)
}
