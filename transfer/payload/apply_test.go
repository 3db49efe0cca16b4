package payload_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/passavant/passavant/transfer/payload"
)

func field(path, category string, role payload.Role, kind payload.Kind) payload.Field {
	return payload.Field{Path: path, Category: category, Role: role, Kind: kind}
}

func catalogueOf(fields ...payload.Field) *payload.Catalogue {
	return &payload.Catalogue{Type: "t", Version: "1", Fields: fields}
}

// upper is a Pseudonymizer whose pseudonyms can be read: the category, the value's letters and digits, and padding.
type upper struct{}

func (upper) AppendPseudonym(dst []byte, category string, value []byte) []byte {
	dst = append(append(dst, category...), ':')
	for _, c := range value {
		if c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '.' || c == '-' {
			dst = append(dst, c)
		} else {
			dst = append(dst, '_')
		}
	}
	return append(dst, "~~~~~~~~~~~~~~~~"...)
}

func (upper) KeyID() string { return "upper" }

func TestApply(t *testing.T) {
	c := catalogueOf(
		field("/k", "kept", payload.Operational, payload.KindAnyScalar),
		field("/p", "hidden", payload.Direct, payload.KindAnyScalar),
		field("/d", "dropped", payload.Direct, payload.KindAnyScalar),
		field("/o/k", "kept", payload.Operational, payload.KindAnyScalar),
		field("/o/d", "dropped", payload.Operational, payload.KindAnyScalar),
		field("/g/d", "dropped", payload.Operational, payload.KindAnyScalar),
		field("/l/*", "kept", payload.Operational, payload.KindAnyScalar),
		field("/m/*/*/k", "kept", payload.Operational, payload.KindAnyScalar),
		field("/x/*/d", "dropped", payload.Operational, payload.KindAnyScalar),
		field("/a~1b/~0", "kept", payload.Operational, payload.KindAnyScalar),
	)
	p := compile(t, c, map[string]payload.Treatment{"kept": keep(), "hidden": pseudonymize()})
	const pad = "~~~~~~~~~~~~~~~~"
	for _, tc := range []struct{ name, doc, want string }{
		{"keep", `{"k":"a"}`, `{"k":"a"}`},
		{"drop", `{"d":"a"}`, `{}`},
		{"unlisted", `{"z":"a","k":1,"y":{"k":2}}`, `{"k":1}`},
		{"unlisted first, middle, last", `{"z":0,"k":1,"y":0,"o":{"k":2},"x":[]}`, `{"k":1,"o":{"k":2}}`},
		{"names are compared whole", `{"kk":1,"":2,"K":3,"k ":4}`, `{}`},
		{"null is kept", `{"k":null}`, `{"k":null}`},
		{"null is not a pseudonym", `{"p":null}`, `{"p":null}`},
		{"null is dropped", `{"d":null}`, `{}`},
		{"empty is kept", `{"k":""}`, `{"k":""}`},
		{"empty is not a pseudonym", `{"p":""}`, `{"p":""}`},
		{"empty is dropped", `{"d":""}`, `{}`},
		{"booleans", `{"k":true,"d":false}`, `{"k":true}`},
		{"null for an object", `{"o":null,"g":null}`, `{"o":null}`},
		{"null for an array", `{"l":null,"x":null}`, `{"l":null}`},
		{"null for an element", `{"m":[null,[null,{"k":1}]]}`, `{"m":[null,[null,{"k":1}]]}`},
		{"object left empty stays", `{"o":{"d":1}}`, `{"o":{}}`},
		{"object that never holds anything goes", `{"g":{"d":1}}`, `{}`},
		{"array that never holds anything goes", `{"x":[{"d":1},{}],"k":1}`, `{"k":1}`},
		{"array left empty stays", `{"l":[]}`, `{"l":[]}`},
		{"array of scalars", `{"l":[1,"b",null,true]}`, `{"l":[1,"b",null,true]}`},
		{"array of arrays", `{"m":[[],[{"k":1,"q":2},{"q":3}]]}`, `{"m":[[],[{"k":1},{}]]}`},
		{"a star is not a member", `{"o":{"*":1}}`, `{"o":{}}`},
		{"an index is not a member", `{"o":{"0":1}}`, `{"o":{}}`},
		{"escaped pointer", `{"a/b":{"~":1,"~0":2},"a~1b":{"~":3}}`, `{"a/b":{"~":1}}`},
		{"pseudonym", `{"p":"Ada"}`, `{"p":"hidden:Ada` + pad + `"}`},
		{"pseudonym of the unescaped value", `{"\u0070":"\u0041d\u0061"}`, `{"p":"hidden:Ada` + pad + `"}`},
		{"pseudonym of a pair", `{"p":"\ud83d\ude00"}`, `{"p":"hidden:____` + pad + `"}`},
		{"pseudonym of every escape", `{"p":"\"\\\/\b\f\n\r\tx"}`, `{"p":"hidden:________x` + pad + `"}`},
		{"pseudonym of a number", `{"p":1.20e3}`, `{"p":"hidden:1200` + pad + `"}`},
		{"pseudonym of a boolean", `{"p":true}`, `{"p":"hidden:true` + pad + `"}`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			out, rep, err := p.Apply([]byte("dst "), []byte(tc.doc), upper{})
			require.NoError(t, err)
			assert.Equal(t, "dst "+tc.want, string(out))
			assert.Equal(t, int64(len(tc.doc)), rep.BytesIn)
			assert.Equal(t, int64(len(tc.want)), rep.BytesOut)
		})
	}
}

