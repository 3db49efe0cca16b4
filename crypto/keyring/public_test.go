package keyring_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passavant/passavant/crypto/keyring"
	"github.com/passavant/passavant/internal/canonical"
)

func marshal(t testing.TB, p keyring.Public) []byte {
	t.Helper()
	raw, err := json.Marshal(p)
	require.NoError(t, err)
	return raw
}

func TestPublicRoundTrip(t *testing.T) {
	for _, opts := range [][]keyring.Option{nil, {keyring.WithPostQuantum()}} {
		_, k := create(t, opts...)
		k, err := k.Rotate(keyring.Signing)
		require.NoError(t, err)
		raw := marshal(t, k.Public())
		parsed, err := keyring.ParsePublic(raw)
		require.NoError(t, err)
		assert.Equal(t, k.Public(), parsed)
		assert.Equal(t, k.Public().Fingerprint(), parsed.Fingerprint())
		canonicalForm, err := canonical.Transform(raw)
		require.NoError(t, err)
		assert.Equal(t, string(canonicalForm), string(raw))

		var indented bytes.Buffer
		require.NoError(t, json.Indent(&indented, raw, "", "  "))
		_, err = keyring.ParsePublic(indented.Bytes())
		require.NoError(t, err, "white space does not matter")
	}
}

func TestPublicHoldsNoSecret(t *testing.T) {
	dir, k := create(t)
	public := string(marshal(t, k.Public()))
	for name, content := range files(t, dir) {
		if name == "keyring.json" {
			continue
		}
		var ks struct {
			Key []struct{ KeyData struct{ Value string } }
		}
		require.NoError(t, json.Unmarshal([]byte(content), &ks))
		require.NotContains(t, public, ks.Key[0].KeyData.Value)
	}
	assert.NotContains(t, public, "pseudonym")
}

// Every changed byte must be noticed: by the form, by a key id, or by the signature.
func TestEveryChangedByteOfPublicIsNoticed(t *testing.T) {
	_, k := create(t)
	raw := marshal(t, k.Public())
	for at := range raw {
		changed := bytes.Clone(raw)
		changed[at] ^= 1
		_, err := keyring.ParsePublic(changed)
		if err == nil {
			// The last character of base64 holds bits that do not count.
			parsed, _ := keyring.ParsePublic(changed)
			require.Equal(t, k.Public(), parsed, "byte %d", at)
			continue
		}
		require.ErrorIs(t, err, keyring.ErrPublic, "byte %d", at)
	}
}

func TestParsePublicRefuses(t *testing.T) {
	_, k := create(t)
	good := string(marshal(t, k.Public()))
	p := k.Public()
	replace := func(old, new string) string {
		require.Contains(t, good, old)
		return strings.Replace(good, old, new, 1)
	}
	without := func(change func(*keyring.Public)) string {
		p := k.Public()
		change(&p)
		return string(marshal(t, p))
	}
	for name, tc := range map[string]struct{ in, want string }{
		"empty":             {"", ""},
		"not JSON":          {"CANARY", ""},
		"other format":      {replace("passavant-public/1", "passavant-public/2"), "/format"},
		"party":             {replace("emerald-bank-ie", "EMERALD"), "/party"},
		"other party":       {replace("emerald-bank-ie", "emerald-bank-uk"), "/signatures/0"},
		"date":              {replace("2026-11-02T10:00:00Z", "2026-11-02T10:00:00+00:00"), "/created"},
		"later date":        {replace("2026-11-02", "2027-11-02"), "/signatures/0"},
		"unknown member":    {replace(`{"created"`, `{"a":1,"created"`), ""},
		"member twice":      {replace(`{"created"`, `{"party":"x","created"`), ""},
		"key id":            {replace(p.Seal[0].ID, "0000000000000000"), "/seal/0"},
		"algorithm":         {replace(`"HPKE-X25519"`, `"HPKE-XWING"`), "/seal/0"},
		"signing algorithm": {replace(`"algorithm":"Ed25519"`, `"algorithm":"Ed448"`), "/log/0"},
		"no sealing key":    {without(func(p *keyring.Public) { p.Seal = nil }), "/seal"},
		"no signing key":    {without(func(p *keyring.Public) { p.Sign = nil }), "/sign"},
		"no log key":        {without(func(p *keyring.Public) { p.Log = nil }), "/log"},
		"key twice":         {without(func(p *keyring.Public) { p.Log = append(p.Log, p.Log[0]) }), "/log/1"},
		"no signature":      {without(func(p *keyring.Public) { p.Signatures = nil }), "/signatures"},
		"signature twice":   {without(func(p *keyring.Public) { p.Signatures = append(p.Signatures, p.Signatures[0]) }), "/signatures"},
		"short signature":   {without(func(p *keyring.Public) { p.Signatures[0].Signature = []byte("x") }), "/signatures/0"},
		"too long":          {good + strings.Repeat(" ", 256<<10), "256 KiB"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := keyring.ParsePublic([]byte(tc.in))
			require.ErrorIs(t, err, keyring.ErrPublic)
			assert.ErrorContains(t, err, tc.want)
			assert.NotContains(t, err.Error(), "CANARY")
		})
	}
}

