package policy_test

import (
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/passavant/passavant/policy"
)

// Invariant 7: a fact outside its home is refused, whatever it says.
func TestClaimOfAStandingFactRefuses(t *testing.T) {
	e := engine(t)
	for fact, value := range map[string]any{
		"safeguard":    map[string]any{"type": "scc_2021_914", "module": 1, "annexes_complete": true, "enforceable_rights": true},
		"tia":          map[string]any{"done": true, "documented": true, "problematic_law": false, "conclusion": "essentially_equivalent"},
		"agreement":    map[string]any{"derogations": []any{"49(1)(d)"}},
		"recipient":    map[string]any{"country": "FR"},
		"exporter":     map[string]any{"country": "FR"},
		"lawful_basis": "GDPR:6(1)(f)", "art10_basis": "union_law", "art9_condition": "GDPR:9(2)(g)", "collected_for": "x",
		"onward_authorised": true, "payload_encrypted": true,
		"data": map[string]any{"special_categories": []any{}},
	} {
		t.Run(fact, func(t *testing.T) {
			f := fraudFacts(t, e, "ie-jp-bank-fraud", "sakura-bank-jp")
			f.Claims[fact] = value
			d := e.Decide(t.Context(), f)
			requireRefusal(t, d, policy.CodeFactsInvalid)
			assert.Contains(t, d.Reasons[0].Message, fact)
		})
	}
}

func TestEvidenceCannotHoldClaimsOrStandingFacts(t *testing.T) {
	e := engine(t)
	for _, fact := range []string{"purpose", "derogation", "safeguard", "recipient", "lawful_basis"} {
		f := fraudFacts(t, e, "ie-jp-bank-fraud", "sakura-bank-jp")
		f.Evidence[fact] = "x"
		requireRefusal(t, e.Decide(t.Context(), f), policy.CodeFactsInvalid)
	}
}

// Invariants 6 and 11: what a caller puts in by mistake does not come out in a message.
func TestInvalidFactsAreNamedByPlaceOnly(t *testing.T) {
	const canary = "CANARY-7f3a"
	e := engine(t)
	for name, spoil := range map[string]func(f policy.Facts){
		"unknown key":        func(f policy.Facts) { f.Claims[canary] = canary },
		"unknown nested key": func(f policy.Facts) { f.Claims["derogation"] = map[string]any{canary: canary} },
		"wrong type":         func(f policy.Facts) { f.Claims["necessary"] = canary },
		"free text":          func(f policy.Facts) { f.Claims["justification"] = canary + " wrote to us" },
		"category as a role": func(f policy.Facts) { f.Evidence["data"].(map[string]any)["roles"] = map[string]any{canary: canary} },
		"country": func(f policy.Facts) {
			f.Claims["onward"] = map[string]any{"recipient": map[string]any{"country": canary}}
		},
		"inexpressible value": func(f policy.Facts) { f.Claims["necessary"] = func() string { return canary } },
	} {
		t.Run(name, func(t *testing.T) {
			f := fraudFacts(t, e, "ie-jp-bank-fraud", "sakura-bank-jp")
			spoil(f)
			d := e.Decide(t.Context(), f)
			requireRefusal(t, d, policy.CodeFactsInvalid)
			out, err := json.Marshal(d)
			require.NoError(t, err)
			assert.NotContains(t, string(out), canary)
			assert.Empty(t, d.FactsCanonical, "what is not valid is not kept")
		})
	}
}

