// Package pseudonym replaces identifiers by keyed pseudonyms that cannot be joined across pseudonymisation domains.
//
// A pseudonym is "psn_" and 22 characters of base64url (RFC 4648, section 5, without padding): 128 bits of
//
//	HMAC-SHA-256(domain key, uint16(len(category)) || category || normalised value)
//
// The domain key is derived from the exporter's master key, which never leaves the exporter, with the key derivation
// function in counter mode of NIST SP 800-108r1, section 4.1, over the [Context]:
//
//	domain key = PRF(master key, uint32(1) || "passavant-pseudonym/1" || 0x00 || context || uint32(256))
//	context    = the parts agreement, recipient, purpose, scope, scope id and epoch, each as uint32(len) || bytes
//
// Integers are big-endian. Because every part carries its length, no two different contexts and no two different
// pairs of category and value have the same encoding. HMAC is RFC 2104; taking the leftmost 128 bits follows NIST
// SP 800-107r1, section 5.3.3. A recipient without the master key can neither recompute a pseudonym from a guessed
// value nor tell whether two pseudonyms of different domains stand for the same person (EDPB Guidelines 01/2025 on
// pseudonymisation, on the pseudonymisation domain).
//
// Values are normalised first, see [Normalize]: two spellings of one IBAN give one pseudonym.
//
// The label "passavant-pseudonym/1" stands for all of this. What it names will not change: another derivation or
// another normalisation gets another label.
package pseudonym

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"math"
	"sync"

	"github.com/tink-crypto/tink-go/v2/keyset"
	"github.com/tink-crypto/tink-go/v2/prf"

	"github.com/passavant/passavant/crypto/internal/technique"
)

const (
	// Prefix begins every pseudonym.
	Prefix = "psn_"
	// Length is the length of a pseudonym in bytes, all of them ASCII.
	Length = len(Prefix) + 22

	label     = "passavant-pseudonym/1"
	keyIDText = "passavant-pseudonym/1 key id"
	strength  = 16 // bytes of the MAC that a pseudonym carries
)

// ErrKey is the condition that a master key cannot be used: it fails, or it yields fewer than 256 bits.
var ErrKey = errors.New("pseudonym: unusable master key")

// Pseudonymizer derives pseudonymisation domains from one master key. It is safe for concurrent use.
type Pseudonymizer struct {
	// A func has no printable form: no verb of fmt and no encoder reaches the key behind it.
	derive func(input []byte) ([]byte, error)
	keyID  string
}

// New returns a Pseudonymizer on master, a pseudorandom function with at least 256 bits of output such as Tink's
// HMAC-SHA-256 or HKDF-SHA-256 PRF. It returns [ErrKey] if master cannot give them.
func New(master prf.PRF) (*Pseudonymizer, error) {
	if master == nil {
		return nil, ErrKey
	}
	derive := func(input []byte) ([]byte, error) { return master.ComputePRF(input, sha256.Size) }
	id, err := derive([]byte(keyIDText))
	if err != nil || len(id) != sha256.Size {
		return nil, ErrKey
	}
	return &Pseudonymizer{derive: derive, keyID: hex.EncodeToString(id[:8])}, nil
}

// FromKeyset returns a Pseudonymizer on the primary key of a Tink PRF keyset.
func FromKeyset(h *keyset.Handle) (*Pseudonymizer, error) {
	set, err := prf.NewPRFSet(h)
	if err != nil {
		return nil, ErrKey
	}
	return New(set.PRFs[set.PrimaryID])
}

// KeyID names the master key: 16 hexadecimal digits computed from it. They are not secret and do not reveal it.
func (p *Pseudonymizer) KeyID() string { return p.keyID }

// String names the key and never shows it.
func (p *Pseudonymizer) String() string { return "pseudonymisation key " + p.keyID }

