package agreement_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/passavant/passavant/policy/agreement"
)

// samples are the folders of internal/sample that hold agreements.
const samples = "../../internal/sample/*/agreements/"

func sample(t testing.TB, id string) string {
	t.Helper()
	files, err := filepath.Glob(samples + id + "/agreement.yaml")
	require.NoError(t, err)
	require.Len(t, files, 1)
	raw, err := os.ReadFile(files[0])
	require.NoError(t, err)
	return string(raw)
}

func parse(t testing.TB, document string) *agreement.Agreement {
	t.Helper()
	a, err := agreement.Parse("agreement.yaml", []byte(document))
	require.NoError(t, err)
	return a
}

func TestParseSamples(t *testing.T) {
	for _, id := range []string{"ie-jp-bank-fraud", "ie-us-bank-scc", "ie-vn-memorandum"} {
		a := parse(t, sample(t, id))
		assert.Equal(t, id, a.ID)
		assert.Regexp(t, `^sha256:[0-9a-f]{64}$`, a.Digest())
		assert.Equal(t, "transaction", a.PseudonymScope())
		p, ok := a.Party("emerald-bank-ie")
		assert.True(t, ok)
		assert.Equal(t, "IE", p.Country)
	}
	_, ok := parse(t, sample(t, "ie-jp-bank-fraud")).Party("nobody")
	assert.False(t, ok)
}

func TestCategoriesThatMayLeave(t *testing.T) {
	a := parse(t, sample(t, "ie-us-bank-scc"))
	assert.Contains(t, a.Categories(), "iban")
	assert.NotContains(t, a.Categories(), "narrative")
	assert.IsIncreasing(t, a.Categories())
}

// Each edit of a good document is refused at the right line and place, and the message never repeats the value.
func TestFaultsAreNamedByLineAndPlace(t *testing.T) {
	good := sample(t, "ie-us-bank-scc")
	for name, tc := range map[string]struct{ old, new, want string }{
		"unknown key":            {"status: active", "status: active\nSECRETKEY: 1", `:5: unknown key "SECRETKEY"`},
		"unknown nested key":     {"  module: 1", "  module: 1\n  SECRETKEY: x", `/safeguard: unknown key "SECRETKEY"`},
		"missing key":            {"collected_for: fraud_monitoring\n", "", `missing key "collected_for"`},
		"wrong status":           {"status: active", "status: SECRET", ":8: /status: not one of the allowed values"},
		"truth value as text":    {"documented: true", `documented: "true"`, "/tia/documented: want boolean"},
		"version as a number":    {`version: "1.0"`, "version: 1", ":6: /version: want string"},
		"version as a fraction":  {`version: "1.0"`, "version: 1.0", ":6: /version: only text, whole numbers"},
		"no such day":            {`valid_until: "2028-03-14"`, `valid_until: "2028-02-30"`, ":11: /valid_until: not a day of the calendar"},
		"not a day":              {`signed_on: "2026-03-02"`, `signed_on: SECRET`, ":9: /signed_on: not of the required form"},
		"ends before it begins":  {`valid_until: "2028-03-14"`, `valid_until: "2026-03-14"`, "/valid_until: before valid_from"},
		"party twice":            {"id: liberty-bank-us", "id: emerald-bank-ie", "/parties/1/id: two parties have the same id"},
		"basis of a stranger":    {"  emerald-bank-ie: \"GDPR", "  secret-bank: \"GDPR", "/lawful_basis: names someone who is not a party"},
		"unknown basis":          {"GDPR:6(1)(f)", "SECRET", "not of the required form"},
		"unknown technique":      {"currency: {treatment: keep}", "currency: {treatment: SECRET}", "/data_categories/currency/treatment: not one of the allowed values"},
		"unknown parameter":      {"{to: month}", "{SECRETKEY: month}", `/data_categories/timestamp/params: unknown key "SECRETKEY"`},
		"foreign parameter":      {"currency: {treatment: keep}", "currency: {treatment: keep, params: {to: year}}", `/data_categories/currency: parameter "to" does not belong`},
		"generalise to what":     {"params: {to: month}", "params: {to: SECRET}", `parameter "to": want hour, day`},
		"clauses without answer": {"  importer_subject_to_gdpr_3_2: false\n", "", `/safeguard: missing key "importer_subject_to_gdpr_3_2"`},
		"unknown safeguard":      {"type: scc_2021_914", "type: SECRET", "/safeguard/type: not one of the allowed values"},
		"onward by default":      {"default: prohibited", "default: allowed", "/onward/default: not one of the allowed values"},
		"no group":               {"retention_days: 180", "retention_days: 180\ngroup_size: 0", "/group_size: out of range"},
		"no retention":           {"retention_days: 180", "retention_days: 0", "/retention_days: out of range"},
		"country spelt out":      {"country: US", "country: SECRET", "/parties/1/country: not of the required form"},
		"no country":             {"    country: US\n", "", `/parties/1: missing key "country"`},
		"key twice":              {"status: active", "status: active\nstatus: active", ":9: /status: key appears twice"},
		"anchor":                 {"title: Exchange", "title: &a Exchange", "anchors and aliases are not allowed"},
		"alias":                  {"ref: TIA-2026-007", "ref: *a", "not valid YAML"},
		"number too large":       {"retention_days: 180", "retention_days: 99999999999999999999", "/retention_days: "},
		"special without ground": {"tia_ref: TIA-2026-007", "special_categories: {allowed: true}", `/special_categories: missing key "condition"`},
		"offences without basis": {"tia_ref: TIA-2026-007", "criminal_offence_data: {allowed: true}", `/criminal_offence_data: missing key "basis"`},
		"second document":        {"retention_days: 180", "retention_days: 180\n---\nid: x", "more than one YAML document"},
		"tab":                    {"status: active", "\tstatus: SECRET", "not valid YAML"},
	} {
		t.Run(name, func(t *testing.T) {
			require.Contains(t, good, tc.old)
			_, err := agreement.Parse("agreements/x/agreement.yaml", []byte(strings.Replace(good, tc.old, tc.new, 1)))
			require.ErrorContains(t, err, "agreements/x/agreement.yaml")
			require.ErrorContains(t, err, tc.want)
			assert.NotContains(t, strings.ReplaceAll(err.Error(), "SECRETKEY", ""), "SECRET")
			var fault *agreement.Error
			require.ErrorAs(t, err, &fault)
		})
	}
}

