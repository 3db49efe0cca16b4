package payload_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math/big"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/passavant/passavant/transfer/payload"
)

// planFor treats one field /v of a kind.
func planFor(kind payload.Kind, tr payload.Treatment) (*payload.Plan, error) {
	c := catalogueOf(field("/v", "thing", payload.Quasi, kind))
	return payload.Compile(c, map[string]payload.Treatment{"thing": tr})
}

// treat returns what becomes of one JSON value.
func treat(t require.TestingT, kind payload.Kind, tr payload.Treatment, value string) (string, error) {
	p, err := planFor(kind, tr)
	require.NoError(t, err)
	out, _, err := p.Protect(nil, []byte(`{"v":`+value+`}`), newPseudonyms())
	return strings.TrimSuffix(strings.TrimPrefix(string(out), `{"v":`), `}`), err
}

func mask(keepLast string) payload.Treatment {
	return payload.Treatment{Technique: payload.Mask, Params: map[string]string{"keep_last": keepLast}}
}

func TestTreatments(t *testing.T) {
	bands := generalize("band", "bands", "0,100, 1000")
	for _, tc := range []struct {
		kind        payload.Kind
		treatment   payload.Treatment
		value, want string
	}{
		{payload.KindString, payload.Treatment{Technique: payload.Mask}, `"Ada"`, `"****"`},
		{payload.KindString, mask("4"), `"IE98EMRD99000012345678"`, `"****5678"`},
		{payload.KindString, mask("4"), `"12345678"`, `"****5678"`},
		{payload.KindString, mask("4"), `"1234567"`, `"****"`},
		{payload.KindString, mask("2"), `"Zoë\"é"`, `"****\"é"`},
		{payload.KindString, mask("2"), `"\u0041\u0042\u0043\ud83d\ude00"`, `"****C😀"`},
		{payload.KindNumber, mask("2"), `12345`, `"****45"`},
		{payload.KindIBAN, mask("4"), `"IE98 EMRD 9900 0012 3456 78"`, `"****6 78"`},
		{payload.KindString, mask("4"), `""`, `""`},

		{payload.KindDate, generalize("month"), `"1958-04-23"`, `"1958-04"`},
		{payload.KindDate, generalize("year"), `"2024-02-29"`, `"2024"`},
		{payload.KindDate, generalize("year"), `""`, `""`},
		{payload.KindDate, generalize("year"), `null`, `null`},
		{payload.KindDatetime, generalize("day"), `"2026-11-30T23:59:60.5-08:00"`, `"2026-11-30"`},
		{payload.KindDatetime, generalize("month"), `"2026-11-30T23:59:59Z"`, `"2026-11"`},
		{payload.KindDatetime, generalize("year"), `"2026-11-30t23:59:59z"`, `"2026"`},

		{payload.KindAmount, generalize("band", "width", "1000"), `4950.00`, `"[4000,5000)"`},
		{payload.KindAmount, generalize("band", "width", "1000"), `"4950.00"`, `"[4000,5000)"`},
		{payload.KindAmount, generalize("band", "width", "1000"), `4000`, `"[4000,5000)"`},
		{payload.KindAmount, generalize("band", "width", "1000"), `3999.999999999999999999999`, `"[3000,4000)"`},
		{payload.KindAmount, generalize("band", "width", "1000"), `-0.01`, `"[-1000,0)"`},
		{payload.KindAmount, generalize("band", "width", "1000"), `-0`, `"[0,1000)"`},
		{payload.KindAmount, generalize("band", "width", "1000"), `4.95e3`, `"[4000,5000)"`},
		{payload.KindNumber, generalize("band", "width", "8"), `999999999999999999`, `"[999999999999999992,1000000000000000000)"`},
		{payload.KindNumber, bands, `-1`, `"<0"`},
		{payload.KindNumber, bands, `-1e-30`, `"<0"`},
		{payload.KindNumber, bands, `0`, `"[0,100)"`},
		{payload.KindNumber, bands, `99.99`, `"[0,100)"`},
		{payload.KindNumber, bands, `100`, `"[100,1000)"`},
		{payload.KindNumber, bands, `1000`, `">=1000"`},
		{payload.KindNumber, generalize("band", "bands", "5"), `5`, `">=5"`},

		{payload.KindNumber, generalize("round", "width", "10"), `14.999`, `10`},
		{payload.KindNumber, generalize("round", "width", "10"), `15`, `20`},
		{payload.KindNumber, generalize("round", "width", "10"), `-15`, `-10`},
		{payload.KindNumber, generalize("round", "width", "3"), `1.5`, `3`},
		{payload.KindNumber, generalize("round", "width", "3"), `1.4999999999999999999999`, `0`},
		{payload.KindNumber, generalize("round", "width", "3"), `-1.5`, `0`},
		{payload.KindNumber, generalize("round", "width", "3"), `-1.50000000000000000001`, `-3`},
		{payload.KindAmount, generalize("round", "width", "10"), `"15.00"`, `"20"`},

		{payload.KindPostcode, generalize("area"), `"D02 ZZ99"`, `"D02"`},
		{payload.KindPostcode, generalize("area"), `"d02zz99"`, `"D02"`},
		{payload.KindPostcode, generalize("area", "keep", "2"), `"10-115"`, `"10"`},
		{payload.KindPostcode, generalize("area", "keep", "5"), `"10115"`, `""`},
		{payload.KindPostcode, generalize("prefix", "keep", "2"), `"10115"`, `"10"`},

		{payload.KindIP, generalize("prefix"), `"203.0.113.47"`, `"203.0.113.0/24"`},
		{payload.KindIP, generalize("prefix", "keep", "9"), `"203.255.113.47"`, `"203.128.0.0/9"`},
		{payload.KindIP, generalize("prefix"), `"2001:db8:51:7::1f"`, `"2001:db8:51::/48"`},
		{payload.KindIP, generalize("prefix", "keep_v6", "32"), `"2001:DB8::1"`, `"2001:db8::/32"`},
		{payload.KindIP, generalize("prefix"), `"::ffff:192.0.2.7"`, `"192.0.2.0/24"`},

		{payload.KindString, generalize("prefix", "keep", "2"), `"Łódź"`, `"Łó"`},
		{payload.KindString, generalize("prefix", "keep", "2"), `"ab"`, `""`},
		{payload.KindString, generalize("prefix", "keep", "3"), `"a\nbc"`, `"a\nb"`},
		{payload.KindPhone, generalize("prefix", "keep", "4"), `"+353 20 910 0142"`, `"+353"`},
		{payload.KindEmail, generalize("prefix", "keep", "1"), `"ada@example.org"`, `"a"`},
		{payload.KindIBAN, generalize("prefix", "keep", "2"), `"IE98EMRD99000012345678"`, `"IE"`},

		{payload.KindBoolean, keep(), `true`, `true`},
		{payload.KindDate, keep(), `"2026-11-23"`, `"2026-11-23"`},
		{payload.KindIP, keep(), `"2001:db8::1"`, `"2001:db8::1"`},
		{payload.KindDate, pseudonymize(), `"unknown"`, `"psn_`},
		{payload.KindIBAN, pseudonymize(), `"???"`, `"psn_`},
	} {
		t.Run(fmt.Sprint(tc.kind, " ", tc.treatment, " ", tc.value), func(t *testing.T) {
			got, err := treat(t, tc.kind, tc.treatment, tc.value)
			require.NoError(t, err)
			if tc.treatment.Technique == payload.Pseudonymize {
				got = got[:min(len(got), len(tc.want))]
			}
			assert.Equal(t, tc.want, got)
		})
	}
}

