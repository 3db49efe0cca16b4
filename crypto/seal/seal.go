package seal

import (
	"bytes"
	"crypto/hkdf"
	"crypto/hpke"
	"crypto/rand"
	"crypto/sha256"
	"fmt"
	"io"
	"slices"

	"github.com/tink-crypto/tink-go/v2/streamingaead/subtle"
)

const (
	segmentSize     = 4096
	commitmentLabel = Version + " commitment\n"
	signatureLabel  = Version + " signature\n"
	signatureSize   = 64
)

// Seal writes one message to w: header, which everybody can read, and body, which only recipients can, signed by
// signer. It returns the SHA-256 of all bytes written and their number. The header is one line of UTF-8 without
// control characters, by convention canonical JSON (RFC 8785), of at most [MaxLine] bytes. All recipients' keys must
// be of one algorithm. Memory does not depend on the length of the body.
//
// Errors about the arguments are [ErrSeal], wrapping nothing; errors of w and body are wrapped. After an error, what
// was written is no message.
func Seal(w io.Writer, header []byte, body io.Reader, signer *SigningKey, recipients ...*RecipientKey) (digest [32]byte, n int64, err error) {
	m, err := newMaterial(signer, recipients)
	if err != nil {
		return digest, 0, err
	}
	return m.seal(w, header, body, -1)
}

// SealBytes appends to dst the message that [Seal] writes. It returns dst unchanged on error.
func SealBytes(dst, header, body []byte, signer *SigningKey, recipients ...*RecipientKey) ([]byte, error) {
	m, err := newMaterial(signer, recipients)
	if err != nil {
		return dst, err
	}
	return m.sealBytes(dst, header, body)
}

// material is all that the messages of one encapsulation have in common: the body secret and the seal line, which
// gives it to the recipients.
type material struct {
	signer *SigningKey
	secret []byte
	line   []byte
}

func newMaterial(signer *SigningKey, recipients []*RecipientKey) (*material, error) {
	if err := checkParties(signer, recipients); err != nil {
		return nil, err
	}
	secret := make([]byte, secretSize)
	_, _ = rand.Read(secret) // never fails, see crypto/rand
	commitment, err := commit(secret)
	if err != nil {
		return nil, err
	}
	line := &sealLine{commitment: commitment, signer: signer.ID(), suite: suiteOf(recipients[0].algorithm)}
	for _, to := range recipients {
		s, err := wrap(secret, info(line.suite, signer.verify), to)
		if err != nil {
			return nil, err
		}
		line.recipients = append(line.recipients, s)
	}
	return &material{signer: signer, secret: secret, line: line.append(nil)}, nil
}

func checkParties(signer *SigningKey, recipients []*RecipientKey) error {
	if signer == nil {
		return fmt.Errorf("%w: no signing key", ErrSeal)
	}
	if len(recipients) == 0 || len(recipients) > MaxRecipients {
		return fmt.Errorf("%w: %d recipients, want 1 to %d", ErrSeal, len(recipients), MaxRecipients)
	}
	seen := map[string]bool{}
	for _, to := range recipients {
		switch {
		case to == nil:
			return fmt.Errorf("%w: a recipient without key", ErrSeal)
		case to.algorithm != recipients[0].algorithm:
			return fmt.Errorf("%w: recipients' keys of different algorithms", ErrSeal)
		case seen[to.id]:
			return fmt.Errorf("%w: recipient %s given twice", ErrSeal, to.id)
		}
		seen[to.id] = true
	}
	return nil
}

// commit binds the message to one body secret. AES-GCM alone does not commit to its key: without this a sender could
// make one message that two recipients, or a recipient and an auditor, open to different bodies.
func commit(secret []byte) ([]byte, error) {
	c, err := hkdf.Key(sha256.New, secret, nil, commitmentLabel, secretSize)
	if err != nil {
		return nil, fmt.Errorf("%w: key derivation", ErrSeal)
	}
	return c, nil
}

// info is the HPKE info. It ties a stanza to its suite and its sender: nobody else can put it into a message.
func info(suite string, signer *VerifyKey) []byte {
	return slices.Concat([]byte(Version), []byte("\n"), []byte(suite), []byte("\n"), signer.public)
}

