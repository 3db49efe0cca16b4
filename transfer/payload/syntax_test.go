package payload_test

import (
	"strings"
	"testing"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passavant/passavant/transfer/payload"
)

// smallCatalogue has one field of each shape that the syntax tests need.
func smallCatalogue() *payload.Catalogue {
	return &payload.Catalogue{
		Type: "small", Version: "1", Limits: payload.Limits{Depth: 6, Bytes: 4096},
		Fields: []payload.Field{
			{Path: "/s", Category: "text", Role: payload.Operational, Kind: payload.KindString},
			{Path: "/any", Category: "text", Role: payload.Operational, Kind: payload.KindAnyScalar},
			{Path: "/list/*/s", Category: "text", Role: payload.Operational, Kind: payload.KindAnyScalar},
			{Path: "/gone/s", Category: "gone", Role: payload.Operational, Kind: payload.KindAnyScalar},
		},
	}
}

func compile(t testing.TB, c *payload.Catalogue, treatments map[string]payload.Treatment) *payload.Plan {
	t.Helper()
	p, err := payload.Compile(c, treatments)
	require.NoError(t, err)
	return p
}

// places are where the syntax tests put a value: at a field that is kept, in an array, at a field that is dropped, in
// an object that goes as a whole, outside the catalogue, and deep outside it.
var places = []struct{ name, before, after, pointer string }{
	{"kept", `{"any":`, `}`, "/any"},
	{"element", `{"list":[{"s":`, `}]}`, "/list/0/s"},
	{"dropped", `{"gone":{"s":`, `}}`, "/gone/s"},
	{"unlisted", `{"x":`, `}`, "/?"},
	{"unlisted deep", `{"x":[0,{"y":`, `}]}`, "/?/1/?"},
}

// Values in the manner of nst/JSONTestSuite. The offset counts from the start of the value; -1 when it is not the same
// at all places.
var badValues = []struct {
	name, text string
	offset     int
	msg        string
}{
	{"empty", ``, 0, "want a value"},
	{"capital literal", `True`, 0, "want a value"},
	{"short literal", `nul`, 0, "want a value"},
	{"NaN", `NaN`, 0, "want a value"},
	{"Infinity", `-Infinity`, 0, "want a value"},
	{"single quotes", `'a'`, 0, "want a value"},
	{"plus", `+1`, 0, "want a value"},
	{"only a minus", `-`, 0, "want a value"},
	{"leading point", `.5`, 0, "want a value"},
	{"trailing point", `5.`, 0, "want a value"},
	{"point before exponent", `1.e2`, 0, "want a value"},
	{"leading zero", `012`, 1, "malformed number"},
	{"minus leading zero", `-01`, 2, "malformed number"},
	{"hexadecimal", `0x1F`, 1, "malformed number"},
	{"no exponent", `1e`, 0, "want a value"},
	{"no exponent after sign", `1e+`, 0, "want a value"},
	{"two points", `1.2.3`, 3, "malformed number"},
	{"full-width digit", `１`, 0, "want a value"},
	{"newline in string", "\"a\nb\"", 2, "control character"},
	{"NUL in string", "\"a\x00b\"", 2, "control character"},
	{"control after eight", "\"12345678\x1f\"", 9, "control character"},
	{"unknown escape", `"\a"`, 1, "unknown escape"},
	{"capital escape", `"\N"`, 1, "unknown escape"},
	{"short \\u", `"\u12"`, 1, "four hexadecimal digits"},
	{"bad \\u", `"\u12G4"`, 1, "four hexadecimal digits"},
	{"lone high surrogate", `"\ud83d"`, 1, "lone surrogate"},
	{"lone low surrogate", `"\ude00"`, 1, "lone surrogate"},
	{"high and no low", `"\ud83dabcdef"`, 1, "lone surrogate"},
	{"two high surrogates", `"\ud83d\ud83d"`, 1, "lone surrogate"},
	{"swapped surrogates", `"\ude00\ud83d"`, 1, "lone surrogate"},
	{"invalid UTF-8", "\"a\xff\"", 2, "invalid UTF-8"},
	{"truncated UTF-8", "\"a\xc3\"", 2, "invalid UTF-8"},
	{"overlong UTF-8", "\"\xc0\xaf\"", 1, "invalid UTF-8"},
	{"surrogate in UTF-8", "\"\xed\xa0\x80\"", 1, "invalid UTF-8"},
	{"beyond Unicode", "\"\xf4\x90\x80\x80\"", 1, "invalid UTF-8"},
	{"invalid UTF-8 after eight", "\"12345678\xff\"", 9, "invalid UTF-8"},
	{"comment", `/* */1`, 0, "want a value"},
	{"form feed", "\f1", 0, "want a value"},
	{"no-break space", "\u00a01", 0, "want a value"},
}

