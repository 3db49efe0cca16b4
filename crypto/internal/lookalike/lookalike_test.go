package lookalike_test

import (
	"fmt"
	"math/big"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/passavant/passavant/crypto/internal/lookalike"
)

func newCipher(t require.TestingT) *lookalike.Cipher {
	c, err := lookalike.New([]byte("an AES key of thirty-two bytes.."))
	require.NoError(t, err)
	return c
}

func encrypt(t require.TestingT, f lookalike.Format, keep int, value string) string {
	out, ok := newCipher(t).AppendEncrypted([]byte("before "), f, keep, []byte(value))
	require.True(t, ok, value)
	return strings.TrimPrefix(string(out), "before ")
}

func decrypt(t require.TestingT, f lookalike.Format, keep int, value string) string {
	out, ok := newCipher(t).AppendDecrypted(nil, f, keep, []byte(value))
	require.True(t, ok, value)
	return string(out)
}

// registryExamples are the examples that the SWIFT IBAN registry gives for some countries of each kind of structure.
func registryExamples() []string {
	return []string{
		"AD1200012030200359100100", "AT611904300234573201", "BE68539007547034", "BR1800360305000010009795493C1",
		"CH9300762011623852957", "DE89370400440532013000", "ES9121000418450200051332", "FR1420041010050500013M02606",
		"GB29NWBK60161331926819", "GI75NWBK000000007099453", "GT82TRAJ01020000001210029690", "IE29AIBK93115212345678",
		"IT60X0542811101000000123456", "KW81CBKU0000000000001234560101", "LC55HEMM000100010012001200023015",
		"MT84MALT011000012345MTLCAST001S", "MU17BOMM0101101030300200000MUR", "NL91ABNA0417164300", "NO9386011117947",
		"PL61109010140000071219812874", "RO49AAAA1B31007593840000", "SA0380000000608010167519", "SE4550000000058398257466",
		"TR330006100519786457841326", "UA213223130000026007233566001", "XK051212012345678906",
	}
}

// isIBAN checks by another way than the package: big integers over the text as ISO 7064 writes it.
func isIBAN(text string) bool {
	var digits strings.Builder
	for _, c := range text[4:] + text[:4] {
		if c >= 'A' && c <= 'Z' {
			fmt.Fprint(&digits, c-'A'+10)
			continue
		}
		digits.WriteRune(c)
	}
	n, ok := new(big.Int).SetString(digits.String(), 10)
	return ok && n.Mod(n, big.NewInt(97)).Int64() == 1
}

func TestIBANs(t *testing.T) {
	for _, value := range registryExamples() {
		require.True(t, isIBAN(value), value)
		out := encrypt(t, lookalike.IBAN, 0, value)
		assert.True(t, isIBAN(out), "%s became %s", value, out)
		assert.Equal(t, value[:2], out[:2])
		assert.Len(t, out, len(value))
		assert.NotEqual(t, value, out)
		assert.Equal(t, value, decrypt(t, lookalike.IBAN, 0, out))

		out = encrypt(t, lookalike.IBANBank, 0, value)
		assert.True(t, isIBAN(out), "%s became %s", value, out)
		assert.Equal(t, value[4:6], out[4:6], "every bank identifier has two characters at least")
		assert.NotEqual(t, value, out)
		assert.Equal(t, value, decrypt(t, lookalike.IBANBank, 0, out))
	}
	out := encrypt(t, lookalike.IBANBank, 0, "IE29AIBK93115212345678")
	assert.Equal(t, "AIBK", out[4:8])
	assert.NotEqual(t, "931152", out[8:14], "the branch does not stay")
}

// TestStructureIsKept holds that letters and digits stand where the registry has them.
func TestStructureIsKept(t *testing.T) {
	for _, c := range []struct{ value, form string }{
		{"IE29AIBK93115212345678", `^IE\d\d[A-Z]{4}\d{14}$`},
		{"FR1420041010050500013M02606", `^FR\d\d\d{10}[A-Z0-9]{11}\d\d$`},
		{"MU17BOMM0101101030300200000MUR", `^MU\d\d[A-Z]{4}\d{19}[A-Z]{3}$`},
	} {
		assert.Regexp(t, regexp.MustCompile(c.form), encrypt(t, lookalike.IBAN, 0, c.value))
	}
}

