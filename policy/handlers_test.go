package policy_test

import (
	"io/fs"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/passavant/passavant/policy"
	regolib "github.com/passavant/passavant/rego"
)

// Every obligation that a rule names, wherever it does, refuses at load if nobody can discharge it (invariant 4).
func TestEveryObligationOfTheLawNeedsAHandler(t *testing.T) {
	var law strings.Builder
	require.NoError(t, fs.WalkDir(regolib.FS, "law", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".rego") || strings.HasSuffix(path, "_test.rego") {
			return err
		}
		text, err := fs.ReadFile(regolib.FS, path)
		law.Write(text)
		return err
	}))
	named := 0
	for _, code := range policy.BuiltinObligations() {
		if !strings.Contains(law.String(), code) {
			continue
		}
		named++
		t.Run(code, func(t *testing.T) {
			known := slices.DeleteFunc(policy.BuiltinObligations(), func(c string) bool { return c == code })
			_, err := policy.LoadWith(t.Context(), policy.Options{KnownObligations: known, Timeout: time.Minute})
			require.ErrorIs(t, err, policy.ErrUnknownObligation)
			require.ErrorContains(t, err, code)
		})
	}
	require.Greater(t, named, 5)
}
