package keyring_test

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/tink-crypto/tink-go/v2/hybrid/hpke"
	"github.com/tink-crypto/tink-go/v2/insecurecleartextkeyset"
	"github.com/tink-crypto/tink-go/v2/insecuresecretdataaccess"
	"github.com/tink-crypto/tink-go/v2/keyset"
	"github.com/tink-crypto/tink-go/v2/prf/hmacprf"
	"github.com/tink-crypto/tink-go/v2/signature/ed25519"

	"github.com/passavant/passavant/crypto/keyring"
)

// secretsOf reads the private keys of a keyring through Tink, not through us.
func secretsOf(t *testing.T, dir string) [][]byte {
	t.Helper()
	var secrets [][]byte
	for _, p := range keyring.Purposes() {
		raw, err := os.ReadFile(filepath.Join(dir, string(p)+".json"))
		require.NoError(t, err)
		h, err := insecurecleartextkeyset.Read(keyset.NewJSONReader(bytes.NewReader(raw)))
		require.NoError(t, err)
		entry, err := h.Primary()
		require.NoError(t, err)
		token := insecuresecretdataaccess.Token{}
		switch k := entry.Key().(type) {
		case *hpke.PrivateKey:
			secrets = append(secrets, k.PrivateKeyBytes().Data(token))
		case *ed25519.PrivateKey:
			secrets = append(secrets, k.PrivateKeyBytes().Data(token))
		case *hmacprf.Key:
			secrets = append(secrets, k.KeyBytes().Data(token))
		}
	}
	require.Len(t, secrets, 4)
	return secrets
}

// printed is everything that the usual ways of printing make of v.
func printed(v any) string {
	var out strings.Builder
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%d", "%x", "%X", "%o"} {
		fmt.Fprintf(&out, verb+"\n", v)
	}
	if raw, err := json.Marshal(v); err == nil {
		out.Write(raw)
	}
	slog.New(slog.NewTextHandler(&out, nil)).Info("", "v", v)
	slog.New(slog.NewJSONHandler(&out, nil)).Info("", "v", v)
	return out.String()
}

// spellings are the ways in which a secret could show, by any eight bytes of it.
func spellings(secret []byte) []string {
	var all []string
	for i := 0; i+8 <= len(secret); i += 4 {
		part := secret[i : i+8]
		all = append(all, string(part), hex.EncodeToString(part), strings.ToUpper(hex.EncodeToString(part)),
			strings.Trim(fmt.Sprint(part), "[]"), strings.Trim(fmt.Sprintf("%#v", part), "[]byte{}"))
	}
	return append(all, base64.StdEncoding.EncodeToString(secret)[:12])
}

func TestSecretsAreNeverPrinted(t *testing.T) {
	dir, k := create(t)
	p, err := k.Pseudonymizer()
	require.NoError(t, err)
	type holder struct {
		k      *keyring.Keyring
		copied keyring.Keyring
		Shown  any
	}
	text := ""
	for _, v := range []any{
		k, *k, k.Sealer(), k.Opener(), k.Signer(), k.LogSigner(), p, k.Public(), k.List(),
		holder{k, *k, k}, &holder{k, *k, *k}, []any{k, *k},
	} {
		text += printed(v)
	}
	for _, secret := range secretsOf(t, dir) {
		for _, spelling := range spellings(secret) {
			require.NotContains(t, text, spelling)
		}
	}
	assert.Equal(t, "keyring of emerald-bank-ie", fmt.Sprintf("%+v", k))
	assert.Equal(t, "keyring of emerald-bank-ie", fmt.Sprintf("%#v", *k))
	raw, err := json.Marshal(k)
	require.NoError(t, err)
	assert.Equal(t, `"keyring of emerald-bank-ie"`, string(raw))
	assert.Equal(t, "empty keyring", fmt.Sprint(keyring.Keyring{}))
}

// The detector must be able to fail.
func TestPrintedSecretsWouldBeNoticed(t *testing.T) {
	dir, _ := create(t)
	secret := secretsOf(t, dir)[0]
	text := printed(struct{ Key []byte }{secret})
	found := 0
	for _, spelling := range spellings(secret) {
		if strings.Contains(text, spelling) {
			found++
		}
	}
	assert.Greater(t, found, 10)
}
