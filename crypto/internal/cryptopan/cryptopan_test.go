package cryptopan_test

import (
	"net/netip"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/passavant/passavant/crypto/internal/cryptopan"
)

// referenceKey is the key of the sample trace in the Crypto-PAn distribution.
func referenceKey() []byte {
	return []byte{
		21, 34, 23, 141, 51, 164, 207, 128, 19, 10, 91, 22, 73, 144, 125, 16,
		216, 152, 143, 131, 121, 121, 101, 39, 98, 87, 76, 45, 42, 132, 34, 2,
	}
}

// TestReference holds the addresses of the sample trace of the distribution (sample_trace_raw, sample_trace_sanitized), and
// the IPv6 values that the implementations in other languages agree on.
func TestReference(t *testing.T) {
	c, err := cryptopan.New(referenceKey())
	require.NoError(t, err)
	for original, want := range map[string]string{
		"128.11.68.132": "135.242.180.132", "129.118.74.4": "134.136.186.123", "130.132.252.244": "133.68.164.234",
		"141.223.7.43": "141.167.8.160", "141.233.145.108": "141.129.237.235", "152.163.225.39": "151.140.114.167",
		"156.29.3.236": "147.225.12.42", "165.247.96.84": "162.9.99.234", "166.107.77.190": "160.132.178.185",
		"192.102.249.13": "252.138.62.131", "192.215.32.125": "252.43.47.189", "192.233.80.103": "252.25.108.8",
		"192.41.57.43": "252.222.221.184", "193.150.244.223": "253.169.52.216", "195.205.63.100": "255.186.223.5",
		"24.0.250.221": "100.15.198.226", "24.13.62.231": "100.2.192.247", "24.14.213.138": "100.1.42.141",
		"24.5.0.80": "100.9.15.210", "24.7.198.88": "100.10.6.25", "24.94.26.44": "100.88.228.35",
		"38.15.67.68": "64.3.66.187", "4.3.88.225": "124.60.155.63", "63.14.55.111": "95.9.215.7",
		"63.195.241.44": "95.179.238.44", "63.97.7.140": "95.97.9.123", "64.14.118.196": "0.255.183.58",
		"64.34.154.117": "0.221.154.117", "64.39.15.238": "0.219.7.41", "10.185.25.118": "117.161.29.118",
		"::1": "78ff:f001:9fc0:20df:8380:b1f1:704:ed", "::2": "78ff:f001:9fc0:20df:8380:b1f1:704:ef",
		"::ffff": "78ff:f001:9fc0:20df:8380:b1f1:704:f838", "2001:db8::1": "4401:2bc:603f:d91d:27f:ff8e:e6f1:dc1e",
		"2001:db8::2": "4401:2bc:603f:d91d:27f:ff8e:e6f1:dc1c",
	} {
		a := netip.MustParseAddr(original)
		assert.Equal(t, want, c.Encrypt(a).String(), original)
		assert.Equal(t, a, c.Decrypt(c.Encrypt(a)), original)
	}
}

func TestPrefixesAreKept(t *testing.T) {
	c, err := cryptopan.New(referenceKey())
	require.NoError(t, err)
	rapid.Check(t, func(t *rapid.T) {
		size := rapid.SampledFrom([]int{4, 16}).Draw(t, "size")
		a := rapid.SliceOfN(rapid.Byte(), size, size).Draw(t, "a")
		b := rapid.SliceOfN(rapid.Byte(), size, size).Draw(t, "b")
		copy(b, a[:rapid.IntRange(0, size).Draw(t, "equal bytes")])
		first, second := addr(a), addr(b)
		assert.Equal(t, common(a, b), common(c.Encrypt(first).AsSlice(), c.Encrypt(second).AsSlice()))
		assert.Equal(t, first, c.Decrypt(c.Encrypt(first)))
		assert.Equal(t, first.Is4(), c.Encrypt(first).Is4())
	})
}

func addr(b []byte) netip.Addr {
	a, _ := netip.AddrFromSlice(b)
	return a
}

// common counts the leading bits that a and b share.
func common(a, b []byte) (n int) {
	for i := range 8 * len(a) {
		if (a[i/8]^b[i/8])&(0x80>>(i%8)) != 0 {
			break
		}
		n++
	}
	return n
}

func TestKeySize(t *testing.T) {
	for _, size := range []int{0, 16, 31, 33} {
		_, err := cryptopan.New(make([]byte, size))
		require.ErrorIs(t, err, cryptopan.ErrKey)
	}
}