// A value leaves in clear, wholly or in part, only if it has the shape of its kind.
func TestShapes(t *testing.T) {
	good := map[payload.Kind][]string{
		payload.KindDate:     {"2026-11-23", "2024-02-29", "2000-02-29", "0000-01-01", "2026-04-30", "2026-12-31"},
		payload.KindDatetime: {"2026-11-23T14:33:00Z", "2026-11-23t00:00:60z", "2026-11-23T23:59:59.123456789+14:00"},
		payload.KindAmount:   {"0", "-1.5", "1e3", "18450.00"},
		payload.KindPostcode: {"D02 ZZ99", "10115", "SW1A 1AA", "123-4567"},
		payload.KindIBAN:     {"IE98EMRD99000012345678", "ie98 emrd 9900 0012 3456 78", "NO9386011117947", "GB25RIVE99000000417233"},
		payload.KindEmail:    {"a@b", "aoife.ní@mail.example.org"},
		payload.KindIP:       {"192.0.2.1", "0.0.0.0", "255.255.255.255", "::", "2001:db8::1", "::ffff:192.0.2.1"},
		payload.KindPhone:    {"+353 (20) 910-0142", "1234", "020.910/0142"},
	}
	bad := map[payload.Kind][]string{
		payload.KindDate: {"2026-11-3", "2026-13-01", "2026-00-01", "2026-11-00", "2026-11-31", "2023-02-29", "1900-02-29",
			"23.11.2026", "2026-11-23 ", "2026/11/23", "Ada Lovelace", "２026-11-23", "2026-1a-01", "+026-11-23"},
		payload.KindDatetime: {"2026-11-23", "2026-11-23T14:33:00", "2026-11-23T24:00:00Z", "2026-11-23T14:60:00Z",
			"2026-11-23T14:33:61Z", "2026-11-23T14:33:00.Z", "2026-11-23T14:33:00+1:00", "2026-11-23T14:33:00+24:00",
			"2026-11-23T14:33:00+00:60", "2026-11-23 14:33:00Z", "2026-11-23T14:33Z", "2026-11-23T14:33:00ZZ", "2026-11-23T14:33:0Z.",
			"2026-11-23T14-33-00Z", "2026-02-30T14:33:00Z"},
		payload.KindAmount:   {"", "x", "1,5", "01", "+1", "1.", "0x10", "1 000", " 1", "1 "},
		payload.KindPostcode: {"D", "D02 ZZ99 ZZ99", "Ada!", "é1"},
		payload.KindIBAN:     {"IE98EMRD990000", "98IEEMRD99000012345678", "IEXXEMRD99000012345678", "IE98-EMRD-9900-0012-3456-78", "IE98EMRD990000123456780123456789012345"},
		payload.KindEmail:    {"a", "@b", "a@", "a@b@c", "a b@c", "a\u007f@c", strings.Repeat("a", 253) + "@b"},
		payload.KindIP:       {"1.2.3", "1.2.3.4.5", "1.2.3.256", "01.2.3.4", "1..2.3", "1.2.3.", ".1.2.3", "fe80::1%eth0", "2001:db8", "Ada", strings.Repeat("1:", 40)},
		payload.KindPhone:    {"123", "call me", "+353x20", strings.Repeat("1", 18), "１２３４"},
	}
	for kind, texts := range good {
		for _, text := range texts {
			_, err := treat(t, kind, keep(), strconv.Quote(text))
			assert.NoError(t, err, "%s %q", kind, text)
		}
	}
	for kind, texts := range bad {
		for _, text := range texts {
			if text == "" {
				continue // empty is allowed for every kind
			}
			for _, tr := range []payload.Treatment{keep(), mask("2")} {
				_, err := treat(t, kind, tr, jsonString(text))
				assert.Equal(t, &payload.KindError{Pointer: "/v", Want: string(kind)}, err, "%s %q", kind, text)
			}
			for _, tr := range []payload.Treatment{pseudonymize(), {Technique: payload.Drop}} {
				_, err := treat(t, kind, tr, jsonString(text))
				assert.NoError(t, err, "%s %q", kind, text)
			}
		}
	}
}

