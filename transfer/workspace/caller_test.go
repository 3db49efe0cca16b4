package workspace_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passavant/passavant/policy"
	"github.com/passavant/passavant/transfer/workspace"
)

func TestCaller(t *testing.T) {
	given := map[string]policy.Caller{
		"anna": {Roles: []string{"fraud_analyst", "auditor"}, Unit: "financial_crime"},
		"*":    {Roles: []string{"clerk"}},
	}
	for name, c := range map[string]struct {
		callers map[string]policy.Caller
		login   string
		as      []string
		want    policy.Caller
		refused string
	}{
		"all roles":               {given, "anna", nil, given["anna"], ""},
		"one of them":             {given, "anna", []string{"auditor"}, policy.Caller{Roles: []string{"auditor"}, Unit: "financial_crime"}, ""},
		"somebody else":           {given, "bert", nil, given["*"], ""},
		"not yours":               {given, "bert", []string{"auditor"}, policy.Caller{}, "gives you clerk"},
		"one of two is not yours": {given, "anna", []string{"auditor", "clerk"}, policy.Caller{}, "gives you fraud_analyst, auditor"},
		"nobody else":             {map[string]policy.Caller{"anna": given["anna"]}, "bert", []string{"auditor"}, policy.Caller{}, "gives you none"},
		"nobody is named":         {nil, "bert", []string{"auditor"}, policy.Caller{Roles: []string{"auditor"}}, ""},
		"nobody says anything":    {nil, "bert", nil, policy.Caller{}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			w := &workspace.Workspace{Config: workspace.Config{Callers: c.callers}}
			got, err := w.Caller(c.login, c.as)
			assert.Equal(t, c.want, got)
			if c.refused == "" {
				require.NoError(t, err)
				return
			}
			require.ErrorIs(t, err, workspace.ErrNotYourRole)
			assert.ErrorContains(t, err, c.refused)
		})
	}
}

func TestCallersInTheConfiguration(t *testing.T) {
	const sampled = `"*": {roles: [fraud_analyst, auditor]}`
	w := create(t)
	edit(t, w, workspace.ConfigName, sampled, "anna: {roles: [auditor], unit: audit, attributes: {shift: day}}")
	w, err := workspace.Open(w.Path("."))
	require.NoError(t, err)
	assert.Equal(t, policy.Caller{Roles: []string{"auditor"}, Unit: "audit", Attributes: map[string]string{"shift": "day"}}, w.Callers["anna"])
	w = create(t)
	edit(t, w, workspace.ConfigName, sampled, "anna: {rolls: [auditor]}")
	_, err = workspace.Open(w.Path("."))
	require.ErrorContains(t, err, "line ")
}