func TestApplyToArrayDocument(t *testing.T) {
	c := catalogueOf(field("/*/k", "kept", payload.Operational, payload.KindString))
	p := compile(t, c, map[string]payload.Treatment{"kept": keep()})
	out, rep, err := p.Apply(nil, []byte(`[{"k":"a"},{"z":1},null]`), nil)
	require.NoError(t, err)
	assert.Equal(t, `[{"k":"a"},{},null]`, string(out))
	assert.Equal(t, []payload.UnlistedReport{{Beneath: "/*", Count: 1}}, rep.UnlistedPaths)

	p = compile(t, c, nil)
	out, _, err = p.Apply(nil, []byte(`[{"k":"a"}]`), nil)
	require.NoError(t, err)
	assert.Equal(t, `[]`, string(out), "nothing leaves, and the document is still JSON")
	assert.Contains(t, refusal(t, p, `{}`).Msg, "want an array")
}

func TestNothingLeavesWithoutTreatments(t *testing.T) {
	p := compile(t, fraudCatalogue(t), nil)
	out, rep, err := p.Protect(nil, readTestdata(t, "payload.json"), nil)
	require.NoError(t, err)
	assert.Equal(t, `{}`, string(out))
	assert.Equal(t, int64(63), rep.Dropped)
	assert.Zero(t, rep.Kept+rep.Transformed+rep.Unlisted)
}

func TestWrongKindIsRefused(t *testing.T) {
	c := catalogueOf(
		field("/s", "c", payload.Operational, payload.KindString),
		field("/n", "c", payload.Operational, payload.KindNumber),
		field("/b", "b", payload.Operational, payload.KindBoolean),
		field("/o/s", "c", payload.Operational, payload.KindString),
		field("/l/*/s", "d", payload.Operational, payload.KindString),
	)
	for _, tc := range []struct{ doc, pointer, want string }{
		{`{"s":{}}`, "/s", "string"},
		{`{"s":{"a":1}}`, "/s", "string"},
		{`{"s":[]}`, "/s", "string"},
		{`{"s":1}`, "/s", "string"},
		{`{"s":true}`, "/s", "string"},
		{`{"n":"1"}`, "/n", "number"},
		{`{"n":false}`, "/n", "number"},
		{`{"b":"true"}`, "/b", "boolean"},
		{`{"b":0}`, "/b", "boolean"},
		{`{"o":"x"}`, "/o", "object"},
		{`{"o":[]}`, "/o", "object"},
		{`{"l":{}}`, "/l", "array"},
		{`{"l":7}`, "/l", "array"},
		{`{"l":[{"s":"a"},{"s":2}]}`, "/l/*/s", "string"},
		{`{"l":["a"]}`, "/l/*", "object"},
		{`{"l":[[]]}`, "/l/*", "object"},
	} {
		for name, treatments := range map[string]map[string]payload.Treatment{
			"kept":          {"b": keep(), "c": keep(), "d": keep()},
			"pseudonymised": {"b": keep(), "c": pseudonymize(), "d": pseudonymize()},
			"dropped":       {},
		} {
			t.Run(name+"/"+tc.doc, func(t *testing.T) {
				out, rep, err := compile(t, c, treatments).Apply(nil, []byte(tc.doc), newPseudonyms())
				var kind *payload.KindError
				require.ErrorAs(t, err, &kind)
				assert.Equal(t, payload.KindError{Pointer: tc.pointer, Want: tc.want}, *kind)
				assert.Empty(t, out)
				assert.Nil(t, rep)
			})
		}
	}
}