func jsonString(s string) string {
	b, _ := json.Marshal(s)
	return string(b)
}

func TestNumbersOutOfReachAreRefused(t *testing.T) {
	for _, tr := range []payload.Treatment{generalize("band", "width", "10"), generalize("round", "width", "10")} {
		for _, value := range []string{`1000000000000000000`, `-1e18`, `1e400`, `1e99999999999999999999`} {
			_, err := treat(t, payload.KindNumber, tr, value)
			assert.Equal(t, &payload.KindError{Pointer: "/v", Want: "number"}, err, value)
		}
		for _, value := range []string{`1e-400`, `-1e-400`, `0e400`, `999999999999999999.9`} {
			_, err := treat(t, payload.KindNumber, tr, value)
			assert.NoError(t, err, value)
		}
	}
}

func TestCompileRefuses(t *testing.T) {
	p := func(technique string, params ...string) payload.Treatment {
		tr := generalize("x", params...)
		delete(tr.Params, "to")
		tr.Technique = technique
		return tr
	}
	for _, tc := range []struct {
		name      string
		kind      payload.Kind
		treatment payload.Treatment
		msg       string
	}{
		{"no technique", payload.KindString, payload.Treatment{}, `unknown technique ""`},
		{"unknown technique", payload.KindString, p("shred"), `unknown technique "shred"`},
		{"capital", payload.KindString, p("Keep"), `unknown technique "Keep"`},
		{"other spelling", payload.KindString, p("pseudonymize"), `unknown technique "pseudonymize"`},
		{"keep with a parameter", payload.KindString, p("keep", "year", "1"), `unknown parameter "year"`},
		{"drop with a parameter", payload.KindString, p("drop", "a", "b"), `unknown parameter "a"`},
		{"pseudonymise with a parameter", payload.KindString, p("pseudonymise", "scope", "person"), `unknown parameter "scope"`},
		{"mask with another parameter", payload.KindString, p("mask", "keep_first", "1"), `unknown parameter "keep_first"`},
		{"mask too much", payload.KindString, p("mask", "keep_last", "9"), "keep_last: want a number of 0 to 8"},
		{"mask negative", payload.KindString, p("mask", "keep_last", "-1"), "keep_last"},
		{"mask not a number", payload.KindString, p("mask", "keep_last", "two"), "keep_last"},
		{"mask plus", payload.KindString, p("mask", "keep_last", "+2"), "keep_last"},
		{"mask leading zero", payload.KindString, p("mask", "keep_last", "02"), "keep_last"},
		{"mask empty", payload.KindString, p("mask", "keep_last", ""), "keep_last"},
		{"boolean masked", payload.KindBoolean, p("mask"), "boolean"},
		{"boolean pseudonymised", payload.KindBoolean, p("pseudonymise"), "boolean"},
		{"boolean generalised", payload.KindBoolean, generalize("prefix", "keep", "1"), "kind boolean"},
		{"generalise to nothing", payload.KindDate, p("generalise"), "parameter to: missing"},
		{"generalise to something else", payload.KindDate, generalize("century"), `"century"`},
		{"day of a date", payload.KindDate, generalize("day"), "kind date"},
		{"month of a string", payload.KindString, generalize("month"), "kind string"},
		{"month with a width", payload.KindDate, generalize("month", "width", "2"), `unknown parameter "width"`},
		{"band of a string", payload.KindString, generalize("band", "width", "10"), "kind string"},
		{"band without width", payload.KindAmount, generalize("band"), "width"},
		{"band of width 1", payload.KindAmount, generalize("band", "width", "1"), "width"},
		{"band of width 0", payload.KindAmount, generalize("band", "width", "0"), "width"},
		{"band too wide", payload.KindAmount, generalize("band", "width", "1000000000000001"), "width"},
		{"band of half", payload.KindAmount, generalize("band", "width", "0.5"), "width"},
		{"bands empty", payload.KindAmount, generalize("band", "bands", ""), "bands"},
		{"bands falling", payload.KindAmount, generalize("band", "bands", "1,3,2"), "bands"},
		{"bands equal", payload.KindAmount, generalize("band", "bands", "1,1"), "bands"},
		{"bands and width", payload.KindAmount, generalize("band", "bands", "1,2", "width", "5"), `unknown parameter "width"`},
		{"round without width", payload.KindNumber, generalize("round"), "width"},
		{"area of an address", payload.KindString, generalize("area"), "kind string"},
		{"area of nothing", payload.KindPostcode, generalize("area", "keep", "0"), "keep"},
		{"prefix without keep", payload.KindString, generalize("prefix"), "keep"},
		{"prefix of a date", payload.KindDate, generalize("prefix", "keep", "4"), "kind date"},
		{"network too narrow", payload.KindIP, generalize("prefix", "keep", "31"), "keep"},
		{"network too narrow in v6", payload.KindIP, generalize("prefix", "keep_v6", "65"), "keep_v6"},
		{"any-scalar generalised", payload.KindAnyScalar, generalize("prefix", "keep", "1"), "kind any-scalar"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			plan, err := planFor(tc.kind, tc.treatment)
			require.Error(t, err)
			assert.Nil(t, plan)
			treatment, ok := errors.AsType[*payload.TreatmentError](err)
			require.True(t, ok)
			assert.Equal(t, "thing", treatment.Category)
			assert.Contains(t, treatment.Msg, tc.msg)
			assert.Contains(t, err.Error(), `"thing"`)
		})
	}
}

