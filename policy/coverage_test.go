package policy_test

import (
	"fmt"
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passavant/passavant/internal/canonical"
	"github.com/passavant/passavant/internal/sample"
	"github.com/passavant/passavant/policy"
)

const jpFile = "agreements/ie-jp-bank-fraud/agreement.yaml"

// edited is the Japanese sample with one edit of its text.
func edited(t testing.TB, old, new string) fstest.MapFS {
	t.Helper()
	text := string(agreementText(t, "ie-jp-bank-fraud"))
	require.Contains(t, text, old)
	return fstest.MapFS{jpFile: {Data: []byte(strings.Replace(text, old, new, 1))}}
}

// The gate: a clause that nothing answers for does not load, and the message names file, line and place.
func TestCoverageGate(t *testing.T) {
	for name, tc := range map[string]struct{ old, new, want string }{
		"unmapped":             {"    enforcement: contract-only\n", "", `/clauses/4: missing key "enforcement"`},
		"unknown enforcement":  {"enforcement: contract-only", "enforcement: good-will", "/clauses/4/enforcement: not one of the allowed values"},
		"no clauses":           {"clauses:\n", "dpia_ref: x\nown_categories:\n", `missing key "clauses"`},
		"rule that is not":     {"rules: [agreement.purpose]", "rules: [agreement.purpos]", `/clauses/0/rules/0: clause 4.1 names the rule "agreement.purpos": there is no such rule`},
		"rule without rules":   {"    rules: [agreement.purpose]\n", "", `/clauses/0: the clause is enforced-by-rule: missing key "rules"`},
		"obligation of nobody": {"obligations: [delete_after]", "obligations: [call_the_minister]", `/clauses/3/obligations/0: clause 9 names the obligation "call_the_minister": nobody discharges it`},
		"without obligations":  {"    obligations: [delete_after]\n", "", `/clauses/3: the clause is enforced-by-obligation: missing key "obligations"`},
		"attested how":         {"enforcement: contract-only", "enforcement: attested-by-recipient", `/clauses/4: the clause is attested-by-recipient: missing key "attestation"`},
		"contract why":         {"    note: Whether", "    attestation: Whether", `/clauses/4: the clause is contract-only: missing key "note"`},
		"clause twice":         {`  - id: "5.2"`, `  - id: "4.1"`, "/clauses/1/id: two clauses have the same id"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := policy.Load(t.Context(), edited(t, tc.old, tc.new))
			require.ErrorContains(t, err, tc.want)
			assert.Regexp(t, jpFile+`:[1-9][0-9]*: /|missing key "clauses"`, err.Error())
		})
	}
}

// An obligation that somebody could discharge but that no rule ever requires would never arise.
func TestCoverageByAnObligationThatNeverArises(t *testing.T) {
	known := append(policy.BuiltinObligations(), "call_the_minister")
	tree := edited(t, "obligations: [delete_after]", "obligations: [call_the_minister]")
	_, err := policy.LoadWith(t.Context(), policy.Options{FS: []fs.FS{tree}, KnownObligations: known})
	require.ErrorIs(t, err, policy.ErrCoverage)
	require.ErrorContains(t, err, "no rule ever requires it")
}

// A clause may name a rule of its own agreement, and of no other.
func TestCoverageByOwnRules(t *testing.T) {
	tree := edited(t, "rules: [agreement.purpose]", "rules: [jp.test]")
	tree[jpRules] = &fstest.MapFile{Data: []byte(rulesFile(metadata + "prohibits contains reason.of(rego.metadata.rule()) if not small\n\nsmall if facts.subject_count <= 10\n"))}
	e, err := policy.Load(t.Context(), tree)
	require.NoError(t, err)
	sheet, ok := e.Coverage("ie-jp-bank-fraud")
	require.True(t, ok)
	assert.Equal(t, "A rule of the parties", sheet.Clauses[0].Enforcers[0].Title)

	us := strings.Replace(string(agreementText(t, "ie-us-bank-scc")), "rules: [agreement.purpose]", "rules: [jp.test]", 1)
	tree["agreements/ie-us-bank-scc/agreement.yaml"] = &fstest.MapFile{Data: []byte(us)}
	_, err = policy.Load(t.Context(), tree)
	require.ErrorContains(t, err, "it is a rule of another agreement")
}

