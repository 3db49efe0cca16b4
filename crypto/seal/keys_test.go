package seal_test

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passavant/passavant/crypto/seal"
)

// printed is everything that the usual ways of printing make of v.
func printed(v any) string {
	var out strings.Builder
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%d", "%x", "%X", "%o", "%b", "%c", "%t", "%p"} {
		fmt.Fprintf(&out, verb+"\n", v)
	}
	if raw, err := json.Marshal(v); err == nil {
		out.Write(raw)
	}
	slog.New(slog.NewTextHandler(&out, nil)).Info("", "v", v)
	slog.New(slog.NewJSONHandler(&out, nil)).Info("", "v", v)
	fmt.Fprint(&out, fmt.Errorf("%w %v", seal.ErrKey, v))
	return out.String()
}

// spellings are the ways in which a secret could show, by any eight bytes of it.
func spellings(secret []byte) []string {
	var all []string
	for i := 0; i+8 <= len(secret); i += 4 {
		part := secret[i : i+8]
		all = append(all, string(part), hex.EncodeToString(part), strings.ToUpper(hex.EncodeToString(part)),
			base64.StdEncoding.EncodeToString(part)[:10],
			strings.Trim(fmt.Sprint(part), "[]"), strings.Trim(fmt.Sprintf("%#v", part), "[]byte{}"))
	}
	return all
}

func assertHidden(t *testing.T, text string, secret []byte) {
	t.Helper()
	for _, spelling := range spellings(secret) {
		assert.NotContains(t, text, spelling)
	}
}

func TestSecretsAreNeverPrinted(t *testing.T) {
	signer, key := fixedSigningKey(t, "sender"), fixedOpeningKey(t, "recipient")
	session, err := seal.NewSession(seal.Limits{}, signer, key.Recipient())
	require.NoError(t, err)
	_, err = session.SealBytes(nil, []byte(`{}`), nil)
	require.NoError(t, err)
	type holder struct {
		signer  *seal.SigningKey
		key     *seal.OpeningKey
		session *seal.Session
		copied  seal.SigningKey
		opening seal.OpeningKey
		Shown   any
	}
	for _, v := range []any{
		signer, *signer, key, *key, session,
		holder{signer, key, session, *signer, *key, signer}, &holder{signer, key, session, *signer, *key, key},
		[]any{signer, key}, map[string]any{"k": key, "s": *signer},
	} {
		text := printed(v)
		assertHidden(t, text, seed("sender"))
		assertHidden(t, text, seed("recipient"))
	}
	assert.Equal(t, "signing key "+signer.ID(), fmt.Sprint(signer))
	assert.Equal(t, "opening key "+key.ID(), fmt.Sprintf("%+v", *key))
}

// The detector must be able to fail.
func TestPrintedSecretsWouldBeNoticed(t *testing.T) {
	text := printed(struct{ Key []byte }{seed("sender")})
	found := 0
	for _, spelling := range spellings(seed("sender")) {
		if strings.Contains(text, spelling) {
			found++
		}
	}
	assert.Greater(t, found, 10)
}

func TestKeyIDIsHashOfThePublicKey(t *testing.T) {
	signer, key := fixedSigningKey(t, "sender"), fixedOpeningKey(t, "recipient")
	assert.Equal(t, keyID(signer.Verify().Public()), signer.ID())
	assert.Equal(t, keyID(key.Recipient().Bytes()), key.ID())
	assert.Equal(t, seal.KeyID(key.Recipient().Bytes()), key.Recipient().ID())
	// SHA-256 of no bytes begins so (FIPS 180-4 examples).
	assert.Equal(t, "e3b0c44298fc1c14", seal.KeyID(nil))
}

func TestKeysRefuse(t *testing.T) {
	ec, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	for name, try := range map[string]func() error{
		"signer of another algorithm": func() error { _, err := seal.NewSigningKey(ec); return err },
		"no signer":                   func() error { _, err := seal.NewSigningKey(nil); return err },
		"short private key":           func() error { _, err := seal.NewSigningKey(ed25519.PrivateKey("short")); return err },
		"short verify key":            func() error { _, err := seal.NewVerifyKey([]byte("short")); return err },
		"short recipient key":         func() error { _, err := seal.NewRecipientKey(seal.X25519, []byte("short")); return err },
		"unknown algorithm":           func() error { _, err := seal.NewRecipientKey("HPKE-P256", make([]byte, 32)); return err },
		"short opening key":           func() error { _, err := seal.ParseOpeningKey(seal.XWing, []byte("short")); return err },
		"unknown opening algorithm":   func() error { _, err := seal.ParseOpeningKey("", seed("x")); return err },
		"unknown generated algorithm": func() error { _, err := seal.GenerateOpeningKey(""); return err },
	} {
		require.ErrorIs(t, try(), seal.ErrKey, name)
	}
}

func TestSigningKeyIsACryptoSigner(t *testing.T) {
	var signer crypto.Signer = fixedSigningKey(t, "sender")
	message := []byte("passavant-test/1\nmessage")
	signature, err := signer.Sign(nil, message, crypto.Hash(0))
	require.NoError(t, err)
	assert.True(t, ed25519.Verify(signer.Public().(ed25519.PublicKey), message, signature))
	assert.True(t, bytes.Equal(ed25519.Sign(fixedSigner("sender"), message), signature))
	_, err = signer.Sign(nil, message, crypto.SHA512)
	require.ErrorIs(t, err, seal.ErrKey)
	_, err = signer.Sign(nil, message, nil)
	require.ErrorIs(t, err, seal.ErrKey)
}

// brokenSigner stands for a device that fails or returns nonsense.
type brokenSigner struct {
	ed25519.PrivateKey
	signature []byte
	err       error
}

func (b brokenSigner) Sign(_ io.Reader, _ []byte, _ crypto.SignerOpts) ([]byte, error) {
	return b.signature, b.err
}

func TestFailingDeviceMakesNoMessage(t *testing.T) {
	to := openingKey(t, seal.X25519).Recipient()
	for _, device := range []brokenSigner{
		{PrivateKey: fixedSigner("sender"), err: errDisk},
		{PrivateKey: fixedSigner("sender"), signature: []byte("short")},
	} {
		signer, err := seal.NewSigningKey(device)
		require.NoError(t, err)
		out, err := seal.SealBytes(nil, []byte(`{}`), nil, signer, to)
		require.ErrorIs(t, err, seal.ErrSeal)
		assert.Empty(t, out)
	}
}
