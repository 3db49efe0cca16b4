package keyring_test

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"flag"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/tink-crypto/tink-go/v2/aead"
	"github.com/tink-crypto/tink-go/v2/daead"
	"github.com/tink-crypto/tink-go/v2/hybrid"
	"github.com/tink-crypto/tink-go/v2/insecurecleartextkeyset"
	"github.com/tink-crypto/tink-go/v2/keyset"
	"github.com/tink-crypto/tink-go/v2/mac"
	"github.com/tink-crypto/tink-go/v2/prf"
	"github.com/tink-crypto/tink-go/v2/signature"
	"github.com/tink-crypto/tink-go/v2/streamingaead"

	"github.com/passavant/passavant/crypto/keyring"
)

// go test ./crypto/keyring -run TinkV1 -generate writes what the successor makes for version 1 to read.
var generate = flag.Bool("generate", false, "write testdata/tink/v2.json anew")

const tinkDir = "../../testdata/tink/"

// tinkVector is described in internal/tinkv1, the module of its own that links version 1.
type tinkVector struct {
	Name      string          `json:"name"`
	Primitive string          `json:"primitive"`
	Keyset    json.RawMessage `json:"keyset"`
	Message   string          `json:"message"`
	Context   string          `json:"context"`
	Output    string          `json:"output"`
}

func readTinkVectors(t *testing.T, name string) []tinkVector {
	t.Helper()
	raw, err := os.ReadFile(tinkDir + name)
	require.NoError(t, err)
	var all []tinkVector
	require.NoError(t, json.Unmarshal(raw, &all))
	require.NotEmpty(t, all)
	return all
}

func unhex(t *testing.T, text string) []byte {
	t.Helper()
	raw, err := hex.DecodeString(text)
	require.NoError(t, err)
	return raw
}

func TestKeysetsAndCiphertextsOfTinkV1StayReadable(t *testing.T) {
	all := readTinkVectors(t, "v1.json")
	for _, v := range all {
		t.Run(v.Name, func(t *testing.T) { checkTinkVector(t, v) })
	}
	if *generate {
		for i := range all {
			all[i] = makeTinkVector(t, all[i])
		}
		text, err := json.MarshalIndent(all, "", " ")
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(tinkDir+"v2.json", append(text, '\n'), 0o644))
	}
	for _, v := range readTinkVectors(t, "v2.json") {
		t.Run("v2/"+v.Name, func(t *testing.T) { checkTinkVector(t, v) })
	}
}

func tinkHandle(t *testing.T, v tinkVector) *keyset.Handle {
	t.Helper()
	h, err := insecurecleartextkeyset.Read(keyset.NewJSONReader(bytes.NewReader(v.Keyset)))
	require.NoError(t, err)
	return h
}

func checkTinkVector(t *testing.T, v tinkVector) {
	h, message, context, out := tinkHandle(t, v), unhex(t, v.Message), unhex(t, v.Context), unhex(t, v.Output)
	switch v.Primitive {
	case "aead":
		p, err := aead.New(h)
		require.NoError(t, err)
		got, err := p.Decrypt(out, context)
		require.NoError(t, err)
		assert.Equal(t, message, got)
	case "daead":
		p, err := daead.New(h)
		require.NoError(t, err)
		got, err := p.DecryptDeterministically(out, context)
		require.NoError(t, err)
		assert.Equal(t, message, got)
	case "hybrid":
		p, err := hybrid.NewHybridDecrypt(h)
		require.NoError(t, err)
		got, err := p.Decrypt(out, context)
		require.NoError(t, err)
		assert.Equal(t, message, got)
	case "mac":
		p, err := mac.New(h)
		require.NoError(t, err)
		require.NoError(t, p.VerifyMAC(out, message))
	case "prf":
		p, err := prf.NewPRFSet(h)
		require.NoError(t, err)
		got, err := p.ComputePrimaryPRF(message, 16)
		require.NoError(t, err)
		assert.Equal(t, out, got)
	case "signature":
		public, err := h.Public()
		require.NoError(t, err)
		p, err := signature.NewVerifier(public)
		require.NoError(t, err)
		require.NoError(t, p.Verify(out, message))
	case "streaming":
		p, err := streamingaead.New(h)
		require.NoError(t, err)
		r, err := p.NewDecryptingReader(bytes.NewReader(out), context)
		require.NoError(t, err)
		got, err := io.ReadAll(r)
		require.NoError(t, err)
		assert.Equal(t, message, got)
	default:
		t.Fatalf("unknown primitive %q", v.Primitive)
	}
}

// makeTinkVector rewrites the keyset by the successor's writer, and makes a new output with it.
func makeTinkVector(t *testing.T, v tinkVector) tinkVector {
	h := tinkHandle(t, v)
	var text, out bytes.Buffer
	require.NoError(t, insecurecleartextkeyset.Write(h, keyset.NewJSONWriter(&text)))
	message, context := []byte("made by tink-crypto/tink-go/v2: "+v.Name), []byte("context")
	produced := func(raw []byte, err error) { require.NoError(t, err); out.Write(raw) }
	switch v.Primitive {
	case "aead":
		p, err := aead.New(h)
		require.NoError(t, err)
		produced(p.Encrypt(message, context))
	case "daead":
		p, err := daead.New(h)
		require.NoError(t, err)
		produced(p.EncryptDeterministically(message, context))
	case "hybrid":
		public, err := h.Public()
		require.NoError(t, err)
		p, err := hybrid.NewHybridEncrypt(public)
		require.NoError(t, err)
		produced(p.Encrypt(message, context))
	case "mac":
		p, err := mac.New(h)
		require.NoError(t, err)
		produced(p.ComputeMAC(message))
	case "prf":
		p, err := prf.NewPRFSet(h)
		require.NoError(t, err)
		produced(p.ComputePrimaryPRF(message, 16))
	case "signature":
		p, err := signature.NewSigner(h)
		require.NoError(t, err)
		produced(p.Sign(message))
	case "streaming":
		p, err := streamingaead.New(h)
		require.NoError(t, err)
		w, err := p.NewEncryptingWriter(&out, context)
		require.NoError(t, err)
		_, err = w.Write(message)
		require.NoError(t, err)
		require.NoError(t, w.Close())
	}
	v.Keyset, v.Message, v.Context, v.Output = text.Bytes(), hex.EncodeToString(message), hex.EncodeToString(context), hex.EncodeToString(out.Bytes())
	return v
}

// Whoever has Tink keysets of version 1 puts them into a folder, and has a keyring.
func TestAKeyringOfTinkV1Keysets(t *testing.T) {
	dir, _ := create(t)
	for _, v := range readTinkVectors(t, "v1.json") {
		_, names, found := strings.Cut(v.Name, "keyring ")
		if !found {
			continue
		}
		for _, name := range strings.Split(names, " and ") {
			require.NoError(t, os.WriteFile(filepath.Join(dir, name), v.Keyset, 0o600))
		}
	}
	k, err := keyring.Open(dir)
	require.NoError(t, err)
	_, err = keyring.ParsePublic(marshal(t, k.Public()))
	require.NoError(t, err)
	rotated, err := k.Rotate(keyring.Sealing)
	require.NoError(t, err)
	assert.Len(t, rotated.Opener(), 2)
}
