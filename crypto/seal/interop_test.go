package seal_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/tink-crypto/tink-go/v2/hybrid"
	"github.com/tink-crypto/tink-go/v2/hybrid/hpke"
	"github.com/tink-crypto/tink-go/v2/keyset"

	"github.com/passavant/passavant/crypto/seal"
)

// tinkKey makes an HPKE key without prefix in Tink and gives us only its public half.
func tinkKey(t *testing.T, kem hpke.KEMID, algorithm string) (*keyset.Handle, *seal.RecipientKey) {
	t.Helper()
	parameters, err := hpke.NewParameters(hpke.ParametersOpts{KEMID: kem, KDFID: hpke.HKDFSHA256, AEADID: hpke.AES256GCM, Variant: hpke.VariantNoPrefix})
	require.NoError(t, err)
	m := keyset.NewManager()
	id, err := m.AddNewKeyFromParameters(parameters)
	require.NoError(t, err)
	require.NoError(t, m.SetPrimary(id))
	h, err := m.Handle()
	require.NoError(t, err)
	public, err := h.Public()
	require.NoError(t, err)
	entry, err := public.Primary()
	require.NoError(t, err)
	to, err := seal.NewRecipientKey(algorithm, entry.Key().(*hpke.PublicKey).PublicKeyBytes())
	require.NoError(t, err)
	return h, to
}

func TestTinkOpensTheWrappedSecret(t *testing.T) {
	for algorithm, kem := range map[string]hpke.KEMID{seal.X25519: hpke.DHKEM_X25519_HKDF_SHA256, seal.XWing: hpke.X_WING} {
		t.Run(algorithm, func(t *testing.T) {
			handle, to := tinkKey(t, kem, algorithm)
			signer := signingKey(t)
			msg, err := seal.SealBytes(nil, []byte(`{}`), []byte("body"), signer, to)
			require.NoError(t, err)

			var line jsonSeal
			require.NoError(t, json.Unmarshal(bytes.SplitN(msg, []byte("\n"), 4)[2], &line))
			enc, err := base64.StdEncoding.DecodeString(line.Recipients[0].Enc)
			require.NoError(t, err)
			wrapped, err := base64.StdEncoding.DecodeString(line.Recipients[0].Wrapped)
			require.NoError(t, err)
			decrypt, err := hybrid.NewHybridDecrypt(handle)
			require.NoError(t, err)
			secret, err := decrypt.Decrypt(append(enc, wrapped...), hpkeInfo(line.Suite, signer.Verify().Public()))
			require.NoError(t, err)
			assert.Equal(t, line.Commitment, b64(commitmentOf(t, secret)))
		})
	}
}

func TestSecondImplementationReads(t *testing.T) {
	signer, key := fixedSigningKey(t, "sender"), fixedOpeningKey(t, "recipient")
	for _, size := range sizes {
		msg, err := seal.SealBytes(nil, []byte(`{"a":1}`), pattern(size), signer, openingKey(t, seal.X25519).Recipient(), key.Recipient())
		require.NoError(t, err)
		header, body, err := readIndependently(msg, signer.Verify().Public(), fixedPrivate(t, "recipient"))
		require.NoError(t, err)
		assert.Equal(t, `{"a":1}`, header)
		assert.True(t, bytes.Equal(pattern(size), body), "%d bytes", size)
	}
}

func TestWhatTheSecondImplementationWritesOpens(t *testing.T) {
	signer, key := fixedSigningKey(t, "sender"), fixedOpeningKey(t, "recipient")
	for _, size := range sizes {
		msg := forge{}.write(t, `{"a":1}`, pattern(size), fixedSigner("sender"), key.Recipient())
		_, body, err := seal.OpenBytes(msg, signer.Verify(), key)
		require.NoError(t, err, "%d bytes", size)
		assert.True(t, bytes.Equal(pattern(size), body), "%d bytes", size)
	}
}
