package payload

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func quickPlan(t testing.TB) *Plan {
	t.Helper()
	c := &Catalogue{Type: "t", Version: "1"}
	for _, f := range []struct{ path, category, kind string }{
		{"/a", "kept", "string"}, {"/b/c", "kept", "number"}, {"/b/d", "gone", "string"}, {"/l/*/x", "kept", "any-scalar"},
		{"/l/*/y", "hidden", "string"}, {"/m/*", "kept", "date"}, {"/q~1~0é", "kept", "boolean"}, {"/gone/z", "gone", "string"},
	} {
		c.Fields = append(c.Fields, Field{Path: f.path, Category: f.category, Kind: Kind(f.kind), Role: Direct})
	}
	p, err := Compile(c, map[string]Treatment{"kept": {Technique: Keep}, "hidden": {Technique: Pseudonymize}})
	require.NoError(t, err)
	require.NotNil(t, p.rules.quick)
	return p
}

const quickGood = `{"a":"x\n\u00e9","b":{"c":-1.5e3},"l":[{"x":true,"y":"psn_0123456789abcdef"},{"x":1},{},{"x":null}],"m":["2026-11-23",null,""],"q/~é":false}`

// TestQuickReadingAcceptsPlainResults: otherwise it would be no use.
func TestQuickReadingAcceptsPlainResults(t *testing.T) {
	g := quickPlan(t).gates.Get().(*gate)
	for _, good := range []string{quickGood, `{}`, `{"b":null}`, `{"l":[]}`, `{"l":null,"a":""}`, `{"q/~é":true,"a":"later"}`} {
		assert.True(t, g.quick([]byte(good)), good)
	}
	for _, bad := range []string{
		``, `nul`, `[]`, `{`, `{"a"`, `{"a":`, `{"a":"`, `{"a":"x`, `{"a":"x"`, `{"a":"x",}`, `{,}`, `{"a":"x"}}`, `{"a":"x"} `, `{ "a":"x"}`, `{"a": "x"}`, `{"b":{"c": 1}}`, `{"b":{"c":1 }}`,
		`{"a":"x","a":"y"}`, `{"\u0061":"x"}`, `{"A":"x"}`, `{"a":1}`, `{"a":{}}`, `{"a":["x"]}`, "{\"a\":\"\x01\"}", `{"a":"\x"}`, `{"a":"\ud800"}`, "{\"a\":\"\xff\"}",
		`{"b":[]}`, `{"b":{"c":01}}`, `{"b":{"c":nul}}`, `{"b":{"d":"x"}}`, `{"l":{}}`, `{"l":[1]}`, `{"l":[{"x":1},]}`, `{"l":[{"y":"short"}]}`, `{"m":["Ada"]}`, `{"gone":{}}`, `{"gone":null}`,
	} {
		assert.False(t, g.quick([]byte(bad)), bad)
	}
}

// FuzzQuickReading holds what the quick reading accepts against the reading with jsontext.
func FuzzQuickReading(f *testing.F) {
	p := quickPlan(f)
	for _, seed := range []string{quickGood, `{"a":"x","a":"y"}`, `{"l":[{},{"x":1}],"m":[]}`, `{"a":"\ud83d\ude00"}`, "{\"a\":\"\xff\"}", `{"b":{"c":1e5}}`} {
		f.Add([]byte(seed), []byte("secret"))
	}
	f.Fuzz(func(t *testing.T, out, original []byte) {
		g := p.gates.Get().(*gate)
		defer g.release()
		g.originals.add(&p.fields[2], original)
		g.arm()
		if g.quick(out) {
			require.NoError(t, g.read(out, g))
		}
	})
}

func TestPseudonymAlphabet(t *testing.T) {
	const allowed = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.:~"
	for c := range 256 {
		text := append([]byte("0123456789abcdef"), byte(c))
		want := false
		for _, a := range []byte(allowed) {
			want = want || a == byte(c)
		}
		assert.Equal(t, want, isPseudonym(text), "%q", c)
	}
	assert.False(t, isPseudonym([]byte("0123456789abcde")))
}
