package agreement_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/passavant/passavant/policy/agreement"
)

// words is the text of an agreement with one heading for each listed clause.
func words(a *agreement.Agreement) string {
	var text strings.Builder
	for _, c := range a.Clauses {
		text.WriteString("## " + c.ID + " " + c.Title + "\n\nWords.\n\n")
	}
	return text.String()
}

func TestCompareText(t *testing.T) {
	a := parse(t, sample(t, "ie-jp-bank-fraud"))
	good := words(a)
	for name, tc := range map[string]struct {
		text   string
		faults int
	}{
		"as listed":                    {good, 0},
		"a title above":                {"# Agreement\n\nBetween two banks.\n\n" + good, 0},
		"a group without words":        {"## 4 Scope\n\n" + good, 0},
		"a heading without a number":   {"## Annex\nMany words.\n" + good, 0},
		"a number with a full stop":    {strings.Replace(good, "## 4.1 ", "## 4.1. ", 1), 0},
		"a level deeper":               {strings.Replace(good, "## 4.1 ", "#### 4.1 ", 1), 0},
		"a clause more":                {good + "## 13 Fees\nTen.\n", 1},
		"two clauses more":             {good + "## 13 Fees\nTen.\n## 14(a) More\nTen.\n", 2},
		"a clause less":                {strings.Replace(good, "## 12 Review", "## Review", 1), 1},
		"a number within a sentence":   {good + "\n4.2 is not a heading\n", 0},
		"a year is no clause, a date?": {good + "## 2026 plans\nWords.\n", 1},
		"nothing":                      {"", len(a.Clauses)},
	} {
		errs := a.CompareText("text.md", tc.text)
		assert.Len(t, errs, tc.faults, name)
		for _, err := range errs {
			var fault *agreement.Error
			require.ErrorAs(t, err, &fault)
			assert.Positive(t, fault.Line, name)
		}
	}
}

// Whatever the text, there is at most one fault per line of it and per listed clause, and no panic.
func TestCompareTextNeverPanics(t *testing.T) {
	a := parse(t, sample(t, "ie-jp-bank-fraud"))
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringOf(rapid.SampledFrom([]rune("#4.19 (a)\n\tWords é"))).Draw(t, "text")
		if len(a.CompareText("text.md", text)) > strings.Count(text, "\n")+1+len(a.Clauses) {
			t.Fatal("more faults than places")
		}
	})
}

// The digest of the words sees the words, and neither the terms nor how clauses are enforced.
func TestTextDigest(t *testing.T) {
	good := sample(t, "ie-jp-bank-fraud")
	digest := parse(t, good).TextDigest()
	for edit, changes := range map[[2]string]bool{
		{"title: Purposes", "title: Purpose"}:                  true,
		{"passes the data on to nobody", "passes the data on"}: true,
		{`id: "5.2"`, `id: "5.3"`}:                             true,
		{"legal_text: {digest: \"sha256:", "legal_text: {digest: \"sha256:" + strings.Repeat("0", 64) + "\"} # \""}: true,
		{"retention_days: 365", "retention_days: 366"}:                                                              false,
		{"rules: [agreement.purpose]", "rules: [agreement.onward]"}:                                                 false,
		{"obligations: [delete_after]", "obligations: [delete_or_return]"}:                                          false,
	} {
		require.Contains(t, good, edit[0])
		got := parse(t, strings.Replace(good, edit[0], edit[1], 1)).TextDigest()
		assert.Equal(t, changes, got != digest, edit[1])
	}
}

func statement(a *agreement.Agreement) agreement.Statement {
	return a.Statement("sakura-bank-jp", "", time.Date(2026, 1, 12, 10, 0, 0, 999, time.FixedZone("", 3600)))
}

func TestStatementIsStable(t *testing.T) {
	a := parse(t, sample(t, "ie-jp-bank-fraud"))
	s := statement(a)
	message, err := s.Message()
	require.NoError(t, err)
	assert.True(t, strings.HasPrefix(string(message), "passavant-agreement/1\n{\"agreement\":\"ie-jp-bank-fraud\","), "a published form: never change it")
	assert.Contains(t, string(message), `"signed_at":"2026-01-12T09:00:00Z"`)
	assert.NotContains(t, string(message), "rules", "left out where there are none")
	with := a.Statement("sakura-bank-jp", "sha256:00", time.Unix(0, 0))
	other, err := with.Message()
	require.NoError(t, err)
	assert.Contains(t, string(other), `"rules":"sha256:00"`)
}