func TestCoverageSheet(t *testing.T) {
	sheet, ok := engine(t).Coverage("ie-us-bank-scc")
	require.True(t, ok)
	assert.Equal(t, map[string]int{"enforced-by-rule": 4, "attested-by-recipient": 1}, sheet.Counts)
	require.Len(t, sheet.Clauses, 5)
	tia := sheet.Clauses[3]
	assert.Equal(t, "14", tia.ID)
	require.Len(t, tia.Enforcers, 3)
	for _, r := range tia.Enforcers {
		assert.NotEmpty(t, r.Title)
		assert.Regexp(t, `\.rego:\d+$`, r.Source)
	}
	_, ok = engine(t).Coverage("nothing")
	assert.False(t, ok)
}

const legalText = `# Agreement

## 4 Scope

### 4.1 Purposes
The recipient uses the data only to stop fraud.

## 5.2 Data
Only the annex.

## 7. No onward transfer
Nobody else.

## 9 Deletion
After a year.

## 12 Review
Every year.
`

// withText is the Japanese sample bound to a legal text.
func withText(t testing.TB, text, digest string) fstest.MapFS {
	t.Helper()
	tree := edited(t, "legal_text: {digest: ", fmt.Sprintf("legal_text: {file: text.md, digest: %q} # ", digest))
	if text != "" {
		tree["agreements/ie-jp-bank-fraud/text.md"] = &fstest.MapFile{Data: []byte(text)}
	}
	return tree
}

func TestLegalTextIsComparedClauseByClause(t *testing.T) {
	_, err := policy.Load(t.Context(), withText(t, legalText, canonical.DigestBytes([]byte(legalText))))
	require.NoError(t, err, "a heading of a group, 4, needs no mapping")
	for name, tc := range map[string]struct{ text, want string }{
		"a clause nobody listed": {legalText + "\n## 13 Fees\nTen euros a case.\n", "text.md:20: clause 13 is not listed in agreement.yaml"},
		"a clause that is gone":  {strings.Replace(legalText, "## 12 Review\n", "", 1), "/clauses/4/id: the legal text has no heading with this number"},
	} {
		_, err := policy.Load(t.Context(), withText(t, tc.text, canonical.DigestBytes([]byte(tc.text))))
		require.ErrorContains(t, err, tc.want, name)
	}
	_, err = policy.Load(t.Context(), withText(t, legalText+"And fees.\n", canonical.DigestBytes([]byte(legalText))))
	require.ErrorContains(t, err, "/legal_text/digest: agreements/ie-jp-bank-fraud/text.md is not the text that was agreed")
	_, err = policy.Load(t.Context(), withText(t, "", canonical.DigestBytes([]byte(legalText))))
	require.ErrorContains(t, err, "/legal_text/file: the legal text is not there")
}

func TestUnknownCategoriesDoNotLoad(t *testing.T) {
	_, err := policy.Load(t.Context(), edited(t, "  iban: {treatment: pseudonymise}", "  ibann: {treatment: pseudonymise}"))
	require.ErrorContains(t, err, "/data_categories/ibann: unknown category of data")
	assert.Regexp(t, jpFile+`:\d+: /data_categories/ibann`, err.Error())
	_, err = policy.Load(t.Context(), edited(t, "[customer, victim, suspect]", "[customer, victim, suspekt]"))
	require.ErrorContains(t, err, "/data_subjects/2: unknown category of data subjects")
	own := edited(t, "clauses:\n", "own_categories: {mortgage: number of a mortgage}\nclauses:\n")
	own[jpFile].Data = []byte(strings.Replace(string(own[jpFile].Data), "  iban: {treatment", "  mortgage: {treatment", 1))
	_, err = policy.Load(t.Context(), own)
	require.NoError(t, err, "an agreement may explain a category of its own")
}

// onwardTo is the Japanese sample renamed, with the agreements under which its recipient may pass data on.
func onwardTo(t testing.TB, id string, under ...string) *fstest.MapFile {
	t.Helper()
	return &fstest.MapFile{Data: []byte(strings.NewReplacer(
		"id: ie-jp-bank-fraud", "id: "+id,
		"onward: {default: prohibited}", fmt.Sprintf("onward: {default: prior_authorisation, under: [%s]}", strings.Join(under, ", ")),
	).Replace(strings.Replace(string(agreementText(t, "ie-jp-bank-fraud")), "rules: [agreement.onward]\n    obligations: [no_onward_transfer]", "rules: [agreement.onward]", 1)))}
}

