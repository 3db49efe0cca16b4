package canonical_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/passavant/passavant/internal/canonical"
)

// TestObjectWritesAsMarshal compares the hand-written form with the transformed one, for every kind of member.
func TestObjectWritesAsMarshal(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.String().Draw(t, "text")
		texts := rapid.OneOf(rapid.Just[[]string](nil), rapid.SliceOf(rapid.String())).Draw(t, "texts")
		values := rapid.OneOf(rapid.Just[map[string]string](nil), rapid.MapOf(rapid.StringMatching(`[ -~]{0,6}`), rapid.String())).Draw(t, "map")
		number := rapid.Int64Range(-1<<53, 1<<53).Draw(t, "number")
		want, err := canonical.Marshal(map[string]any{"a": text, "b": texts, "c": values, "d": number, "e": []any{}})
		require.NoError(t, err)

		o := canonical.AppendObject([]byte("kept"))
		o.Text("a", text)
		o.Texts("b", texts)
		o.TextMap("c", values)
		o.Integer("d", number)
		o.Append("e", func(dst []byte) []byte { return append(dst, "[]"...) })
		require.Equal(t, "kept"+string(want), string(o.End()))
	})
}

func TestAppendTextReplacesWhatIsNotUTF8(t *testing.T) {
	want, err := canonical.Marshal("a\xffb\x00\x1f\u2028\ufffd")
	require.NoError(t, err)
	require.Equal(t, string(want), string(canonical.AppendText(nil, "a\xffb\x00\x1f\u2028\ufffd")))
}