func TestRegistry(t *testing.T) {
	countries := lookalike.Countries()
	assert.Len(t, countries, 89)
	assert.IsIncreasing(t, countries)
	lengths := map[string]int{
		"AL": 28, "AD": 24, "AT": 20, "AZ": 28, "BH": 22, "BE": 16, "BA": 20, "BR": 29, "BG": 22, "CR": 22, "HR": 21,
		"CY": 28, "CZ": 24, "DK": 18, "DO": 28, "EE": 20, "FI": 18, "FR": 27, "GE": 22, "DE": 22, "GI": 23, "GR": 27,
		"GT": 28, "HU": 28, "IS": 26, "IE": 22, "IL": 23, "IT": 27, "JO": 30, "KZ": 20, "KW": 30, "LV": 21, "LB": 28,
		"LI": 21, "LT": 20, "LU": 20, "MK": 19, "MT": 31, "MR": 27, "MU": 30, "MD": 24, "MC": 27, "ME": 22, "NL": 18,
		"NO": 15, "PK": 24, "PS": 29, "PL": 28, "PT": 25, "QA": 29, "RO": 24, "LC": 32, "SM": 27, "ST": 25, "SA": 24,
		"RS": 22, "SK": 24, "SI": 19, "ES": 24, "SE": 24, "CH": 21, "TL": 23, "TN": 24, "TR": 26, "AE": 23, "GB": 22,
		"VA": 22, "VG": 24, "UA": 29, "SC": 31, "XK": 20, "BY": 28, "EG": 29, "SV": 28, "LY": 25, "SD": 18, "BI": 27,
		"DJ": 27, "RU": 33, "SO": 23, "NI": 28, "MN": 20, "FK": 18, "OM": 23, "YE": 30, "HN": 28, "IQ": 23, "FO": 18, "GL": 18,
	}
	for _, country := range countries {
		assert.Equal(t, lengths[country], lookalike.Length(country), country)
	}
}

func TestNoIBANs(t *testing.T) {
	for name, value := range map[string]string{
		"wrong check digits": "IE28AIBK93115212345678", "too short": "IE29AIBK9311521234567", "too long": "IE29AIBK931152123456789",
		"unknown country": "ZZ29AIBK93115212345678", "digit for a letter": "IE2911BK93115212345678", "small letters": "ie29aibk93115212345678",
		"spaces": "IE29 AIBK 9311 5212 3456 78", "empty": "", "four characters": "IE29", "line feed as country": "\n\n29",
		"no ASCII": "IE29ÄIBK9311521234567", "letters for check digits": "IEAAAIBK93115212345678",
		"check digits 00 for 97": "LC00AAAA000000000000000000000015",
	} {
		for _, f := range []lookalike.Format{lookalike.IBAN, lookalike.IBANBank} {
			out, ok := newCipher(t).AppendEncrypted([]byte("x"), f, 0, []byte(value))
			assert.False(t, ok, name)
			assert.Equal(t, "x", string(out))
		}
	}
}

// luhn checks by another way than the package.
func luhn(digits string) bool {
	sum := 0
	for i := range len(digits) {
		n := int(digits[len(digits)-1-i] - '0')
		if i%2 == 1 {
			n = []int{0, 2, 4, 6, 8, 1, 3, 5, 7, 9}[n]
		}
		sum += n
	}
	return sum%10 == 0
}

func TestCards(t *testing.T) {
	for _, value := range []string{"4111111111111111", "378282246310005", "6011000990139424", "30569309025904", "4000000000000000006"} {
		for _, keep := range []int{0, 6} {
			out := encrypt(t, lookalike.Card, keep, value)
			assert.True(t, luhn(out), out)
			assert.Len(t, out, len(value))
			assert.Equal(t, value[:keep], out[:keep])
			assert.NotEqual(t, value, out)
			assert.Equal(t, value, decrypt(t, lookalike.Card, keep, out))
		}
	}
	for _, value := range []string{"4111111111111112", "41111111111", "4111-1111-1111-1111", "", "41111111111111111111"} {
		_, ok := newCipher(t).AppendEncrypted(nil, lookalike.Card, 0, []byte(value))
		assert.False(t, ok, value)
	}
	for _, keep := range []int{-1, 9} {
		_, ok := newCipher(t).AppendEncrypted(nil, lookalike.Card, keep, []byte("4111111111111111"))
		assert.False(t, ok)
	}
	_, ok := newCipher(t).AppendEncrypted(nil, lookalike.Card, 8, []byte("30569309025904"))
	assert.False(t, ok, "14 digits without 8 and the check digit leave 100,000")
}

