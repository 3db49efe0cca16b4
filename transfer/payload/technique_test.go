package payload_test

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/tink-crypto/tink-go/v2/keyset"
	"github.com/tink-crypto/tink-go/v2/prf"
	"pgregory.net/rapid"

	"github.com/passavant/passavant/crypto/pseudonym"
	"github.com/passavant/passavant/transfer/payload"
)

// newDomain is a real domain: all techniques at once.
func newDomain(t require.TestingT) *pseudonym.Domain {
	h, err := keyset.NewHandle(prf.HMACSHA256PRFKeyTemplate())
	require.NoError(t, err)
	p, err := pseudonym.FromKeyset(h)
	require.NoError(t, err)
	d, err := p.Domain(pseudonym.Context{Agreement: "a", Recipient: "r", Purpose: "p", Scope: pseudonym.Person})
	require.NoError(t, err)
	return d
}

var _ payload.Techniques = (*pseudonym.Domain)(nil)

func technique(name string, params ...string) payload.Treatment {
	t := payload.Treatment{Technique: name}
	for i := 0; i+1 < len(params); i += 2 {
		if t.Params == nil {
			t.Params = map[string]string{}
		}
		t.Params[params[i]] = params[i+1]
	}
	return t
}

// directly treats one value of a direct identifier, so that the gate searches for it.
func directly(t require.TestingT, kind payload.Kind, tr payload.Treatment, value string) (string, error) {
	c := catalogueOf(field("/v", "thing", payload.Direct, kind))
	p, err := payload.Compile(c, map[string]payload.Treatment{"thing": tr})
	require.NoError(t, err)
	out, _, err := p.Protect(nil, []byte(`{"v":`+value+`}`), newDomain(t))
	return strings.TrimSuffix(strings.TrimPrefix(string(out), `{"v":`), `}`), err
}

