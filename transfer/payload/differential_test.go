package payload_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/passavant/passavant/transfer/payload"
)

// drawTree draws a catalogue's shape: names of one or two letters, so that documents hit it often.
type shape struct {
	kind    payload.Kind // of a field
	members map[string]*shape
	elem    *shape
}

var names = []string{"a", "b", "ab", "é", "~", "/", "*", "\"", "\\", "😀"}

func drawShape(t *rapid.T, depth int) *shape {
	pick := rapid.IntRange(0, 9).Draw(t, "shape")
	switch {
	case depth > 0 && (depth == 4 || pick < 4):
		s := &shape{members: map[string]*shape{}}
		for _, name := range rapid.SliceOfNDistinct(rapid.SampledFrom(names), 1, 4, rapid.ID[string]).Draw(t, "members") {
			if name != "*" {
				s.members[name] = drawShape(t, depth-1)
			}
		}
		if len(s.members) > 0 {
			return s
		}
	case depth > 0 && pick < 6:
		return &shape{elem: drawShape(t, depth-1)}
	}
	return &shape{kind: rapid.SampledFrom([]payload.Kind{
		payload.KindString, payload.KindNumber, payload.KindBoolean, payload.KindAnyScalar,
	}).Draw(t, "kind")}
}

var techniques = map[string]payload.Treatment{
	"kept": keep(), "hidden": pseudonymize(), "gone": {Technique: payload.Drop},
}

func (s *shape) fields(t *rapid.T, path string) (fields []payload.Field) {
	switch {
	case s.elem != nil:
		return s.elem.fields(t, path+"/*")
	case s.members == nil:
		categories := []string{"kept", "gone", "silent", "hidden"}
		if s.kind == payload.KindBoolean {
			categories = categories[:3]
		}
		role := rapid.SampledFrom([]payload.Role{payload.Quasi, payload.Direct}).Draw(t, "role")
		return []payload.Field{field(path, rapid.SampledFrom(categories).Draw(t, "category"), role, s.kind)}
	}
	for _, name := range names {
		if m := s.members[name]; m != nil {
			fields = append(fields, m.fields(t, path+"/"+strings.NewReplacer("~", "~0", "/", "~1").Replace(name))...)
		}
	}
	return fields
}

// drawDocument writes a document that mostly has the shape s, and sometimes not.
func drawDocument(t *rapid.T, b *strings.Builder, s *shape, depth int) {
	if s == nil || rapid.IntRange(0, 30).Draw(t, "stray") == 0 {
		s = drawShape(t, min(depth, 2))
	}
	space(t, b)
	defer space(t, b)
	switch {
	case s.kind == "" && rapid.IntRange(0, 15).Draw(t, "null") == 0:
		b.WriteString("null")
	case s.elem != nil:
		drawList(t, b, s, depth)
	case s.members != nil:
		drawObject(t, b, s, depth)
	default:
		drawScalar(t, b, s.kind)
	}
}

func drawList(t *rapid.T, b *strings.Builder, s *shape, depth int) {
	b.WriteByte('[')
	for i := range rapid.IntRange(0, 3).Draw(t, "elements") {
		if i > 0 {
			b.WriteByte(',')
		}
		drawDocument(t, b, s.elem, depth-1)
	}
	b.WriteByte(']')
}

func drawObject(t *rapid.T, b *strings.Builder, s *shape, depth int) {
	b.WriteByte('{')
	first := true
	distinct := rapid.ID[string]
	for _, name := range rapid.SliceOfNDistinct(rapid.SampledFrom(append(names, "", "zz")), 0, 6, distinct).Draw(t, "present") {
		if !first {
			b.WriteByte(',')
		}
		first = false
		space(t, b)
		b.WriteString(spell(t, name))
		space(t, b)
		b.WriteByte(':')
		drawDocument(t, b, s.members[name], depth-1)
	}
	if !first && rapid.IntRange(0, 60).Draw(t, "twice") == 0 {
		b.WriteString(`,"zz":1`) // a duplicate now and then
	}
	b.WriteByte('}')
}

