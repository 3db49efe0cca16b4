package policy_test

import (
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passavant/passavant/internal/sample"
	"github.com/passavant/passavant/policy"
)

const (
	lintHead = "package passavant.agreements.ie_jp_bank_fraud\n\nimport data.passavant.facts\nimport data.passavant.obligations\nimport data.passavant.reason\n\n" +
		"duties contains obligations.of(\"use_limit\", {})\n\n"
	// meta is complete METADATA; after lintHead the rule itself stands on line 13.
	meta = "# METADATA\n# title: T\n# description: D\n# custom: {id: jp.x, instrument: agreement, article: \"4\", code: c, failure_msg: m}\n"
	good = "prohibits contains reason.of(rego.metadata.rule()) if not few\n\nfew if facts.subject_count < 3\n"
)

func lintOptions(t testing.TB, rules string) policy.Options {
	t.Helper()
	const folder = "agreements/ie-jp-bank-fraud/"
	document, err := fs.ReadFile(sample.Workspace(), folder+"agreement.yaml")
	require.NoError(t, err)
	return policy.Options{FS: []fs.FS{fstest.MapFS{
		folder + "agreement.yaml": {Data: document}, folder + "rules.rego": {Data: []byte(rules)}}}}
}

// Each finding has its place, and says why it matters and how to mend it; a fault refuses to load, a warning does not.
func TestLint(t *testing.T) {
	for name, tc := range map[string]struct {
		rules, check, at, problem string
		fault                     bool
	}{
		"negation":     {meta + "prohibits contains reason.of(rego.metadata.rule()) if not facts.subject_count < 3\n", "undefined-negation", ":13", "negate a named rule", true},
		"no metadata":  {good, "missing-metadata", ":9", "has no METADATA", true},
		"no id":        {strings.Replace(meta, "id: jp.x, ", "", 1) + good, "missing-metadata", ":13", "lacks custom.id", true},
		"duplicate id": {strings.Replace(meta, "jp.x", "gdpr.art6.1", 1) + good, "duplicate-id", "", "already used", true},
		"clock":        {meta + strings.Replace(good, "facts.subject_count", "time.now_ns()", 1), "wall-clock", ":15", "time.now_ns", true},
		"input":        {meta + strings.Replace(good, "facts.subject_count", "input.claims.data.subject_count", 1), "reads-input", ":15", "never from the input", true},
		"print":        {meta + good + "\nx if print(1)\n", "printing", ":17", "print", true},
		"permit":       {strings.Replace(meta, "code: c", "rung: 1, basis: [a], duties: [], code: c", 1) + "permits contains reason.ground(rego.metadata.rule(), {}) if facts.at\n", "agreement-permits", ":13", "cannot permit", true},
		"misspelt":     {meta + strings.Replace(good, "subject_count", "subject_cuont", 1), "", ":15", "subject_cuont", true},
		"syntax":       {meta + "prohibits contains if if\n", "does-not-compile", ":13", "", true},
		"computed":     {meta + good + "\nduties contains obligations.of(facts.purpose, {})\n", "computed-obligation", ":17", "written out", true},
		"handler":      {meta + good + "\nduties contains obligations.of(\"send_flowers\", {})\n", policy.CheckObligation, "", "send_flowers", true},
		"unproven":     {meta + "prohibits contains reason.of(rego.metadata.rule()) if facts.subject_count > 3\n", "unproven-refusal", ":13", "not (proof)", false},
		"default":      {meta + good + "\ndefault many := true\n\nmany if few\n", "default-allow", ":17", "true by default", false},
	} {
		t.Run(name, func(t *testing.T) {
			opts := lintOptions(t, lintHead+tc.rules)
			findings := policy.Lint(t.Context(), opts)
			require.NotEmpty(t, findings)
			f := findings[0]
			if tc.check != "" {
				assert.Equal(t, tc.check, f.Check, "%+v", f)
			}
			assert.Contains(t, f.Problem, tc.problem)
			assert.Contains(t, f.Source, tc.at)
			assert.NotEmpty(t, f.Why)
			assert.NotEmpty(t, f.Mend)
			assert.Equal(t, tc.fault, f.Fault)
			_, err := policy.LoadWith(t.Context(), opts)
			assert.Equal(t, tc.fault, err != nil, "%v", err)
		})
	}
}

func TestLintIsSilentOnGoodRules(t *testing.T) {
	assert.Empty(t, policy.Lint(t.Context(), lintOptions(t, lintHead+meta+good)))
}

// A tree that cannot be read is explained as well, and no value of it is quoted.
func TestLintOfAgreementsThatCannotBeRead(t *testing.T) {
	const folder = "agreements/ie-jp-bank-fraud/"
	document, err := fs.ReadFile(sample.Workspace(), folder+"agreement.yaml")
	require.NoError(t, err)
	broken := strings.NewReplacer("status: active", "status: SECRET", `"2028-01-31"`, `"2028-02-31"`).Replace(string(document))
	findings := policy.Lint(t.Context(), policy.Options{FS: []fs.FS{fstest.MapFS{
		folder + "agreement.yaml": {Data: []byte(broken)}, "agreements/empty/x": {Data: []byte("x")}}}})
	require.Len(t, findings, 2)
	assert.Equal(t, "agreements/empty/agreement.yaml", findings[0].Source)
	assert.Equal(t, folder+"agreement.yaml:7", findings[1].Source)
	assert.Equal(t, "/status: not one of the allowed values", findings[1].Problem)
	for _, f := range findings {
		assert.Equal(t, policy.CheckLoad, f.Check)
		assert.True(t, f.Fault)
		assert.NotContains(t, f.Problem+f.Source, "SECRET")
	}
}

// The facts that a rule depends on are found through the rules that it names, in its own package and in others.
func TestFactsRead(t *testing.T) {
	e, err := policy.LoadWith(t.Context(), lintOptions(t, lintHead+meta+good))
	require.NoError(t, err)
	assert.Equal(t, []string{"claims.data.subject_count"}, e.FactsRead("jp.x"))
	assert.Empty(t, e.FactsRead("nothing"))
	assert.Subset(t, e.FactsRead("gdpr.art6.1.missing"), []string{"standing.lawful_basis", "claims.request.kind", "standing.exporter.type"})

	f := fraudFacts(t, e, "ie-jp-bank-fraud", "sakura-bank-jp")
	d := e.Decide(t.Context(), f)
	assert.True(t, e.LacksFact("jp.x", d))
	f.Claims["data"] = map[string]any{"subject_count": 5}
	assert.False(t, e.LacksFact("jp.x", e.Decide(t.Context(), f)))
	assert.False(t, e.LacksFact("jp.x", policy.Decision{}))
}
