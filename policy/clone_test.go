package policy_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Whoever changes a decision changes nobody else's, not even the next one to the same question.
func TestDecisionsAreNotShared(t *testing.T) {
	e := engine(t)
	f := fraudFacts(t, e, "ie-jp-bank-fraud", "sakura-bank-jp")
	want := e.Decide(t.Context(), f)
	require.True(t, want.Permit)
	for range 2 {
		d := e.Decide(t.Context(), f)
		require.Equal(t, want, d)
		d.Basis[0], d.Reasons[0].ID, d.FactsCanonical[0] = "changed", "changed", '!'
		for i := range d.Obligations {
			d.Obligations[i].Code = "changed"
			for name := range d.Obligations[i].Params {
				d.Obligations[i].Params[name] = "changed"
			}
		}
		for category, treatment := range d.Treatments {
			for name := range treatment.Params {
				treatment.Params[name] = "changed"
			}
			delete(d.Treatments, category)
		}
	}
	assert.Equal(t, want, e.Decide(t.Context(), f))
}
