package second_test

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/cloudflare/circl/hpke"
	"github.com/cloudflare/circl/kem"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passavant/passavant/crypto/keyring"
	"github.com/passavant/passavant/crypto/seal"
	"github.com/passavant/passavant/internal/canonical"
	"github.com/passavant/passavant/internal/interop/second"
	"github.com/passavant/passavant/transfer"
	"github.com/passavant/passavant/transfer/transfertest"
)

var kems = map[string]hpke.KEM{seal.X25519: hpke.KEM_X25519_HKDF_SHA256, seal.XWing: hpke.KEM_XWING}

// pair is one X25519 or X-Wing key as each side holds it.
type pair struct {
	theirs kem.PrivateKey
	ours   *seal.OpeningKey
	raw    []byte // public
}

func newPair(t *testing.T, algorithm string) pair {
	t.Helper()
	public, private, err := kems[algorithm].Scheme().GenerateKeyPair()
	require.NoError(t, err)
	raw, err := private.MarshalBinary()
	require.NoError(t, err)
	ours, err := seal.ParseOpeningKey(algorithm, raw)
	require.NoError(t, err)
	text, err := public.MarshalBinary()
	require.NoError(t, err)
	require.Equal(t, text, ours.Recipient().Bytes())
	return pair{private, ours, text}
}

func newSigner(t *testing.T) (ed25519.PrivateKey, *seal.SigningKey) {
	t.Helper()
	public, private, err := ed25519.GenerateKey(nil)
	require.NoError(t, err)
	ours, err := seal.NewSigningKey(private)
	require.NoError(t, err)
	require.Equal(t, second.KeyID(public), ours.ID())
	return private, ours
}

func body(n int) []byte { return bytes.Repeat([]byte("0123456789abcdef"), n/16+1)[:n] }

// Lengths around the ends of segments and frames.
var lengths = []int{0, 1, 4039, 4040, 4041, 8120, 65535, 65536, 70_000, 140_000}

func TestEachOpensTheOthers(t *testing.T) {
	for algorithm, k := range kems {
		t.Run(algorithm, func(t *testing.T) {
			key, other := newPair(t, algorithm), newPair(t, algorithm)
			private, signer := newSigner(t)
			for _, n := range lengths {
				ours, err := seal.SealBytes(nil, []byte(`{"a":1}`), body(n), signer, other.ours.Recipient(), key.ours.Recipient())
				require.NoError(t, err)
				header, got, err := second.Open(ours, private.Public().(ed25519.PublicKey), k, key.theirs)
				require.NoError(t, err, "%d bytes", n)
				assert.Equal(t, `{"a":1}`, header)
				assert.True(t, bytes.Equal(body(n), got), "%d bytes", n)

				theirs := second.Seal(`{"a":2}`, body(n), private, k, other.theirs.Public(), key.theirs.Public())
				raw, got, err := seal.OpenBytes(theirs, signer.Verify(), key.ours)
				require.NoError(t, err, "%d bytes", n)
				assert.Equal(t, `{"a":2}`, string(raw))
				assert.True(t, bytes.Equal(body(n), got), "%d bytes", n)
			}
		})
	}
}

func TestTheSecondRefusesEveryChangedByteToo(t *testing.T) {
	key := newPair(t, seal.X25519)
	private, signer := newSigner(t)
	msg, err := seal.SealBytes(nil, []byte(`{"a":1}`), body(500), signer, key.ours.Recipient())
	require.NoError(t, err)
	for at := range msg {
		changed := bytes.Clone(msg)
		changed[at] ^= 1
		_, _, err := second.Open(changed, private.Public().(ed25519.PublicKey), kems[seal.X25519], key.theirs)
		require.Error(t, err, "byte %d", at)
		_, _, err = second.Open(msg[:at], private.Public().(ed25519.PublicKey), kems[seal.X25519], key.theirs)
		require.Error(t, err, "cut at %d", at)
	}
}

func TestPublishedVectors(t *testing.T) {
	dir := "../../../testdata/envelopes"
	raw, err := os.ReadFile(filepath.Join(dir, "index.json"))
	require.NoError(t, err)
	var index struct {
		Keys    map[string]string `json:"keys"`
		Vectors []struct {
			File, Verify, Expect, Header string
			Open                         []string
			Body                         string `json:"body_sha256"`
		} `json:"vectors"`
	}
	require.NoError(t, json.Unmarshal(raw, &index))
	require.NotEmpty(t, index.Vectors)
	for _, v := range index.Vectors {
		t.Run(v.File, func(t *testing.T) {
			seed, err := hex.DecodeString(index.Keys[v.Verify])
			require.NoError(t, err)
			scalar, err := hex.DecodeString(index.Keys[v.Open[0]])
			require.NoError(t, err)
			own, err := kems[seal.X25519].Scheme().UnmarshalBinaryPrivateKey(scalar)
			require.NoError(t, err)
			msg, err := os.ReadFile(filepath.Join(dir, v.File))
			require.NoError(t, err)
			header, got, err := second.Open(msg, ed25519.NewKeyFromSeed(seed).Public().(ed25519.PublicKey), kems[seal.X25519], own)
			if v.Expect != "ok" {
				require.Error(t, err)
				return
			}
			require.NoError(t, err)
			assert.Equal(t, v.Header, header)
			assert.Equal(t, v.Body, fmt.Sprintf("%x", sha256.Sum256(got)))
		})
	}
}

