package seal

import (
	"bufio"
	"bytes"
	"crypto/ed25519"
	"crypto/hpke"
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"fmt"
	"io"
)

// Info is what anybody can read of a message without a key.
type Info struct {
	Header     []byte   // the caller's header line
	Suite      string   // the algorithms
	Signer     string   // [KeyID] of the sender's key
	Recipients []string // [KeyID] of each recipient's key
}

// ReadHeader reads the three lines at the start of a message. NOTHING in them is authenticated: use them to choose keys
// and to route, and trust them only after [Open], [OpenBytes] or [Verify] has returned without error. It may read
// ahead, so r cannot be used to read the rest.
func ReadHeader(r io.Reader) (*Info, error) {
	h, err := readHead(&source{r: bufio.NewReader(r), h: sha256.New()})
	if err != nil {
		return nil, err
	}
	return h.info(), nil
}

// Verify reads a whole message and checks its form and its signature. It needs no opening key: a relay or an auditor
// can call it. It returns the header lines, now authenticated, and the SHA-256 of all bytes.
func Verify(r io.Reader, verify *VerifyKey) (info *Info, digest [32]byte, err error) {
	m := &message{verify: verify}
	if err := m.read(r); err != nil {
		return nil, digest, err
	}
	return m.head.info(), m.digest, nil
}

// Open reads a message signed by verify and sealed to one of the opening keys, and writes its body to w. It works in
// memory independent of the body's length, so w receives bytes BEFORE the signature, which stands at the end, has been
// checked. Write to a temporary place and use it only after Open has returned nil; on any error throw it away. If the
// message is at hand twice, call [Verify] first; for short messages use [OpenBytes].
func Open(w io.Writer, r io.Reader, verify *VerifyKey, keys ...*OpeningKey) (header []byte, err error) {
	m := &message{verify: verify, keys: keys, body: w}
	if err := m.read(r); err != nil {
		return nil, err
	}
	return m.head.header, nil
}

// OpenBytes opens a message in memory. The signature is checked before any private key is used, and nothing is
// returned unless everything is right.
func OpenBytes(msg []byte, verify *VerifyKey, keys ...*OpeningKey) (header, body []byte, err error) {
	first := &message{verify: verify, keys: keys}
	if err := first.read(bytes.NewReader(msg)); err != nil {
		return nil, nil, err
	}
	out := bytes.NewBuffer(make([]byte, 0, len(msg)))
	second := &message{verify: verify, verified: true, keys: keys, body: out}
	if err := second.read(bytes.NewReader(msg)); err != nil {
		return nil, nil, err
	}
	return second.head.header, out.Bytes(), nil
}

// head is the three lines, parsed, and the hash over them that the body is bound to.
type head struct {
	header []byte
	seal   *sealLine
	bound  []byte
}

func (h *head) info() *Info {
	return &Info{Header: h.header, Suite: h.seal.suite, Signer: h.seal.signer, Recipients: h.seal.recipientIDs()}
}

func readHead(s *source) (*head, error) {
	version, err := s.line("version line", len(Version)+16)
	if err != nil {
		return nil, err
	}
	if string(version) != Version {
		return nil, wrongVersion(version)
	}
	header, err := s.line("header", MaxLine)
	if err != nil {
		return nil, err
	}
	if fault := headerFault(header); fault != "" {
		return nil, fmt.Errorf("%w: %s", ErrMalformed, fault)
	}
	line, err := s.line("seal line", MaxLine)
	if err != nil {
		return nil, err
	}
	parsed, err := parseSealLine(line)
	if err != nil {
		return nil, err
	}
	return &head{header: header, seal: parsed, bound: s.h.Sum(nil)}, nil
}

func wrongVersion(line []byte) error {
	if bytes.HasPrefix(line, []byte("passavant-sealed/")) {
		return ErrUnsupportedVersion
	}
	return fmt.Errorf("%w: version line", ErrMalformed)
}

// message is one reading of a message.
type message struct {
	verify   *VerifyKey
	verified bool          // an earlier reading has checked the signature of the same bytes
	keys     []*OpeningKey // if any, the message must be sealed to one of them
	body     io.Writer     // if not nil, takes the plaintext

	head   *head
	digest [32]byte
}