func TestEmptyAndHostileDocuments(t *testing.T) {
	for name, document := range map[string]string{
		"empty": "", "comment": "# nothing\n", "scalar": "x", "list": "[1]", "null": "null", "deep": strings.Repeat("[", 100) + strings.Repeat("]", 100),
		"key that is no text": "{1: 2}", "laughs": "a: &a [x,x]\nb: &b [*a,*a]\nc: [*b,*b]", "bytes": "\xff\xfe", "merge": "a: {<<: {b: 1}}",
	} {
		t.Run(name, func(t *testing.T) {
			_, err := agreement.Parse("a.yaml", []byte(document))
			require.ErrorContains(t, err, "a.yaml")
		})
	}
}

// Dates may be written bare; YAML would read them as moments, and we keep the text.
func TestBareDatesAreText(t *testing.T) {
	good := sample(t, "ie-jp-bank-fraud")
	bare := strings.Replace(good, `valid_from: "2026-02-01"`, "valid_from: 2026-02-01", 1)
	assert.Equal(t, parse(t, good).Digest(), parse(t, bare).Digest())
}

// Norway is not a truth value.
func TestCountryNO(t *testing.T) {
	a := parse(t, strings.Replace(sample(t, "ie-jp-bank-fraud"), "country: JP", "country: NO", 1))
	p, _ := a.Party("sakura-bank-jp")
	assert.Equal(t, "NO", p.Country)
}

func TestDigestIgnoresLayoutAndSeesEveryValue(t *testing.T) {
	good := sample(t, "ie-jp-bank-fraud")
	digest := parse(t, good).Digest()
	assert.Equal(t, digest, parse(t, "# a comment\n"+strings.ReplaceAll(good, "{treatment: keep}", "{ 'treatment':   \"keep\" }")).Digest())
	for _, edit := range [][2]string{
		{"retention_days: 365", "retention_days: 366"}, {"[customer, victim, suspect]", "[victim, customer, suspect]"},
		{"dpo@emerald", "privacy@emerald"}, {"title: Purposes", "title: Purpose"},
	} {
		assert.NotEqual(t, digest, parse(t, strings.Replace(good, edit[0], edit[1], 1)).Digest(), edit[1])
	}
}

func TestActiveAtIncludesBothEnds(t *testing.T) {
	a := parse(t, sample(t, "ie-jp-bank-fraud"))
	for at, want := range map[string]bool{
		"2026-01-31T23:59:59Z": false, "2026-02-01T00:00:00Z": true, "2028-01-31T23:59:59Z": true, "2028-02-01T00:00:00Z": false,
		"2028-02-01T00:30:00+01:00": true,
	} {
		moment, err := time.Parse(time.RFC3339, at)
		require.NoError(t, err)
		assert.Equal(t, want, a.ActiveAt(moment), at)
	}
	during := time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC)
	for _, spoil := range []func(){
		func() { a.Status = "suspended" },
		func() { a.Status, a.ValidUntil = "active", "2028-13-45" },
	} {
		spoil()
		assert.False(t, a.ActiveAt(during))
	}
}

