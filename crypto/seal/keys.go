package seal

import (
	"crypto"
	"crypto/ecdh"
	"crypto/ed25519"
	"crypto/hpke"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
)

// The algorithms of recipients' keys.
const (
	// X25519 is DHKEM(X25519, HKDF-SHA256) of RFC 9180, KEM 0x0020. It is the default.
	X25519 = "HPKE-X25519"
	// XWing is X-Wing, X25519 with ML-KEM-768, KEM 0x647a of draft-ietf-hpke-pq: for secrets that must outlast a
	// quantum computer. It follows a draft, and a recipient's stanza is 1.5 KB longer.
	XWing = "HPKE-XWING"
)

// ErrKey is the condition that bytes are not a key of the named algorithm.
var ErrKey = errors.New("seal: unusable key")

// KeyID names a public key: the first 16 hexadecimal digits of its SHA-256. It serves to find keys and to talk about
// them; 64 bits do not authenticate a key, and nothing here relies on them to.
func KeyID(public []byte) string {
	sum := sha256.Sum256(public)
	return hex.EncodeToString(sum[:8])
}

func newKEM(algorithm string) (hpke.KEM, error) {
	switch algorithm {
	case X25519:
		return hpke.DHKEM(ecdh.X25519()), nil
	case XWing:
		return hpke.MLKEM768X25519(), nil
	}
	return nil, fmt.Errorf("%w: unknown algorithm", ErrKey)
}

func algorithmOf(kem hpke.KEM) (string, error) {
	for _, name := range []string{X25519, XWing} {
		if known, err := newKEM(name); err == nil && known.ID() == kem.ID() {
			return name, nil
		}
	}
	return "", fmt.Errorf("%w: unknown algorithm", ErrKey)
}

// RecipientKey is a recipient's public key: whoever holds it can seal to the recipient.
type RecipientKey struct {
	id, algorithm string
	public        hpke.PublicKey
}

// NewRecipientKey reads a public key in the encoding of RFC 9180, section 7.1.1 (X25519: 32 bytes). Errors are [ErrKey].
func NewRecipientKey(algorithm string, public []byte) (*RecipientKey, error) {
	kem, err := newKEM(algorithm)
	if err != nil {
		return nil, err
	}
	key, err := kem.NewPublicKey(public)
	if err != nil {
		return nil, fmt.Errorf("%w: not a public key of %s", ErrKey, algorithm)
	}
	return &RecipientKey{id: KeyID(public), algorithm: algorithm, public: key}, nil
}

// ID returns the [KeyID].
func (k *RecipientKey) ID() string { return k.id }

// Algorithm returns [X25519] or [XWing].
func (k *RecipientKey) Algorithm() string { return k.algorithm }

// Bytes returns the public key as NewRecipientKey reads it.
func (k *RecipientKey) Bytes() []byte { return k.public.Bytes() }

// OpeningKey is a recipient's private key. It never prints itself.
type OpeningKey struct {
	recipient *RecipientKey
	private   hpke.PrivateKey
}

// NewOpeningKey returns the opening key for a private key of [X25519] or [XWing]. Errors are [ErrKey].
func NewOpeningKey(private hpke.PrivateKey) (*OpeningKey, error) {
	algorithm, err := algorithmOf(private.KEM())
	if err != nil {
		return nil, err
	}
	recipient, err := NewRecipientKey(algorithm, private.PublicKey().Bytes())
	if err != nil {
		return nil, err
	}
	return &OpeningKey{recipient: recipient, private: private}, nil
}

// ParseOpeningKey reads a private key in the encoding of RFC 9180, section 7.1.2 (X25519: 32 bytes). Errors are [ErrKey].
func ParseOpeningKey(algorithm string, private []byte) (*OpeningKey, error) {
	kem, err := newKEM(algorithm)
	if err != nil {
		return nil, err
	}
	key, err := kem.NewPrivateKey(private)
	if err != nil {
		return nil, fmt.Errorf("%w: not a private key of %s", ErrKey, algorithm)
	}
	return NewOpeningKey(key)
}