// wrap seals the secret with single-shot HPKE in base mode (RFC 9180, section 6.1).
func wrap(secret, info []byte, to *RecipientKey) (stanza, error) {
	enc, sender, err := hpke.NewSender(to.public, hpke.HKDFSHA256(), hpke.AES256GCM(), info)
	if err != nil {
		return stanza{}, fmt.Errorf("%w: recipient %s: encapsulation failed", ErrSeal, to.id)
	}
	wrapped, err := sender.Seal(nil, secret)
	if err != nil {
		return stanza{}, fmt.Errorf("%w: recipient %s: wrapping failed", ErrSeal, to.id)
	}
	return stanza{key: to.id, enc: enc, wrapped: wrapped}, nil
}

// lines returns the three lines before the body, each with its newline.
func (m *material) lines(header []byte) []byte {
	return slices.Concat([]byte(Version+"\n"), header, []byte("\n"), m.line, []byte("\n"))
}

// seal writes a message whose body is of about size bytes; below zero, any.
func (m *material) seal(w io.Writer, header []byte, body io.Reader, size int) (digest [32]byte, n int64, err error) {
	if fault := headerFault(header); fault != "" {
		return digest, 0, fmt.Errorf("%w: %s", ErrSeal, fault)
	}
	lines := m.lines(header)
	out := &digester{w: w, h: sha256.New()}
	if _, err := out.Write(lines); err != nil {
		return digest, out.n, fmt.Errorf("seal: writing: %w", err)
	}
	if size >= 0 {
		size = ciphertextSize(size)
	}
	if err := m.sealBody(newFrameWriter(out, size), lines, body); err != nil {
		return digest, out.n, err
	}
	signature, err := m.signer.sign(signed(out.h.Sum(nil)))
	if err != nil || len(signature) != signatureSize {
		return digest, out.n, fmt.Errorf("%w: signing failed", ErrSeal)
	}
	if _, err := out.Write(signature); err != nil {
		return digest, out.n, fmt.Errorf("seal: writing: %w", err)
	}
	return [32]byte(out.h.Sum(nil)), out.n, nil
}

// sealBody encrypts body in Tink's AES-GCM-HKDF streaming format. Each message gets a key of its own: the format
// derives it with HKDF-SHA256 from the secret, a fresh 32-byte salt, and the hash of the lines as context.
func (m *material) sealBody(frames *frameWriter, lines []byte, body io.Reader) error {
	aead, err := bodyCipher(m.secret)
	if err != nil {
		return err
	}
	bound := sha256.Sum256(lines)
	enc, err := aead.NewEncryptingWriter(frames, bound[:])
	if err != nil {
		return fmt.Errorf("seal: writing: %w", err)
	}
	if _, err := io.Copy(enc, body); err != nil {
		return fmt.Errorf("seal: reading the body or writing: %w", err)
	}
	if err := enc.Close(); err != nil {
		return fmt.Errorf("seal: writing: %w", err)
	}
	if err := frames.Close(); err != nil {
		return fmt.Errorf("seal: writing: %w", err)
	}
	return nil
}

func bodyCipher(secret []byte) (*subtle.AESGCMHKDF, error) {
	aead, err := subtle.NewAESGCMHKDF(secret, "SHA256", secretSize, segmentSize, 0)
	if err != nil {
		return nil, fmt.Errorf("%w: body cipher", ErrSeal)
	}
	return aead, nil
}

// ciphertextSize bounds the length of the body's ciphertext: its prologue, and a tag for every segment.
func ciphertextSize(body int) int {
	const prologue, tag = 1 + 32 + 7, 16
	return prologue + body + tag*(1+(prologue+body)/(segmentSize-tag))
}

// signed is what the signature covers: a label, so that it can never be taken for a signature over anything else, and
// the hash of all bytes before the signature.
func signed(hash []byte) []byte { return append([]byte(signatureLabel), hash...) }

func (m *material) sealBytes(dst, header, body []byte) ([]byte, error) {
	if isSmall(len(body)) {
		return m.sealSmall(dst, header, body)
	}
	size := len(Version) + len(header) + len(m.line) + 3 + ciphertextSize(len(body)) + signatureSize
	size += lengthSize * (2 + size/frameSize)
	out := bytes.NewBuffer(slices.Grow(dst, size))
	if _, _, err := m.seal(out, header, bytes.NewReader(body), len(body)); err != nil {
		return dst, err
	}
	return out.Bytes(), nil
}
