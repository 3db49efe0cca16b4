package seal_test

import (
	"bytes"
	"crypto/sha256"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passavant/passavant/crypto/seal"
)

func TestRoundTrip(t *testing.T) {
	for _, algorithm := range []string{seal.X25519, seal.XWing} {
		for _, size := range []int{0, 1, 2048, 4040, 4041, 65536, 65537, 300_000} {
			signer, opening := signingKey(t), openingKey(t, algorithm)
			body := bytes.Repeat([]byte{'x'}, size)
			msg, err := seal.SealBytes(nil, []byte(`{"a":1}`), body, signer, opening.Recipient())
			require.NoError(t, err)
			header, got, err := seal.OpenBytes(msg, signer.Verify(), opening)
			require.NoError(t, err)
			assert.Equal(t, `{"a":1}`, string(header))
			assert.True(t, bytes.Equal(body, got))

			var stream, plain bytes.Buffer
			digest, n, err := seal.Seal(&stream, []byte(`{"a":1}`), bytes.NewReader(body), signer, opening.Recipient())
			require.NoError(t, err)
			assert.Equal(t, int64(stream.Len()), n)
			assert.Equal(t, sha256.Sum256(stream.Bytes()), digest)
			_, err = seal.Open(&plain, &stream, signer.Verify(), opening)
			require.NoError(t, err)
			assert.True(t, bytes.Equal(body, plain.Bytes()))
		}
	}
}

func signingKey(t testing.TB) *seal.SigningKey {
	t.Helper()
	key, err := seal.GenerateSigningKey()
	require.NoError(t, err)
	return key
}

func openingKey(t testing.TB, algorithm string) *seal.OpeningKey {
	t.Helper()
	key, err := seal.GenerateOpeningKey(algorithm)
	require.NoError(t, err)
	return key
}
