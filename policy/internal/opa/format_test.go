package opa_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/open-policy-agent/opa/v1/format"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The library keeps to the official formatting and to lines that fit a page.
func TestRegoIsFormatted(t *testing.T) {
	const root = "../../../rego"
	err := filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
		if err != nil || filepath.Ext(name) != ".rego" {
			return err
		}
		source, err := os.ReadFile(name)
		require.NoError(t, err)
		want, err := format.Source(name, source)
		require.NoError(t, err)
		assert.Equal(t, string(want), string(source), "%s: not formatted", name)
		if os.Getenv("PASSAVANT_FORMAT_REGO") != "" {
			require.NoError(t, os.WriteFile(name, want, 0o644))
		}
		for _, line := range strings.Split(string(source), "\n") {
			if !strings.HasPrefix(line, "#") && !strings.HasSuffix(name, "_test.rego") {
				assert.LessOrEqual(t, len(line), 140, "%s: %.40s…", name, line)
			}
		}
		return nil
	})
	require.NoError(t, err)
}
