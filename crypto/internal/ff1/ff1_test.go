package ff1_test

import (
	"encoding/hex"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/passavant/passavant/crypto/internal/ff1"
)

const alphabet = "0123456789abcdefghijklmnopqrstuvwxyz"

func numerals(text string) []uint16 {
	x := make([]uint16, len(text))
	for i, c := range []byte(text) {
		x[i] = uint16(strings.IndexByte(alphabet, c))
	}
	return x
}

func text(x []uint16) string {
	var b strings.Builder
	for _, n := range x {
		b.WriteByte(alphabet[n])
	}
	return b.String()
}

// TestSamples holds the nine FF1 samples that NIST publishes with SP 800-38G.
func TestSamples(t *testing.T) {
	const (
		key128 = "2b7e151628aed2a6abf7158809cf4f3c"
		key192 = key128 + "ef4359d8d580aa4f"
		key256 = key192 + "7f036d6f04fc6a94"
	)
	for i, s := range []struct {
		key, tweak    string
		radix         int
		plain, cipher string
	}{
		{key128, "", 10, "0123456789", "2433477484"},
		{key128, "39383736353433323130", 10, "0123456789", "6124200773"},
		{key128, "3737373770717273373737", 36, "0123456789abcdefghi", "a9tv40mll9kdu509eum"},
		{key192, "", 10, "0123456789", "2830668132"},
		{key192, "39383736353433323130", 10, "0123456789", "2496655549"},
		{key192, "3737373770717273373737", 36, "0123456789abcdefghi", "xbj3kv35jrawxv32ysr"},
		{key256, "", 10, "0123456789", "6657667009"},
		{key256, "39383736353433323130", 10, "0123456789", "1001623463"},
		{key256, "3737373770717273373737", 36, "0123456789abcdefghi", "xs8a0azh2avyalyzuwd"},
	} {
		key, _ := hex.DecodeString(s.key)
		tweak, _ := hex.DecodeString(s.tweak)
		c, err := ff1.New(key, s.radix)
		require.NoError(t, err)
		x := numerals(s.plain)
		require.NoError(t, c.Encrypt(x, tweak))
		assert.Equal(t, s.cipher, text(x), "sample %d", i+1)
		require.NoError(t, c.Decrypt(x, tweak))
		assert.Equal(t, s.plain, text(x), "sample %d", i+1)
	}
}

func TestBounds(t *testing.T) {
	for _, size := range []int{0, 15, 17, 33} {
		_, err := ff1.New(make([]byte, size), 10)
		require.ErrorIs(t, err, ff1.ErrKey)
	}
	for _, radix := range []int{-1, 0, 1, 1<<16 + 1} {
		_, err := ff1.New(make([]byte, 16), radix)
		require.ErrorIs(t, err, ff1.ErrRadix)
	}
	for radix, least := range map[int]int{2: 20, 10: 6, 36: 4, 999: 3, 1000: 2, 65536: 2} {
		c, err := ff1.New(make([]byte, 32), radix)
		require.NoError(t, err)
		require.ErrorIs(t, c.Encrypt(make([]uint16, least-1), nil), ff1.ErrDomain, radix)
		require.ErrorIs(t, c.Decrypt(make([]uint16, least-1), nil), ff1.ErrDomain, radix)
		require.NoError(t, c.Encrypt(make([]uint16, least), nil), radix)
	}
}

func TestNumeralsAreBelowTheRadix(t *testing.T) {
	c, err := ff1.New(make([]byte, 32), 10)
	require.NoError(t, err)
	x := []uint16{1, 2, 3, 4, 5, 10}
	require.ErrorIs(t, c.Encrypt(x, nil), ff1.ErrNumeral)
	assert.Equal(t, []uint16{1, 2, 3, 4, 5, 10}, x)
}

// TestPermutes draws lengths on both sides of the border between machine words and big integers.
func TestPermutes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		radix := rapid.SampledFrom([]int{2, 3, 10, 36, 256, 65535, 65536}).Draw(t, "radix")
		c, err := ff1.New(rapid.SliceOfN(rapid.Byte(), 32, 32).Draw(t, "key"), radix)
		require.NoError(t, err)
		x := rapid.SliceOfN(rapid.Uint16Range(0, uint16(radix-1)), 20, 90).Draw(t, "x")
		tweak := rapid.SliceOfN(rapid.Byte(), 0, 40).Draw(t, "tweak")
		y := append([]uint16(nil), x...)
		require.NoError(t, c.Encrypt(y, tweak))
		assert.NotEqual(t, x, y)
		for _, numeral := range y {
			assert.Less(t, int(numeral), radix)
		}
		require.NoError(t, c.Decrypt(y, tweak))
		assert.Equal(t, x, y)
	})
}

// TestWordsAndBigIntegersAgree holds the fast path against the general one.
func TestWordsAndBigIntegersAgree(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		radix := rapid.IntRange(2, 65536).Draw(t, "radix")
		key := rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(t, "key")
		c, err := ff1.New(key, radix)
		require.NoError(t, err)
		x := rapid.SliceOfN(rapid.Uint16Range(0, uint16(radix-1)), 20, 40).Draw(t, "x")
		if radix > 8 {
			x = x[:rapid.IntRange(7, 8).Draw(t, "length")]
		}
		tweak := rapid.SliceOfN(rapid.Byte(), 0, 40).Draw(t, "tweak")
		fast, slow := append([]uint16(nil), x...), append([]uint16(nil), x...)
		require.NoError(t, c.Encrypt(fast, tweak))
		c.EncryptWide(slow, tweak)
		assert.Equal(t, slow, fast)
	})
}

func TestEncryptAllocatesNothing(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector makes pools forget")
	}
	c, err := ff1.New(make([]byte, 32), 10)
	require.NoError(t, err)
	x, tweak := numerals("93115212345678"), []byte("iban\x00IE")
	assert.Zero(t, testing.AllocsPerRun(200, func() { _ = c.Encrypt(x, tweak) }))
}

func BenchmarkEncrypt14Digits(b *testing.B) {
	c, _ := ff1.New(make([]byte, 32), 10)
	x, tweak := numerals("93115212345678"), []byte("iban\x00IE")
	b.ReportAllocs()
	for b.Loop() {
		_ = c.Encrypt(x, tweak)
	}
}
