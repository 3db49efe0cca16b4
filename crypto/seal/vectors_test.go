package seal_test

import (
	"bytes"
	"crypto/hpke"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/cryptotest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passavant/passavant/crypto/seal"
)

// go test ./crypto/seal -run TestVectors -generate writes the vectors anew. Do so only when the format changes, that
// is, never under the same version line.
var generate = flag.Bool("generate", false, "write testdata/envelopes anew")

const vectorDir = "../../testdata/envelopes"

// index is testdata/envelopes/index.json.
type index struct {
	Comment string            `json:"comment"`
	Keys    map[string]string `json:"keys"` // name -> private key in hexadecimal: Ed25519 seed or X25519 scalar
	Vectors []vector          `json:"vectors"`
}

type vector struct {
	File   string   `json:"file"`
	What   string   `json:"what"`
	Verify string   `json:"verify"` // name of the sender's key that the reader expects
	Open   []string `json:"open"`   // names of the reader's keys
	Expect string   `json:"expect"`
	Header string   `json:"header,omitempty"`
	Body   string   `json:"body_sha256,omitempty"`
}

// expectations is the closed vocabulary of "expect".
var expectations = map[string]error{
	"ok": nil, "malformed": seal.ErrMalformed, "truncated": seal.ErrTruncated, "signature": seal.ErrSignature,
	"not_for_us": seal.ErrNotForUs, "open": seal.ErrOpen, "unknown_suite": seal.ErrUnknownSuite,
	"unsupported_version": seal.ErrUnsupportedVersion,
}

func TestVectors(t *testing.T) {
	if *generate {
		generateVectors(t)
	}
	raw, err := os.ReadFile(filepath.Join(vectorDir, "index.json"))
	require.NoError(t, err)
	var ix index
	require.NoError(t, json.Unmarshal(raw, &ix))
	require.NotEmpty(t, ix.Vectors)
	seen := map[string]bool{}
	for _, v := range ix.Vectors {
		t.Run(v.File, func(t *testing.T) {
			want, known := expectations[v.Expect]
			require.True(t, known, "unknown expectation")
			msg, err := os.ReadFile(filepath.Join(vectorDir, v.File))
			require.NoError(t, err)
			checkVector(t, ix, v, msg, want)
		})
		seen[v.Expect] = true
	}
	assert.Len(t, seen, len(expectations), "every expectation has a vector")
}

func checkVector(t *testing.T, ix index, v vector, msg []byte, want error) {
	verify := indexSigner(t, ix, v.Verify)
	var keys []*seal.OpeningKey
	for _, name := range v.Open {
		key, err := seal.NewOpeningKey(indexPrivate(t, ix, name))
		require.NoError(t, err)
		keys = append(keys, key)
	}
	for _, open := range []func([]byte, *seal.VerifyKey, ...*seal.OpeningKey) ([]byte, []byte, error){seal.OpenBytes, openStream} {
		header, body, err := open(msg, verify.Verify(), keys...)
		if want != nil {
			require.ErrorIs(t, err, want)
			continue
		}
		require.NoError(t, err)
		assert.Equal(t, v.Header, string(header))
		sum := sha256.Sum256(body)
		assert.Equal(t, v.Body, hex.EncodeToString(sum[:]))
	}
	if want == nil {
		_, body, err := readIndependently(msg, verify.Verify().Public(), indexPrivate(t, ix, v.Open[0]))
		require.NoError(t, err)
		sum := sha256.Sum256(body)
		assert.Equal(t, v.Body, hex.EncodeToString(sum[:]), "second implementation")
	}
}

func indexSigner(t *testing.T, ix index, name string) *seal.SigningKey {
	require.Equal(t, hex.EncodeToString(seed(name)), ix.Keys[name])
	return fixedSigningKey(t, name)
}

func indexPrivate(t *testing.T, ix index, name string) hpke.PrivateKey {
	require.Equal(t, hex.EncodeToString(seed(name)), ix.Keys[name])
	return fixedPrivate(t, name)
}

func generateVectors(t *testing.T) {
	cryptotest.SetGlobalRandom(t, 1) // so that writing anew changes nothing unless the format changed
	ix := index{
		Comment: "Test keys: SHA-256 of \"passavant test key \" and the name. Format: docs/envelope-format.md.",
		Keys:    map[string]string{},
	}
	for _, name := range []string{"sender", "mallory", "recipient", "second", "stranger"} {
		ix.Keys[name] = hex.EncodeToString(seed(name))
	}
	require.NoError(t, os.MkdirAll(vectorDir, 0o755))
	for _, v := range goodVectors(t) {
		ix.Vectors = append(ix.Vectors, v.save(t))
	}
	for _, v := range badVectors(t) {
		ix.Vectors = append(ix.Vectors, v.save(t))
	}
	raw, err := json.MarshalIndent(ix, "", "  ")
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(vectorDir, "index.json"), append(raw, '\n'), 0o644))
}