func TestKeyedTechniques(t *testing.T) {
	for _, tc := range []struct {
		kind      payload.Kind
		treatment payload.Treatment
		value     string
		form      string // of the result; empty if the value is refused
	}{
		{payload.KindString, technique("tokenise"), `"Ada Byron"`, `^"tok_[A-Za-z0-9_-]{43}"$`},
		{payload.KindNumber, technique("tokenise"), `12345678`, `^"tok_[A-Za-z0-9_-]{43}"$`},
		{payload.KindString, technique("tokenise"), `"` + strings.Repeat("x", 3000) + `"`, `^"tok_[A-Za-z0-9_-]+"$`},
		{payload.KindString, technique("tokenise"), `null`, `^null$`},
		{payload.KindString, technique("tokenise"), `""`, `^""$`},

		{payload.KindIBAN, technique("preserve_format"), `"IE29 AIBK 9311 5212 3456 78"`, `^"IE\d\d[A-Z]{4}\d{14}"$`},
		{payload.KindIBAN, technique("preserve_format", "keep", "bank"), `"ie29aibk93115212345678"`, `^"IE\d\dAIBK\d{14}"$`},
		{payload.KindIBAN, technique("preserve_format"), `"IE28AIBK93115212345678"`, ``},
		{payload.KindIBAN, technique("preserve_format", "otherwise", "pseudonymise"), `"IE28AIBK93115212345678"`, `^"psn_.{22}"$`},
		{payload.KindIBAN, technique("preserve_format", "otherwise", "pseudonymise"), `"IE29AIBK93115212345678"`, `^"IE\d\d[A-Z]{4}\d{14}"$`},
		{payload.KindString, technique("preserve_format", "format", "iban"), `"NL91 ABNA 0417 1643 00"`, `^"NL\d\d[A-Z]{4}\d{10}"$`},
		{payload.KindString, technique("preserve_format", "format", "card"), `"4111 1111 1111 1111"`, `^"\d{16}"$`},
		{payload.KindString, technique("preserve_format", "format", "card", "keep", "6"), `"4111-1111-1111-1111"`, `^"411111\d{10}"$`},
		{payload.KindString, technique("preserve_format", "format", "card"), `"4111 1111 1111 1112"`, ``},
		{payload.KindPhone, technique("preserve_format"), `"+353 (87) 123-4567"`, `^"\+353[1-9]\d{8}"$`},
		{payload.KindPhone, technique("preserve_format"), `"087 123 4567"`, ``},
		{payload.KindString, technique("preserve_format", "format", "digits"), `"00012345"`, `^"\d{8}"$`},
		{payload.KindString, technique("preserve_format", "format", "digits"), `"1234"`, ``},
		{payload.KindString, technique("preserve_format", "format", "alphanumeric"), `"A\"B-123456"`, `^"[A-Z]\\"[A-Z]-\d{6}"$`},

		{payload.KindIP, technique("preserve_prefix"), `"192.0.2.7"`, `^"\d+\.\d+\.\d+\.\d+"$`},
		{payload.KindIP, technique("preserve_prefix"), `"2001:db8::7"`, `^"[0-9a-f:]+"$`},
		{payload.KindIP, technique("preserve_prefix"), `"192.0.2"`, ``},

		{payload.KindEmail, technique("split_email"), `"Ada@Example.org"`, `^"u-[a-z2-7]{26}@d-[a-z2-7]{26}\.invalid"$`},
		{payload.KindEmail, technique("split_email", "domain", "keep"), `"ada[@]example[.]org"`, `^"u-[a-z2-7]{26}@example\.org"$`},
		{payload.KindEmail, technique("split_email"), `"ada"`, ``},
		{payload.KindString, technique("split_email"), `"ada@example.org"`, `^"u-[a-z2-7]{26}@d-[a-z2-7]{26}\.invalid"$`},
		{payload.KindString, technique("split_email"), `"write to ada"`, ``},
		{payload.KindString, technique("preserve_prefix"), `"the host"`, ``},

		{payload.KindString, technique("redact"), `"Ada"`, `^"\[redacted\]"$`},
		{payload.KindNumber, technique("redact", "text", "[victim 1]"), `12`, `^"\[victim 1\]"$`},
		{payload.KindBoolean, technique("redact"), `true`, `^"\[redacted\]"$`},
		{payload.KindDate, technique("redact"), `"unknown"`, `^"\[redacted\]"$`},
		{payload.KindDate, technique("redact"), `null`, `^null$`},
	} {
		got, err := directly(t, tc.kind, tc.treatment, tc.value)
		if tc.form == "" {
			kind, ok := errors.AsType[*payload.KindError](err)
			require.True(t, ok, "%s %s: %s %v", tc.treatment, tc.value, got, err)
			assert.Equal(t, "/v", kind.Pointer)
			continue
		}
		require.NoError(t, err, "%s %s", tc.treatment, tc.value)
		assert.Regexp(t, tc.form, got, "%s of %s", tc.treatment, tc.value)
	}
}