func drawScalar(t *rapid.T, b *strings.Builder, kind payload.Kind) {
	text := rapid.OneOf(rapid.String(), rapid.SampledFrom(names)).Draw(t, "text")
	number := rapid.StringMatching(`-?(0|[1-9][0-9]{0,9})(\.[0-9]{1,5})?`).Draw(t, "number")
	if strings.Trim(number, "-0.") == "" {
		number = "0"
	}
	choices := map[payload.Kind][]string{
		payload.KindString:  {spell(t, text), "null", `""`},
		payload.KindNumber:  {number, "null"},
		payload.KindBoolean: {"true", "false", "null"},
	}
	pick := append(choices[kind], spell(t, text), number, "true")
	if kind != payload.KindAnyScalar && rapid.IntRange(0, 20).Draw(t, "odd") > 0 {
		pick = choices[kind]
	}
	b.WriteString(rapid.SampledFrom(pick).Draw(t, "scalar"))
}

func space(t *rapid.T, b *strings.Builder) {
	b.WriteString(rapid.SampledFrom([]string{"", "", "", "", " ", "\n", "\t\r"}).Draw(t, "space"))
}

// spell writes a string with some of its characters as escapes.
func spell(t *rapid.T, s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range s {
		switch escape := rapid.IntRange(0, 5).Draw(t, "escape") == 0; {
		case r == '/' && escape:
			b.WriteString(`\/`)
		case r > 0xffff && escape:
			high, low := (r-0x10000)>>10+0xd800, (r-0x10000)&0x3ff+0xdc00
			fmt.Fprintf(&b, `\u%04x\u%04X`, high, low)
		case r < 0x20, (escape || r == '"' || r == '\\') && r <= 0xffff:
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			b.WriteRune(r)
		}
	}
	b.WriteByte('"')
	return b.String()
}

// compare runs the transform and the oracle on one document and demands the same answer.
func compare(t require.TestingT, c *payload.Catalogue, p *payload.Plan, doc []byte) (accepted bool) {
	out, rep, err := p.Apply(nil, doc, newPseudonyms())
	tree, errTree := parseTree(doc)
	var syntax *payload.SyntaxError
	var kind *payload.KindError
	switch {
	case errTree != nil:
		// A wrong kind may come before the fault in the syntax.
		require.True(t, errors.As(err, &syntax) || errors.As(err, &kind), "the oracle refuses: %v; we: %v", errTree, err)
		return false
	case depthOf(tree) > c.Limits.Depth:
		require.Error(t, err)
		return false
	}
	o := newOracle(c, techniques)
	want, errWant := o.apply(tree, "")
	if root, ok := rootKind(tree); !ok || o.containers[""] != root {
		require.ErrorAs(t, err, &syntax)
		return false
	}
	if errWant != nil {
		require.ErrorAs(t, err, &kind)
		return false
	}
	require.NoError(t, err)
	if _, isList := tree.([]any); !o.live[""] && isList {
		want = []any{}
	} else if !o.live[""] {
		want = object{}
	}
	got, err := parseTree(out)
	require.NoError(t, err)
	assert.Equal(t, want, got)
	compareReport(t, o, rep)
	compareGate(t, p, doc, out)
	return true
}

// compareGate demands that the originals collected by the transform and those read again from the source lead to the
// same verdict, and that the gate has nothing against the result but survivors.
func compareGate(t require.TestingT, p *payload.Plan, doc, out []byte) {
	protected, _, err := p.Protect(nil, doc, newPseudonyms())
	require.Equal(t, p.Gate(out, doc), err)
	var leak *payload.LeakError
	if err == nil {
		require.Equal(t, string(out), string(protected))
		return
	}
	require.ErrorAs(t, err, &leak, "the gate accepts what the transform makes")
	require.Empty(t, protected)
}

// rootKind tells which container a document is.
func rootKind(tree any) (kind string, ok bool) {
	switch tree.(type) {
	case object:
		return "object", true
	case []any:
		return "array", true
	}
	return "", false
}

