package keyring_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/tink-crypto/tink-go/v2/aead"
	"github.com/tink-crypto/tink-go/v2/hybrid"
	"github.com/tink-crypto/tink-go/v2/insecurecleartextkeyset"
	"github.com/tink-crypto/tink-go/v2/keyset"
	"github.com/tink-crypto/tink-go/v2/prf"
	tinkpb "github.com/tink-crypto/tink-go/v2/proto/tink_go_proto"
	"github.com/tink-crypto/tink-go/v2/signature"

	"github.com/passavant/passavant/crypto/keyring"
)

func TestCreateNeverOverwrites(t *testing.T) {
	dir, k := create(t)
	before := files(t, dir)
	_, err := keyring.Create(dir, "emerald-bank-ie")
	require.ErrorIs(t, err, keyring.ErrExists)
	assert.ErrorContains(t, err, dir)
	assert.Equal(t, before, files(t, dir))
	again, err := keyring.Open(dir)
	require.NoError(t, err)
	assert.Equal(t, k.List(), again.List())
}

func TestCreateNeverReplacesAFileOrALink(t *testing.T) {
	root := t.TempDir()
	file, link, empty := filepath.Join(root, "file"), filepath.Join(root, "link"), filepath.Join(root, "empty")
	require.NoError(t, os.WriteFile(file, []byte("mine"), 0o600))
	require.NoError(t, os.Mkdir(empty, 0o700))
	require.NoError(t, os.Symlink(empty, link))
	for _, path := range []string{file, link} {
		_, err := keyring.Create(path, "emerald-bank-ie")
		require.ErrorIs(t, err, keyring.ErrExists, path)
	}
	raw, err := os.ReadFile(file)
	require.NoError(t, err)
	assert.Equal(t, "mine", string(raw))
	_, err = keyring.Create(empty, "emerald-bank-ie")
	require.NoError(t, err, "an empty directory is room enough")
}

func TestPartyIDs(t *testing.T) {
	for _, good := range []string{"a", "emerald-bank-ie", "bank.example.ie", strings.Repeat("x", 64)} {
		_, err := keyring.Create(filepath.Join(t.TempDir(), "k"), good)
		require.NoError(t, err, good)
	}
	for _, bad := range []string{"", "-a", "a-", ".", "A", "a b", "a/b", "é", "a\n", strings.Repeat("x", 65)} {
		dir := filepath.Join(t.TempDir(), "k")
		_, err := keyring.Create(dir, bad)
		require.ErrorIs(t, err, keyring.ErrParty, bad)
		assert.NoDirExists(t, dir)
	}
}

func TestOpenRefusesLooseModes(t *testing.T) {
	dir, _ := create(t)
	for _, name := range []string{"", "keyring.json", "seal.json", "sign.json", "log.json", "pseudonym.json"} {
		path, right := filepath.Join(dir, name), os.FileMode(0o600)
		if name == "" {
			path, right = dir, 0o700
		}
		for _, loose := range []os.FileMode{right | 0o040, right | 0o004, right | 0o020, right | 0o001} {
			require.NoError(t, os.Chmod(path, loose))
			_, err := keyring.Open(dir)
			require.ErrorIs(t, err, keyring.ErrMode, "%s %o", path, loose)
			assert.ErrorContains(t, err, path)
			assert.ErrorContains(t, err, "chmod")
		}
		require.NoError(t, os.Chmod(path, right))
	}
	_, err := keyring.Open(dir)
	require.NoError(t, err)
}

func TestOpenNamesWhatIsMissing(t *testing.T) {
	_, err := keyring.Open(filepath.Join(t.TempDir(), "nowhere"))
	require.ErrorIs(t, err, fs.ErrNotExist)
	for _, name := range []string{"keyring.json", "seal.json", "sign.json", "log.json", "pseudonym.json"} {
		dir, _ := create(t)
		require.NoError(t, os.Remove(filepath.Join(dir, name)))
		_, err := keyring.Open(dir)
		require.ErrorIs(t, err, fs.ErrNotExist, name)
		assert.ErrorContains(t, err, name)
	}
}