// Domain derives the domain of c. It returns a [*ContextError] if a part of c is missing or malformed.
func (p *Pseudonymizer) Domain(c Context) (*Domain, error) {
	c, err := c.normalized()
	if err != nil {
		return nil, err
	}
	key, err := p.derive(counterKDFInput(label, c.appendTo(nil)))
	if err != nil {
		return nil, fmt.Errorf("%w: deriving a domain", ErrKey)
	}
	d := newDomain(key, domainKeyID(p.keyID, c.Epoch))
	d.techniques = sync.OnceValue(func() *technique.Keys { return p.techniques(c) })
	return d, nil
}

// techniques returns the keys of the other techniques in the domain of c, or nil if the master key fails.
func (p *Pseudonymizer) techniques(c Context) *technique.Keys {
	key, err := p.derive(counterKDFInput(technique.Label, c.appendTo(nil)))
	if err != nil {
		return nil
	}
	keys, err := technique.New(key)
	if err != nil {
		return nil
	}
	return keys
}

func domainKeyID(master, epoch string) string {
	if epoch == "" {
		return master
	}
	return master + "/" + epoch
}

// counterKDFInput is the single PRF input of SP 800-108r1, section 4.1, when the output is as long as the PRF's:
// [1]_2 || Label || 0x00 || Context || [L]_2, with r = 32 and L = 256.
func counterKDFInput(label string, context []byte) []byte {
	in := binary.BigEndian.AppendUint32(nil, 1)
	in = append(in, label...)
	in = append(in, 0)
	in = append(in, context...)
	return binary.BigEndian.AppendUint32(in, 8*sha256.Size)
}

// Domain computes the pseudonyms of one pseudonymisation domain. It is safe for concurrent use.
type Domain struct {
	states     sync.Pool
	keyID      string
	techniques func() *technique.Keys // derived when first needed: most transfers need none
}

// state is what one computation needs. The MAC remembers its key schedule over Reset, which halves the cost.
type state struct {
	mac hash.Hash
	in  []byte
	sum [sha256.Size]byte
}

func newDomain(key []byte, keyID string) *Domain {
	d := &Domain{keyID: keyID}
	d.states.New = func() any { return &state{mac: hmac.New(sha256.New, key), in: make([]byte, 0, 256)} }
	return d
}

// KeyID names the master key and, if the domain has one, the epoch: "<16 hexadecimal digits>[/<epoch>]".
func (d *Domain) KeyID() string { return d.keyID }

// String names the key and never shows it.
func (d *Domain) String() string { return "pseudonymisation domain of key " + d.keyID }

// AppendPseudonym appends the pseudonym of value, [Length] bytes, to dst. The value is raw: unescaped, and as the
// producer wrote it; it is normalised here according to its category. Category names are part of the domain, so equal
// values of different categories have unrelated pseudonyms; a name of more than 65,535 bytes is not a name and panics.
func (d *Domain) AppendPseudonym(dst []byte, category string, value []byte) []byte {
	return d.appendPseudonym(dst, category, formOf(category), value)
}

// AppendPseudonymOf is AppendPseudonym for a value whose kind is known: iban, card, phone, email or ip. If the category has
// no normalisation of its own, the value is normalised by its kind.
func (d *Domain) AppendPseudonymOf(dst []byte, category, kind string, value []byte) []byte {
	return d.appendPseudonym(dst, category, spellingOf(category, kind), value)
}

func (d *Domain) appendPseudonym(dst []byte, category string, f form, value []byte) []byte {
	st := d.states.Get().(*state)
	st.in = appendCategory(st.in[:0], category)
	st.in = appendSpelled(st.in, f, value)
	st.mac.Reset()
	st.mac.Write(st.in)
	sum := st.mac.Sum(st.sum[:0])
	dst = append(dst, Prefix...)
	dst = base64.RawURLEncoding.AppendEncode(dst, sum[:strength])
	clear(st.in) // the pool must not keep personal data alive
	d.states.Put(st)
	return dst
}

func appendCategory(dst []byte, category string) []byte {
	if len(category) > math.MaxUint16 {
		panic("pseudonym: category name longer than 65,535 bytes")
	}
	dst = binary.BigEndian.AppendUint16(dst, uint16(len(category)))
	return append(dst, category...)
}