func TestCompileChecksTheCatalogue(t *testing.T) {
	_, err := payload.Compile(&payload.Catalogue{Type: "t"}, nil)
	assert.ErrorContains(t, err, "catalogue t: version: missing")
	_, err = payload.Compile(catalogueOf(field("/a", "c", "odd", payload.KindString)), nil)
	assert.ErrorContains(t, err, `unknown role "odd"`)
}

func TestCompileIgnoresOtherCategories(t *testing.T) {
	c := catalogueOf(field("/a", "c", payload.Direct, payload.KindString))
	plain, err := payload.Compile(c, map[string]payload.Treatment{"c": keep()})
	require.NoError(t, err)
	more, err := payload.Compile(c, map[string]payload.Treatment{"c": keep(), "other": generalize("year")})
	require.NoError(t, err)
	assert.Equal(t, plain.Digest(), more.Digest())
	_, err = payload.Compile(c, map[string]payload.Treatment{"c": keep(), "other": {Technique: "shred"}})
	assert.ErrorContains(t, err, `category "other": unknown technique "shred"`)
}

func TestPlanDigest(t *testing.T) {
	c, treatments := fraudCatalogue(t), fraudTreatments()
	digest := compile(t, c, treatments).Digest()
	assert.Regexp(t, `^sha256:[0-9a-f]{64}$`, digest)
	assert.Equal(t, digest, compile(t, c, treatments).Digest())

	explicit := maps.Clone(treatments)
	explicit["narrative"] = payload.Treatment{Technique: payload.Drop}
	assert.Equal(t, digest, compile(t, c, explicit).Digest(), "drop is what no treatment means")

	for category := range treatments {
		less := maps.Clone(treatments)
		delete(less, category)
		assert.NotEqual(t, digest, compile(t, c, less).Digest(), category)
	}
	other := maps.Clone(treatments)
	other["amount"] = generalize("band", "width", "500")
	assert.NotEqual(t, digest, compile(t, c, other).Digest())
	c.Version = "2"
	assert.NotEqual(t, digest, compile(t, c, treatments).Digest())
}

