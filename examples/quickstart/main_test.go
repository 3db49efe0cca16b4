package main

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The story must end well, fit a screen, and say what the newcomer came for.
func TestQuickstart(t *testing.T) {
	var told strings.Builder
	require.NoError(t, run(t.Context(), &told))
	story := told.String()
	for _, part := range []string{
		"PERMITTED on the basis of GDPR:45", "PERMITTED on the basis of GDPR:46(2)(c)", "REFUSED, nothing left",
		"missing: adequacy_decision_in_force, appropriate_safeguard", "the smallest change that would permit it",
		"sakura-bank-jp opens (1)", "VERIFIED, 0 in doubt", "TAMPERING FOUND", "record 3",
	} {
		assert.Contains(t, story, part)
	}
	assert.NotContains(t, story, "Aoife", "no value of the payload is shown")
	assert.NotContains(t, story, "\x1b", "colour is for terminals")
	lines := strings.Split(story, "\n")
	assert.LessOrEqual(t, len(lines), 50)
}
