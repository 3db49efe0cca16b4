package policy_test

import (
	"context"
	"encoding/json"
	"io/fs"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passavant/passavant/internal/sample"
	"github.com/passavant/passavant/policy"
)

// The corpora: the GDPR, and every other law with further cases of our own.
func corpora() []string {
	return []string{"../rego/cases/gdpr.json", "../rego/cases/law.json"}
}

const ()

// lawCase is one case of the law, in the format of the fact base.
type lawCase struct {
	ID       string         `json:"id"`
	Regime   string         `json:"regime"`
	Title    string         `json:"title"`
	Facts    map[string]any `json:"facts"`
	Expected struct {
		Allow       bool     `json:"allow"`
		Basis       []string `json:"basis"`
		Missing     []string `json:"missing"`
		Obligations []string `json:"obligations"`
	} `json:"expected"`
}

func lawCases(t testing.TB) []lawCase {
	t.Helper()
	var all []lawCase
	for _, corpus := range corpora() {
		raw, err := os.ReadFile(corpus)
		require.NoError(t, err)
		var cases []lawCase
		require.NoError(t, json.Unmarshal(raw, &cases))
		all = append(all, cases...)
	}
	return all
}

func engine(t testing.TB) *policy.Engine {
	t.Helper()
	// No test may depend on how busy the machine is.
	e, err := policy.LoadWith(context.Background(), policy.Options{FS: trees(), Timeout: time.Minute})
	require.NoError(t, err)
	return e
}

// Outcome rules: allow equal; first basis equal; every expected missing and obligation code present.
func TestCasesOfTheLaw(t *testing.T) {
	e, cases := engine(t), lawCases(t)
	require.GreaterOrEqual(t, len(cases), 160)
	for _, c := range cases {
		t.Run(c.ID+" "+c.Title, func(t *testing.T) {
			d := e.Assess(t.Context(), c.Facts)
			assert.Equal(t, c.Expected.Allow, d.Permit, "%+v", d.Reasons)
			if len(c.Expected.Basis) > 0 {
				require.NotEmpty(t, d.Basis)
				assert.Equal(t, c.Expected.Basis[0], d.Basis[0])
				assert.Subset(t, d.Basis, c.Expected.Basis)
			}
			assert.Subset(t, d.Missing, c.Expected.Missing)
			var codes []string
			for _, o := range d.Obligations {
				codes = append(codes, o.Code)
			}
			assert.Subset(t, codes, c.Expected.Obligations)
			assert.True(t, d.LawOnly)
			assert.NotEmpty(t, d.FactsDigest)
		})
	}
}

// trees are the sample agreements.
func trees() []fs.FS { return []fs.FS{sample.Workspace(), sample.Elsewhere()} }

// agreementText is the text of a sample agreement.
func agreementText(t testing.TB, id string) []byte {
	t.Helper()
	for _, tree := range trees() {
		if text, err := fs.ReadFile(tree, "agreements/"+id+"/agreement.yaml"); err == nil {
			return text
		}
	}
	require.Fail(t, "no such sample", id)
	return nil
}