func TestReport(t *testing.T) {
	p := fraudPlan(t)
	src := bytes.Replace(readTestdata(t, "payload.json"), []byte(`"case": {`),
		[]byte(`"SECRETKEY": {"a": [1, {}, []], "b": null}, "case": {"SECRETKEY": "x",`), 1)
	out, rep, err := p.Protect(nil, src, newPseudonyms())
	require.NoError(t, err)

	assert.Len(t, rep.Fields, 37)
	byPath := make(map[string]payload.FieldReport)
	var sum int64
	for _, f := range rep.Fields {
		byPath[f.Path] = f
		sum += f.Count
	}
	assert.Equal(t, payload.FieldReport{
		Path: "/transactions/*/amount", Category: "amount", Role: payload.Operational, Technique: "generalise",
		Params: map[string]string{"to": "band", "width": "1000"}, Count: 3,
	}, byPath["/transactions/*/amount"])
	assert.Equal(t, payload.FieldReport{
		Path: "/narrative", Category: "narrative", Role: payload.FreeText, Technique: "drop", Count: 1,
	}, byPath["/narrative"])
	assert.Equal(t, sum, rep.Kept+rep.Transformed+rep.Dropped)
	assert.Equal(t, []int64{30, 24, 9, 5}, []int64{rep.Kept, rep.Transformed, rep.Dropped, rep.Unlisted})
	assert.Equal(t, []payload.UnlistedReport{{Beneath: "", Count: 4}, {Beneath: "/case", Count: 1}}, rep.UnlistedPaths)
	assert.Equal(t, []int64{int64(len(src)), int64(len(out))}, []int64{rep.BytesIn, rep.BytesOut})

	text, err := json.Marshal(rep)
	require.NoError(t, err)
	assert.NotContains(t, string(text), "SECRETKEY")
}

func TestApplyIntoUsesAReportAgain(t *testing.T) {
	p := fraudPlan(t)
	_, fresh, err := p.Apply(nil, readTestdata(t, "payload.json"), newPseudonyms())
	require.NoError(t, err)
	used := payload.Report{Kept: 99, UnlistedPaths: []payload.UnlistedReport{{Beneath: "/other", Count: 7}}}
	_, err = p.ApplyInto(nil, []byte(`{"x":1}`), newPseudonyms(), &used)
	require.NoError(t, err)
	_, err = p.ApplyInto(nil, readTestdata(t, "payload.json"), newPseudonyms(), &used)
	require.NoError(t, err)
	assert.Empty(t, used.UnlistedPaths)
	used.UnlistedPaths = nil
	assert.Equal(t, fresh, &used)
}

func TestPlanSurvivesRefusals(t *testing.T) {
	p := fraudPlan(t)
	src := readTestdata(t, "payload.json")
	want, _, err := p.Protect(nil, src, newPseudonyms())
	require.NoError(t, err)
	for cut := range src {
		out, _, err := p.Protect(nil, src[:cut], newPseudonyms())
		if cut < len(bytes.TrimSpace(src)) {
			require.Error(t, err, "cut at %d", cut)
			require.Empty(t, out)
		}
	}
	got, _, err := p.Protect(nil, src, newPseudonyms())
	require.NoError(t, err)
	assert.Equal(t, string(want), string(got))
}