func TestCoarserValues(t *testing.T) {
	for _, tc := range []struct {
		kind        payload.Kind
		treatment   payload.Treatment
		value, want string
	}{
		{payload.KindDatetime, generalize("hour"), `"2026-11-23T14:33:12.5+01:00"`, `"2026-11-23T14:00:00+01:00"`},
		{payload.KindDatetime, generalize("hour"), `"2026-11-23t23:59:60z"`, `"2026-11-23t23:00:00Z"`},
		{payload.KindDate, generalize("quarter"), `"2026-11-23"`, `"2026-Q4"`},
		{payload.KindDate, generalize("quarter"), `"2026-01-01"`, `"2026-Q1"`},
		{payload.KindDatetime, generalize("decade"), `"2026-11-23T14:33:12Z"`, `"202x"`},
		{payload.KindDate, generalize("month", "as", "start"), `"2026-11-23"`, `"2026-11-01"`},
		{payload.KindDate, generalize("quarter", "as", "start"), `"2026-11-23"`, `"2026-10-01"`},
		{payload.KindDate, generalize("year", "as", "period"), `"2026-11-23"`, `"2026"`},
		{payload.KindDatetime, generalize("day", "as", "start"), `"2026-11-23T14:33:12-08:00"`, `"2026-11-23T00:00:00-08:00"`},
		{payload.KindDatetime, generalize("year", "as", "start"), `"2026-11-23T14:33:12Z"`, `"2026-01-01T00:00:00Z"`},
		{payload.KindDatetime, generalize("decade", "as", "start"), `"2026-11-23T14:33:12Z"`, `"2020-01-01T00:00:00Z"`},

		{payload.KindNumber, generalize("cap", "max", "90"), `90`, `90`},
		{payload.KindNumber, generalize("cap", "max", "90"), `90.5`, `90`},
		{payload.KindNumber, generalize("cap", "max", "90"), `104`, `90`},
		{payload.KindNumber, generalize("cap", "max", "90"), `8.95e1`, `8.95e1`},
		{payload.KindNumber, generalize("cap", "max", "90", "min", "18"), `17.9`, `18`},
		{payload.KindNumber, generalize("cap", "min", "-5"), `-5.1`, `-5`},
		{payload.KindNumber, generalize("cap", "min", "-5"), `-5`, `-5`},
		{payload.KindAmount, generalize("cap", "max", "1000"), `"1000.01"`, `"1000"`},

		{payload.KindNumber, generalize("geo", "places", "2"), `53.349805`, `53.34`},
		{payload.KindNumber, generalize("geo", "places", "2"), `-6.26031`, `-6.26`},
		{payload.KindNumber, generalize("geo", "places", "2"), `-0.001`, `0`},
		{payload.KindNumber, generalize("geo", "places", "0"), `53.9`, `53`},
		{payload.KindNumber, generalize("geo", "places", "3"), `5.3349805e1`, `53.349`},
		{payload.KindNumber, generalize("geo", "places", "6"), `53`, `53`},
		{payload.KindNumber, generalize("geo", "places", "1"), `1e-7`, `0`},
		{payload.KindAmount, generalize("geo", "places", "1"), `"-6.26"`, `"-6.2"`},
	} {
		got, err := treat(t, tc.kind, tc.treatment, tc.value)
		require.NoError(t, err, "%s %s", tc.treatment, tc.value)
		assert.Equal(t, tc.want, got, "%s of %s", tc.treatment, tc.value)
	}
}

// TestCoarserIsCoarse draws values: the result is at most as fine as declared, and coarsening twice changes nothing.
func TestCoarserIsCoarse(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		value := rapid.StringMatching(`-?(0|[1-9][0-9]{0,5})(\.[0-9]{1,9})?(e-?[0-9])?`).Draw(t, "value")
		tr := rapid.SampledFrom([]payload.Treatment{
			generalize("geo", "places", "3"), generalize("cap", "max", "1000", "min", "-7"),
		}).Draw(t, "treatment")
		once, err := treat(t, payload.KindNumber, tr, value)
		require.NoError(t, err)
		twice, err := treat(t, payload.KindNumber, tr, once)
		require.NoError(t, err)
		assert.Equal(t, once, twice)
	})
}