// Mallory can make a document in somebody's name. Only the fingerprint and the chain of signatures tell.
func TestSucceeds(t *testing.T) {
	_, first := create(t)
	second, err := first.Rotate(keyring.Signing)
	require.NoError(t, err)
	third, err := second.Disable(keyring.Signing, first.Sealer().ID())
	require.NoError(t, err)
	_, mallory := create(t)

	assert.True(t, first.Public().Succeeds(first.Public()))
	assert.True(t, second.Public().Succeeds(first.Public()))
	assert.True(t, third.Public().Succeeds(second.Public()))
	assert.False(t, third.Public().Succeeds(first.Public()), "the old key no longer vouches")
	assert.False(t, mallory.Public().Succeeds(first.Public()), "keys of somebody else")

	stolen := mallory.Public()
	stolen.Sign = append(stolen.Sign, first.Public().Sign[0])
	assert.False(t, stolen.Succeeds(first.Public()), "a public key is not a signature")

	later, err := keyring.Create(filepath.Join(t.TempDir(), "k"), "emerald-bank-ie", at(created.Add(time.Hour)))
	require.NoError(t, err)
	assert.False(t, first.Public().Succeeds(later.Public()))
	renamed := first.Public()
	renamed.Party = "sakura-bank-jp"
	assert.False(t, first.Public().Succeeds(renamed), "another party")
}

func TestSucceedsRefusesOlderDocuments(t *testing.T) {
	dir, first := create(t)
	opened, err := keyring.Open(dir, at(created.Add(time.Hour)))
	require.NoError(t, err)
	second, err := opened.Rotate(keyring.Sealing)
	require.NoError(t, err)
	assert.True(t, second.Public().Succeeds(first.Public()))
	assert.False(t, first.Public().Succeeds(second.Public()), "going back to former keys")
}

func TestFingerprint(t *testing.T) {
	_, a := create(t)
	_, b := create(t)
	assert.Regexp(t, `^([0-9]{5} ){7}[0-9]{5}$`, a.Public().Fingerprint())
	assert.NotEqual(t, a.Public().Fingerprint(), b.Public().Fingerprint())
}

func TestPublicIsACopy(t *testing.T) {
	_, k := create(t)
	p := k.Public()
	p.Seal[0].Public[0] ^= 1
	p.Sign[0].ID = "x"
	p.Signatures[0].Signature[0] ^= 1
	assert.NotEqual(t, p, k.Public())
	_, err := keyring.ParsePublic(marshal(t, k.Public()))
	require.NoError(t, err)
}

func TestEmptyPublicIsHarmless(t *testing.T) {
	var p keyring.Public
	_, err := p.Recipient()
	require.ErrorIs(t, err, keyring.ErrPublic)
	_, err = p.Verifier("")
	require.ErrorIs(t, err, keyring.ErrUnknownKey)
	assert.Nil(t, p.LogKey())
	assert.False(t, p.Succeeds(p))
}

func FuzzParsePublic(f *testing.F) {
	for _, name := range []string{"x25519.json", "rotated-xwing.json"} {
		raw, err := os.ReadFile(filepath.Join("testdata", name))
		require.NoError(f, err)
		f.Add(raw)
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		p, err := keyring.ParsePublic(raw)
		if err != nil {
			require.ErrorIs(t, err, keyring.ErrPublic)
			return
		}
		again, err := keyring.ParsePublic(marshal(t, p))
		require.NoError(t, err)
		require.Equal(t, p, again)
		_, err = p.Recipient()
		require.NoError(t, err)
	})
}

// The documents in testdata were written once; what is published must stay readable.
func TestPublishedDocumentsStayReadable(t *testing.T) {
	for name, fingerprint := range map[string]string{
		"x25519.json":        "15762 43791 64361 50623 38084 02145 46302 54610",
		"rotated-xwing.json": "01813 40553 55241 13618 47560 50824 32979 25698",
	} {
		raw, err := os.ReadFile(filepath.Join("testdata", name))
		require.NoError(t, err)
		p, err := keyring.ParsePublic(raw)
		require.NoError(t, err, name)
		assert.Equal(t, fingerprint, p.Fingerprint(), name)
	}
}