func TestPlanIsImmutable(t *testing.T) {
	c, treatments := fraudCatalogue(t), fraudTreatments()
	p := compile(t, c, treatments)
	src := readTestdata(t, "payload.json")
	want, wantReport, err := p.Protect(nil, src, newPseudonyms())
	require.NoError(t, err)
	before, digest := p.Catalogue(), p.Digest()

	c.Fields[0].Path, c.Limits.Depth = "/narrative", 1
	treatments["amount"].Params["width"] = "2"
	treatments["narrative"] = keep()
	copied := p.Catalogue()
	copied.Fields[0].Role = payload.Direct
	assert.Equal(t, before, p.Catalogue())
	assert.Equal(t, digest, p.Digest())
	assert.Equal(t, "1000", wantReport.Fields[3].Params["width"])
	got, report, err := p.Protect(nil, src, newPseudonyms())
	require.NoError(t, err)
	assert.Equal(t, string(want), string(got))
	assert.Equal(t, wantReport, report)
}

// drawNumber draws the text of a JSON number whose exponent stays small enough for the oracle.
func drawNumber(t *rapid.T) string {
	sign := rapid.SampledFrom([]string{"", "-"}).Draw(t, "sign")
	whole := rapid.StringMatching(`0|[1-9][0-9]{0,16}`).Draw(t, "whole")
	fraction := rapid.StringMatching(`(\.[0-9]{1,20}|\.50*|\.0+)?`).Draw(t, "fraction")
	exponent := rapid.StringMatching(`([eE][+-]?[0-9]{1,2})?`).Draw(t, "exponent")
	return sign + whole + fraction + exponent
}

func rat(t require.TestingT, text string) *big.Rat {
	r, ok := new(big.Rat).SetString(text)
	require.True(t, ok, text)
	return r
}

var limit18 = new(big.Rat).SetInt(new(big.Int).Exp(big.NewInt(10), big.NewInt(18), nil))

// floorRat returns ⌊r/width⌋·width.
func floorRat(r *big.Rat, width int64) *big.Int {
	q := new(big.Rat).Quo(r, new(big.Rat).SetInt64(width))
	n := new(big.Int).Div(q.Num(), q.Denom()) // Euclidean, and the denominator is positive
	return n.Mul(n, big.NewInt(width))
}

func TestBandIsExact(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text, width := drawNumber(t), rapid.Int64Range(2, 1e15).Draw(t, "width")
		got, err := treat(t, payload.KindNumber, generalize("band", "width", fmt.Sprint(width)), text)
		r := rat(t, text)
		if new(big.Rat).Abs(r).Cmp(limit18) >= 0 {
			require.Error(t, err)
			return
		}
		require.NoError(t, err)
		low := floorRat(r, width)
		assert.Equal(t, fmt.Sprintf(`"[%d,%d)"`, low, new(big.Int).Add(low, big.NewInt(width))), got)
	})
}

