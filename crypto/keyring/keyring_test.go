package keyring_test

import (
	"bytes"
	"crypto"
	"crypto/ed25519"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/tink-crypto/tink-go/v2/insecurecleartextkeyset"
	"github.com/tink-crypto/tink-go/v2/keyset"
	"github.com/tink-crypto/tink-go/v2/prf"
	"github.com/tink-crypto/tink-go/v2/signature"

	"github.com/passavant/passavant/crypto/keyring"
	"github.com/passavant/passavant/crypto/pseudonym"
	"github.com/passavant/passavant/crypto/seal"
)

func TestCreateThenOpenIsTheSame(t *testing.T) {
	dir, made := create(t)
	opened, err := keyring.Open(dir)
	require.NoError(t, err)
	assert.Equal(t, "emerald-bank-ie", opened.Party())
	assert.Equal(t, made.List(), opened.List())
	assert.Equal(t, made.Public(), opened.Public())
	assert.Equal(t, made.Sealer().ID(), opened.Sealer().ID())
}

func TestCreateMakesOneKeyForEachPurpose(t *testing.T) {
	_, k := create(t)
	var purposes []keyring.Purpose
	ids := map[string]bool{}
	for _, info := range k.List() {
		purposes = append(purposes, info.Purpose)
		ids[info.ID] = true
		assert.True(t, info.Primary)
		assert.Equal(t, keyring.Enabled, info.Status)
		assert.Equal(t, created, info.Created)
		assert.Regexp(t, `^[0-9a-f]{16}$`, info.ID)
	}
	assert.Equal(t, keyring.Purposes(), purposes)
	assert.Len(t, ids, 4, "no key has two purposes")
}

func TestTwoKeyringsShareNothing(t *testing.T) {
	_, a := create(t)
	_, b := create(t)
	for i, info := range a.List() {
		assert.NotEqual(t, info.ID, b.List()[i].ID)
	}
}

func TestFilesAndModes(t *testing.T) {
	dir, _ := create(t)
	info, err := os.Stat(dir)
	require.NoError(t, err)
	assert.Equal(t, os.FileMode(0o700), info.Mode().Perm())
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
		info, err := e.Info()
		require.NoError(t, err)
		assert.Equal(t, os.FileMode(0o600), info.Mode().Perm(), e.Name())
	}
	assert.Equal(t, []string{"keyring.json", "log.json", "pseudonym.json", "seal.json", "sign.json"}, names)
	siblings, err := os.ReadDir(filepath.Dir(dir))
	require.NoError(t, err)
	assert.Len(t, siblings, 1, "nothing temporary is left")
}

func TestSealToAPartner(t *testing.T) {
	for name, opts := range map[string][]keyring.Option{"X25519": nil, "X-Wing": {keyring.WithPostQuantum()}} {
		t.Run(name, func(t *testing.T) {
			_, bank := create(t)
			_, partner := create(t, opts...)
			to, err := partner.Public().Recipient()
			require.NoError(t, err)
			msg, err := seal.SealBytes(nil, []byte(`{}`), []byte("body"), bank.Sealer(), to)
			require.NoError(t, err)
			info, err := seal.ReadHeader(bytes.NewReader(msg))
			require.NoError(t, err)
			from, err := bank.Public().Verifier(info.Signer)
			require.NoError(t, err)
			_, body, err := seal.OpenBytes(msg, from, partner.Opener()...)
			require.NoError(t, err)
			assert.Equal(t, "body", string(body))
			_, _, err = seal.OpenBytes(msg, from, bank.Opener()...)
			require.ErrorIs(t, err, seal.ErrNotForUs)
		})
	}
}

func TestSigners(t *testing.T) {
	_, k := create(t)
	message := []byte("passavant-test/1\nmessage")
	for name, tc := range map[string]struct {
		signer crypto.Signer
		public ed25519.PublicKey
	}{
		"receipts": {k.Signer(), k.Public().Sign[0].Public},
		"log":      {k.LogSigner(), k.Public().LogKey()},
	} {
		signature, err := tc.signer.Sign(nil, message, crypto.Hash(0))
		require.NoError(t, err, name)
		assert.True(t, ed25519.Verify(tc.public, message, signature), name)
		assert.Equal(t, tc.public, tc.signer.Public(), name)
	}
	assert.NotEqual(t, k.Signer().Public(), k.LogSigner().Public())
}

// What Tink itself computes with the files is what we compute.
func TestTinkReadsTheFiles(t *testing.T) {
	dir, k := create(t)
	read := func(name string) *keyset.Handle {
		raw, err := os.ReadFile(filepath.Join(dir, name))
		require.NoError(t, err)
		h, err := insecurecleartextkeyset.Read(keyset.NewJSONReader(bytes.NewReader(raw)))
		require.NoError(t, err)
		return h
	}
	signer, err := signature.NewSigner(read("sign.json"))
	require.NoError(t, err)
	want, err := signer.Sign([]byte("message"))
	require.NoError(t, err)
	got, err := k.Signer().Sign(nil, []byte("message"), crypto.Hash(0))
	require.NoError(t, err)
	assert.Equal(t, want, got)

	p, err := pseudonym.FromKeyset(read("pseudonym.json"))
	require.NoError(t, err)
	ours, err := k.Pseudonymizer()
	require.NoError(t, err)
	assert.Equal(t, p.KeyID(), ours.KeyID())
	_, err = prf.NewPRFSet(read("pseudonym.json"))
	require.NoError(t, err)
}

