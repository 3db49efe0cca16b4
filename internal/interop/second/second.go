// Package second is a second implementation of the envelope, written from docs/envelope-format.md, docs/log-format.md and
// docs/keys.md. It shares no code with the library: HPKE is Cloudflare's circl, everything else the standard library. It
// exists to show that the documents suffice; tests alone use it.
package second

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/ed25519"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"math/bits"
	"strings"

	"github.com/cloudflare/circl/hpke"
	"github.com/cloudflare/circl/kem"
)

const (
	magic      = "passavant-envelope/1\n"
	version    = "passavant-sealed/1\n"
	frame      = 65536
	commitment = "passavant-sealed/1 commitment\n"
	hpke25519  = "HPKE-X25519-SHA256-A256GCM+A256GCM-HKDF-4K+Ed25519"
	xwing      = "HPKE-XWING-SHA256-A256GCM+A256GCM-HKDF-4K+Ed25519"
	prologue   = 1 + 32 + 7
)

// ErrRefused is the one answer to whatever is not a good envelope.
var ErrRefused = errors.New("refused")

type stanza struct {
	Enc     []byte `json:"enc"`
	Key     string `json:"key"`
	Wrapped []byte `json:"wrapped"`
}

type sealLine struct {
	Commitment []byte   `json:"commitment"`
	Recipients []stanza `json:"recipients"`
	Signer     string   `json:"signer"`
	Suite      string   `json:"suite"`
}

type staple struct {
	Proof  string          `json:"proof"`
	Record json.RawMessage `json:"record"`
}

// KeyID names a public key.
func KeyID(public []byte) string { sum := sha256.Sum256(public); return fmt.Sprintf("%x", sum[:8]) }

func suiteOf(k hpke.KEM) string               { return map[hpke.KEM]string{0x20: hpke25519, 0x647a: xwing}[k] }
func info(suite string, sender []byte) []byte { return []byte(version + suite + "\n" + string(sender)) }
func suite(k hpke.KEM) hpke.Suite             { return hpke.NewSuite(k, hpke.KDF_HKDF_SHA256, hpke.AEAD_AES256GCM) }
func digest(b []byte) []byte                  { sum := sha256.Sum256(b); return sum[:] }
func leaf(b []byte) []byte                    { return digest(append([]byte{0}, b...)) }

func derive(key, salt []byte, label string) []byte {
	derived, _ := hkdf.Key(sha256.New, key, salt, label, 32)
	return derived
}

// Seal writes a sealed message.
func Seal(header string, body []byte, sender ed25519.PrivateKey, k hpke.KEM, to ...kem.PublicKey) []byte {
	secret := make([]byte, 32)
	_, _ = rand.Read(secret)
	public := sender.Public().(ed25519.PublicKey)
	line := sealLine{derive(secret, nil, commitment), nil, KeyID(public), suiteOf(k)}
	for _, key := range to {
		raw, _ := key.MarshalBinary()
		s, _ := suite(k).NewSender(key, info(line.Suite, public))
		enc, sealer, _ := s.Setup(rand.Reader)
		wrapped, _ := sealer.Seal(secret, nil)
		line.Recipients = append(line.Recipients, stanza{enc, KeyID(raw), wrapped})
	}
	text, _ := json.Marshal(line)
	msg := fmt.Appendf(nil, "%s%s\n%s\n", version, header, text)
	for ct := encrypt(secret, digest(msg), body); len(ct) > 0; {
		n := min(len(ct), frame)
		msg = append(binary.BigEndian.AppendUint32(msg, uint32(n)), ct[:n]...)
		ct = ct[n:]
	}
	msg = binary.BigEndian.AppendUint32(msg, 0)
	return append(msg, ed25519.Sign(sender, signed(msg))...)
}

func signed(msg []byte) []byte {
	return append([]byte("passavant-sealed/1 signature\n"), digest(msg)...)
}

// stream calls step for each segment of in; overhead is what a step adds to its part.
func stream(secret, salt, prefix, bound, in []byte, overhead int, step func(g cipher.AEAD, nonce, part []byte) error) error {
	block, _ := aes.NewCipher(derive(secret, salt, string(bound)))
	gcm, _ := cipher.NewGCM(block)
	size := 4096 - prologue - overhead
	for i := uint32(0); ; i++ {
		n, last := min(size, len(in)), byte(1)
		if len(in) > size {
			last = 0
		}
		if err := step(gcm, append(binary.BigEndian.AppendUint32(bytes.Clone(prefix), i), last), in[:n]); err != nil || last == 1 {
			return err
		}
		in, size = in[n:], 4096-overhead
	}
}

func encrypt(secret, bound, body []byte) []byte {
	out := make([]byte, prologue)
	_, _ = rand.Read(out)
	out[0] = prologue
	_ = stream(secret, out[1:33], out[33:40], bound, body, 16, func(g cipher.AEAD, nonce, part []byte) error {
		out = g.Seal(out, nonce, part, nil)
		return nil
	})
	return out
}

func decrypt(secret, bound, ct []byte) (body []byte, err error) {
	if len(ct) < prologue+16 || ct[0] != prologue {
		return nil, ErrRefused
	}
	err = stream(secret, ct[1:33], ct[33:40], bound, ct[40:], 0, func(g cipher.AEAD, nonce, part []byte) error {
		body, err = g.Open(body, nonce, part, nil)
		return err
	})
	return body, err
}