func TestBadValuesAreRefusedEverywhere(t *testing.T) {
	p := compile(t, smallCatalogue(), map[string]payload.Treatment{"text": keep()})
	for _, place := range places {
		for _, tc := range badValues {
			t.Run(place.name+"/"+tc.name, func(t *testing.T) {
				doc := place.before + tc.text + place.after
				require.Error(t, new(jsontext.Value([]byte(doc))).Canonicalize(), "the oracle accepts it")
				syntax := refusal(t, p, doc)
				assert.Contains(t, syntax.Msg, tc.msg)
				assert.Equal(t, int64(len(place.before)+tc.offset), syntax.Offset)
				assert.Equal(t, place.pointer, syntax.Pointer)
			})
		}
	}
}

// refusal applies p to doc, expects a syntax error and checks that nothing came back with it.
func refusal(t *testing.T, p *payload.Plan, doc string) *payload.SyntaxError {
	t.Helper()
	out, rep, err := p.Apply([]byte("before"), []byte(doc), newPseudonyms())
	var syntax *payload.SyntaxError
	require.ErrorAs(t, err, &syntax)
	assert.Equal(t, "before", string(out))
	assert.Nil(t, rep)
	assert.Contains(t, err.Error(), syntax.Msg)
	return syntax
}

func TestBadStructureIsRefused(t *testing.T) {
	p := compile(t, smallCatalogue(), map[string]payload.Treatment{"text": keep()})
	for _, tc := range []struct {
		name, doc, msg, pointer string
		offset                  int64
	}{
		{"nothing", ``, "want an object as the whole document", "", 0},
		{"only space", " \n", "want an object as the whole document", "", 2},
		{"array", `[]`, "want an object as the whole document", "", 0},
		{"string", `"s"`, "want an object as the whole document", "", 0},
		{"null", `null`, "want an object as the whole document", "", 0},
		{"byte order mark", "\xef\xbb\xbf{}", "byte order mark", "", 0},
		{"UTF-16", "{\x00}\x00", "member name", "", 1},
		{"trailing value", `{} {}`, "bytes after the document", "", 3},
		{"trailing comma", `{},`, "bytes after the document", "", 2},
		{"trailing NUL", "{}\x00", "bytes after the document", "", 2},
		{"unclosed object", `{"s":"x"`, "comma or the closing bracket", "", 8},
		{"unclosed string", `{"s":"x`, "string without end", "/s", 7},
		{"unclosed escape", `{"s":"x\`, "escape without end", "/s", 7},
		{"unclosed array", `{"list":[{}`, "comma or the closing bracket", "/list", 11},
		{"comma first", `{,"s":1}`, "member name", "", 1},
		{"comma last", `{"s":"x",}`, "comma with nothing after it", "", 9},
		{"comma last in array", `{"list":[{},]}`, "comma with nothing after it", "/list", 12},
		{"two commas", `{"list":[{},,{}]}`, "want a value", "/list/1", 12},
		{"no comma", `{"s":"x" "any":1}`, "comma or the closing bracket", "", 9},
		{"no colon", `{"s" "x"}`, "colon", "", 5},
		{"name without quotes", `{s:"x"}`, "member name", "", 1},
		{"number as name", `{1:"x"}`, "member name", "", 1},
		{"wrong bracket", `{"x":[1}`, "comma or the closing bracket", "/?", 7},
		{"deep inside the catalogue's sight", `{"x":[[[[[[[]]]]]]]}`, "deeper than the limit", "/?/0/0/0/0/0", 10},
		{"same name", `{"s":"a","s":"b"}`, "occurs twice", "", 9},
		{"same name by escape", `{"s":"a","\u0073":"b"}`, "occurs twice", "", 9},
		{"same name by escape first", `{"\u0073":"a","s":"b"}`, "occurs twice", "", 14},
		{"same name by two escapes", `{"\u0073\/":1,"s\u002f":2}`, "occurs twice", "", 14},
		{"same unlisted name", `{"x":1,"y":2,"x":3}`, "occurs twice", "", 13},
		{"same name in an unlisted object", `{"x":{"a":1,"a":2}}`, "occurs twice", "/?", 12},
		{"same name in an unlisted array", `{"x":[{"a":1},{"a":1,"\u0061":2}]}`, "occurs twice", "/?/1", 21},
		{"same name in a dropped object", `{"gone":{"q":1,"q":2}}`, "occurs twice", "/gone", 15},
		{"same name in an element", `{"list":[{"s":1},{"s":1,"s":2}]}`, "occurs twice", "/list/1", 24},
		{"same name around an object", `{"x":{"x":{"x":1}},"x":2}`, "occurs twice", "", 19},
		{"same empty name", `{"":1,"":2}`, "occurs twice", "", 6},
		{"too long", `{"s":"` + strings.Repeat("x", 4096) + `"}`, "longer than the limit", "", 4096},
	} {
		t.Run(tc.name, func(t *testing.T) {
			syntax := refusal(t, p, tc.doc)
			assert.Contains(t, syntax.Msg, tc.msg)
			assert.Equal(t, tc.pointer, syntax.Pointer)
			assert.Equal(t, tc.offset, syntax.Offset)
		})
	}
}

func TestGoodSyntaxIsKept(t *testing.T) {
	p := compile(t, smallCatalogue(), map[string]payload.Treatment{"text": keep()})
	for _, tc := range []struct{ name, doc, want string }{
		{"empty object", `{}`, ``},
		{"space around everything", " { \"any\" :\r\n\t1 , \"s\" : \"a b\" } \n", `{"any":1,"s":"a b"}`},
		{"order", `{"s":"a","any":1}`, ``},
		{"other order", `{"any":1,"s":"a"}`, ``},
		{"number beyond float64", `{"any":12345678901234567890}`, ``},
		{"number beyond every float", `{"any":1e400}`, ``},
		{"number text", `{"any":-0.0E-00}`, ``},
		{"escapes stay as written", `{"s":"\u0041\/\"\\\b\f\n\r\t\ud83d\ude00é"}`, ``},
		{"names in the catalogue's spelling", `{"\u0073":"a"}`, `{"s":"a"}`},
		{"noncharacters", "{\"s\":\"\uffff\U0010ffff\ufffd\"}", ``},
		{"line separators", "{\"s\":\"\u2028\u2029\x7f\"}", ``},
		{"the replacement character itself", `{"s":"\ufffd"}`, ``},
		{"same name in sister objects", `{"list":[{"s":1},{"s":1}]}`, ``},
		{"same name above and below", `{"x":{"s":1},"s":"a"}`, `{"s":"a"}`},
		{"depth at the limit", `{"x":[[[[[]]]]],"s":"a"}`, `{"s":"a"}`},
		{"depth counts nesting, not sisters", `{"x":[[],[],[],[],[],[],[],[]],"s":"a"}`, `{"s":"a"}`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			out, _, err := p.Apply(nil, []byte(tc.doc), nil)
			require.NoError(t, err)
			if tc.want == "" {
				tc.want = tc.doc
			}
			assert.Equal(t, tc.want, string(out))
		})
	}
}

// Names collide in the table of the scanner only by chance, so many of them are needed to make it grow and to have
// probe sequences that run across others.
func TestManyNames(t *testing.T) {
	c := smallCatalogue()
	c.Limits.Bytes = 1 << 20
	p := compile(t, c, nil)
	var b strings.Builder
	b.WriteString(`{"first":1`)
	for i := range 5000 {
		b.WriteString(`,"n` + strings.Repeat("x", i%7) + string(rune('a'+i%26)) + strings.Repeat("y", i/26) + `":{"first":1,"n":2}`)
	}
	if out, rep, err := p.Apply(nil, []byte(b.String()+`}`), nil); assert.NoError(t, err) {
		assert.Equal(t, `{}`, string(out))
		assert.Equal(t, int64(10001), rep.Unlisted)
	}
	assert.Contains(t, refusal(t, p, b.String()+`,"first":2}`).Msg, "occurs twice")
}
