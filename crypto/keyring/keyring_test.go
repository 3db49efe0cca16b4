package keyring_test

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passavant/passavant/crypto/keyring"
	"github.com/passavant/passavant/crypto/seal"
)

func TestCreateThenOpenIsTheSame(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "keys")
	made, err := keyring.Create(dir, "emerald-bank-ie")
	require.NoError(t, err)
	opened, err := keyring.Open(dir)
	require.NoError(t, err)
	assert.Equal(t, "emerald-bank-ie", opened.Party())
	assert.Equal(t, made.List(), opened.List())
	assert.Equal(t, made.Public(), opened.Public())
}

func TestKeysWorkTogether(t *testing.T) {
	bank, err := keyring.Create(filepath.Join(t.TempDir(), "a"), "emerald-bank-ie")
	require.NoError(t, err)
	partner, err := keyring.Create(filepath.Join(t.TempDir(), "b"), "sakura-bank-jp")
	require.NoError(t, err)
	to, err := partner.Public().Recipient()
	require.NoError(t, err)
	msg, err := seal.SealBytes(nil, []byte(`{}`), []byte("body"), bank.Sealer(), to)
	require.NoError(t, err)
	info, err := seal.ReadHeader(bytesReader(msg))
	require.NoError(t, err)
	from, err := bank.Public().Verifier(info.Signer)
	require.NoError(t, err)
	_, body, err := seal.OpenBytes(msg, from, partner.Opener()...)
	require.NoError(t, err)
	assert.Equal(t, "body", string(body))
}
