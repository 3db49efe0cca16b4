package keyring

import (
	"crypto"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/passavant/passavant/crypto/seal"
	"github.com/passavant/passavant/internal/canonical"
)

const (
	publicFormat = "passavant-public/1"
	maxPublic    = 256 << 10 // bytes
	maxKeys      = 64        // of one purpose
)

// ErrPublic is the condition that bytes are not a valid public key document; the text says where.
var ErrPublic = errors.New("not a valid public key document")

// PublicKey is one public key.
type PublicKey struct {
	ID        string `json:"id"` // seal.KeyID of Public
	Algorithm string `json:"algorithm"`
	Public    []byte `json:"public"` // X25519: 32 bytes; X-Wing: 1,216 bytes; Ed25519: 32 bytes
}

// Signature is a signature over a [Public] by one of its own signing keys.
type Signature struct {
	Key       string `json:"key"`
	Signature []byte `json:"signature"`
}

// Public is what partners need to know of a party's keys. In each list the primary key comes first.
//
// Every signing key has signed the document: Ed25519 over "passavant-public/1" LF and the canonical JSON (RFC 8785) of
// the document without the member "signatures". This shows damage, and lets who trusts an older document of the party
// accept a newer one ([Public.Succeeds]). It does NOT show who the party is: compare the [Public.Fingerprint] by
// another way, such as the telephone, before you trust the first document.
type Public struct {
	Party      string
	Created    time.Time // when the keys last changed or were renewed, to the second, UTC
	Expires    time.Time // from when on the document must not be used, to the second, UTC; zero in one without an end
	Seal       []PublicKey
	Sign       []PublicKey
	Log        []PublicKey
	Revoked    []Revocation
	Signatures []Signature
}

// Revocation says that a key which was once published must not be trusted any more, whatever date a message bears: who
// holds a stolen key writes any date.
type Revocation struct {
	ID      string  `json:"id"`
	Purpose Purpose `json:"purpose"` // Sealing, Signing or Logging
	Reason  Reason  `json:"reason"`
	Since   string  `json:"since"` // RFC 3339, UTC, to the second
}

// document is the JSON form of Public.
type document struct {
	Format     string       `json:"format"`
	Party      string       `json:"party"`
	Created    string       `json:"created"`
	Expires    string       `json:"expires,omitempty"`
	Seal       []PublicKey  `json:"seal"`
	Sign       []PublicKey  `json:"sign"`
	Log        []PublicKey  `json:"log"`
	Revoked    []Revocation `json:"revoked,omitempty"`
	Signatures []Signature  `json:"signatures,omitempty"`
}

func (p Public) document() document {
	d := document{
		Format: publicFormat, Party: p.Party, Created: p.Created.UTC().Format(time.RFC3339),
		Seal: p.Seal, Sign: p.Sign, Log: p.Log, Revoked: p.Revoked, Signatures: p.Signatures,
	}
	if !p.Expires.IsZero() {
		d.Expires = p.Expires.UTC().Format(time.RFC3339)
	}
	return d
}

// MarshalJSON writes the document in canonical form (RFC 8785).
func (p Public) MarshalJSON() ([]byte, error) { return canonical.Marshal(p.document()) }

// content is the document without signatures.
func (p Public) content() ([]byte, error) {
	d := p.document()
	d.Signatures = nil
	return canonical.Marshal(d)
}

func (p Public) signed() ([]byte, error) {
	content, err := p.content()
	return append([]byte(publicFormat+"\n"), content...), err
}

