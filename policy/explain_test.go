package policy_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestExplainFindsTheSmallestChange(t *testing.T) {
	e := engine(t)
	x := e.Explain(t.Context(), fraudFacts(t, e, "ie-vn-memorandum", "lotus-bank-vn"))
	require.False(t, x.Decision.Permit)
	require.True(t, x.Complete)
	require.Len(t, x.Remedies, 1, "the roles leave one module")
	changes := x.Remedies[0].Changes
	require.Len(t, changes, 2)
	assert.Equal(t, "gdpr.art46.1", changes[0].Rule)
	assert.EqualValues(t, "scc_2021_914", changes[0].Set["safeguard.type"])
	assert.EqualValues(t, 1, changes[0].Set["safeguard.module"])
	assert.Equal(t, "gdpr.tia.done", changes[1].Rule)
	assert.Equal(t, []string{"standing"}, changes[1].Branches)
}

func TestExplainOfAPermissionProposesNothing(t *testing.T) {
	e := engine(t)
	x := e.Explain(t.Context(), fraudFacts(t, e, "ie-jp-bank-fraud", "sakura-bank-jp"))
	assert.True(t, x.Decision.Permit)
	assert.Empty(t, x.Remedies)
	assert.True(t, x.Complete)
}

// Nothing that the rules propose cures a purpose that is not agreed, so nothing is proposed.
func TestExplainProposesNothingThatDoesNotHelp(t *testing.T) {
	e := engine(t)
	f := fraudFacts(t, e, "ie-vn-memorandum", "lotus-bank-vn")
	f.Claims["purpose"] = "marketing"
	x := e.Explain(t.Context(), f)
	assert.Empty(t, x.Remedies)
	assert.True(t, x.Complete)
}

// What an approval would turn is found and tried, in its role; two roles are two changes.
func TestExplainProposesApprovals(t *testing.T) {
	key := `keys: [{party: emerald-bank-ie, holder: x, public_key: "IyV2EZ4BCcKw4MnQzK84ZbH1pmelx967me7LaQQw4Ao="}]`
	e := naming(t, "approvals:\n  - {role: second_person, when: always, "+key+"}\n  - {role: security, when: always, "+key+"}\n", "")
	x := e.Explain(t.Context(), fraudFacts(t, e, "ie-jp-bank-fraud", "sakura-bank-jp"))
	require.Equal(t, []string{"approval_missing"}, x.Decision.Missing)
	require.Len(t, x.Remedies, 1)
	changes := x.Remedies[0].Changes
	require.Len(t, changes, 2)
	assert.Equal(t, []string{"second_person", "security"}, []string{changes[0].Role, changes[1].Role})
	assert.Equal(t, []string{"evidence"}, changes[0].Branches)
	assert.Contains(t, changes[0].Text, "passavant approve --role second_person")

	f := fraudFacts(t, e, "ie-jp-bank-fraud", "sakura-bank-jp")
	f.Evidence["approvals"] = []any{"security"}
	x = e.Explain(t.Context(), f)
	require.Len(t, x.Remedies, 1)
	require.Len(t, x.Remedies[0].Changes, 1)
	assert.Equal(t, "second_person", x.Remedies[0].Changes[0].Role)
	assert.Equal(t, []any{"security"}, f.Evidence["approvals"], "the question is not changed")
}