func TestRotateKeepsOldMessagesReadable(t *testing.T) {
	for _, opts := range [][]keyring.Option{nil, {keyring.WithPostQuantum()}} {
		dir, before := create(t, opts...)
		_, sender := create(t)
		to, err := before.Public().Recipient()
		require.NoError(t, err)
		old, err := seal.SealBytes(nil, []byte(`{}`), []byte("old"), sender.Sealer(), to)
		require.NoError(t, err)

		later := created.Add(24 * time.Hour)
		reopened, err := keyring.Open(dir, at(later)) // without WithPostQuantum: rotation must not downgrade
		require.NoError(t, err)
		after, err := reopened.Rotate(keyring.Sealing)
		require.NoError(t, err)
		newTo, err := after.Public().Recipient()
		require.NoError(t, err)
		assert.NotEqual(t, to.ID(), newTo.ID())
		assert.Equal(t, to.Algorithm(), newTo.Algorithm())
		_, body, err := seal.OpenBytes(old, sender.Sealer().Verify(), after.Opener()...)
		require.NoError(t, err)
		assert.Equal(t, "old", string(body))

		assert.Equal(t, later, after.Public().Created)
		list := after.List()
		assert.Equal(t, []bool{true, false}, []bool{list[0].Primary, list[1].Primary})
		assert.Equal(t, []time.Time{later, created}, []time.Time{list[0].Created, list[1].Created})
		assert.Len(t, before.Opener(), 1, "the keyring that was rotated stays as it was")
		again, err := keyring.Open(dir)
		require.NoError(t, err)
		assert.Equal(t, list, again.List())
	}
}

func TestRotateSigningKeepsOldSignaturesVerifiable(t *testing.T) {
	_, before := create(t)
	after, err := before.Rotate(keyring.Signing)
	require.NoError(t, err)
	assert.NotEqual(t, before.Sealer().ID(), after.Sealer().ID())
	_, err = after.Public().Verifier(before.Sealer().ID())
	require.NoError(t, err)
	_, err = before.Public().Verifier(after.Sealer().ID())
	require.ErrorIs(t, err, keyring.ErrUnknownKey)
}

func TestRotatePseudonymsKeepsTheOldKeyForReversal(t *testing.T) {
	_, before := create(t)
	old, err := before.Pseudonymizer()
	require.NoError(t, err)
	after, err := before.Rotate(keyring.Pseudonymizing)
	require.NoError(t, err)
	current, err := after.Pseudonymizer()
	require.NoError(t, err)
	assert.NotEqual(t, old.KeyID(), current.KeyID())
	found, err := after.PseudonymizerByID(old.KeyID())
	require.NoError(t, err)
	c := pseudonym.Context{Agreement: "a", Recipient: "r", Purpose: "p", Scope: pseudonym.Person}
	want, err := old.Domain(c)
	require.NoError(t, err)
	got, err := found.Domain(c)
	require.NoError(t, err)
	assert.Equal(t, want.AppendPseudonym(nil, "iban", []byte("v")), got.AppendPseudonym(nil, "iban", []byte("v")))
	_, err = after.PseudonymizerByID("0000000000000000")
	require.ErrorIs(t, err, keyring.ErrUnknownKey)
}

func TestDisable(t *testing.T) {
	for _, p := range []keyring.Purpose{keyring.Sealing, keyring.Signing, keyring.Pseudonymizing} {
		t.Run(string(p), func(t *testing.T) {
			_, k := create(t)
			k, err := k.Rotate(p)
			require.NoError(t, err)
			old := infoOf(k, p)[1]
			k, err = k.Disable(p, old.ID)
			require.NoError(t, err)
			list := infoOf(k, p)
			assert.Equal(t, old.ID, list[1].ID, "a disabled key keeps its name")
			assert.Equal(t, keyring.Disabled, list[1].Status)
			assert.Equal(t, created, list[1].Created)
			assert.Len(t, k.Opener(), 1)
			assert.Len(t, k.Public().Seal, 1)
			assert.Len(t, k.Public().Sign, 1)
			_, err = k.PseudonymizerByID(old.ID)
			require.ErrorIs(t, err, keyring.ErrUnknownKey)

			_, err = k.Disable(p, list[0].ID)
			require.ErrorIs(t, err, keyring.ErrUnknownKey, "the primary key")
			_, err = k.Disable(p, "0000000000000000")
			require.ErrorIs(t, err, keyring.ErrUnknownKey)
		})
	}
}

func infoOf(k *keyring.Keyring, p keyring.Purpose) []keyring.KeyInfo {
	var list []keyring.KeyInfo
	for _, info := range k.List() {
		if info.Purpose == p {
			list = append(list, info)
		}
	}
	return list
}

func TestWhatCannotBeRotated(t *testing.T) {
	dir, k := create(t)
	before := files(t, dir)
	_, err := k.Rotate(keyring.Logging)
	require.ErrorIs(t, err, keyring.ErrPurpose)
	for _, p := range []keyring.Purpose{"", "keyring", "../keys/seal"} {
		_, err = k.Rotate(p)
		require.ErrorIs(t, err, keyring.ErrUnknownKey)
	}
	assert.Equal(t, before, files(t, dir))
}