func TestRoundIsExact(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text, width := drawNumber(t), rapid.Int64Range(2, 1e6).Draw(t, "width")
		got, err := treat(t, payload.KindNumber, generalize("round", "width", fmt.Sprint(width)), text)
		r := rat(t, text)
		if new(big.Rat).Abs(r).Cmp(limit18) >= 0 {
			require.Error(t, err)
			return
		}
		require.NoError(t, err)
		r.Add(r, big.NewRat(width, 2))
		assert.Equal(t, floorRat(r, width).String(), got)
	})
}

// canonicalNumber lets a pseudonymizer show the text that it was given.
func canonicalNumber(t require.TestingT, text string) string {
	var seen capture
	p, err := planFor(payload.KindNumber, pseudonymize())
	require.NoError(t, err)
	_, _, err = p.Apply(nil, []byte(`{"v":`+text+`}`), &seen)
	require.NoError(t, err)
	return seen.value
}

type capture struct{ value string }

func (c *capture) AppendPseudonym(dst []byte, _ string, value []byte) []byte {
	c.value = string(value)
	return append(dst, "0123456789abcdef"...)
}
func (c *capture) KeyID() string { return "capture" }

func TestCanonicalNumbers(t *testing.T) {
	for text, want := range map[string]string{
		"0": "0", "-0": "0", "0.000": "0", "-0e99": "0", "0e99999999999": "0",
		"1": "1", "1.0": "1", "1e0": "1", "10e-1": "1", "0.1e+1": "1",
		"-12.50": "-12.5", "0.05": "0.05", "5e-2": "0.05", "1200": "1200", "1.2E3": "1200",
		"12345678901234567890": "12345678901234567890",
		"1e39":                 "1" + strings.Repeat("0", 39), "1e40": "1e40", "100e39": "1e41",
		"1e-40": "0." + strings.Repeat("0", 39) + "1", "1e-41": "1e-41", "-12.5e400": "-125e399",
		"1e1000000": "1e1000000", "1e1000001": "1e1000001", "10e1000001": "10e1000001",
		"1e99999999999999999999": "1e99999999999999999999",
	} {
		assert.Equal(t, want, canonicalNumber(t, text), text)
	}
}

func TestCanonicalNumbersAreEqualExactlyWhenTheirValuesAre(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := drawNumber(t), drawNumber(t)
		textA, textB := canonicalNumber(t, a), canonicalNumber(t, b)
		assert.Equal(t, rat(t, a).Cmp(rat(t, b)) == 0, textA == textB)
		assert.Zero(t, rat(t, a).Cmp(rat(t, textA)), "the canonical text has the value of the number")
		assert.Equal(t, textA, canonicalNumber(t, textA), "and stands for itself")
	})
}

func TestMaskAndPrefixWithhold(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		value := rapid.String().Draw(t, "value")
		n := rapid.IntRange(1, 8).Draw(t, "n")
		for _, tr := range []payload.Treatment{mask(fmt.Sprint(n)), generalize("prefix", "keep", fmt.Sprint(n))} {
			got, err := treat(t, payload.KindString, tr, jsonString(value))
			require.NoError(t, err)
			var text string
			require.NoError(t, json.Unmarshal([]byte(got), &text))
			length := utf8.RuneCountInString(value)
			shown := strings.TrimPrefix(text, "****")
			switch {
			case value == "":
				assert.Empty(t, text)
			case tr.Technique == payload.Mask:
				assert.LessOrEqual(t, utf8.RuneCountInString(shown), length/2)
				assert.True(t, strings.HasSuffix(value, shown))
			default:
				assert.Less(t, utf8.RuneCountInString(text), length)
				assert.True(t, strings.HasPrefix(value, text))
			}
		}
	})
}

func TestBandsListCoversEverything(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		edges := rapid.SliceOfNDistinct(rapid.Int64Range(-1000, 1000), 1, 6, rapid.ID[int64]).Draw(t, "edges")
		slices.Sort(edges)
		var list []string
		for _, e := range edges {
			list = append(list, fmt.Sprint(e))
		}
		value := rapid.Float64Range(-2000, 2000).Draw(t, "value")
		text := strconv.FormatFloat(value, 'f', -1, 64)
		got, err := treat(t, payload.KindNumber, generalize("band", "bands", strings.Join(list, ",")), text)
		require.NoError(t, err)
		want := fmt.Sprintf(`">=%d"`, edges[len(edges)-1])
		for i := len(edges) - 1; i >= 0 && value < float64(edges[i]); i-- {
			want = fmt.Sprintf(`"<%d"`, edges[0])
			if i > 0 {
				want = fmt.Sprintf(`"[%d,%d)"`, edges[i-1], edges[i])
			}
		}
		assert.Equal(t, want, got)
	})
}