// A file cut at any byte must be refused by name, and its secrets must not show.
func TestOpenRefusesTruncatedFiles(t *testing.T) {
	dir, _ := create(t)
	for name, whole := range files(t, dir) {
		path := filepath.Join(dir, name)
		for n := range len(whole) {
			require.NoError(t, os.WriteFile(path, []byte(whole[:n]), 0o600))
			_, err := keyring.Open(dir)
			require.ErrorIs(t, err, keyring.ErrCorrupt, "%s cut to %d bytes", name, n)
			require.ErrorContains(t, err, path)
		}
		require.NoError(t, os.WriteFile(path, []byte(whole), 0o600))
	}
}

func TestErrorsDoNotQuoteFiles(t *testing.T) {
	for _, name := range []string{"keyring.json", "seal.json", "sign.json", "log.json", "pseudonym.json"} {
		dir, _ := create(t)
		for _, content := range []string{`{"CANARY":"CANARY"}`, `{"key":[{"keyData":{"value":"CANARY"}}]}`, `CANARY`, `{"primaryKeyId":"CANARY"}`} {
			require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600))
			_, err := keyring.Open(dir)
			require.ErrorIs(t, err, keyring.ErrCorrupt, name)
			if name != "keyring.json" { // it has no secrets, and the name of an unknown member helps
				assert.NotContains(t, err.Error(), "CANARY", name)
			}
		}
	}
}

func TestManifestIsStrict(t *testing.T) {
	dir, _ := create(t)
	path := filepath.Join(dir, "keyring.json")
	for name, tc := range map[string]struct{ content, want string }{
		"other format":   {`{"format":"passavant-keyring/2","party":"a","changed":"2026-11-02T10:00:00Z","created":{}}`, "/format"},
		"bad party":      {`{"format":"passavant-keyring/1","party":"A","changed":"2026-11-02T10:00:00Z","created":{}}`, "/party"},
		"unknown member": {`{"format":"passavant-keyring/1","party":"a","changed":"2026-11-02T10:00:00Z","created":{},"x":1}`, "unknown member"},
		"bad date":       {`{"format":"passavant-keyring/1","party":"a","changed":"yesterday","created":{}}`, "changed"},
		"two documents":  {`{"format":"passavant-keyring/1","party":"a"}{}`, "keyring.json"},
	} {
		require.NoError(t, os.WriteFile(path, []byte(tc.content), 0o600))
		_, err := keyring.Open(dir)
		require.ErrorIs(t, err, keyring.ErrCorrupt, name)
		assert.ErrorContains(t, err, tc.want, name)
	}
}

func TestMissingDatesAreNoFault(t *testing.T) {
	dir, _ := create(t)
	content := `{"format":"passavant-keyring/1","party":"emerald-bank-ie","changed":"2026-11-02T10:00:00Z"}`
	require.NoError(t, os.WriteFile(filepath.Join(dir, "keyring.json"), []byte(content), 0o600))
	k, err := keyring.Open(dir)
	require.NoError(t, err)
	assert.True(t, k.List()[0].Created.IsZero())
	_, err = k.Rotate(keyring.Sealing)
	require.NoError(t, err)
}

func TestOpenRefusesHugeFiles(t *testing.T) {
	dir, _ := create(t)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "sign.json"), make([]byte, 1<<20+1), 0o600))
	_, err := keyring.Open(dir)
	require.ErrorIs(t, err, keyring.ErrCorrupt)
	assert.ErrorContains(t, err, "sign.json")
}

