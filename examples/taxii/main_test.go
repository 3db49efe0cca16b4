package main

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestRun(t *testing.T) {
	var out strings.Builder
	require.NoError(t, run(t.Context(), &out))
	for _, step := range []string{"emerald-bank-ie published", "sakura-bank-jp takes over", "emerald-bank-ie has the receipt"} {
		assert.Equal(t, 3, strings.Count(out.String(), step), step)
	}
}