func TestPhones(t *testing.T) {
	for value, lead := range map[string]string{
		"+353871234567": "+353", "+14155552671": "+1", "+390612345678": "+390", "+442071838750": "+44", "+81312345678": "+81",
	} {
		out := encrypt(t, lookalike.Phone, 0, value)
		assert.True(t, strings.HasPrefix(out, lead), "%s became %s", value, out)
		assert.Len(t, out, len(value))
		assert.NotEqual(t, byte('0'), out[len(lead)], "the first digit stays other than zero")
		assert.Equal(t, value, decrypt(t, lookalike.Phone, 0, out))
	}
	for _, value := range []string{"", "+", "0871234567", "+353", "+35312345", "+3530000000", "+35387123456x", "+0353871234567", "+3538712345678901"} {
		_, ok := newCipher(t).AppendEncrypted(nil, lookalike.Phone, 0, []byte(value))
		assert.False(t, ok, value)
	}
}

func TestDigitsAndAlphanumeric(t *testing.T) {
	out := encrypt(t, lookalike.Digits, 0, "0000000")
	assert.Regexp(t, `^\d{7}$`, out)
	assert.Equal(t, "0000000", decrypt(t, lookalike.Digits, 0, out))
	out = encrypt(t, lookalike.Alphanumeric, 0, "PA-123456/b")
	assert.Regexp(t, `^[A-Z]{2}-\d{6}/[a-z]$`, out)
	assert.Equal(t, "PA-123456/b", decrypt(t, lookalike.Alphanumeric, 0, out))
	for f, value := range map[lookalike.Format]string{
		lookalike.Digits: "99999", lookalike.Alphanumeric: "A-1234", "other": "1234567", lookalike.IBAN: "1234567",
	} {
		_, ok := newCipher(t).AppendEncrypted(nil, f, 0, []byte(value))
		assert.False(t, ok, "%s %s", f, value)
	}
	for _, value := range []string{"12345x7", "1234567\n", "１２３４５６７", strings.Repeat("7", 257)} {
		_, ok := newCipher(t).AppendEncrypted(nil, lookalike.Digits, 0, []byte(value))
		assert.False(t, ok)
	}
}

// TestPermutes holds that no two values become one, which decryption shows, and that the form stays, for drawn values.
func TestPermutes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		value := rapid.StringMatching(`[A-Z]{0,3}[0-9]{6,12}[-/ ][a-z]{0,2}[A-Z0-9]{0,20}`).Draw(t, "value")
		out := encrypt(t, lookalike.Alphanumeric, 0, value)
		assert.Equal(t, shape(value), shape(out))
		assert.Equal(t, value, decrypt(t, lookalike.Alphanumeric, 0, out))
	})
}

func shape(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= '0' && r <= '9':
			return '0'
		case r >= 'A' && r <= 'Z':
			return 'A'
		case r >= 'a' && r <= 'z':
			return 'a'
		}
		return r
	}, text)
}

// TestFormatsAreApart holds that format and kept part are part of the tweak.
func TestFormatsAreApart(t *testing.T) {
	assert.NotEqual(t, encrypt(t, lookalike.Digits, 0, "12345678"), encrypt(t, lookalike.Alphanumeric, 0, "12345678"))
	assert.NotEqual(t, encrypt(t, lookalike.Phone, 0, "+353871234567")[4:], encrypt(t, lookalike.Phone, 0, "+354871234567")[4:])
}

func FuzzIBAN(f *testing.F) {
	for _, value := range append(registryExamples(), "", "IE", "IE29", "\n\n29AIBK", "ZZ00", "IE29AIBK9311521234567Ä") {
		f.Add([]byte(value), true)
	}
	c := newCipher(f)
	f.Fuzz(func(t *testing.T, value []byte, keepBank bool) {
		format := lookalike.IBAN
		if keepBank {
			format = lookalike.IBANBank
		}
		out, ok := c.AppendEncrypted(nil, format, 0, value)
		if !ok {
			assert.Empty(t, out)
			return
		}
		require.True(t, isIBAN(string(value)), "only valid ones are taken")
		require.True(t, isIBAN(string(out)))
		back, ok := c.AppendDecrypted(nil, format, 0, out)
		require.True(t, ok)
		require.Equal(t, string(value), string(back))
	})
}

func BenchmarkIBAN(b *testing.B) {
	c := newCipher(b)
	out := make([]byte, 0, 64)
	b.ReportAllocs()
	for b.Loop() {
		out, _ = c.AppendEncrypted(out[:0], lookalike.IBANBank, 0, []byte("IE29AIBK93115212345678"))
	}
}
