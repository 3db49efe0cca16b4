package seal_test

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/ecdh"
	"crypto/ed25519"
	"crypto/hkdf"
	"crypto/hpke"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/tink-crypto/tink-go/v2/streamingaead/subtle"

	"github.com/passavant/passavant/crypto/seal"
)

// This file is a second implementation of the format, written from docs/envelope-format.md and sharing no code with the
// package. It reads in order to prove that the document suffices. It writes in order to make messages that the package
// never would: every forgery here carries a good signature, so that something else must stop it.

const suiteX25519 = "HPKE-X25519-SHA256-A256GCM+A256GCM-HKDF-4K+Ed25519"

type jsonSeal struct {
	Commitment string          `json:"commitment"`
	Recipients []jsonRecipient `json:"recipients"`
	Signer     string          `json:"signer"`
	Suite      string          `json:"suite"`
}

type jsonRecipient struct {
	Enc     string `json:"enc"`
	Key     string `json:"key"`
	Wrapped string `json:"wrapped"`
}

func b64(b []byte) string { return base64.StdEncoding.EncodeToString(b) }

func keyID(public []byte) string { sum := sha256.Sum256(public); return fmt.Sprintf("%x", sum[:8]) }

func hpkeInfo(suite string, sender ed25519.PublicKey) []byte {
	return []byte("passavant-sealed/1\n" + suite + "\n" + string(sender))
}

func commitmentOf(t testing.TB, secret []byte) []byte {
	c, err := hkdf.Key(sha256.New, secret, nil, "passavant-sealed/1 commitment\n", 32)
	require.NoError(t, err)
	return c
}

// forge says what of a message to make differently from the format.
type forge struct {
	version    string
	suite      string
	signerID   string
	infoSender ed25519.PublicKey // whose key the stanza is tied to
	commitment []byte
	enc        []byte
	wrapped    []byte
	frames     []int // sizes of the frames; nil means as the format says
	noBody     bool  // no frame at all
	plainBound []byte
}

// write makes a message, as the format says but for what f says.
func (f forge) write(t testing.TB, header string, body []byte, sender ed25519.PrivateKey, to *seal.RecipientKey) []byte {
	t.Helper()
	secret := bytes.Repeat([]byte{7}, 32)
	senderPublic := sender.Public().(ed25519.PublicKey)
	f.defaults(t, secret, senderPublic)
	public, err := hpke.DHKEM(ecdh.X25519()).NewPublicKey(to.Bytes())
	require.NoError(t, err)
	both, err := hpke.Seal(public, hpke.HKDFSHA256(), hpke.AES256GCM(), hpkeInfo(suiteX25519, f.infoSender), secret)
	require.NoError(t, err)
	if f.enc == nil {
		f.enc = both[:32]
	}
	if f.wrapped == nil {
		f.wrapped = both[32:]
	}
	line, err := json.Marshal(jsonSeal{b64(f.commitment), []jsonRecipient{{b64(f.enc), keyID(to.Bytes()), b64(f.wrapped)}}, f.signerID, f.suite})
	require.NoError(t, err)
	msg := []byte(f.version + "\n" + header + "\n" + string(line) + "\n")
	bound := f.plainBound
	if bound == nil {
		sum := sha256.Sum256(msg)
		bound = sum[:]
	}
	if !f.noBody {
		msg = appendFrames(msg, streamSeal(t, secret, bound, body), f.frames)
	}
	return sign(binary.BigEndian.AppendUint32(msg, 0), sender)
}

func (f *forge) defaults(t testing.TB, secret []byte, sender ed25519.PublicKey) {
	if f.version == "" {
		f.version = "passavant-sealed/1"
	}
	if f.suite == "" {
		f.suite = suiteX25519
	}
	if f.signerID == "" {
		f.signerID = keyID(sender)
	}
	if f.infoSender == nil {
		f.infoSender = sender
	}
	if f.commitment == nil {
		f.commitment = commitmentOf(t, secret)
	}
}

func streamSeal(t testing.TB, secret, bound, body []byte) []byte {
	aead, err := subtle.NewAESGCMHKDF(secret, "SHA256", 32, 4096, 0)
	require.NoError(t, err)
	var out bytes.Buffer
	w, err := aead.NewEncryptingWriter(&out, bound)
	require.NoError(t, err)
	_, err = w.Write(body)
	require.NoError(t, err)
	require.NoError(t, w.Close())
	return out.Bytes()
}

