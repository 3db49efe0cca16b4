package casebook_test

import (
	"context"
	"fmt"
	"os"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passavant/passavant/internal/sample"
	"github.com/passavant/passavant/policy"
	"github.com/passavant/passavant/policy/casebook"
)

const agreementCases = `
- id: JP01
  title: A fraud case goes to the Japanese bank
  at: 2026-11-23
  request: {purpose: prevent_and_investigate_fraud}
  evidence:
    recipient_key_pinned: true
    data: {categories: [iban], special_categories: [], criminal_offence_data: false, subjects: [victim]}
  expect: {allow: true, basis: ["GDPR:45"], obligations: [delete_after], treatments: {iban: pseudonymise, narrative: drop}}
- id: JP02
  title: Nobody says whose data they are
  from: JP01
  evidence: {data: {subjects: null}}
  expect: {allow: false, missing: [data_minimisation]}
- id: JP03
  title: The agreement has ended
  from: JP01
  at: "2028-02-01T00:00:00Z"
  expect: {allow: false, missing: [agreement_inactive]}
- id: JP04
  title: Back again
  from: JP02
  request: {exporter: emerald-bank-ie, recipient: sakura-bank-jp, claims: {necessary: true}}
  claims: {data: {subject_count: 1}}
  evidence: {data: {subjects: [suspect]}}
  expect: {allow: true}
`

func engine(t testing.TB) *policy.Engine {
	t.Helper()
	e, err := policy.Load(context.Background(), sample.Workspace())
	require.NoError(t, err)
	return e
}

func read(t testing.TB, text string) []casebook.Case {
	t.Helper()
	cases, err := casebook.Read("agreements/ie-jp-bank-fraud/cases.yaml", []byte(text))
	require.NoError(t, err)
	return cases
}

func TestCasesOfAnAgreement(t *testing.T) {
	cases := read(t, agreementCases)
	require.Len(t, cases, 4)
	assert.Equal(t, "agreements/ie-jp-bank-fraud/cases.yaml:2", cases[0].Source)
	assert.Equal(t, "ie-jp-bank-fraud", cases[0].Facts.Agreement)
	results := casebook.JudgeAll(t.Context(), engine(t), cases)
	for _, r := range results {
		assert.True(t, r.Pass, "%s: %v %+v", r.ID, r.Faults, r.Decision.Reasons)
	}
	assert.Empty(t, casebook.Failed(results))
	assert.Contains(t, casebook.Spoke(results)["agreement.subjects"], "JP02")
}

// A null takes a fact away from the case that another starts from, and leaves that case alone.
func TestCaseThatStartsFromAnother(t *testing.T) {
	cases := read(t, agreementCases)
	data := func(i int) map[string]any { return cases[i].Facts.Evidence["data"].(map[string]any) }
	assert.Equal(t, []any{"victim"}, data(0)["subjects"])
	assert.NotContains(t, data(1), "subjects")
	assert.Equal(t, []any{"suspect"}, data(3)["subjects"])
	assert.Equal(t, map[string]any{"purpose": "prevent_and_investigate_fraud", "necessary": true, "data": map[string]any{"subject_count": 1}}, cases[3].Facts.Claims)
	assert.Equal(t, cases[0].Facts.At, cases[1].Facts.At)
}

func TestCasesOfTheLaw(t *testing.T) {
	document, err := os.ReadFile("../../rego/cases/gdpr.json")
	require.NoError(t, err)
	cases, err := casebook.Read("gdpr-cases.json", document)
	require.NoError(t, err)
	require.NotEmpty(t, cases)
	assert.Empty(t, casebook.Failed(casebook.JudgeAll(t.Context(), engine(t), cases)))
}