// GenerateOpeningKey makes a new key pair. Errors are [ErrKey].
func GenerateOpeningKey(algorithm string) (*OpeningKey, error) {
	kem, err := newKEM(algorithm)
	if err != nil {
		return nil, err
	}
	key, err := kem.GenerateKey()
	if err != nil {
		return nil, fmt.Errorf("%w: generating", ErrKey)
	}
	return NewOpeningKey(key)
}

// ID returns the [KeyID] of the public key.
func (k *OpeningKey) ID() string { return k.recipient.id }

// Recipient returns the public key.
func (k *OpeningKey) Recipient() *RecipientKey { return k.recipient }

// Format prints the key's name whatever the verb, also for a copy of the key.
func (k OpeningKey) Format(f fmt.State, _ rune) {
	_, _ = fmt.Fprintf(f, "opening key %s", k.recipient.id)
}

// SigningKey is a sender's Ed25519 private key (RFC 8032), or a handle to one in a device. It never prints itself.
type SigningKey struct {
	verify *VerifyKey
	// A func has no printable form, and the key may live in a device.
	sign func(message []byte) ([]byte, error)
}

// NewSigningKey wraps an Ed25519 private key or any crypto.Signer that signs whole messages with Ed25519.
// Errors are [ErrKey].
func NewSigningKey(signer crypto.Signer) (*SigningKey, error) {
	if signer == nil {
		return nil, fmt.Errorf("%w: no signer", ErrKey)
	}
	if private, ok := signer.(ed25519.PrivateKey); ok && len(private) != ed25519.PrivateKeySize {
		return nil, fmt.Errorf("%w: not an Ed25519 private key", ErrKey)
	}
	public, ok := signer.Public().(ed25519.PublicKey)
	if !ok {
		return nil, fmt.Errorf("%w: not an Ed25519 signer", ErrKey)
	}
	verify, err := NewVerifyKey(public)
	if err != nil {
		return nil, err
	}
	sign := func(message []byte) ([]byte, error) { return signer.Sign(rand.Reader, message, crypto.Hash(0)) }
	return &SigningKey{verify: verify, sign: sign}, nil
}

// GenerateSigningKey makes a new key pair.
func GenerateSigningKey() (*SigningKey, error) {
	_, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("%w: generating", ErrKey)
	}
	return NewSigningKey(private)
}

// ID returns the [KeyID] of the public key.
func (k *SigningKey) ID() string { return k.verify.id }

// Verify returns the public key.
func (k *SigningKey) Verify() *VerifyKey { return k.verify }

// Public returns the ed25519.PublicKey, as crypto.Signer asks.
func (k *SigningKey) Public() crypto.PublicKey { return k.verify.Public() }

// Sign signs a whole message, as crypto.Signer asks of Ed25519: opts must be crypto.Hash(0). The reader is not used.
// Sealed messages are signed under their own label; any other use of the key must have a label too.
func (k *SigningKey) Sign(_ io.Reader, message []byte, opts crypto.SignerOpts) ([]byte, error) {
	if opts == nil || opts.HashFunc() != crypto.Hash(0) {
		return nil, fmt.Errorf("%w: Ed25519 signs messages, not hashes", ErrKey)
	}
	return k.sign(message)
}

// Format prints the key's name whatever the verb, also for a copy of the key.
func (k SigningKey) Format(f fmt.State, _ rune) { _, _ = fmt.Fprintf(f, "signing key %s", k.verify.id) }

// VerifyKey is a sender's Ed25519 public key.
type VerifyKey struct {
	id     string
	public ed25519.PublicKey
}

// NewVerifyKey reads a public key of 32 bytes. Errors are [ErrKey].
func NewVerifyKey(public []byte) (*VerifyKey, error) {
	if len(public) != ed25519.PublicKeySize {
		return nil, fmt.Errorf("%w: not an Ed25519 public key", ErrKey)
	}
	return &VerifyKey{id: KeyID(public), public: append(ed25519.PublicKey(nil), public...)}, nil
}

// ID returns the [KeyID].
func (k *VerifyKey) ID() string { return k.id }

// Public returns a copy of the key.
func (k *VerifyKey) Public() ed25519.PublicKey { return append(ed25519.PublicKey(nil), k.public...) }
