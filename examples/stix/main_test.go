package main

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestRun(t *testing.T) {
	var out bytes.Buffer
	require.NoError(t, run(t.Context(), &out))
	text := out.String()
	for _, personal := range []string{"Aino", "Virtanen", "aino", "198.51.100.3", "28bb3599", "utility.example", "sopimus", "0b9c8d7e"} {
		assert.NotContains(t, text, personal)
	}
	for _, needed := range []string{"GreyPike", "CVE-2026-41234", "7d3a0f4b1c5e8a2d9b6f3e0c7a4d1b8e5f2c9a6d3b0e7f4a1c8d5b2e9f6a3c07", "lasku.exe", "@pseudonym.invalid"} {
		assert.Contains(t, text, needed)
	}
	assert.Contains(t, text, "withheld: 1 ?: the catalogue does not name its type")
}