func TestCompileRefusesTechniques(t *testing.T) {
	for _, tc := range []struct {
		kind      payload.Kind
		treatment payload.Treatment
		msg       string
	}{
		{payload.KindBoolean, technique("tokenise"), "boolean"},
		{payload.KindString, technique("tokenise", "keep", "1"), `unknown parameter "keep"`},
		{payload.KindNumber, technique("preserve_prefix"), "kind number"},
		{payload.KindDate, technique("split_email"), "kind date"},
		{payload.KindEmail, technique("split_email", "domain", "hide"), "parameter domain"},
		{payload.KindString, technique("preserve_format"), "parameter format"},
		{payload.KindString, technique("preserve_format", "format", "passport"), "parameter format"},
		{payload.KindNumber, technique("preserve_format", "format", "digits"), "kind number"},
		{payload.KindIBAN, technique("preserve_format", "format", "digits"), "parameter format"},
		{payload.KindIBAN, technique("preserve_format", "keep", "all"), "parameter keep"},
		{payload.KindString, technique("preserve_format", "format", "card", "keep", "9"), "parameter keep"},
		{payload.KindString, technique("preserve_format", "format", "digits", "keep", "1"), `unknown parameter "keep"`},
		{payload.KindPhone, technique("preserve_format", "otherwise", "keep"), "parameter otherwise"},
		{payload.KindString, technique("shift_date", "days", "3", "subject", "thing"), "kind string"},
		{payload.KindDate, technique("shift_date", "days", "3"), "parameter subject"},
		{payload.KindDate, technique("shift_date", "subject", "thing"), "parameter days"},
		{payload.KindDate, technique("shift_date", "days", "3651", "subject", "thing"), "parameter days"},
		{payload.KindDate, technique("shift_date", "days", "3", "subject", "name"), `category "name"`},
		{payload.KindString, technique("redact", "text", ""), "parameter text"},
		{payload.KindString, technique("redact", "text", "né"), "parameter text"},
		{payload.KindString, technique("redact", "text", strings.Repeat("x", 41)), "parameter text"},
		{payload.KindDate, generalize("hour"), "kind date"},
		{payload.KindDate, generalize("month", "as", "end"), "parameter as"},
		{payload.KindNumber, generalize("cap"), "at least one"},
		{payload.KindNumber, generalize("cap", "max", "5", "min", "5"), "parameter min"},
		{payload.KindNumber, generalize("geo"), "parameter places"},
		{payload.KindNumber, generalize("geo", "places", "7"), "parameter places"},
		{payload.KindString, generalize("hierarchy", "table", "x", "level", "1"), `no hierarchy "x"`},
		{payload.KindString, generalize("hierarchy", "table", "x"), "parameter level"},
	} {
		_, err := planFor(tc.kind, tc.treatment)
		treatment, ok := errors.AsType[*payload.TreatmentError](err)
		require.True(t, ok, "%s of %s", tc.treatment, tc.kind)
		assert.Contains(t, treatment.Msg, tc.msg, "%s of %s", tc.treatment, tc.kind)
	}
}

func TestHashesAreRefusedByName(t *testing.T) {
	for _, name := range []string{"sha256", "SHA-256", "sha512", "md5", "hash", "salted_hash", "blake2b", "crc32", "bcrypt", "digest", "sha3"} {
		_, err := planFor(payload.KindString, technique(name))
		treatment, ok := errors.AsType[*payload.TreatmentError](err)
		require.True(t, ok)
		assert.Contains(t, treatment.Msg, "a hash without a key", name)
	}
	for _, name := range payload.TechniqueNames() {
		_, err := planFor(payload.KindString, technique(name))
		if err != nil {
			assert.NotContains(t, err.Error(), "hash", name)
		}
	}
}

func occupations() *payload.Catalogue {
	c := catalogueOf(field("/v", "occupation", payload.Quasi, payload.KindString))
	c.Hierarchies = map[string]payload.Hierarchy{"occupation": {
		{"Carpenter", "construction", "manual work"}, {"nurse", "care", "health"},
	}}
	return c
}

func TestHierarchy(t *testing.T) {
	for level, want := range map[string]map[string]string{
		"1": {"carpenter": "construction", " CARPENTER ": "construction", "nurse": "care", "poet": "*"},
		"2": {"carpenter": "manual work", "nurse": "health", "*": "*"},
	} {
		plan, err := payload.Compile(occupations(), map[string]payload.Treatment{"occupation": generalize("hierarchy", "table", "occupation", "level", level)})
		require.NoError(t, err)
		for value, word := range want {
			out, _, err := plan.Protect(nil, []byte(`{"v":"`+value+`"}`), nil)
			require.NoError(t, err)
			assert.Equal(t, `{"v":"`+word+`"}`, string(out))
		}
		require.ErrorIs(t, plan.Gate([]byte(`{"v":"carpenter"}`), []byte(`{"v":"carpenter"}`)), payload.ErrGate)
	}
	_, err := payload.Compile(occupations(), map[string]payload.Treatment{"occupation": generalize("hierarchy", "table", "occupation", "level", "3")})
	require.ErrorContains(t, err, "levels 1 to 2")
}