// Open reads a sealed message: signature first, then everything else.
func Open(msg []byte, sender ed25519.PublicKey, k hpke.KEM, own kem.PrivateKey) (header string, body []byte, err error) {
	parts := bytes.SplitN(msg, []byte("\n"), 4)
	var line sealLine
	if len(parts) != 4 || string(parts[0])+"\n" != version || len(parts[3]) < 64 || json.Unmarshal(parts[2], &line) != nil {
		return "", nil, ErrRefused
	}
	again, _ := json.Marshal(line)
	end := len(msg) - 64
	if !bytes.Equal(again, parts[2]) || line.Signer != KeyID(sender) || line.Suite != suiteOf(k) || !ed25519.Verify(sender, signed(msg[:end]), msg[end:]) {
		return "", nil, ErrRefused
	}
	ct, err := unframe(parts[3][:len(parts[3])-64])
	if err != nil {
		return "", nil, err
	}
	secret, err := unwrap(&line, sender, k, own)
	if err != nil || !bytes.Equal(line.Commitment, derive(secret, nil, commitment)) {
		return "", nil, ErrRefused
	}
	body, err = decrypt(secret, digest(msg[:len(msg)-len(parts[3])]), ct)
	return string(parts[1]), body, err
}

func unframe(in []byte) (ct []byte, err error) {
	for short := false; len(in) >= 4; {
		n := int(binary.BigEndian.Uint32(in))
		if in = in[4:]; n == 0 && len(in) == 0 {
			return ct, nil
		}
		if n == 0 || n > min(frame, len(in)) || short {
			break
		}
		ct, in, short = append(ct, in[:n]...), in[n:], n < frame
	}
	return nil, ErrRefused
}

func unwrap(line *sealLine, sender ed25519.PublicKey, k hpke.KEM, own kem.PrivateKey) ([]byte, error) {
	public, _ := own.Public().MarshalBinary()
	for _, s := range line.Recipients {
		if s.Key == KeyID(public) {
			r, _ := suite(k).NewReceiver(own, info(line.Suite, sender))
			opener, err := r.Setup(s.Enc)
			if err != nil {
				return nil, err
			}
			return opener.Open(s.Wrapped, nil)
		}
	}
	return nil, ErrRefused
}

// Wrap puts the proof line in front of a sealed message. The log that proves it holds this one intent.
func Wrap(sealed []byte, transfer, at, party string, log ed25519.PrivateKey) []byte {
	intent := fmt.Appendf(nil, `{"at":"%s","envelope_digest":"sha256:%x","transfer":"%s","type":"intent","version":1}`, at, digest(sealed), transfer)
	origin := "passavant/" + party
	head := origin + "\n1\n" + base64.StdEncoding.EncodeToString(leaf(intent)) + "\n"
	signature := append(keyHash(origin, log.Public().(ed25519.PublicKey)), ed25519.Sign(log, []byte(head))...)
	note := head + "\n— " + origin + " " + base64.StdEncoding.EncodeToString(signature) + "\n"
	line, _ := json.Marshal(staple{"c2sp.org/tlog-proof@v1\nindex 0\n\n" + note, intent})
	return append(append([]byte(magic), append(line, '\n')...), sealed...)
}

// Unwrap verifies the proof line and returns the sealed message.
func Unwrap(envelope []byte, party string, log ed25519.PublicKey) ([]byte, error) {
	rest, found := bytes.CutPrefix(envelope, []byte(magic))
	line, sealed, cut := bytes.Cut(rest, []byte("\n"))
	var s staple
	var intent struct {
		Digest string `json:"envelope_digest"`
		Type   string `json:"type"`
	}
	if !found || !cut || json.Unmarshal(line, &s) != nil || json.Unmarshal(s.Record, &intent) != nil {
		return nil, ErrRefused
	}
	if intent.Type != "intent" || intent.Digest != fmt.Sprintf("sha256:%x", digest(sealed)) || !proven(s, party, log) {
		return nil, ErrRefused
	}
	return sealed, nil
}

func keyHash(origin string, key ed25519.PublicKey) []byte {
	return digest([]byte(origin + "\n\x01" + string(key)))[:4]
}

// proven checks the signed head and the audit path (RFC 9162, section 2.1.3.2).
func proven(s staple, party string, log ed25519.PublicKey) bool {
	proof, note, _ := strings.Cut(s.Proof, "\n\n")
	head, signature, _ := strings.Cut(note, "\n\n— passavant/"+party+" ")
	raw, _ := base64.StdEncoding.DecodeString(strings.TrimSuffix(signature, "\n"))
	fields := strings.Split(head, "\n")
	if len(fields) != 3 || fields[0] != "passavant/"+party || len(raw) != 68 || !bytes.Equal(raw[:4], keyHash(fields[0], log)) || !ed25519.Verify(log, []byte(head+"\n"), raw[4:]) {
		return false
	}
	var index, size uint64
	lines := strings.Fields(proof + " . .")
	n, _ := fmt.Sscan(lines[2]+" "+fields[1], &index, &size)
	hash, last := leaf(s.Record), size-1
	for _, line := range lines[3 : len(lines)-2] {
		sibling, _ := base64.StdEncoding.DecodeString(line)
		if index&1 == 1 || index == last {
			hash = digest(append(append([]byte{1}, sibling...), hash...))
			skip := min(bits.TrailingZeros64(index), 63)
			index, last = index>>skip, last>>skip
		} else {
			hash = digest(append(append([]byte{1}, hash...), sibling...))
		}
		index, last = index>>1, last>>1
	}
	return n == 2 && lines[0] == "c2sp.org/tlog-proof@v1" && last == 0 && base64.StdEncoding.EncodeToString(hash) == fields[2]
}