func TestSignatureFileRoundTrip(t *testing.T) {
	a := parse(t, sample(t, "ie-jp-bank-fraud"))
	raw, err := json.MarshalIndent(agreement.Signature{Statement: statement(a), Key: "k", Signature: make([]byte, 64)}, "", "  ")
	require.NoError(t, err)
	s, err := agreement.ParseSignature("s.json", raw)
	require.NoError(t, err)
	assert.Equal(t, statement(a), s.Statement)
	covers, err := s.Covers(a, "")
	require.NoError(t, err)
	assert.True(t, covers)
	covers, err = s.Covers(a, "sha256:00")
	require.NoError(t, err)
	assert.False(t, covers, "rules of its own have appeared")
	fault := s.Fault("party", "wrong")
	assert.Equal(t, `s.json:`+lineOf(t, string(raw), `"party"`)+`: /party: wrong`, fault.Error())
}

func lineOf(t *testing.T, text, member string) string {
	t.Helper()
	before, _, found := strings.Cut(text, member)
	require.True(t, found)
	return string(rune('0' + strings.Count(before, "\n") + 1))
}

func FuzzParseSignature(f *testing.F) {
	a := parse(f, sample(f, "ie-jp-bank-fraud"))
	raw, err := json.Marshal(agreement.Signature{Statement: statement(a), Key: "k", Signature: make([]byte, 64)})
	require.NoError(f, err)
	f.Add(raw)
	f.Add([]byte(`{"statement": {}, "key": "", "signature": ""}`))
	f.Fuzz(func(t *testing.T, document []byte) {
		s, err := agreement.ParseSignature("s.json", document)
		if err != nil {
			var fault *agreement.Error
			require.ErrorAs(t, err, &fault)
			require.Positive(t, fault.Line)
			return
		}
		require.Len(t, s.Signature, 64)
		_, _ = s.Covers(a, "")
		_, err = s.Statement.Message()
		require.NoError(t, err)
	})
}

// The instruments of other laws have facts of their own; each appears where it is stated and nowhere else.
func TestStandingFactsOfOtherInstruments(t *testing.T) {
	good := sample(t, "ie-jp-bank-fraud")
	facts := func(more string) map[string]any {
		f, err := parse(t, more+good).StandingFacts("emerald-bank-ie", "sakura-bank-jp")
		require.NoError(t, err)
		return f
	}
	plain := facts("")
	for _, key := range []string{"cac_mechanism", "recipient_undertaking"} {
		assert.NotContains(t, plain, key)
	}
	assert.NotContains(t, plain["agreement"], "partnership_verified")
	assert.Equal(t, []any{}, plain["agreement"].(map[string]any)["approvals"])
	assert.Equal(t, "standard_contract", facts("cac_mechanism: standard_contract\n")["cac_mechanism"])
	assert.Equal(t, false, facts("recipient_undertaking: false\n")["recipient_undertaking"])
	notified := facts("partnership: {supervisor_notified: \"2026-01-02\"}\n")["agreement"].(map[string]any)
	assert.Equal(t, false, notified["partnership_verified"])
	verified := facts("partnership: {supervisor_notified: \"2026-01-02\", supervisor_verified: \"2026-02-02\"}\n")["agreement"].(map[string]any)
	assert.Equal(t, true, verified["partnership_verified"])
	_, err := agreement.Parse("a.yaml", []byte("partnership: {supervisor_notified: \"2026-02-31\"}\n"+good))
	require.ErrorContains(t, err, "a.yaml:1: /partnership/supervisor_notified: not a day of the calendar")
}

func TestFaultsOfApprovals(t *testing.T) {
	good := sample(t, "ie-jp-bank-fraud")
	entry := func(role, party string) string {
		return "  - {role: " + role + ", when: always, keys: [{party: " + party + ", holder: H, public_key: \"" + strings.Repeat("A", 43) + "=\"}]}\n"
	}
	for more, want := range map[string]string{
		entry("second_person", "nobody-xx"):                             "/approvals/0/keys/0/party: not a party to the agreement",
		entry("originating_authority", "nobody-xx"):                     "",
		entry("x", "sakura-bank-jp") + entry("x", "sakura-bank-jp"):     "/approvals/1/role: two entries have the same role",
		"  - {role: x, when: sometimes, keys: []}\n":                    "/approvals/0/",
		strings.Replace(entry("x", "sakura-bank-jp"), "AAAA=", "A=", 1): "/approvals/0/keys/0/public_key: not of the required form",
	} {
		_, err := agreement.Parse("a.yaml", []byte("approvals:\n"+more+good))
		if want == "" {
			require.NoError(t, err)
			continue
		}
		require.ErrorContains(t, err, want)
	}
	_, err := agreement.Parse("a.yaml", []byte("signatories: [{party: nobody-xx, name: N, title: T}]\n"+good))
	require.ErrorContains(t, err, "a.yaml:1: /signatories/0/party: not a party")
}