func TestHierarchiesOfACatalogue(t *testing.T) {
	const fields = "type: t\nversion: '1'\ntitle: T\nfields:\n- {path: /v, category: occupation, role: quasi, kind: string}\n"
	c, err := payload.ParseCatalogue("c.yaml", []byte(fields+"hierarchies:\n  occupation:\n  - [carpenter, construction]\n  - [nurse, care]\n"))
	require.NoError(t, err)
	assert.Equal(t, payload.Hierarchy{{"carpenter", "construction"}, {"nurse", "care"}}, c.Hierarchies["occupation"])
	without, err := payload.ParseCatalogue("c.yaml", []byte(fields))
	require.NoError(t, err)
	assert.NotEqual(t, without.Digest(), c.Digest(), "the digest covers the table")
	for name, text := range map[string]string{
		"no rows": "hierarchies: {a: []}\n", "one word": "hierarchies: {a: [[x]]}\n", "uneven": "hierarchies: {a: [[x, y], [z]]}\n",
		"twice": "hierarchies: {a: [[x, y], [X, z]]}\n", "empty word": "hierarchies: {a: [[x, '']]}\n", "no list": "hierarchies: {a: x}\n",
		"no table": "hierarchies: [a]\n", "row of text": "hierarchies: {a: [x]}\n", "name": "hierarchies: {A B: [[x, y]]}\n",
		"number": "hierarchies: {a: [[1, y]]}\n", "levels": "hierarchies: {a: [[a,b,c,d,e,f,g,h,i,j]]}\n",
	} {
		_, err := payload.ParseCatalogue("c.yaml", []byte(fields+text))
		_, ok := errors.AsType[*payload.CatalogueError](err)
		assert.True(t, ok, name)
	}
}

func TestAPseudonymizerWithoutTechniques(t *testing.T) {
	for _, tr := range []payload.Treatment{technique("tokenise"), technique("preserve_format", "format", "digits")} {
		plan, err := planFor(payload.KindString, tr)
		require.NoError(t, err)
		_, _, err = plan.Apply(nil, []byte(`{"v":"1234567"}`), newPseudonyms())
		require.ErrorIs(t, err, payload.ErrNoTechniques)
		_, _, err = plan.Apply(nil, []byte(`{"v":"1234567"}`), nil)
		require.ErrorIs(t, err, payload.ErrNoPseudonymizer)
	}
}

