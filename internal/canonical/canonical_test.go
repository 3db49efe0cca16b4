package canonical_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/passavant/passavant/internal/canonical"
)

// The inputs and outputs of the examples are those of RFC 8785, sections 3.2.2 and 3.2.3.
func TestTransformFollowsRFC8785(t *testing.T) {
	for name, tc := range map[string]struct{ in, want string }{
		"literals and numbers (section 3.2.2)": {
			in:   `{"numbers":[333333333.33333329,1E30,4.50,2e-3,0.000000000000000000000000001],"string":"\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/","literals":[null,true,false]}`,
			want: `{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\u000f\nA'B\"\\\\\"/"}`,
		},
		"members by UTF-16 code units (section 3.2.3)": {
			in:   `{"\u20ac":"Euro Sign","\r":"Carriage Return","\ufb33":"Hebrew Letter Dalet With Dagesh","1":"One","\ud83d\ude00":"Emoji: Grinning Face","\u0080":"Control","\u00f6":"Latin Small Letter O With Diaeresis"}`,
			want: "{\"\\r\":\"Carriage Return\",\"1\":\"One\",\"\u0080\":\"Control\",\"ö\":\"Latin Small Letter O With Diaeresis\",\"€\":\"Euro Sign\",\"😀\":\"Emoji: Grinning Face\",\"\ufb33\":\"Hebrew Letter Dalet With Dagesh\"}",
		},
		"no HTML escaping": {in: `"\u003c&>"`, want: `"<&>"`},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := canonical.Transform([]byte(tc.in))
			require.NoError(t, err)
			assert.Equal(t, tc.want, string(got))
		})
	}
}

func TestTransformRefusesAndNeverQuotes(t *testing.T) {
	for name, in := range map[string]string{
		"duplicate names":             `{"SECRET":1,"SECRET":2}`,
		"duplicate names by escaping": `{"SECRET":1,"\u0053ECRET":2}`,
		"invalid UTF-8":               "\"SECRET\xff\"",
		"trailing bytes":              `{} SECRET`,
		"lone surrogate":              `"SECRET\ud800"`,
		"empty":                       ``,
	} {
		t.Run(name, func(t *testing.T) {
			_, err := canonical.Transform([]byte(in))
			require.ErrorIs(t, err, canonical.ErrSyntax)
			assert.NotContains(t, err.Error(), "SECRET")
		})
	}
}

func TestDigestIgnoresOrderAndSpace(t *testing.T) {
	a, err := canonical.Digest(json.RawMessage(`{"b": 1, "a": [true]}`))
	require.NoError(t, err)
	b, err := canonical.Digest(json.RawMessage(`{"a":[true],"b":1}`))
	require.NoError(t, err)
	assert.Equal(t, a, b)
	assert.Regexp(t, `^sha256:[0-9a-f]{64}$`, a)
}

func TestTransformIsIdempotent(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in := rapid.MapOf(rapid.String(), rapid.SliceOf(rapid.OneOf(
			rapid.Custom(func(t *rapid.T) any { return rapid.String().Draw(t, "s") }),
			rapid.Custom(func(t *rapid.T) any { return rapid.Int32().Draw(t, "n") }),
		))).Draw(t, "value")
		once, err := canonical.Marshal(in)
		require.NoError(t, err)
		twice, err := canonical.Transform(once)
		require.NoError(t, err)
		assert.Equal(t, once, twice)
	})
}

func TestMarshalSortedEqualsMarshal(t *testing.T) {
	type value struct {
		A string            `json:"a"`
		B []string          `json:"b"`
		C map[string]string `json:"c,omitempty"`
		D int64             `json:"d"`
	}
	rapid.Check(t, func(t *rapid.T) {
		v := value{
			A: rapid.String().Draw(t, "a"), B: rapid.SliceOf(rapid.String()).Draw(t, "b"),
			C: rapid.MapOf(rapid.StringMatching(`[a-z_]{1,8}`), rapid.String()).Draw(t, "c"),
			D: rapid.Int64Range(-1<<53, 1<<53).Draw(t, "d"),
		}
		want, err := canonical.Marshal(v)
		require.NoError(t, err)
		got, err := canonical.MarshalSorted(v)
		require.NoError(t, err)
		assert.Equal(t, string(want), string(got))
	})
	separators := value{A: "a\u2028b\u2029c\ufffd<&>\b\f\u007f"}
	want, err := canonical.Marshal(separators)
	require.NoError(t, err)
	got, err := canonical.MarshalSorted(separators)
	require.NoError(t, err)
	assert.Equal(t, string(want), string(got))
}