func TestPlanIsConcurrent(t *testing.T) {
	p := fraudPlan(t)
	src := readTestdata(t, "payload.json")
	want, wantReport, err := p.Protect(nil, src, newPseudonyms())
	require.NoError(t, err)
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			ps := newPseudonyms()
			for i := range 50 {
				if i%5 == 0 {
					_, _, err := p.Protect(nil, src[:len(src)/2], ps)
					assert.Error(t, err)
				}
				out, rep, err := p.Protect(nil, src, ps)
				assert.NoError(t, err)
				assert.Equal(t, string(want), string(out))
				assert.Equal(t, wantReport, rep)
			}
		})
	}
	group.Wait()
}

// fixed returns the same text for every value.
type fixed string

func (f fixed) AppendPseudonym(dst []byte, _ string, _ []byte) []byte { return append(dst, f...) }
func (f fixed) KeyID() string                                         { return "fixed" }

func TestPseudonymizerIsNotTrusted(t *testing.T) {
	c := catalogueOf(field("/p", "c", payload.Quasi, payload.KindString))
	p := compile(t, c, map[string]payload.Treatment{"c": pseudonymize()})
	for name, ps := range map[string]payload.Pseudonymizer{
		"nothing":     fixed(""),
		"too short":   fixed("123456789012345"),
		"too long":    fixed(strings.Repeat("a", 129)),
		"quote":       fixed(`0123456789abcdef"`),
		"backslash":   fixed(`0123456789abcdef\`),
		"space":       fixed("0123456789 abcdef"),
		"not ASCII":   fixed("0123456789abcdefé"),
		"control":     fixed("0123456789abcdef\n"),
		"cuts output": truncating{},
	} {
		t.Run(name, func(t *testing.T) {
			out, _, err := p.Apply([]byte("x"), []byte(`{"p":"a"}`), ps)
			require.ErrorIs(t, err, payload.ErrPseudonym)
			assert.Equal(t, "x", string(out))
		})
	}
	_, _, err := p.Apply(nil, []byte(`{"p":"a"}`), nil)
	require.ErrorIs(t, err, payload.ErrNoPseudonymizer)
	_, _, err = p.Apply(nil, []byte(`{"p":"a"}`), fixed("0123456789abcdef"))
	require.NoError(t, err)
}

type truncating struct{ fixed }

func (truncating) AppendPseudonym(dst []byte, _ string, _ []byte) []byte { return dst[:0] }

// Documents may end anywhere in memory: nothing may be read behind src or written before the end of dst.
func TestApplyStaysInItsBuffers(t *testing.T) {
	p := fraudPlan(t)
	src := readTestdata(t, "payload.json")
	want, _, err := p.Apply(nil, src, newPseudonyms())
	require.NoError(t, err)
	rapid.Check(t, func(t *rapid.T) {
		before := rapid.SliceOfN(rapid.Byte(), 0, 9).Draw(t, "dst")
		room := rapid.IntRange(0, 2*len(want)).Draw(t, "room")
		behind := rapid.SliceOfN(rapid.Byte(), 0, 9).Draw(t, "behind src")
		dst := append(make([]byte, 0, len(before)+room), before...)
		source := append(bytes.Clone(src), behind...)[:len(src)]
		out, _, err := p.Apply(dst, source, newPseudonyms())
		require.NoError(t, err)
		assert.Equal(t, string(before)+string(want), string(out))
		assert.Equal(t, string(src), string(source))
		assert.Equal(t, string(before), string(dst))
	})
}

func TestSyntaxErrorUnwraps(t *testing.T) {
	_, _, err := fraudPlan(t).Apply(nil, []byte(`{"victim":{"name":"a`), newPseudonyms())
	var syntax *payload.SyntaxError
	require.True(t, errors.As(err, &syntax))
	assert.EqualError(t, err, "payload: offset 20, at /victim/name: a string without end")
}
