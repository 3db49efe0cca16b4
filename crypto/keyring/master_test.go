package keyring_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passavant/passavant/crypto/keyring"
)

func TestMasterKeyEncryptsEveryKeyset(t *testing.T) {
	master := keyring.WithMasterKey(masterKey(t))
	dir, made := create(t, master)
	opened, err := keyring.Open(dir, master)
	require.NoError(t, err)
	assert.Equal(t, made.List(), opened.List())
	for name, content := range files(t, dir) {
		assert.Equal(t, name != "keyring.json", strings.Contains(content, `"encryptedKeyset"`), name)
		assert.NotContains(t, content, `"keyData"`, name)
	}
	rotated, err := opened.Rotate(keyring.Sealing)
	require.NoError(t, err)
	assert.Len(t, rotated.Opener(), 2)
	assert.NotContains(t, files(t, dir)["seal.json"], `"keyData"`, "a rotated keyset is encrypted too")
}

func TestMasterKeyIsRequiredAndTheRightOne(t *testing.T) {
	encrypted, _ := create(t, keyring.WithMasterKey(masterKey(t)))
	_, err := keyring.Open(encrypted)
	require.ErrorIs(t, err, keyring.ErrMasterKey)
	assert.ErrorContains(t, err, "encrypted")
	_, err = keyring.Open(encrypted, keyring.WithMasterKey(masterKey(t)))
	require.ErrorIs(t, err, keyring.ErrMasterKey)

	clear, _ := create(t)
	_, err = keyring.Open(clear, keyring.WithMasterKey(masterKey(t)))
	require.ErrorIs(t, err, keyring.ErrMasterKey, "an attacker must not be able to put keys in the clear in place")
}

// Encrypted keysets are tied to party and purpose: moving one elsewhere must not work.
func TestEncryptedKeysetsCannotBeMoved(t *testing.T) {
	master := keyring.WithMasterKey(masterKey(t))
	dir, _ := create(t, master)
	other := filepath.Join(t.TempDir(), "k")
	_, err := keyring.Create(other, "sakura-bank-jp", master)
	require.NoError(t, err)
	move := func(from, to string) {
		raw, err := os.ReadFile(from)
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(to, raw, 0o600))
	}
	move(filepath.Join(other, "sign.json"), filepath.Join(dir, "sign.json"))
	_, err = keyring.Open(dir, master)
	require.ErrorIs(t, err, keyring.ErrMasterKey, "another party's keyset")

	dir, _ = create(t, master)
	move(filepath.Join(dir, "log.json"), filepath.Join(dir, "sign.json"))
	_, err = keyring.Open(dir, master)
	require.ErrorIs(t, err, keyring.ErrMasterKey, "another purpose's keyset of the same kind")
}

// remote stands for a key management service.
type remote struct {
	calls int
	err   error
}

func (r *remote) EncryptWithContext(ctx context.Context, plaintext, _ []byte) ([]byte, error) {
	r.calls++
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	return plaintext, r.err
}

func (r *remote) DecryptWithContext(ctx context.Context, ciphertext, _ []byte) ([]byte, error) {
	r.calls++
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	return ciphertext, r.err
}

func TestRemoteMasterKey(t *testing.T) {
	service := &remote{}
	dir, _ := create(t, keyring.WithRemoteMasterKey(t.Context(), service))
	assert.Equal(t, 8, service.calls, "four keysets encrypted and read back")

	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := keyring.Open(dir, keyring.WithRemoteMasterKey(ctx, service))
	require.ErrorIs(t, err, keyring.ErrMasterKey)

	broken := &remote{err: errors.New("SECRET from the service")}
	fresh := filepath.Join(t.TempDir(), "k")
	_, err = keyring.Create(fresh, "emerald-bank-ie", keyring.WithRemoteMasterKey(t.Context(), broken))
	require.ErrorIs(t, err, keyring.ErrMasterKey)
	assert.NotContains(t, err.Error(), "SECRET")
	assert.NoDirExists(t, fresh)
}