type newVector struct {
	vector
	msg, body []byte
}

func (v newVector) save(t *testing.T) vector {
	v.File += ".sealed"
	if v.Verify == "" {
		v.Verify = "sender"
	}
	if v.Open == nil {
		v.Open = []string{"recipient"}
	}
	if v.Expect == "ok" {
		sum := sha256.Sum256(v.body)
		v.Body = hex.EncodeToString(sum[:])
	}
	require.NoError(t, os.WriteFile(filepath.Join(vectorDir, v.File), v.msg, 0o644))
	return v.vector
}

const vectorHeader = `{"agreement":"ie-jp-bank-fraud","purpose":"fraud_investigation","recipient":"sakura-bank-jp"}`

func goodVectors(t *testing.T) []newVector {
	signer, to, second := fixedSigningKey(t, "sender"), fixedOpeningKey(t, "recipient"), fixedOpeningKey(t, "second")
	session, err := seal.NewSession(seal.Limits{}, signer, to.Recipient())
	require.NoError(t, err)
	single := func(body []byte, keys ...*seal.RecipientKey) []byte {
		msg, err := seal.SealBytes(nil, []byte(vectorHeader), body, signer, keys...)
		require.NoError(t, err)
		return msg
	}
	shared := func(body []byte) []byte {
		msg, err := session.SealBytes(nil, []byte(vectorHeader), body)
		require.NoError(t, err)
		return msg
	}
	report, long := []byte(`{"case":"EB-2026-0142","amount":"1250.00"}`), pattern(70_000)
	ok := func(file, what string, body, msg []byte, open ...string) newVector {
		return newVector{vector{File: file, What: what, Open: open, Expect: "ok", Header: vectorHeader}, msg, body}
	}
	return []newVector{
		ok("ok-empty", "empty body", nil, single(nil, to.Recipient())),
		ok("ok-short", "one recipient, one frame", report, single(report, to.Recipient())),
		ok("ok-two-frames", "several segments and two frames", long, single(long, to.Recipient())),
		ok("ok-two-recipients", "two recipients, opened by the second", report, single(report, to.Recipient(), second.Recipient()), "second"),
		ok("ok-session-1", "first of two messages that share an encapsulation", report, shared(report)),
		ok("ok-session-2", "second of two messages that share an encapsulation", report, shared(report)),
	}
}

func badVectors(t *testing.T) []newVector {
	sender, mallory := fixedSigner("sender"), fixedSigner("mallory")
	to := fixedOpeningKey(t, "recipient").Recipient()
	write := func(f forge) []byte { return f.write(t, vectorHeader, pattern(100), sender, to) }
	good := write(forge{})
	flip := func(at int) []byte {
		msg := bytes.Clone(good)
		msg[at] ^= 1
		return msg
	}
	header := bytes.Index(good, []byte("sakura"))
	bad := func(file, what, expect string, msg []byte) newVector {
		return newVector{vector: vector{File: file, What: what, Expect: expect}, msg: msg}
	}
	stranger := bad("bad-stranger", "intact, but read with a key that is no recipient's", "not_for_us", good)
	stranger.Open = []string{"stranger"}
	return []newVector{
		stranger,
		bad("bad-header-bit", "one bit of the header changed", "signature", flip(header)),
		bad("bad-body-bit", "one bit of the first frame changed", "signature", flip(len(good)-200)),
		bad("bad-signature-bit", "one bit of the signature changed", "signature", flip(len(good)-1)),
		bad("bad-other-signer", "signed by another key than the seal line names", "signature", resign(good, mallory)),
		bad("bad-header-resigned", "header changed, then signed again by the sender", "open", resign(flip(header), sender)),
		bad("bad-commitment", "commitment to another secret, well signed", "open", write(forge{commitment: make([]byte, 32)})),
		bad("bad-info", "stanza made for another sender, well signed", "open", write(forge{infoSender: fixedSigningKey(t, "mallory").Verify().Public()})),
		bad("bad-body-missing", "no frame, well signed", "open", write(forge{noBody: true})),
		bad("bad-framing", "short frame before the last one, well signed", "malformed", write(forge{frames: []int{10}})),
		bad("bad-trailing", "one byte after the signature", "malformed", append(bytes.Clone(good), '\n')),
		bad("bad-seal-line-space", "a space in the seal line, well signed", "malformed", resign(bytes.Replace(good, []byte(`,"suite"`), []byte(`, "suite"`), 1), sender)),
		bad("bad-truncated-body", "ends within the body", "truncated", good[:len(good)-100]),
		bad("bad-truncated-signature", "ends within the signature", "truncated", good[:len(good)-1]),
		bad("bad-suite", "unknown suite, well signed", "unknown_suite", write(forge{suite: strings.Replace(suiteX25519, "A256GCM+", "CHACHA+", 1)})),
		bad("bad-version", "version 2, well signed", "unsupported_version", write(forge{version: "passavant-sealed/2"})),
	}
}
