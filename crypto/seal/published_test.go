package seal_test

import (
	"crypto/hpke"
	"encoding/hex"
	"encoding/json"
	"os"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passavant/passavant/crypto/seal"
)

// hpkeVector is an entry of testdata/hpke/vectors.json: published vectors of the two key encapsulations.
type hpkeVector struct {
	Source string `json:"source"`
	KEM    uint16 `json:"kem_id"`
	KDF    uint16 `json:"kdf_id"`
	AEAD   uint16 `json:"aead_id"`
	Info   string `json:"info"`
	SkRm   string `json:"skRm"`
	PkRm   string `json:"pkRm"`
	Enc    string `json:"enc"`
	Each   []struct {
		AAD string `json:"aad"`
		PT  string `json:"pt"`
		CT  string `json:"ct"`
	} `json:"encryptions"`
	Exports []struct {
		Context string `json:"context"`
		Length  int    `json:"length"`
		Value   string `json:"value"`
	} `json:"exports"`
}

func unhex(t *testing.T, text string) []byte {
	t.Helper()
	raw, err := hex.DecodeString(text)
	require.NoError(t, err)
	return raw
}

// TestPublishedHPKEVectors holds the HPKE that this package is built on, and the encodings of keys that it reads, against
// the published vectors of RFC 9180 and of the draft for X-Wing.
func TestPublishedHPKEVectors(t *testing.T) {
	raw, err := os.ReadFile("../../testdata/hpke/vectors.json")
	require.NoError(t, err)
	var vectors []hpkeVector
	require.NoError(t, json.Unmarshal(raw, &vectors))
	algorithms := map[uint16]string{0x0020: seal.X25519, 0x647a: seal.XWing}
	require.Len(t, vectors, len(algorithms))
	for _, v := range vectors {
		t.Run(algorithms[v.KEM], func(t *testing.T) {
			key, err := seal.ParseOpeningKey(algorithms[v.KEM], unhex(t, v.SkRm))
			require.NoError(t, err)
			assert.Equal(t, v.PkRm, hex.EncodeToString(key.Recipient().Bytes()))
			checkHPKE(t, v)
		})
	}
}

func checkHPKE(t *testing.T, v hpkeVector) {
	kem, err := hpke.NewKEM(v.KEM)
	require.NoError(t, err)
	kdf, err := hpke.NewKDF(v.KDF)
	require.NoError(t, err)
	aead, err := hpke.NewAEAD(v.AEAD)
	require.NoError(t, err)
	private, err := kem.NewPrivateKey(unhex(t, v.SkRm))
	require.NoError(t, err)
	r, err := hpke.NewRecipient(unhex(t, v.Enc), private, kdf, aead, unhex(t, v.Info))
	require.NoError(t, err)
	require.NotEmpty(t, v.Each)
	for _, e := range v.Each {
		got, err := r.Open(unhex(t, e.AAD), unhex(t, e.CT))
		require.NoError(t, err)
		assert.Equal(t, e.PT, hex.EncodeToString(got))
	}
	for _, e := range v.Exports {
		got, err := r.Export(string(unhex(t, e.Context)), e.Length)
		require.NoError(t, err)
		assert.Equal(t, e.Value, hex.EncodeToString(got))
	}
}
