package casebook_test

import (
	"io/fs"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passavant/passavant/internal/sample"
	"github.com/passavant/passavant/policy"
	"github.com/passavant/passavant/policy/casebook"
)

const ownRule = `package passavant.agreements.ie_jp_bank_fraud

import data.passavant.facts
import data.passavant.reason

# METADATA
# title: Few persons at a time
# description: The parties agreed to exchange single cases, not lists.
# custom: {id: jp.few, instrument: agreement, article: "4", clause: "4.9", code: too_many_persons, failure_msg: more than ten persons are concerned}
prohibits contains reason.of(rego.metadata.rule()) if not few_persons

few_persons if facts.subject_count <= 10
`

// A refusing rule of an agreement wants a case without its fact; a case in which the fact is merely wrong is not one.
func TestGaps(t *testing.T) {
	const folder = "agreements/ie-jp-bank-fraud/"
	document, err := fs.ReadFile(sample.Workspace(), folder+"agreement.yaml")
	require.NoError(t, err)
	e, err := policy.Load(t.Context(), fstest.MapFS{folder + "agreement.yaml": {Data: document}, folder + "rules.rego": {Data: []byte(ownRule)}})
	require.NoError(t, err)
	gaps := func(claims string) []policy.Finding {
		cases := read(t, "- id: A\n  at: 2026-11-23\n  request: {purpose: prevent_and_investigate_fraud}\n  claims: "+claims+
			"\n  evidence: {data: {categories: [iban], special_categories: [], criminal_offence_data: false, subjects: [victim]}}\n  expect: {allow: false}\n")
		return casebook.Gaps(t.Context(), e, casebook.JudgeAll(t.Context(), e, cases))
	}
	of := func(check string, findings []policy.Finding) (out []policy.Finding) {
		for _, f := range findings {
			if f.Check == check {
				out = append(out, f)
			}
		}
		return out
	}
	assert.Empty(t, of(policy.CheckAbsentFact, gaps("{data: {quality_checked: true}}")))
	found := of(policy.CheckAbsentFact, gaps("{data: {subject_count: 11}}"))
	require.Len(t, found, 1)
	assert.Equal(t, policy.CheckAbsentFact, found[0].Check)
	assert.Equal(t, folder+"rules.rego:10", found[0].Source)
	assert.Contains(t, found[0].Problem, "jp.few")
	assert.Contains(t, found[0].Problem, "claims.data.subject_count")
	assert.False(t, found[0].Fault)
	assert.NotEmpty(t, found[0].Mend)

	// A permitted case brings about the obligations of the clauses on purpose, onward transfer and deletion, and not the rules
	// on what data may be shared.
	var unused []string
	for _, f := range of(policy.CheckClause, gaps("{data: {subject_count: 2}}")) {
		unused = append(unused, f.Problem[:len("no case tries clause 5.2")])
		assert.Equal(t, folder+"agreement.yaml", f.Source)
	}
	assert.Equal(t, []string{"no case tries clause 5.2"}, unused)
	unknown := of(policy.CheckNoClause, gaps("{data: {subject_count: 2}}"))
	require.Len(t, unknown, 1)
	assert.Contains(t, unknown[0].Problem, "rule jp.few cites clause 4.9")
	assert.Len(t, casebook.Gaps(t.Context(), e, nil), 2, "without cases, only the rules are found wanting")
}

// A rule that is silent where nothing is known is found however it hides: by double negation, by counting what is not there, by a
// guard. One that speaks, and one that speaks for one of the two sides, are not.
func TestSilentRulesAreFound(t *testing.T) {
	const folder = "agreements/ie-jp-bank-fraud/"
	document, err := fs.ReadFile(sample.Workspace(), folder+"agreement.yaml")
	require.NoError(t, err)
	for body, silent := range map[string]bool{
		"if not shown\n\nshown if facts.subject_count <= 10\n":                                                             false,
		"if facts.subject_count > 10\n":                                                                                    true,
		"if not shown\n\nshown if not many\n\nmany if facts.subject_count > 10\n":                                          true,
		"if not shown\n\nshown if count([x | some x in facts.data_subjects; x == \"suspect\"]) == 0\n":                     true,
		"if {\n\tcount(facts.data_subjects) > 0\n\tnot shown\n}\n\nshown if facts.subject_count <= 10\n":                   true,
		"if {\n\tfacts.exporter.country == \"IE\"\n\tnot shown\n}\n\nshown if facts.subject_count <= 10\n":                 false,
		"if not shown\n\nshown if facts.agreement.retention_days <= 365\n\nshown if facts.purpose == \"something_else\"\n": true,
	} {
		rule, _, _ := strings.Cut(ownRule, "if not few_persons")
		e, err := policy.Load(t.Context(), fstest.MapFS{folder + "agreement.yaml": {Data: document}, folder + "rules.rego": {Data: []byte(rule + body)}})
		require.NoError(t, err, body)
		found := slices.ContainsFunc(casebook.Gaps(t.Context(), e, nil), func(f policy.Finding) bool {
			return f.Check == policy.CheckSilent && f.Source == folder+"rules.rego:10" && f.Mend != ""
		})
		assert.Equal(t, silent, found, body)
	}
}
