package pseudonym_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/text/unicode/norm"
	"pgregory.net/rapid"

	"github.com/passavant/passavant/crypto/pseudonym"
)

func TestNormalize(t *testing.T) {
	for _, tc := range []struct{ category, in, want string }{
		{"iban", "ie29 AIBK 9311-5212 3456 78", "IE29AIBK93115212345678"},
		{"iban", "\tIE29\u202fAIBK\n", "IE29AIBK"},
		{"iban", "e\u00a0\u0301", "É"},
		{"card_number", "4111 1111–1111-1111", "4111111111111111"},
		{"national_id", "1234567 t", "1234567T"},
		{"bic", "aibkie2d", "AIBKIE2D"},
		{"phone", " +353 (0)1 / 555.01-23 ", "+3530155501" + "23"},
		{"email", "Aoife@EXAMPLE.ie ", "aoife@example.ie"},
		{"email", "ÉMILE@example.fr", "émile@example.fr"},
		{"email", "E\u0301mile@example.fr", "émile@example.fr"},
		{"email", "a(.)b{@}c[.]ie", "a.b@c.ie"},
		{"domain", "EVIL[.]Example.", "evil.example"},
		{"domain", "a.. ", "a"},
		{"ip_address", "192[.]0[.]2[.]1", "192.0.2.1"},
		{"ip_address", "2001:DB8::0:1", "2001:db8::1"},
		{"ip_address", "2001:db8[:][:]1", "2001:db8::1"},
		{"ip_address", "::ffff:192.0.2.1", "192.0.2.1"},
		{"ip_address", "not:an:address", "not:an:address"},
		{"url", "HXXP://EVIL[.]Example:8080/A?b=C", "http://evil.example:8080/A?b=C"},
		{"url", "hxxps[:]//evil.example", "https://evil.example"},
		{"url", "ftp://User@HOST/Path", "ftp://User@host/Path"},
		{"url", "/only/a/Path", "/only/a/Path"},
		{"url", "h", "h"},
		{"name", " Aoife  NÍ B. ", " Aoife  NÍ B. "},
		{"name", "i\u0301", "í"},
		{"name", "\xff\xfe", "\xff\xfe"},
		{"reference_text", "a[.]b", "a[.]b"},
		{"url", "[[.]]", "."},
		{"url", "a]b[.c)", "a]b[.c)"},
	} {
		got := pseudonym.Normalize([]byte("kept"), tc.category, []byte(tc.in))
		assert.Equal(t, "kept"+tc.want, string(got), "%s %q", tc.category, tc.in)
	}
}

// In place in one buffer, the accent would go to the "e" that is already there.
func TestNormalizeDoesNotComposeWithWhatIsThere(t *testing.T) {
	for _, dst := range [][]byte{[]byte("e"), append(make([]byte, 0, 64), 'e')} {
		assert.Equal(t, "e\u0301", string(pseudonym.Normalize(dst, "name", []byte("\u0301"))))
	}
}

func TestNormalizeKeepsItsArguments(t *testing.T) {
	value := []byte("IE29 aibk")
	dst := append(make([]byte, 0, 64), "kept"...)
	pseudonym.Normalize(dst, "iban", value)
	assert.Equal(t, "IE29 aibk", string(value))
	assert.Equal(t, "kept", string(dst))
}

var categories = []string{"name", "iban", "bic", "phone", "email", "domain", "ip_address", "url", ""}

// pieces are what makes trouble: marks, brackets, spaces, letters whose case changes their length.
var pieces = []string{
	"a", "A", "é", "e", "\u0301", "\u0323", "İ", "ß", "ẞ", "Ⱥ", "\u212b", "ﬁ", "Σ", "\u1100", "\u1161", " ", "\u00a0", "\u2011",
	"-", ".", "[", "]", "(", ")", "{", "}", "@", ":", "/", "//", "://", "hxxp", "HXXP", "1", "::", "ffff", "\xff", "\xcc", "?", "#", "\n",
}

func TestNormalizeIsIdempotentAndNFC(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		category := rapid.SampledFrom(categories).Draw(t, "category")
		value := strings.Join(rapid.SliceOfN(rapid.SampledFrom(pieces), 0, 12).Draw(t, "value"), "")
		checkNormalize(t, category, []byte(value))
	})
}

func checkNormalize(t require.TestingT, category string, value []byte) {
	once := pseudonym.Normalize(nil, category, value)
	twice := pseudonym.Normalize(nil, category, once)
	require.Equal(t, string(once), string(twice), "%s %q", category, value)
	require.True(t, norm.NFC.IsNormal(once), "%s %q", category, value)
	withRoom := pseudonym.Normalize(make([]byte, 0, 8*len(value)+64), category, value)
	require.Equal(t, string(once), string(withRoom), "the same with and without room in dst")
}

func FuzzNormalize(f *testing.F) {
	for _, category := range categories {
		f.Add(category, []byte("hxxps[://]Evil[.]example/A\u0301 "))
	}
	f.Fuzz(func(t *testing.T, category string, value []byte) {
		before := bytes.Clone(value)
		checkNormalize(t, category, value)
		require.Equal(t, before, value)
	})
}

func TestSpellingsOfOneValueHaveOnePseudonym(t *testing.T) {
	for category, spellings := range map[string][]string{
		"iban":       {"IE29AIBK93115212345678", "IE29 AIBK 9311 5212 3456 78", "ie29aibk93115212345678", "IE29\u00a0AIBK\u00a093115212345678"},
		"email":      {"a@b.ie", "A@B.IE", " a[@]b[.]ie "},
		"phone":      {"+35315550123", "+353 1 555 0123", "+353-1-555-0123", "+353 (1) 555.0123"},
		"name":       {"Ní", "Ni\u0301"},
		"ip_address": {"2001:db8::1", "2001:0db8:0:0:0:0:0:1", "2001:DB8::1"},
	} {
		seen := map[string]bool{}
		for _, value := range spellings {
			seen[pseudonymOf(t, testContext(), category, value)] = true
		}
		assert.Len(t, seen, 1, category)
	}
}
