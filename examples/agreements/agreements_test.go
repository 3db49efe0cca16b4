// Package agreements_test holds the reference agreements against their own cases.
package agreements_test

import (
	"context"
	"io/fs"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passavant/passavant/policy"
	"github.com/passavant/passavant/policy/casebook"
	"github.com/passavant/passavant/transfer"
)

const leastCases = 12

func load(t testing.TB) (*policy.Engine, []casebook.Case) {
	t.Helper()
	tree := os.DirFS("..") // the folder that holds agreements/<id>/
	engine, err := policy.LoadWith(context.Background(), policy.Options{FS: trees(tree), KnownObligations: transfer.KnownObligations()})
	require.NoError(t, err)
	cases, err := casebook.ReadTree(tree)
	require.NoError(t, err)
	return engine, cases
}

func TestCases(t *testing.T) {
	engine, cases := load(t)
	for _, r := range casebook.JudgeAll(t.Context(), engine, cases) {
		t.Run(r.ID, func(t *testing.T) {
			assert.True(t, r.Pass, "%s\n%s\n%v\n%+v", r.Source, r.Title, r.Faults, r.Decision.Missing)
		})
	}
}

// Each agreement has its cases, permits something, refuses something, and has a case in which a fact is absent.
func TestEveryAgreementIsTested(t *testing.T) {
	engine, cases := load(t)
	permitted, refused, all := map[string]int{}, map[string]int{}, map[string]int{}
	for _, c := range cases {
		all[c.Facts.Agreement]++
		if c.Expect.Allow {
			permitted[c.Facts.Agreement]++
		} else {
			refused[c.Facts.Agreement]++
		}
	}
	for _, a := range engine.Agreements() {
		assert.GreaterOrEqual(t, all[a.ID], leastCases, a.ID)
		assert.Positive(t, permitted[a.ID], a.ID)
		assert.Positive(t, refused[a.ID], a.ID)
		assert.NotEmpty(t, a.LegalText.File, "%s: the text lies beside it", a.ID)
		assert.GreaterOrEqual(t, len(a.Signatories), 2, a.ID)
	}
}

// A rule of an agreement that no case ever makes speak is a rule that nobody has tried.
func TestEveryRuleOfAnAgreementSpeaksInACase(t *testing.T) {
	engine, cases := load(t)
	spoken := casebook.Spoke(casebook.JudgeAll(t.Context(), engine, cases))
	for _, r := range engine.Rules() {
		if strings.HasPrefix(r.Source, "agreements/") {
			assert.NotEmpty(t, spoken[r.ID], r.ID)
		}
	}
}

func trees(tree fs.FS) []fs.FS { return []fs.FS{tree} }