func TestStandingFacts(t *testing.T) {
	a := parse(t, sample(t, "ie-us-bank-scc"))
	facts, err := a.StandingFacts("emerald-bank-ie", "liberty-bank-us")
	require.NoError(t, err)
	assert.Equal(t, "GDPR:6(1)(f)", facts["lawful_basis"])
	assert.NotContains(t, facts["recipient"], "name")
	assert.NotContains(t, facts["recipient"], "contact")
	assert.NotContains(t, facts["tia"], "ref")
	terms := facts["agreement"].(map[string]any)
	assert.Equal(t, a.Digest(), terms["digest"])
	assert.Equal(t, true, terms["active"])
	assert.Equal(t, "ie_us_bank_scc", terms["rules"])

	terms["active"] = false
	facts["safeguard"].(map[string]any)["type"] = "none"
	again, err := a.StandingFacts("emerald-bank-ie", "liberty-bank-us")
	require.NoError(t, err)
	assert.Equal(t, true, again["agreement"].(map[string]any)["active"], "the caller's copy is its own")
	assert.Equal(t, "scc_2021_914", again["safeguard"].(map[string]any)["type"])

	back, err := a.StandingFacts("liberty-bank-us", "emerald-bank-ie")
	require.NoError(t, err)
	assert.NotContains(t, back, "lawful_basis", "no basis is recorded for the other side")
	for _, pair := range [][2]string{{"nobody", "liberty-bank-us"}, {"emerald-bank-ie", "nobody"}, {"emerald-bank-ie", "emerald-bank-ie"}, {"", ""}} {
		_, err := a.StandingFacts(pair[0], pair[1])
		require.ErrorIs(t, err, agreement.ErrNotParty)
	}
}

// Special categories and offences are facts only if the agreement allows them.
func TestConditionsOfSensitiveDataNeedAllowance(t *testing.T) {
	good := sample(t, "ie-jp-bank-fraud")
	for allowed, want := range map[string]bool{"true": true, "false": false} {
		a := parse(t, good+"\nspecial_categories: {allowed: "+allowed+", condition: \"GDPR:9(2)(g)\"}\ncriminal_offence_data: {allowed: "+allowed+", basis: union_law}\n")
		facts, err := a.StandingFacts("emerald-bank-ie", "sakura-bank-jp")
		require.NoError(t, err)
		_, special := facts["art9_condition"]
		_, offences := facts["art10_basis"]
		assert.Equal(t, want, special)
		assert.Equal(t, want, offences)
	}
}

// Cutting or overwriting any piece of a good document gives an agreement or an *Error, never another answer.
func TestParseNeverPanics(t *testing.T) {
	good := []byte(sample(t, "ie-us-bank-scc"))
	rapid.Check(t, func(t *rapid.T) {
		from := rapid.IntRange(0, len(good)-1).Draw(t, "from")
		length := rapid.IntRange(0, 40).Draw(t, "length")
		put := rapid.SliceOfN(rapid.Byte(), 0, 8).Draw(t, "put")
		broken := append(append(append([]byte{}, good[:from]...), put...), good[min(len(good), from+length):]...)
		if _, err := agreement.Parse("a.yaml", broken); err != nil {
			var fault *agreement.Error
			if !errors.As(err, &fault) {
				t.Fatalf("untyped error: %v", err)
			}
		}
	})
}

func FuzzParse(f *testing.F) {
	files, err := filepath.Glob(samples + "*/agreement.yaml")
	require.NoError(f, err)
	for _, file := range files {
		raw, err := os.ReadFile(file)
		require.NoError(f, err)
		f.Add(raw)
	}
	f.Add([]byte("a: &a [*a]"))
	f.Add([]byte("? {x: y}\n: z"))
	p, err := agreement.NewParser()
	require.NoError(f, err)
	f.Fuzz(func(t *testing.T, document []byte) {
		a, err := p.Parse("a.yaml", document)
		if err != nil {
			var fault *agreement.Error
			require.ErrorAs(t, err, &fault)
			return
		}
		again, err := p.Parse("a.yaml", document)
		require.NoError(t, err)
		require.Equal(t, a.Digest(), again.Digest())
		for _, p := range a.Parties {
			_, ok := a.Party(p.ID)
			require.True(t, ok)
		}
	})
}
