package dragnet

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestAllFindsWhatAPlainSearchFinds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		texts := rapid.SliceOfN(rapid.StringMatching(`[ab]{4,7}`), 0, 5).Draw(t, "texts")
		text := []byte(rapid.StringMatching(`[abc]{0,40}`).Draw(t, "text"))
		var s Set
		for i, x := range texts {
			s.Add([]byte(x), i)
		}
		covered := make([]bool, len(text))
		s.All(text, func(start, end, tag int) {
			require.Equal(t, texts[tag], string(text[start:end]))
			for i := start; i < end; i++ {
				covered[i] = true
			}
		})
		want := make([]bool, len(text))
		for _, x := range texts {
			for i := range text {
				if bytes.HasPrefix(text[i:], []byte(x)) {
					for j := range x {
						want[i+j] = true
					}
				}
			}
		}
		require.Equal(t, want, covered)
	})
}

func TestFoldAtAndCompactAt(t *testing.T) {
	var f Folder
	rapid.Check(t, func(t *rapid.T) {
		text := []byte(rapid.StringMatching(`[A-Za-z é ß Ł ﬁ . -]{0,20}`).Draw(t, "text"))
		folded, at := f.FoldAt(nil, nil, text)
		require.Equal(t, string(f.Fold(nil, text)), string(folded))
		require.Len(t, at, len(folded))
		packed, from := CompactAt(nil, nil, folded)
		require.Equal(t, string(Compact(nil, folded)), string(packed))
		for i, b := range packed {
			require.Equal(t, b, folded[from[i]])
		}
	})
	folded, at := f.FoldAt(nil, nil, []byte("aßÉ"))
	assert.Equal(t, "asse", string(folded))
	assert.Equal(t, []int{0, 1, 1, 3}, at)
}
