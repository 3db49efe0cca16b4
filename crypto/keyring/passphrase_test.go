package keyring_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passavant/passavant/crypto/keyring"
)

const passphrase = "correct horse battery staple"

func with(passphrase string) keyring.Option { return keyring.WithPassphrase([]byte(passphrase)) }

func TestPassphraseLocksTheKeysets(t *testing.T) {
	dir, made := create(t, with(passphrase))
	for name, content := range files(t, dir) {
		assert.Equal(t, name != "keyring.json", strings.Contains(content, `"encryptedKeyset"`), name)
		assert.NotContains(t, content, passphrase, name)
	}
	needs, err := keyring.NeedsPassphrase(dir)
	require.NoError(t, err)
	assert.True(t, needs)

	opened, err := keyring.Open(dir, with(passphrase))
	require.NoError(t, err)
	assert.Equal(t, made.List(), opened.List())
	rotated, err := opened.Rotate(keyring.Sealing)
	require.NoError(t, err)
	again, err := keyring.Open(dir, with(passphrase))
	require.NoError(t, err)
	assert.Equal(t, rotated.List(), again.List(), "a rotation keeps the lock")
}

func TestPassphraseIsRequiredAndTheRightOne(t *testing.T) {
	dir, _ := create(t, with(passphrase))
	plain, _ := create(t)
	for name, tc := range map[string]struct {
		dir  string
		opts []keyring.Option
	}{
		"none":                   {dir, nil},
		"wrong":                  {dir, []keyring.Option{with(passphrase + " ")}},
		"too short":              {dir, []keyring.Option{with("short")}},
		"empty":                  {dir, []keyring.Option{with("")}},
		"another kind":           {dir, []keyring.Option{keyring.WithMasterKey(masterKey(t))}},
		"for keys in the clear":  {plain, []keyring.Option{with(passphrase)}},
		"too short for creation": {filepath.Join(t.TempDir(), "absent"), []keyring.Option{with("short")}},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := keyring.Open(tc.dir, tc.opts...)
			if strings.HasSuffix(tc.dir, "absent") {
				_, err = keyring.Create(tc.dir, "emerald-bank-ie", tc.opts...)
			}
			require.ErrorIs(t, err, keyring.ErrMasterKey)
			assert.NotContains(t, err.Error(), passphrase)
		})
	}
	needs, err := keyring.NeedsPassphrase(plain)
	require.NoError(t, err)
	assert.False(t, needs)
}

// Who can write the directory must not be able to make this program use up the machine, or open with a weaker key.
func TestForgedParametersAreRefused(t *testing.T) {
	dir, _ := create(t, with(passphrase))
	path := filepath.Join(dir, "keyring.json")
	raw, err := os.ReadFile(path)
	require.NoError(t, err)
	for name, change := range map[string]func(p map[string]any){
		"algorithm":        func(p map[string]any) { p["algorithm"] = "argon2i" },
		"a terabyte":       func(p map[string]any) { p["memory"] = 1 << 30 },
		"no memory":        func(p map[string]any) { p["memory"] = 1 },
		"a million passes": func(p map[string]any) { p["passes"] = 1_000_000 },
		"no pass":          func(p map[string]any) { p["passes"] = 0 },
		"no thread":        func(p map[string]any) { p["threads"] = 0 },
		"short salt":       func(p map[string]any) { p["salt"] = "AAAA" },
		"unknown member":   func(p map[string]any) { p["x"] = 1 },
		"fewer passes":     func(p map[string]any) { p["passes"] = 1 },
	} {
		t.Run(name, func(t *testing.T) {
			var book map[string]any
			require.NoError(t, json.Unmarshal(raw, &book))
			change(book["passphrase"].(map[string]any))
			changed, err := json.Marshal(book)
			require.NoError(t, err)
			require.NoError(t, os.WriteFile(path, changed, 0o600))
			_, err = keyring.Open(dir, with(passphrase))
			if name == "fewer passes" {
				require.ErrorIs(t, err, keyring.ErrMasterKey, "it gives another key")
				return
			}
			require.ErrorIs(t, err, keyring.ErrCorrupt)
		})
	}
}