func TestOpenRefusesKeysForAnotherPurpose(t *testing.T) {
	for name, tc := range map[string]struct {
		file     string
		template *tinkpb.KeyTemplate
	}{
		"signing key to open with":   {"seal.json", signature.ED25519KeyWithoutPrefixTemplate()},
		"HPKE with Tink's prefix":    {"seal.json", hybrid.DHKEM_X25519_HKDF_SHA256_HKDF_SHA256_AES_256_GCM_Key_Template()},
		"HPKE with AES-128":          {"seal.json", hybrid.DHKEM_X25519_HKDF_SHA256_HKDF_SHA256_AES_128_GCM_Raw_Key_Template()},
		"HPKE with P-256":            {"seal.json", hybrid.DHKEM_P256_HKDF_SHA256_HKDF_SHA256_AES_256_GCM_Raw_Key_Template()},
		"opening key to sign with":   {"sign.json", hybrid.DHKEM_X25519_HKDF_SHA256_HKDF_SHA256_AES_256_GCM_Raw_Key_Template()},
		"Ed25519 with Tink's prefix": {"sign.json", signature.ED25519KeyTemplate()},
		"ECDSA":                      {"log.json", signature.ECDSAP256KeyTemplate()},
		"PRF to sign the log with":   {"log.json", prf.HMACSHA256PRFKeyTemplate()},
		"CMAC PRF":                   {"pseudonym.json", prf.AESCMACPRFKeyTemplate()},
		"AEAD key for pseudonyms":    {"pseudonym.json", aead.AES256GCMKeyTemplate()},
		"signing key for pseudonyms": {"pseudonym.json", signature.ED25519KeyWithoutPrefixTemplate()},
	} {
		t.Run(name, func(t *testing.T) {
			dir, _ := create(t)
			h, err := keyset.NewHandle(tc.template)
			require.NoError(t, err)
			f, err := os.OpenFile(filepath.Join(dir, tc.file), os.O_WRONLY|os.O_TRUNC, 0)
			require.NoError(t, err)
			require.NoError(t, insecurecleartextkeyset.Write(h, keyset.NewJSONWriter(f)))
			require.NoError(t, f.Close())
			_, err = keyring.Open(dir)
			require.ErrorIs(t, err, keyring.ErrPurpose)
			assert.ErrorContains(t, err, tc.file)
		})
	}
}

var errDisk = errors.New("the disk is full")

// failAt fails the n-th change to the disk and all after it, as a full disk does.
func failAt(n int) (keyring.Option, *int) {
	count := 0
	return keyring.WithStep(func(string) error {
		if count++; count > n {
			return errDisk
		}
		return nil
	}), &count
}

func TestCreateIsAllOrNothing(t *testing.T) {
	for n := 0; ; n++ {
		root := t.TempDir()
		dir := filepath.Join(root, "keys")
		failing, count := failAt(n)
		_, err := keyring.Create(dir, "emerald-bank-ie", failing)
		if err == nil {
			assert.Equal(t, 11, *count, "five files written and synced, one rename")
			return
		}
		require.ErrorIs(t, err, keyring.ErrWrite)
		require.ErrorIs(t, err, errDisk)
		entries, err := os.ReadDir(root)
		require.NoError(t, err)
		require.Empty(t, entries, "failed at step %d", n)
	}
}

// A crash leaves what the disk holds; a failing step stops before it. Either way the old keys must be there, and either
// the old or the new primary.
func TestRotateSurvivesAFailureAtAnyStep(t *testing.T) {
	for n := 0; ; n++ {
		dir, k := create(t)
		failing, count := failAt(n)
		opened, err := keyring.Open(dir, failing)
		require.NoError(t, err)
		_, err = opened.Rotate(keyring.Signing)
		again, openErr := keyring.Open(dir)
		require.NoError(t, openErr, "failed at step %d", n)
		_, verifyErr := again.Public().Verifier(k.Sealer().ID())
		require.NoError(t, verifyErr)
		if err == nil {
			assert.Equal(t, 6, *count, "two files written, synced and renamed")
			return
		}
		require.ErrorIs(t, err, keyring.ErrWrite)
		require.Len(t, infoOf(again, keyring.Signing), 1, "failed at step %d", n)
		require.Len(t, files(t, dir), 6, "nothing temporary is left")
	}
}

func TestLeftoversOfACrashAreNoFault(t *testing.T) {
	dir, _ := create(t)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "sign.json.new"), []byte(`{"half`), 0o600))
	k, err := keyring.Open(dir)
	require.NoError(t, err)
	_, err = k.Rotate(keyring.Signing)
	require.NoError(t, err)
}