// TestGateKnowsTheTechniques gives the gate results that the techniques do not make.
func TestGateKnowsTheTechniques(t *testing.T) {
	for _, tc := range []struct {
		kind      payload.Kind
		treatment payload.Treatment
		bad       []string
	}{
		{payload.KindString, technique("tokenise"), []string{`"psn_0123456789012345678901"`, `"tok_"`, `"tok_AAAA"`, `"tok_` + strings.Repeat("A", 42) + `"`, `"tok_` + strings.Repeat("=", 43) + `"`, `12`}},
		{payload.KindIBAN, technique("preserve_format"), []string{`"IE28AIBK93115212345678"`, `"ZZ29AIBK93115212345678"`, `"ie29aibk93115212345678"`, `"IE29 AIBK 9311 5212 3456 78"`, `"psn_0123456789012345678901"`, `"GB82WEST1234569876543"`, `"LC00AAAA000000000000000000000015"`}},
		{payload.KindString, technique("preserve_format", "format", "card"), []string{`"4111111111111112"`, `"411111111111"`, `"4111 1111 1111 1111"`}},
		{payload.KindPhone, technique("preserve_format"), []string{`"0871234567"`, `"+053871234567"`, `"+3538712345678901"`, `"+353-87"`}},
		{payload.KindString, technique("preserve_format", "format", "digits"), []string{`"12a"`, `"-1"`}},
		{payload.KindString, technique("preserve_format", "format", "alphanumeric"), []string{`"--"`}},
		{payload.KindIP, technique("preserve_prefix"), []string{`"2001:DB8::1"`, `"192.0.2.0/24"`, `"fe80::1%eth0"`, `"x"`}},
		{payload.KindEmail, technique("split_email"), []string{`"ada@example.org"`, `"u-` + strings.Repeat("a", 26) + `@example.org"`, `"u-` + strings.Repeat("A", 26) + `@d-` + strings.Repeat("a", 26) + `.invalid"`}},
		{payload.KindEmail, technique("split_email", "domain", "keep"), []string{`"ada@example.org"`, `"u-` + strings.Repeat("a", 26) + `@"`, `"u-` + strings.Repeat("a", 25) + `@example.org"`}},
		{payload.KindString, technique("redact"), []string{`"[Redacted]"`, `"Ada"`}},
		{payload.KindDatetime, generalize("hour"), []string{`"2026-11-23T14:01:00Z"`, `"2026-11-23"`}},
		{payload.KindDate, generalize("quarter"), []string{`"2026-Q5"`, `"2026-10"`, `"2026"`}},
		{payload.KindDate, generalize("decade"), []string{`"2026"`, `"20xx"`}},
		{payload.KindDate, generalize("month", "as", "start"), []string{`"2026-11-02"`, `"2026-11"`}},
		{payload.KindDatetime, generalize("year", "as", "start"), []string{`"2026-01-01T00:00:01Z"`, `"2026-02-01T00:00:00Z"`, `"2026"`}},
		{payload.KindNumber, generalize("cap", "max", "90", "min", "18"), []string{`91`, `90.1`, `17`, `"x"`}},
		{payload.KindNumber, generalize("geo", "places", "2"), []string{`1.234`, `1e-2`}},
	} {
		plan, err := planFor(tc.kind, tc.treatment)
		require.NoError(t, err)
		for _, value := range tc.bad {
			err := plan.Gate([]byte(`{"v":`+value+`}`), []byte(`{}`))
			_, ok := errors.AsType[*payload.GateError](err)
			assert.True(t, ok, "%s let %s pass: %v", tc.treatment, value, err)
		}
	}
}

// TestGateRefusesTheOriginal stands for the case that a format-preserving cipher maps a value to itself.
func TestGateRefusesTheOriginal(t *testing.T) {
	c := catalogueOf(field("/v", "thing", payload.Direct, payload.KindIBAN))
	plan, err := payload.Compile(c, map[string]payload.Treatment{"thing": technique("preserve_format")})
	require.NoError(t, err)
	document := []byte(`{"v":"IE29AIBK93115212345678"}`)
	_, ok := errors.AsType[*payload.LeakError](plan.Gate(document, document))
	assert.True(t, ok)
}

// TestReportNamesTheTechnique holds that the manifest can say what was done and with which parameters.
func TestReportNamesTheTechnique(t *testing.T) {
	tr := technique("preserve_format", "format", "card", "keep", "6")
	plan, err := planFor(payload.KindString, tr)
	require.NoError(t, err)
	_, rep, err := plan.Protect(nil, []byte(`{"v":"4111111111111111"}`), newDomain(t))
	require.NoError(t, err)
	assert.Equal(t, tr.Technique, rep.Fields[0].Technique)
	assert.Equal(t, tr.Params, rep.Fields[0].Params)
	assert.EqualValues(t, 1, rep.Transformed)
}

// TestEveryTechniqueHasAPlace keeps this list, the dispatch and the page in step.
func TestEveryTechniqueHasAPlace(t *testing.T) {
	fits := map[string]payload.Kind{
		"keep": "string", "scrub": "string", "mask": "string", "generalise": "date", "shift_date": "date", "preserve_prefix": "ip", "split_email": "email",
		"preserve_format": "iban", "tokenise": "string", "pseudonymise": "string", "redact": "string", "drop": "string",
	}
	params := map[string][]string{"generalise": {"to", "year"}, "shift_date": {"days", "3", "subject", "thing"}}
	assert.ElementsMatch(t, payload.TechniqueNames(), slices.Collect(maps.Keys(fits)))
	for name, kind := range fits {
		_, err := planFor(kind, technique(name, params[name]...))
		if name == "shift_date" { // whose subject cannot be the date itself
			continue
		}
		assert.NoError(t, err, fmt.Sprint(name))
	}
}