func compareReport(t require.TestingT, o *oracle, rep *payload.Report) {
	for _, f := range rep.Fields {
		assert.Equal(t, o.counts[f.Path], f.Count, f.Path)
	}
	unlisted := map[string]int64{}
	for _, u := range rep.UnlistedPaths {
		unlisted[u.Beneath] = u.Count
	}
	assert.Equal(t, o.unlisted, unlisted)
}

func TestApplyAgreesWithTheOracle(t *testing.T) {
	accepted, drawn := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		s := drawShape(t, 4)
		if s.kind != "" { // the document itself is no field
			s = &shape{members: map[string]*shape{"a": s}}
		}
		c := catalogueOf(s.fields(t, "")...)
		c.Limits = payload.Limits{Depth: 5, Bytes: 1 << 16}
		p, err := payload.Compile(c, techniques)
		require.NoError(t, err)
		for range 4 {
			var b strings.Builder
			drawDocument(t, &b, s, 4)
			drawn++
			if compare(t, c, p, []byte(b.String())) {
				accepted++
			}
		}
	})
	assert.Greater(t, 4*accepted, drawn, "the generator must not draw refusals only")
}

// fuzzCatalogue is fixed, so that the fuzzer can learn its names.
func fuzzCatalogue() *payload.Catalogue {
	c := catalogueOf(
		field("/a", "kept", payload.Operational, payload.KindAnyScalar),
		field("/b", "hidden", payload.Direct, payload.KindString),
		field("/c", "gone", payload.Direct, payload.KindNumber),
		field("/d/*/a", "kept", payload.Operational, payload.KindString),
		field("/d/*/e/*", "kept", payload.Operational, payload.KindBoolean),
		field("/f/g~1h", "gone", payload.Operational, payload.KindAnyScalar),
		field("/i/~0", "kept", payload.Operational, payload.KindNumber),
	)
	c.Limits = payload.Limits{Depth: 8, Bytes: 1 << 12}
	return c
}

func FuzzApply(f *testing.F) {
	for _, seed := range []string{
		`{}`, `{"a":1,"b":"x","c":2.5e3}`, `{"\u0061":"\ud83d\ude00","z":[{"q":null},[]]}`,
		`{"d":[{"a":"x","e":[true,false,null]},null],"f":{"g/h":1},"i":{"~":-0}}`,
		`{"a":1,"\u0061":2}`, `{"x":{"a":1,"a":2}}`, "\xef\xbb\xbf{}", `{"a":1e400}`, `[[[[[[[[[]]]]]]]]]`, "{\"b\":\"\xff\"}",
		`{"b":"\ud800"}`, `{"a":"1250 Ada Byron","b":"ada byron"}`, `{"c":1.25e3,"a":1250}`, `{"a":01}`, `{"a":1} {}`, `{"c":12345678901234567890}`,
	} {
		f.Add([]byte(seed))
	}
	c := fuzzCatalogue()
	p := compile(f, c, techniques)
	f.Fuzz(func(t *testing.T, doc []byte) {
		if len(doc) > c.Limits.Bytes {
			_, _, err := p.Apply(nil, doc, newPseudonyms())
			require.Error(t, err)
			return
		}
		compare(t, c, p, doc)
	})
}

// One changed byte of a good document is where readers most often differ.
func TestMutantsAgreeWithTheOracle(t *testing.T) {
	c := fuzzCatalogue()
	p := compile(t, c, techniques)
	seed := []byte(`{"a":"\u00e9\ud83d\ude00é","b":"x\ny","c":-12.50e+1,"d":[{"a":"1","e":[true,null]},{}],"f":{"g/h":0},"z":{"a":[]}}`)
	require.True(t, compare(t, c, p, seed))
	interesting := []byte("\x00\x1f \"\\/,:{}[]-+.0123eEutfn\x7f\x80\xc3\xed\xff")
	for i := range seed {
		for _, b := range interesting {
			mutant := append([]byte(nil), seed...)
			mutant[i] = b
			compare(t, c, p, mutant)
			compare(t, c, p, append(append(append([]byte(nil), seed[:i]...), b), seed[i:]...))
		}
		compare(t, c, p, append(append([]byte(nil), seed[:i]...), seed[i+1:]...))
	}
}