func TestUnknownAgreementAndParty(t *testing.T) {
	e := engine(t)
	f := fraudFacts(t, e, "ie-jp-bank-fraud", "sakura-bank-jp")
	for name, tc := range map[string]struct {
		change func(*policy.Facts)
		code   string
	}{
		"agreement":    {func(f *policy.Facts) { f.Agreement = "nobody" }, policy.CodeUnknownAgreement},
		"no agreement": {func(f *policy.Facts) { f.Agreement = "" }, policy.CodeUnknownAgreement},
		"recipient":    {func(f *policy.Facts) { f.Recipient = "liberty-bank-us" }, policy.CodeUnknownParty},
		"no recipient": {func(f *policy.Facts) { f.Recipient = "" }, policy.CodeUnknownParty},
		"exporter":     {func(f *policy.Facts) { f.Exporter = "nobody" }, policy.CodeUnknownParty},
		"to oneself":   {func(f *policy.Facts) { f.Recipient = f.Exporter }, policy.CodeUnknownParty},
		"an unknown law": {func(f *policy.Facts) {
			f.Agreement, f.Exporter, f.Recipient = "ie-us-bank-scc", "liberty-bank-us", "emerald-bank-ie"
		}, policy.CodeNoApplicableLaw},
		"nothing but zeros": {func(f *policy.Facts) { *f = policy.Facts{} }, policy.CodeUnknownAgreement},
	} {
		t.Run(name, func(t *testing.T) {
			f := f
			tc.change(&f)
			d := e.Decide(t.Context(), f)
			require.False(t, d.Permit)
			assert.Contains(t, d.Missing, tc.code)
		})
	}
}

func TestZeroDecisionRefuses(t *testing.T) {
	assert.False(t, policy.Decision{}.Permit)
	assert.False(t, policy.Decision{}.Requires("record_art30"))
}

// The schema and the table of homes are two descriptions of one thing: they must agree exactly, in both directions.
func TestFactHomesAndSchemaAgree(t *testing.T) {
	raw, err := os.ReadFile("../rego/schemas/facts.json")
	require.NoError(t, err)
	var schema struct {
		Properties map[string]struct {
			AdditionalProperties *bool `json:"additionalProperties"`
			Properties           map[string]struct {
				Properties map[string]any `json:"properties"`
			} `json:"properties"`
		} `json:"properties"`
	}
	require.NoError(t, json.Unmarshal(raw, &schema))
	found := map[string]string{}
	for _, branch := range []string{"standing", "claims", "evidence"} {
		b := schema.Properties[branch]
		require.NotNil(t, b.AdditionalProperties, branch)
		assert.False(t, *b.AdditionalProperties, branch)
		for key, p := range b.Properties {
			if key != "data" {
				require.NotContains(t, found, key, "two homes")
				found[key] = branch
				continue
			}
			for member := range p.Properties {
				require.NotContains(t, found, "data."+member, "two homes")
				found["data."+member] = branch
			}
		}
	}
	assert.Equal(t, engine(t).FactHomes(), found)
}

func TestFactHomesAreDocumented(t *testing.T) {
	raw, err := os.ReadFile("../docs/facts.md")
	require.NoError(t, err)
	for key, branch := range engine(t).FactHomes() {
		assert.Contains(t, string(raw), "| `"+key+"` | "+branch+" |")
	}
}

// A null says nothing: it decides as an absent key does, and the same facts have the same digest.
func TestNullIsAbsent(t *testing.T) {
	e := engine(t)
	f := fraudFacts(t, e, "ie-jp-bank-fraud", "sakura-bank-jp")
	g := fraudFacts(t, e, "ie-jp-bank-fraud", "sakura-bank-jp")
	g.Claims["derogation"], g.Claims["request"] = nil, map[string]any{"kind": nil}
	a, b := e.Decide(t.Context(), f), e.Decide(t.Context(), g)
	assert.True(t, b.Permit)
	assert.Equal(t, a.Basis, b.Basis)
	g.Claims["request"] = nil
	assert.Equal(t, a.FactsDigest, e.Decide(t.Context(), g).FactsDigest)
}

// Invariant 5 and the cache: within one minute the answer is one; the minute, and every fact, is part of the question.
func TestFactsDigestTellsQuestionsApart(t *testing.T) {
	e := engine(t)
	f := fraudFacts(t, e, "ie-jp-bank-fraud", "sakura-bank-jp")
	first := e.Decide(t.Context(), f)
	f.At = f.At.Truncate(60e9).Add(59e9)
	assert.Equal(t, first, e.Decide(t.Context(), f))
	assert.Equal(t, 1, e.Cached())
	f.At = f.At.Add(1e9)
	assert.NotEqual(t, first.FactsDigest, e.Decide(t.Context(), f).FactsDigest)
	assert.Equal(t, 2, e.Cached())
	f.Claims["justification"] = "another"
	assert.NotEqual(t, first.FactsDigest, e.Decide(t.Context(), f).FactsDigest)
}

