package main

import (
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The README shows a part of this program, letter for letter. Since the program compiles and runs, so does the README.
func TestReadmeShowsThisProgram(t *testing.T) {
	readme, err := os.ReadFile("../../README.md")
	require.NoError(t, err)
	program, err := os.ReadFile("main.go")
	require.NoError(t, err)
	_, rest, found := strings.Cut(string(program), "// README: first transfer\n")
	require.True(t, found)
	snippet, _, found := strings.Cut(rest, "\n// README: end")
	require.True(t, found)
	assert.Contains(t, string(readme), "```go\n"+snippet+"```\n")
	assert.Equal(t, 1, strings.Count(string(readme), "```go\n"), "every Go snippet of the README is a part of a program that runs")
	require.NoError(t, run(t.Context()))
}