func appendFrames(msg, ciphertext []byte, sizes []int) []byte {
	for len(ciphertext) > 0 {
		n := 65536
		if len(sizes) > 0 {
			n, sizes = sizes[0], sizes[1:]
		}
		n = min(n, len(ciphertext))
		msg = binary.BigEndian.AppendUint32(msg, uint32(n))
		msg = append(msg, ciphertext[:n]...)
		ciphertext = ciphertext[n:]
	}
	return msg
}

func sign(msg []byte, sender ed25519.PrivateKey) []byte {
	sum := sha256.Sum256(msg)
	return append(msg, ed25519.Sign(sender, append([]byte("passavant-sealed/1 signature\n"), sum[:]...))...)
}

// resign replaces the signature of a changed message by a good one.
func resign(msg []byte, sender ed25519.PrivateKey) []byte {
	return sign(bytes.Clone(msg[:len(msg)-64]), sender)
}

// readIndependently opens a message with nothing but the standard library.
func readIndependently(msg []byte, sender ed25519.PublicKey, private hpke.PrivateKey) (header string, body []byte, err error) {
	if len(msg) < 64 {
		return "", nil, errors.New("short")
	}
	signedPart, signature := msg[:len(msg)-64], msg[len(msg)-64:]
	sum := sha256.Sum256(signedPart)
	if !ed25519.Verify(sender, append([]byte("passavant-sealed/1 signature\n"), sum[:]...), signature) {
		return "", nil, errors.New("signature")
	}
	parts := bytes.SplitN(signedPart, []byte("\n"), 4)
	if len(parts) != 4 || string(parts[0]) != "passavant-sealed/1" {
		return "", nil, errors.New("lines")
	}
	bound := sha256.Sum256(signedPart[:len(signedPart)-len(parts[3])])
	secret, err := unwrapIndependently(parts[2], sender, private)
	if err != nil {
		return "", nil, err
	}
	body, err = streamOpen(secret, bound[:], joinFrames(parts[3]))
	return string(parts[1]), body, err
}

func unwrapIndependently(line []byte, sender ed25519.PublicKey, private hpke.PrivateKey) ([]byte, error) {
	var s jsonSeal
	if err := json.Unmarshal(line, &s); err != nil {
		return nil, err
	}
	for _, r := range s.Recipients {
		if r.Key != keyID(private.PublicKey().Bytes()) {
			continue
		}
		enc, _ := base64.StdEncoding.DecodeString(r.Enc)
		wrapped, _ := base64.StdEncoding.DecodeString(r.Wrapped)
		return hpke.Open(private, hpke.HKDFSHA256(), hpke.AES256GCM(), hpkeInfo(s.Suite, sender), append(enc, wrapped...))
	}
	return nil, errors.New("no stanza")
}

func joinFrames(body []byte) (ciphertext []byte) {
	for {
		n := binary.BigEndian.Uint32(body)
		if n == 0 {
			return ciphertext
		}
		ciphertext = append(ciphertext, body[4:4+n]...)
		body = body[4+n:]
	}
}

// streamOpen is AES256_GCM_HKDF_4KB: a prologue of 0x28, 32 bytes of salt and 7 of nonce prefix, then segments of 4096
// bytes of ciphertext, the first one shorter by the prologue; nonce = prefix || counter (4 bytes) || 1 if last else 0.
func streamOpen(secret, bound, ct []byte) ([]byte, error) {
	if len(ct) < 40 || ct[0] != 40 {
		return nil, io.ErrUnexpectedEOF
	}
	key, err := hkdf.Key(sha256.New, secret, ct[1:33], string(bound), 32)
	if err != nil {
		return nil, err
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	gcm, err := cipher.NewGCM(block)
	if err != nil {
		return nil, err
	}
	prefix, rest, size := ct[33:40], ct[40:], 4096-40
	var plain []byte
	for i := uint32(0); ; i++ {
		last := byte(1)
		n := len(rest)
		if n > size {
			n, last = size, 0
		}
		nonce := append(binary.BigEndian.AppendUint32(bytes.Clone(prefix), i), last)
		if plain, err = gcm.Open(plain, nonce, rest[:n], nil); err != nil || last == 1 {
			return plain, err
		}
		rest, size = rest[n:], 4096
	}
}