func TestCacheIsBounded(t *testing.T) {
	e, err := policy.LoadWith(t.Context(), policy.Options{FS: trees(), CacheEntries: 2})
	require.NoError(t, err)
	f := fraudFacts(t, e, "ie-jp-bank-fraud", "sakura-bank-jp")
	for i := range 5 {
		f.At = f.At.AddDate(0, 0, i)
		e.Decide(t.Context(), f)
	}
	assert.Equal(t, 2, e.Cached())
}

// The cache key must never let two questions share an answer: equal keys imply equal canonical facts.
func TestCacheKeysAreInjective(t *testing.T) {
	value := anyFact(3)
	rapid.Check(t, func(t *rapid.T) {
		a := policy.Facts{Agreement: rapid.SampledFrom([]string{"a", "as", ""}).Draw(t, "agreement"), Claims: value.Draw(t, "a")}
		b := policy.Facts{Agreement: rapid.SampledFrom([]string{"a", "as", ""}).Draw(t, "agreement"), Claims: value.Draw(t, "b")}
		ka, oka := policy.KeyOf(a)
		kb, okb := policy.KeyOf(b)
		require.True(t, oka && okb)
		ja, err := json.Marshal([]any{a.Agreement, a.Claims})
		require.NoError(t, err)
		jb, err := json.Marshal([]any{b.Agreement, b.Claims})
		require.NoError(t, err)
		if string(ja) != string(jb) {
			assert.NotEqual(t, ka, kb, "%s %s", ja, jb)
		} else {
			assert.Equal(t, ka, kb)
		}
	})
}

// anyFact draws small documents from a small alphabet, so that near collisions are common.
func anyFact(depth int) *rapid.Generator[map[string]any] {
	return rapid.Custom(func(t *rapid.T) map[string]any {
		out := map[string]any{}
		for range rapid.IntRange(0, 3).Draw(t, "n") {
			out[rapid.SampledFrom([]string{"", "a", "b", "ab", "sa"}).Draw(t, "k")] = drawValue(t, depth)
		}
		return out
	})
}

func drawValue(t *rapid.T, depth int) any {
	kinds := 4
	if depth > 0 {
		kinds = 6
	}
	switch rapid.IntRange(0, kinds-1).Draw(t, "kind") {
	case 0:
		return rapid.SampledFrom([]string{"", "a", "b", "s", "true"}).Draw(t, "s")
	case 1:
		return rapid.Bool().Draw(t, "b")
	case 2:
		return rapid.IntRange(-2, 2).Draw(t, "i")
	case 3:
		return nil
	case 4:
		return anyFact(depth-1).Draw(t, "m")
	}
	list := []any{}
	for range rapid.IntRange(0, 3).Draw(t, "len") {
		list = append(list, drawValue(t, depth-1))
	}
	return list
}

func TestUnknownGoTypesAreDecidedWithoutTheCache(t *testing.T) {
	e := engine(t)
	f := fraudFacts(t, e, "ie-jp-bank-fraud", "sakura-bank-jp")
	type text string
	f.Claims["purpose"] = text("prevent_and_investigate_fraud")
	assert.True(t, e.Decide(t.Context(), f).Permit)
	assert.Zero(t, e.Cached())
}

func TestRevisionFollowsEveryInput(t *testing.T) {
	base := engine(t)
	assert.Regexp(t, `^sha256:[0-9a-f]{64}$`, base.Revision())
	assert.Regexp(t, `^\d{4}-\d\d-\d\d\+[0-9a-f]{12}$`, base.DataVersion())
	assert.Equal(t, base.Revision(), engine(t).Revision())
	ruled, err := loadJP(t, rulesFile("nothing := facts.purpose\n"), policy.Options{})
	require.NoError(t, err)
	other, err := loadJP(t, rulesFile("nothing := facts.purpose # changed\n"), policy.Options{})
	require.NoError(t, err)
	seen := map[string]bool{base.Revision(): true, ruled.Revision(): true, other.Revision(): true}
	assert.Len(t, seen, 3)
	assert.Equal(t, strings.Split(base.DataVersion(), "+")[1], strings.Split(ruled.DataVersion(), "+")[1])
}