func TestCircularOnwardRulesDoNotLoad(t *testing.T) {
	chain := fstest.MapFS{
		"agreements/one/agreement.yaml":              onwardTo(t, "one", "two", "three"),
		"agreements/two/agreement.yaml":              onwardTo(t, "two", "three"),
		"agreements/three/agreement.yaml":            onwardTo(t, "three", "ie-vn-memorandum"),
		"agreements/ie-vn-memorandum/agreement.yaml": {Data: agreementText(t, "ie-vn-memorandum")},
	}
	_, err := policy.Load(t.Context(), chain)
	require.NoError(t, err, "two ways to one end are no circle")
	chain["agreements/three/agreement.yaml"] = onwardTo(t, "three", "one")
	_, err = policy.Load(t.Context(), chain)
	require.ErrorContains(t, err, "circular onward rules: one -> two -> three -> one")
	assert.Regexp(t, `agreements/one/agreement.yaml:\d+: /onward/under/0`, err.Error())
	chain["agreements/three/agreement.yaml"] = onwardTo(t, "three", "nowhere")
	_, err = policy.Load(t.Context(), chain)
	require.ErrorContains(t, err, "/onward/under/0: no agreement with this id is loaded")
	chain["agreements/three/agreement.yaml"] = onwardTo(t, "three", "three")
	_, err = policy.Load(t.Context(), chain)
	require.ErrorContains(t, err, "circular onward rules: three -> three")
}

func TestTooLargeAnAgreementDoesNotLoad(t *testing.T) {
	huge := append(agreementText(t, "ie-jp-bank-fraud"), []byte(strings.Repeat("# five megabytes of nothing\n", 5<<20/28))...)
	_, err := policy.Load(t.Context(), fstest.MapFS{jpFile: {Data: huge}})
	require.ErrorContains(t, err, "larger than 1024 KiB")
	assert.Regexp(t, jpFile+`:\d+: larger`, err.Error())
}

// What the agreement asks for in approvals only Go can show; the claim of the request is refused outright.
func TestApprovalIsEvidence(t *testing.T) {
	approvals := "approvals:\n  - {role: second_person, when: always, keys: [{party: emerald-bank-ie, holder: Head of Compliance, public_key: AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=}]}\n"
	e, err := policy.Load(t.Context(), edited(t, "clauses:\n", approvals+"clauses:\n"))
	require.NoError(t, err)
	f := fraudFacts(t, e, "ie-jp-bank-fraud", "sakura-bank-jp")
	assert.Equal(t, []string{"approval_missing"}, e.Decide(t.Context(), f).Missing)
	f.Claims["approvals"] = []any{"second_person"}
	assert.Equal(t, []string{policy.CodeFactsInvalid}, e.Decide(t.Context(), f).Missing)
	delete(f.Claims, "approvals")
	f.Evidence["approvals"] = []any{"second_person"}
	assert.True(t, e.Decide(t.Context(), f).Permit)
}

// The text beside the agreement is checked without being named, as soon as a digest says that it was agreed.
func TestTextBesideTheAgreementIsItsText(t *testing.T) {
	tree := edited(t, "status: active", "status: active")
	own, err := fs.ReadFile(sample.Workspace(), "agreements/ie-jp-bank-fraud/text.md")
	require.NoError(t, err)
	tree["agreements/ie-jp-bank-fraud/text.md"] = &fstest.MapFile{Data: own}
	_, err = policy.Load(t.Context(), tree)
	require.NoError(t, err)
	tree["agreements/ie-jp-bank-fraud/text.md"] = &fstest.MapFile{Data: append(own, "And fees.\n"...)}
	_, err = policy.Load(t.Context(), tree)
	require.ErrorContains(t, err, "/legal_text/digest: agreements/ie-jp-bank-fraud/text.md is not the text that was agreed")
	delete(tree, "agreements/ie-jp-bank-fraud/text.md")
	_, err = policy.Load(t.Context(), tree)
	require.NoError(t, err, "the digest alone binds a text that lies elsewhere")
}