// publish makes the document of the enabled keys and signs it.
func (k *Keyring) publish() (Public, error) {
	p := Public{
		Party: k.book.Party, Created: k.book.Changed, Expires: k.book.Changed.Add(k.options.validity).Truncate(time.Second),
		Revoked: k.revocations(),
		Seal:    k.publicKeys(Sealing), Sign: k.publicKeys(Signing), Log: k.publicKeys(Logging),
	}
	message, err := p.signed()
	if err != nil {
		return Public{}, fmt.Errorf("keyring: %s: publishing: %w", k.dir, ErrCorrupt)
	}
	for _, key := range k.enabled(Signing) {
		signature, err := key.sign.Sign(nil, message, crypto.Hash(0))
		if err != nil {
			return Public{}, fmt.Errorf("keyring: %s: publishing: %w", k.dir, ErrCorrupt)
		}
		p.Signatures = append(p.Signatures, Signature{Key: key.info.ID, Signature: signature})
	}
	return p, nil
}

func (k *Keyring) publicKeys(p Purpose) []PublicKey {
	var list []PublicKey
	for _, key := range k.enabled(p) {
		list = append(list, PublicKey{ID: key.info.ID, Algorithm: key.info.Algorithm, Public: key.public})
	}
	return list
}

// ParsePublic reads a document and checks it strictly: form, key ids, keys and signatures. It says nothing about who
// made it. Errors are [ErrPublic].
func ParsePublic(data []byte) (Public, error) {
	if len(data) > maxPublic {
		return Public{}, fmt.Errorf("keyring: %w: longer than 256 KiB", ErrPublic)
	}
	var d document
	if err := canonical.Unmarshal(data, &d); err != nil {
		return Public{}, fmt.Errorf("keyring: %w: %w", ErrPublic, err)
	}
	p := Public{Party: d.Party, Seal: d.Seal, Sign: d.Sign, Log: d.Log, Revoked: d.Revoked, Signatures: d.Signatures}
	var good bool
	if p.Created, good = parseSeconds(d.Created); !good {
		return Public{}, fmt.Errorf("keyring: %w: /created", ErrPublic)
	}
	if p.Expires, good = parseSeconds(d.Expires); d.Expires != "" && (!good || !p.Expires.After(p.Created)) {
		return Public{}, fmt.Errorf("keyring: %w: /expires", ErrPublic)
	}
	if where := d.fault(p); where != "" {
		return Public{}, fmt.Errorf("keyring: %w: %s", ErrPublic, where)
	}
	return p, nil
}

// fault names the first wrong place, or "".
func (d document) fault(p Public) string {
	if d.Format != publicFormat {
		return "/format"
	}
	if checkParty(d.Party) != nil {
		return "/party"
	}
	for _, list := range []struct {
		pointer string
		keys    []PublicKey
		check   func(PublicKey) bool
	}{
		{"/seal", d.Seal, isRecipientKey}, {"/sign", d.Sign, isVerifyKey}, {"/log", d.Log, isVerifyKey},
	} {
		if at := faultyKey(list.keys, list.check); at != "" {
			return list.pointer + at
		}
	}
	if at := p.revocationFault(); at != "" {
		return "/revoked" + at
	}
	return p.signatureFault()
}

func faultyKey(keys []PublicKey, check func(PublicKey) bool) string {
	if len(keys) == 0 || len(keys) > maxKeys {
		return " has no keys or too many"
	}
	seen := map[string]bool{}
	for i, k := range keys {
		if seen[k.ID] || k.ID != seal.KeyID(k.Public) || !check(k) {
			return fmt.Sprintf("/%d", i)
		}
		seen[k.ID] = true
	}
	return ""
}

func isRecipientKey(k PublicKey) bool {
	_, err := seal.NewRecipientKey(k.Algorithm, k.Public)
	return err == nil
}

func isVerifyKey(k PublicKey) bool {
	_, err := seal.NewVerifyKey(k.Public)
	return err == nil && k.Algorithm == ed25519Name
}

// signatureFault wants one good signature by each signing key, in their order.
func (p Public) signatureFault() string {
	message, err := p.signed()
	if err != nil {
		return "/"
	}
	if len(p.Signatures) != len(p.Sign) {
		return "/signatures"
	}
	for i, s := range p.Signatures {
		if s.Key != p.Sign[i].ID || !ed25519.Verify(p.Sign[i].Public, message, s.Signature) {
			return fmt.Sprintf("/signatures/%d does not verify", i)
		}
	}
	return ""
}

