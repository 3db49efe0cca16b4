package policy_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/passavant/passavant/policy"
)

// Facts are stored and their digest stands in the log: a name has no place among what a request claims.
func TestClaimsHoldCodesOnly(t *testing.T) {
	e := engine(t)
	for name, claim := range map[string]any{
		"request":       map[string]any{"kind": "Aoife Byrne, 12 Main St"},
		"derogation":    map[string]any{"type": "public interest"},
		"origin":        map[string]any{"authorised_destinations": []any{"JP", "the friend of Aoife"}},
		"claimed_basis": "because Aoife says so",
		"justification": "Aoife asked for it",
	} {
		t.Run(name, func(t *testing.T) {
			f := fraudFacts(t, e, "ie-jp-bank-fraud", "sakura-bank-jp")
			f.Claims[name] = claim
			d := e.Decide(t.Context(), f)
			assert.False(t, d.Permit)
			assert.Equal(t, []string{policy.CodeFactsInvalid}, d.Missing)
			assert.NotContains(t, d.Reasons[0].Message, "Aoife")
			assert.Empty(t, d.FactsCanonical, "nothing is kept of facts that are not valid")
		})
	}
}
