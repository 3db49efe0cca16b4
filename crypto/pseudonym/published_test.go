package pseudonym_test

import (
	"encoding/binary"
	"encoding/hex"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/tink-crypto/tink-go/v2/insecuresecretdataaccess"
	"github.com/tink-crypto/tink-go/v2/keyset"
	"github.com/tink-crypto/tink-go/v2/prf"
	"github.com/tink-crypto/tink-go/v2/prf/hmacprf"
	"github.com/tink-crypto/tink-go/v2/secretdata"

	"github.com/passavant/passavant/crypto/pseudonym"
)

func unhex(t *testing.T, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(s)
	require.NoError(t, err)
	return b
}

// RFC 4231 is about the MAC that the tests rest on; keys of 20 and more bytes also about Tink's, which is the one used.
func TestHMACFollowsRFC4231(t *testing.T) {
	for name, v := range map[string]struct{ key, data, mac string }{
		"4.2": {"0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b", "4869205468657265", "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"},
		"4.3": {"4a656665", "7768617420646f2079612077616e7420666f72206e6f7468696e673f", "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"},
		"4.4": {"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "dddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd", "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"},
		"4.5": {"0102030405060708090a0b0c0d0e0f10111213141516171819", "cdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcd", "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b"},
	} {
		t.Run(name, func(t *testing.T) {
			mac, err := hmacPRF(unhex(t, v.key)).ComputePRF(unhex(t, v.data), 32)
			require.NoError(t, err)
			assert.Equal(t, v.mac, hex.EncodeToString(mac))
			if len(v.key) >= 2*16 {
				mac, err = tinkPRF(t, unhex(t, v.key)).ComputePRF(unhex(t, v.data), 32)
				require.NoError(t, err)
				assert.Equal(t, v.mac, hex.EncodeToString(mac))
			}
		})
	}
}

func tinkPRF(t *testing.T, key []byte) prf.PRF {
	t.Helper()
	parameters, err := hmacprf.NewParameters(len(key), hmacprf.SHA256)
	require.NoError(t, err)
	k, err := hmacprf.NewKey(secretdata.NewBytesFromData(key, insecuresecretdataaccess.Token{}), parameters)
	require.NoError(t, err)
	m := keyset.NewManager()
	id, err := m.AddKey(k)
	require.NoError(t, err)
	require.NoError(t, m.SetPrimary(id))
	h, err := m.Handle()
	require.NoError(t, err)
	set, err := prf.NewPRFSet(h)
	require.NoError(t, err)
	return set.PRFs[set.PrimaryID]
}

// NIST CAVP, KDF in counter mode (CAVS 14.4): HMAC_SHA256, counter of 32 bits before the fixed data. COUNT=10 has the
// length used here, L = 256; COUNT=0 has L = 128, whose output is the first half of one block.
func TestCounterModeFollowsCAVP(t *testing.T) {
	for name, v := range map[string]struct{ key, fixed, out string }{
		"COUNT=0": {
			"dd1d91b7d90b2bd3138533ce92b272fbf8a369316aefe242e659cc0ae238afe0",
			"01322b96b30acd197979444e468e1c5c6859bf1b1cf951b7e725303e237e46b864a145fab25e517b08f8683d0315bb2911d80a0e8aba17f3b413faac",
			"10621342bfb0fd40046c0e29f2cfdbf0",
		},
		"COUNT=10": {
			"e204d6d466aad507ffaf6d6dab0a5b26152c9e21e764370464e360c8fbc765c6",
			"7b03b98d9f94b899e591f3ef264b71b193fba7043c7e953cde23bc5384bc1a6293580115fae3495fd845dadbd02bd6455cf48d0f62b33e62364a3a80",
			"770dfab6a6a4a4bee0257ff335213f78d8287b4fd537d5c1fffa956910e7c779",
		},
	} {
		t.Run(name, func(t *testing.T) {
			input := append(binary.BigEndian.AppendUint32(nil, 1), unhex(t, v.fixed)...)
			out, err := tinkPRF(t, unhex(t, v.key)).ComputePRF(input, uint32(len(v.out)/2))
			require.NoError(t, err)
			assert.Equal(t, v.out, hex.EncodeToString(out))
		})
	}
}

// The fixed data of SP 800-108r1 is Label || 0x00 || Context || [L]_2, after the counter.
func TestCounterModeInput(t *testing.T) {
	assert.Equal(t, "00000001"+hex.EncodeToString([]byte("label"))+"00"+"c0ffee"+"00000100",
		hex.EncodeToString(pseudonym.CounterKDFInput("label", []byte{0xc0, 0xff, 0xee})))
}
