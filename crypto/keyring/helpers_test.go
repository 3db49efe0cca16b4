package keyring_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/tink-crypto/tink-go/v2/aead"
	"github.com/tink-crypto/tink-go/v2/keyset"
	"github.com/tink-crypto/tink-go/v2/tink"

	"github.com/passavant/passavant/crypto/keyring"
)

var created = time.Date(2026, 11, 2, 10, 0, 0, 0, time.UTC)

func at(t time.Time) keyring.Option { return keyring.WithClock(func() time.Time { return t }) }

// create makes a keyring in a new directory and returns both.
func create(t testing.TB, opts ...keyring.Option) (string, *keyring.Keyring) {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "keys")
	k, err := keyring.Create(dir, "emerald-bank-ie", append([]keyring.Option{at(created)}, opts...)...)
	require.NoError(t, err)
	return dir, k
}

func masterKey(t testing.TB) tink.AEAD {
	t.Helper()
	h, err := keyset.NewHandle(aead.AES256GCMKeyTemplate())
	require.NoError(t, err)
	a, err := aead.New(h)
	require.NoError(t, err)
	return a
}

// files reads a directory whole, to compare it later.
func files(t testing.TB, dir string) map[string]string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	all := map[string]string{}
	for _, e := range entries {
		raw, err := os.ReadFile(filepath.Join(dir, e.Name()))
		require.NoError(t, err)
		all[e.Name()] = string(raw)
	}
	return all
}
