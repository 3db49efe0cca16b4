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
	assert.Equal(t, 1, strings.Count(out.String(), "takes over"), "the second attempt brings the receipt, not the document again")
	assert.Contains(t, out.String(), "has a receipt signed by sakura-bank-jp")
	assert.Contains(t, out.String(), "no transfer is in doubt")
}
