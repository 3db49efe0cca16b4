package seal_test

import (
	"bytes"
	"crypto/ecdh"
	"crypto/ed25519"
	"crypto/hpke"
	"crypto/sha256"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/passavant/passavant/crypto/seal"
)

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

// seed gives test keys that are the same in every run.
func seed(name string) []byte {
	sum := sha256.Sum256([]byte("passavant test key " + name))
	return sum[:]
}

func fixedSigner(name string) ed25519.PrivateKey { return ed25519.NewKeyFromSeed(seed(name)) }

func fixedSigningKey(t testing.TB, name string) *seal.SigningKey {
	t.Helper()
	key, err := seal.NewSigningKey(fixedSigner(name))
	require.NoError(t, err)
	return key
}

func fixedPrivate(t testing.TB, name string) hpke.PrivateKey {
	t.Helper()
	key, err := hpke.DHKEM(ecdh.X25519()).NewPrivateKey(seed(name))
	require.NoError(t, err)
	return key
}

func fixedOpeningKey(t testing.TB, name string) *seal.OpeningKey {
	t.Helper()
	key, err := seal.NewOpeningKey(fixedPrivate(t, name))
	require.NoError(t, err)
	return key
}

// openStream is Open with the plaintext thrown away unless there is no error.
func openStream(msg []byte, verify *seal.VerifyKey, keys ...*seal.OpeningKey) ([]byte, []byte, error) {
	var plain bytes.Buffer
	header, err := seal.Open(&plain, bytes.NewReader(msg), verify, keys...)
	if err != nil {
		return nil, nil, err
	}
	return header, plain.Bytes(), nil
}

// pattern is a body whose every part differs.
func pattern(n int) []byte {
	out := make([]byte, 0, n+32)
	for sum := sha256.Sum256(nil); len(out) < n; sum = sha256.Sum256(sum[:]) {
		out = append(out, sum[:]...)
	}
	return out[:n]
}