// Every difference that the outcome rules name is found, and nothing that a case does not mention is.
func TestDifferences(t *testing.T) {
	base := strings.SplitN(agreementCases, "  expect:", 2)[0]
	e := engine(t)
	for expect, want := range map[string]string{
		"{allow: false}": "allow is true, expected false",
		`{allow: true, basis: ["GDPR:46(2)(c)"]}`:                       "the decisive basis is GDPR:45, expected GDPR:46(2)(c)",
		`{allow: true, basis: ["GDPR:45", "EU:9999/1"]}`:                "",
		"{allow: true, missing: [sa_authorisation]}":                    "expected the condition sa_authorisation; missing: none",
		"{allow: true, obligations: [document_tia]}":                    "expected the obligation document_tia; obligations: ",
		"{allow: true, treatments: {iban: drop}}":                       "the treatment of iban is pseudonymise, expected drop",
		"{allow: true, treatments: {shoe_size: keep}}":                  "the treatment of shoe_size is none, expected keep",
		"{allow: true, obligations: [record_art30], treatments: {}}":    "",
		"{allow: true, basis: [], missing: [], obligations: []}":        "",
		`{allow: false, basis: ["GDPR:49(1)(d)"], missing: [a, b]}`:     "expected the condition b",
		"{allow: true, treatments: {iban: pseudonymise, name: absent}}": "the treatment of name",
	} {
		r := casebook.Judge(t.Context(), e, read(t, base+"  expect: "+expect+"\n")[0])
		assert.Equal(t, want == "", r.Pass, expect)
		assert.Contains(t, strings.Join(r.Faults, "\n"), want, expect)
	}
}

func TestJSONAndYAMLReadAlike(t *testing.T) {
	asJSON := `[{"id": "A", "title": "t", "regime": "GDPR", "facts": {"at": "2026-11-23", "n": 3, "x": null, "l": [1.5, true]},
 "expected": {"allow": false, "basis": [], "missing": ["lawful_basis"], "obligations": []}, "rationale": "r", "confidence": "high"}]`
	asYAML := "- id: A\n  title: t\n  facts: {at: 2026-11-23, n: 3, x: null, l: [1.5, true]}\n  expected: {allow: false, missing: [lawful_basis]}\n"
	one, two := read(t, asJSON)[0], read(t, asYAML)[0]
	assert.Equal(t, one.Law, two.Law)
	assert.Equal(t, map[string]any{"at": "2026-11-23", "n": 3, "x": nil, "l": []any{1.5, true}}, one.Law)
	assert.Equal(t, []string{"lawful_basis"}, two.Expect.Missing)
}

// Each fault names file and line and never the value.
func TestFaultsOfCaseFiles(t *testing.T) {
	for text, want := range map[string]string{
		"":            "cases.yaml: empty document",
		"SECRET: [":   "neither YAML nor JSON",
		"a: SECRET":   ":1: a case file is a list of cases",
		"[]\n---\n[]": "more than one document",
		"- SECRET":    ":1: want keys and values here",
		"- title: SECRET\n  facts: {at: 2026-01-01}\n  expected: {allow: true}": ":1: a case needs an id",
		"- id: A\n  facts: {}\n":                                                                           ":1: a case needs \"expected\"",
		"- id: A\n  facts: {}\n  expected: {}":                                                             ":3: expected.allow is needed",
		"- id: A\n  facts: {}\n  expected: {allow: SECRET}":                                                ":3: expected.allow is not of the right type",
		"- id: A\n  facts: {}\n  expected: {allow: true, mising: []}":                                      ":3: unknown key \"mising\" in expected",
		"- id: A\n  facts: [SECRET]\n  expected: {allow: true}":                                            ":2: want keys and values here",
		"- id: A\n  facts: {}\n  expected: {allow: true}\n- id: A\n  facts: {}\n  expected: {allow: true}": ":4: two cases have the id \"A\"",
		"- id: A\n  at: 2026-02-31\n  expect: {allow: true}":                                               ":1: at must be a day",
		"- id: A\n  at: 2026-02-01\n  fcats: {}\n  expect: {allow: true}":                                  ":3: unknown key \"fcats\"",
		"- id: A\n  from: B\n  expect: {allow: true}":                                                      ":2: no earlier case",
		"- id: A\n  at: 2026-02-01\n  request: {prupose: SECRET}\n  expect: {allow: true}":                 "request: unknown key \"prupose\"",
		"- id: A\n  at: 2026-02-01\n  request: {recipient: 4}\n  expect: {allow: true}":                    "request: unknown key \"recipient\", or not of the right type",
		"- id: A\n  id: B\n": ":2: key \"id\" appears twice",
		"- id: A\n  facts: &SECRET {}\n  expected: {allow: true}\n- id: B\n  facts: {a: *SECRET}\n  expected: {allow: true}": ":5: anchors and aliases",
	} {
		_, err := casebook.Read("agreements/x/cases.yaml", []byte(text))
		require.ErrorContains(t, err, want, text)
		assert.NotContains(t, err.Error(), "SECRET", text)
		assert.Contains(t, err.Error(), "cases.yaml")
	}
	_, err := casebook.Read("elsewhere.yaml", []byte("- id: A\n  at: 2026-02-01\n  expect: {allow: true}"))
	require.ErrorContains(t, err, "request.agreement is needed")
	_, err = casebook.Read("big.yaml", make([]byte, casebook.MaxBytes+1))
	require.ErrorContains(t, err, "more than")
}