// Fingerprint names the document for reading over the telephone: eight groups of five digits, each two bytes of the
// SHA-256 of the canonical document without signatures. 128 bits cannot be matched by other keys.
func (p Public) Fingerprint() string {
	content, err := p.content()
	if err != nil {
		return ""
	}
	sum := sha256.Sum256(content)
	groups := make([]string, 8)
	for i := range groups {
		groups[i] = fmt.Sprintf("%05d", binary.BigEndian.Uint16(sum[2*i:]))
	}
	return strings.Join(groups, " ")
}

// Pin is how an agreement names a signing key: the SHA-256 of its bytes in hexadecimal.
func (k PublicKey) Pin() string { return fmt.Sprintf("%x", sha256.Sum256(k.Public)) }

// SignedByOneOf reports whether one of the pinned keys has signed the document ([PublicKey.Pin]), or nothing is pinned.
// The document must come from [ParsePublic] or [Keyring.Public]: all its signing keys have signed it.
func (p Public) SignedByOneOf(pins []string) bool {
	return len(pins) == 0 || slices.ContainsFunc(p.Sign, func(k PublicKey) bool { return slices.Contains(pins, k.Pin()) })
}

// Recipient returns the key to seal to. Errors are [ErrPublic].
func (p Public) Recipient() (*seal.RecipientKey, error) {
	if len(p.Seal) == 0 {
		return nil, fmt.Errorf("keyring: %w: no sealing key", ErrPublic)
	}
	return seal.NewRecipientKey(p.Seal[0].Algorithm, p.Seal[0].Public)
}

// Verifier returns the party's signing key of that id, or [ErrUnknownKey], and [ErrRevoked] as well if the party once had
// it.
func (p Public) Verifier(id string) (*seal.VerifyKey, error) {
	for _, k := range p.Sign {
		if k.ID == id {
			return seal.NewVerifyKey(k.Public)
		}
	}
	if p.revoked(Signing, id) {
		return nil, fmt.Errorf("keyring: %w: %w", ErrUnknownKey, ErrRevoked)
	}
	return nil, fmt.Errorf("keyring: %w: not a signing key of %s", ErrUnknownKey, p.Party)
}

// LogKey returns the Ed25519 key that signs the checkpoints of the party's log, nil if there is none.
func (p Public) LogKey() ed25519.PublicKey {
	if len(p.Log) == 0 {
		return nil
	}
	return slices.Clone(p.Log[0].Public)
}

// Succeeds reports whether p may replace old without another look at the fingerprint: same party, not older, signed by a
// signing key that old already had, and without any key that old says is revoked. Both must come from [ParsePublic].
func (p Public) Succeeds(old Public) bool {
	if p.Party != old.Party || p.Created.Before(old.Created) || p.signatureFault() != "" || p.revives(old) {
		return false
	}
	return slices.ContainsFunc(p.Sign, func(k PublicKey) bool {
		return slices.ContainsFunc(old.Sign, func(o PublicKey) bool { return slices.Equal(k.Public, o.Public) })
	})
}

func (p Public) clone() Public {
	p.Seal, p.Sign, p.Log = cloneKeys(p.Seal), cloneKeys(p.Sign), cloneKeys(p.Log)
	p.Revoked, p.Signatures = slices.Clone(p.Revoked), slices.Clone(p.Signatures)
	for i := range p.Signatures {
		p.Signatures[i].Signature = slices.Clone(p.Signatures[i].Signature)
	}
	return p
}

func cloneKeys(keys []PublicKey) []PublicKey {
	keys = slices.Clone(keys)
	for i := range keys {
		keys[i].Public = slices.Clone(keys[i].Public)
	}
	return keys
}