// A recipient that has nothing but the documents opens what a Sender sends.
func TestTheSecondReceivesWhatASenderSends(t *testing.T) {
	key := newPair(t, seal.X25519)
	signer, _ := newSigner(t)
	log, _ := newSigner(t)
	recipient := document(t, transfertest.Recipient, key, signer, log)
	p := transfertest.New(t, func(s *transfer.SenderConfig, _ *transfer.ReceiverConfig) {
		s.Partners = transfer.NewPartners(recipient)
	})
	var whole []byte
	for range 5 { // the proof of the last has an audit path
		sent, err := p.Sender.Send(t.Context(), transfertest.Request(), transfertest.Report(t))
		require.NoError(t, err)
		whole, err = sent.Envelope.Bytes()
		require.NoError(t, err)
	}
	exporter := p.ExporterKeys.Public()
	sealed, err := second.Unwrap(whole, transfertest.Exporter, exporter.LogKey())
	require.NoError(t, err)
	header, got, err := second.Open(sealed, exporter.Sign[0].Public, kems[seal.X25519], key.theirs)
	require.NoError(t, err)
	assert.Contains(t, header, `"recipient":"sakura-bank-jp"`)
	assert.True(t, json.Valid(got))
	for _, signed := range []string{`"envelope_digest":"sha256:`, `index `, "passavant/emerald-bank-ie\\n"} {
		at := bytes.Index(whole, []byte(signed)) + len(signed)
		changed := bytes.Clone(whole)
		changed[at] ^= 1
		_, err := second.Unwrap(changed, transfertest.Exporter, exporter.LogKey())
		require.Error(t, err, "byte %d", at)
	}
}

// An exporter that has nothing but the documents sends what a Receiver receives.
func TestAReceiverReceivesWhatTheSecondSends(t *testing.T) {
	key := newPair(t, seal.X25519)
	signer, _ := newSigner(t)
	log, _ := newSigner(t)
	exporter := document(t, transfertest.Exporter, key, signer, log)
	p := transfertest.New(t, func(_ *transfer.SenderConfig, r *transfer.ReceiverConfig) {
		r.Partners = transfer.NewPartners(exporter)
	})
	sample, err := p.Sender.Send(t.Context(), transfertest.Request(), transfertest.Report(t))
	require.NoError(t, err)
	header, err := canonical.MarshalSorted(sample.Header) // what the header says of a decision is not this test's matter
	require.NoError(t, err)

	to, err := kems[seal.X25519].Scheme().UnmarshalBinaryPublicKey(p.RecipientKeys.Public().Seal[0].Public)
	require.NoError(t, err)
	sealed := second.Seal(string(header), []byte(`{"case":1}`), signer, kems[seal.X25519], to)
	whole := second.Wrap(sealed, sample.Transfer, transfertest.Start().Format(time.RFC3339), transfertest.Exporter, log)
	e, err := transfer.ParseEnvelope(bytes.NewReader(whole))
	require.NoError(t, err)
	received, err := p.Receiver.Receive(t.Context(), e)
	require.NoError(t, err)
	assert.JSONEq(t, `{"case":1}`, string(received.Document))
}

// document writes a public key document by hand, from docs/keys.md.
func document(t *testing.T, party string, key pair, signer, log ed25519.PrivateKey) keyring.Public {
	t.Helper()
	entry := func(algorithm string, public []byte) string {
		return fmt.Sprintf(`[{"algorithm":"%s","id":"%s","public":"%s"}]`, algorithm, second.KeyID(public), base64.StdEncoding.EncodeToString(public))
	}
	verify := signer.Public().(ed25519.PublicKey)
	text := fmt.Sprintf(`{"created":"2026-11-02T10:00:00Z","format":"passavant-public/1","log":%s,"party":"%s","seal":%s,"sign":%s}`,
		entry("Ed25519", log.Public().(ed25519.PublicKey)), party, entry(seal.X25519, key.raw), entry("Ed25519", verify))
	signature := ed25519.Sign(signer, []byte("passavant-public/1\n"+text))
	whole := strings.TrimSuffix(text, "}") + fmt.Sprintf(`,"signatures":[{"key":"%s","signature":"%s"}]}`, second.KeyID(verify), base64.StdEncoding.EncodeToString(signature))
	p, err := keyring.ParsePublic([]byte(whole))
	require.NoError(t, err)
	return p
}