func TestReadTree(t *testing.T) {
	cases, err := casebook.ReadTree(fstest.MapFS{
		"agreements/ie-jp-bank-fraud/cases.yaml": {Data: []byte(agreementCases)},
		"agreements/other/agreement.yaml":        {Data: []byte("id: other")},
	})
	require.NoError(t, err)
	assert.Len(t, cases, 4)
	_, err = casebook.ReadTree(fstest.MapFS{"agreements/b/cases.yaml": {Data: []byte("x: 1")}})
	require.ErrorContains(t, err, "agreements/b/cases.yaml:1:")
}

func TestUnknownAgreementIsRefused(t *testing.T) {
	c := read(t, agreementCases)[0]
	c.Facts.Agreement = "nothing"
	assert.Equal(t, []string{policy.CodeUnknownAgreement}, casebook.Decide(t.Context(), engine(t), c).Missing)
}

func FuzzRead(f *testing.F) {
	f.Add([]byte(agreementCases))
	f.Add([]byte(`[{"id":"A","facts":{},"expected":{"allow":true}}]`))
	f.Add([]byte("- {id: A, from: A}"))
	f.Fuzz(func(t *testing.T, document []byte) {
		cases, err := casebook.Read("agreements/x/cases.yaml", document)
		if err == nil {
			for _, c := range cases {
				assert.NotEmpty(t, c.ID)
				assert.True(t, c.Law != nil || c.Facts.Agreement != "")
			}
		}
	})
}

func ExampleJudge() {
	e, err := policy.Load(context.Background())
	if err != nil {
		panic(err)
	}
	cases, err := casebook.Read("cases.json", []byte(`[{"id": "C1", "title": "no lawful basis",
		"facts": {"at": "2026-11-23", "exporter": {"country": "IE", "type": "bank"}, "recipient": {"country": "JP"}},
		"expected": {"allow": true, "missing": ["lawful_basis"]}}]`))
	if err != nil {
		panic(err)
	}
	r := casebook.Judge(context.Background(), e, cases[0])
	fmt.Println(r.Pass, r.Faults)
	// Output: false [allow is false, expected true]
}

// The library carries its own cases, and they hold.
func TestLibraryCases(t *testing.T) {
	cases, err := casebook.Library()
	require.NoError(t, err)
	require.Greater(t, len(cases), 100)
	assert.Regexp(t, `^rego/cases/[a-z]+\.json:\d+$`, cases[0].Source)
	assert.Empty(t, casebook.Failed(casebook.JudgeAll(t.Context(), engine(t), cases)))
}