// read goes through the message once. The order is the order of the bytes; what costs least is checked first.
func (m *message) read(r io.Reader) (err error) {
	if m.verify == nil {
		return fmt.Errorf("%w: no key to verify with", ErrSignature)
	}
	s := &source{r: bufio.NewReader(r), h: sha256.New()}
	if m.head, err = readHead(s); err != nil {
		return err
	}
	if m.head.seal.signer != m.verify.id {
		return fmt.Errorf("%w: signed by key %s, want %s", ErrSignature, m.head.seal.signer, m.verify.id)
	}
	frames := &frameReader{s: s}
	opened := m.readBody(frames)
	if opened != nil && !errors.Is(opened, ErrOpen) {
		return opened
	}
	if err := frames.finish(); err != nil {
		return err
	}
	if err := m.readSignature(s); err != nil {
		return err // before ErrOpen, which so always is the fault of whoever signed
	}
	return opened
}

func (m *message) readBody(frames *frameReader) error {
	if m.keys == nil && m.body == nil {
		return nil
	}
	key, st := m.recipient()
	if key == nil {
		return ErrNotForUs
	}
	if m.body == nil {
		return nil
	}
	secret, err := m.unwrap(key, st)
	if err != nil {
		return err
	}
	return m.decrypt(frames, secret)
}

// recipient finds the first of our keys that the message is sealed to.
func (m *message) recipient() (*OpeningKey, stanza) {
	for _, key := range m.keys {
		for _, st := range m.head.seal.recipients {
			if key != nil && st.key == key.ID() {
				return key, st
			}
		}
	}
	return nil, stanza{}
}

func (m *message) unwrap(key *OpeningKey, st stanza) ([]byte, error) {
	bound := info(m.head.seal.suite, m.verify)
	recipient, err := hpke.NewRecipient(st.enc, key.private, hpke.HKDFSHA256(), hpke.AES256GCM(), bound)
	if err != nil {
		return nil, ErrOpen
	}
	secret, err := recipient.Open(nil, st.wrapped)
	if err != nil {
		return nil, ErrOpen
	}
	commitment, err := commit(secret)
	if err != nil || subtle.ConstantTimeCompare(commitment, m.head.seal.commitment) != 1 {
		return nil, ErrOpen
	}
	return secret, nil
}

// decrypt blames whoever failed: the framing, the writer, or else the ciphertext.
func (m *message) decrypt(frames *frameReader, secret []byte) error {
	aead, err := bodyCipher(secret)
	if err != nil {
		return ErrOpen
	}
	out := &firstError{w: m.body}
	plain, err := aead.NewDecryptingReader(frames, m.head.bound)
	if err == nil {
		_, err = io.CopyBuffer(out, plain, make([]byte, segmentSize))
	}
	switch {
	case frames.err != nil && !errors.Is(frames.err, io.EOF):
		return frames.err
	case out.err != nil:
		return fmt.Errorf("seal: writing the body: %w", out.err)
	case err != nil:
		return ErrOpen
	}
	return nil
}

// firstError remembers that it was the writer that failed.
type firstError struct {
	w   io.Writer
	err error
}

func (f *firstError) Write(p []byte) (int, error) {
	n, err := f.w.Write(p)
	if err != nil {
		f.err = err
	}
	return n, err
}

func (m *message) readSignature(s *source) error {
	hash := s.h.Sum(nil)
	signature := make([]byte, signatureSize)
	if err := s.full(signature, "signature"); err != nil {
		return err
	}
	if _, err := s.r.ReadByte(); err == nil {
		return fmt.Errorf("%w: bytes after the signature", ErrMalformed)
	} else if !errors.Is(err, io.EOF) {
		return fmt.Errorf("seal: reading after the signature: %w", err)
	}
	if !m.verified && !ed25519.Verify(m.verify.public, signed(hash), signature) {
		return ErrSignature
	}
	m.digest = [32]byte(s.h.Sum(nil))
	return nil
}
