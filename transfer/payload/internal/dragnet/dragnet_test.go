package dragnet

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"unicode"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func find(s *Set, text string, min int) (int, bool) { return s.Find([]byte(text), min) }

func TestFind(t *testing.T) {
	var s Set
	for i, text := range []string{"brennan", "bren", "nnan wolf", "abc", "ie98emrd"} {
		s.Add([]byte(text), i)
	}
	for _, tc := range []struct {
		text string
		min  int
		want int // -1: nothing
	}{
		{"", 0, -1},
		{"bre", 0, -1},
		{"xxbrenxx", 0, 1},
		{"xxbrenxx", 5, -1},
		{"xxbrennan", 5, 0},
		{"brennbrennnan wolf", 8, 2},
		{"abc", 0, -1}, // shorter than the window: not added
		{"0ie98emr ie98emrd", 0, 4},
	} {
		for name, prepare := range modes {
			t.Run(name+"/"+tc.text, func(t *testing.T) {
				prepare(&s)
				tag, ok := find(&s, tc.text, tc.min)
				require.Equal(t, tc.want >= 0, ok)
				if ok && tc.min > 0 {
					assert.Equal(t, tc.want, tag)
				}
			})
		}
	}
}

var asciiRange = unicode.RangeTable{R16: []unicode.Range16{{Lo: 0, Hi: 0x7f, Stride: 1}}, LatinOffset: 1}

// modes are the two ways of searching: comparing, and the automaton.
var modes = map[string]func(*Set){
	"compare":   func(s *Set) { s.tries = 0 },
	"automaton": func(s *Set) { s.tries = freeTries },
}

// The alphabet is small, so that texts overlap, contain one another and recur.
func TestFindAgreesWithContains(t *testing.T) {
	letters := rapid.RuneFrom([]rune("aaaabbé"))
	rapid.Check(t, func(t *rapid.T) {
		words := rapid.SliceOfN(rapid.StringOfN(letters, 2, 9, -1), 0, 8).Draw(t, "words")
		text := rapid.StringOfN(letters, 0, 80, -1).Draw(t, "text")
		min := rapid.SampledFrom([]int{0, 0, 5, 6, 7}).Draw(t, "min")
		var s Set
		s.Add([]byte("leftover"), 99)
		s.Reset()
		want := false
		for i, w := range words {
			s.Add([]byte(w), i)
			want = want || len(w) >= max(min, Window) && strings.Contains(text, w)
		}
		for name, prepare := range modes {
			prepare(&s)
			tag, got := find(&s, text, min)
			require.Equal(t, want, got, name)
			if got {
				assert.Contains(t, text, words[tag], name)
				assert.GreaterOrEqual(t, len(words[tag]), min, name)
			}
		}
	})
}

// Each case needs one part of the automaton: a failure link, a text found as the suffix of another, the three bytes
// that the filter goes back.
func TestAutomaton(t *testing.T) {
	for _, tc := range []struct {
		name  string
		words []string
		text  string
		want  int
	}{
		{"failure link", []string{"abcdefgh", "defgxyz"}, "abcdefgxyz", 1},
		{"two failure links", []string{"abcdefgh", "bcdefg!", "efg?!"}, "abcdefg?!", 2},
		{"suffix of a longer text", []string{"abcdefgh", "cdef"}, "abcdefxx", 1},
		{"start among the last three bytes", []string{"abcdX", "bcdY"}, "abcdbcdY", 1},
		{"start three bytes before the end of a run", []string{"abcdefX", "efgh"}, "abcdefghi", 1},
	} {
		t.Run(tc.name, func(t *testing.T) {
			var s Set
			for i, w := range tc.words {
				s.Add([]byte(w), i)
			}
			for _, prepare := range modes {
				prepare(&s)
				tag, ok := find(&s, tc.text, 0)
				require.True(t, ok)
				assert.Equal(t, tc.want, tag)
			}
		})
	}
}

// A search that restarts at every byte would need 5·10^11 steps here.
func TestFindIsLinear(t *testing.T) {
	var s Set
	s.Add(append(bytes.Repeat([]byte("a"), 500_000), 'b'), 1)
	s.Add([]byte("aaaac"), 2)
	_, ok := s.Find(bytes.Repeat([]byte("a"), 1_000_000), 0)
	assert.False(t, ok)
	tag, ok := s.Find(append(bytes.Repeat([]byte("a"), 1_000_000), 'c'), 0)
	assert.True(t, ok)
	assert.Equal(t, 2, tag)
}

func TestResetForgets(t *testing.T) {
	var s Set
	for i := range 100 {
		s.Add(fmt.Appendf(nil, "secret-%d", i), i)
	}
	s.tries = freeTries
	_, ok := find(&s, "secret-7", 0)
	require.True(t, ok)
	s.Reset()
	_, ok = find(&s, "secret-7", 0)
	assert.False(t, ok)
	assert.NotContains(t, string(s.texts[:cap(s.texts)]), "secret")
	assert.Equal(t, [len(s.filter)]uint64{}, s.filter)
}

func TestFold(t *testing.T) {
	var f Folder
	for in, want := range map[string]string{
		"":                               "",
		"Aoife O'Brien":                  "aoife o'brien",
		"ABCDEFGHIJKLMNOPQRSTUVWXYZ[@`{": "abcdefghijklmnopqrstuvwxyz[@`{",
		"Aoife Ní Bhraonáin":             "aoife ni bhraonain",
		"Aoife Nı\u0301":                 "aoife ni",
		"ＡＢＣ１２３":                         "abc123",
		"Groß-ﬁne Æsir Łódź":             "gross-fine aesir lodz",
		"so\u00adft\u200bzero":           "softzero",
		"İstanbul":                       "istanbul",
		"ΟΔΥΣΣΕΥΣ Οδυσσεύς":              "οδυσσευσ οδυσσευσ",
		"山田太郎":                           "山田太郎",
	} {
		assert.Equal(t, want, string(f.Fold(nil, []byte(in))), in)
		assert.Equal(t, "x"+want, string(f.Fold([]byte("x"), []byte(in))), in)
	}
}

func TestFoldIgnoresCaseOfASCII(t *testing.T) {
	var f Folder
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.StringOf(rapid.RuneFrom(nil, &asciiRange)).Draw(t, "s")
		assert.Equal(t, strings.ToLower(s), string(f.Fold(nil, []byte(s))))
	})
}

func TestFoldIsIdempotent(t *testing.T) {
	var f Folder
	rapid.Check(t, func(t *rapid.T) {
		once := f.Fold(nil, []byte(rapid.String().Draw(t, "s")))
		assert.Equal(t, string(once), string(f.Fold(nil, once)))
	})
}

func TestCompact(t *testing.T) {
	for in, want := range map[string]string{
		"":                       "",
		"ie98 emrd-9900.0012/34": "ie98emrd9900001234",
		"+353 (20) 910_0142":     "353209100142",
		"né 山田—太郎!":              "né山田太郎",
		"@[`{^~ azAZ09":          "azAZ09",
	} {
		assert.Equal(t, want, string(Compact(nil, []byte(in))), in)
	}
}

func FuzzFind(f *testing.F) {
	f.Add("needle", "haystack with a needle in it")
	f.Add("aaaab", "aaaaaaaaaaaab")
	f.Fuzz(func(t *testing.T, needle, text string) {
		for name, prepare := range modes {
			var s Set
			s.Add([]byte(needle), 0)
			prepare(&s)
			_, got := find(&s, text, 0)
			assert.Equal(t, len(needle) >= Window && strings.Contains(text, needle), got, name)
		}
	})
}
