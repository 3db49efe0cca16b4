// Package technique holds the keyed techniques beyond the one-way pseudonym, in both directions (docs/techniques.md).
// Package pseudonym offers the way there, package reidentify the way back; nobody else can reach a key.
package technique

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"hash"
	"net/netip"
	"sync"

	"github.com/passavant/passavant/crypto/internal/cryptopan"
	"github.com/passavant/passavant/crypto/internal/lookalike"
)

// ErrKey is the condition that a key cannot be derived.
var ErrKey = errors.New("technique: unusable key")

// Door is what package pseudonym asks for before it lets anybody have the Keys of a domain. Only packages beneath crypto can
// make one, and the architecture test says which may.
type Door struct{ open bool }

// Knock makes a Door.
func Knock() Door { return Door{open: true} }

// Open reports whether d was made by Knock.
func (d Door) Open() bool { return d.open }

// Label derives the technique key of a domain from the master key.
const Label = "passavant-technique/1"

// The labels of the techniques.
const (
	labelToken  = "token"
	labelFormat = "format"
	labelIPv4   = "ip4"
	labelIPv6   = "ip6"
	labelEmail  = "email"
	labelDate   = "date"
)

// Keys are the keys of the techniques in one pseudonymisation domain, derived when they are first needed. Safe for
// concurrent use.
type Keys struct {
	// A func has no printable form: no verb of fmt and no encoder reaches the key behind it.
	derive func(label, category string, size int) []byte

	mu     sync.RWMutex
	tokens map[string]*token
	forms  map[string]*lookalike.Cipher
	nets   map[string]*network
	macs   map[macName]*keyed
}

type network struct{ v4, v6 *cryptopan.Cipher }

type macName struct{ label, category string }

// New returns the Keys under the technique key of a domain, 32 bytes.
func New(key []byte) (*Keys, error) {
	if len(key) != sha256.Size {
		return nil, ErrKey
	}
	derive := func(label, category string, size int) []byte { return KDF(key, label, part(category), size) }
	return &Keys{
		derive: derive, tokens: map[string]*token{}, forms: map[string]*lookalike.Cipher{},
		nets: map[string]*network{}, macs: map[macName]*keyed{},
	}, nil
}

func part(s string) []byte {
	return append(binary.BigEndian.AppendUint32(nil, uint32(len(s))), s...)
}

// KDF is the key derivation function in counter mode of NIST SP 800-108r1, section 4.1, with HMAC-SHA-256 and r = 32. size
// is in bytes.
func KDF(key []byte, label string, context []byte, size int) []byte {
	mac := hmac.New(sha256.New, key)
	var out []byte
	for i := uint32(1); len(out) < size; i++ {
		mac.Reset()
		in := binary.BigEndian.AppendUint32(nil, i)
		in = append(append(append(in, label...), 0), context...)
		mac.Write(binary.BigEndian.AppendUint32(in, uint32(8*size)))
		out = mac.Sum(out)
	}
	return out[:size]
}

// String says nothing of the keys.
func (k *Keys) String() string { return "technique keys of a pseudonymisation domain" }

// GoString is String.
func (k *Keys) GoString() string { return k.String() }

// cached returns the entry of a table, made when it is first asked for.
func cached[K comparable, V any](k *Keys, table map[K]V, name K, make func() V) V {
	k.mu.RLock()
	v, found := table[name]
	k.mu.RUnlock()
	if found {
		return v
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if v, found = table[name]; !found {
		v = make()
		table[name] = v
	}
	return v
}

// AppendToken appends the reversible token of a normalised value.
func (k *Keys) AppendToken(dst []byte, category string, value []byte) ([]byte, error) {
	return k.token(category).seal(dst, category, value)
}

// AppendValue appends what [Keys.AppendToken] made the token of, or fails with [ErrToken].
func (k *Keys) AppendValue(dst []byte, category string, token []byte) ([]byte, error) {
	return k.token(category).open(dst, category, token)
}

func (k *Keys) token(category string) *token {
	return cached(k, k.tokens, category, func() *token { return newToken(k.derive(labelToken, category, sivKeySize)) })
}

// Lookalike returns the format-preserving cipher of a category.
func (k *Keys) Lookalike(category string) *lookalike.Cipher {
	return cached(k, k.forms, category, func() *lookalike.Cipher {
		return must(lookalike.New(k.derive(labelFormat, category, 32)))
	})
}

// MapAddress maps an address to one of its family, or back.
func (k *Keys) MapAddress(category string, a netip.Addr, back bool) netip.Addr {
	n := cached(k, k.nets, category, func() *network {
		return &network{
			v4: must(cryptopan.New(k.derive(labelIPv4, category, cryptopan.KeySize))),
			v6: must(cryptopan.New(k.derive(labelIPv6, category, cryptopan.KeySize))),
		}
	})
	c := n.v6
	if a.Is4() {
		c = n.v4
	}
	if back {
		return c.Decrypt(a)
	}
	return c.Encrypt(a)
}

// must is for keys whose length this package has chosen.
func must[T any](v T, err error) T {
	if err != nil {
		panic(fmt.Sprintf("technique: %v", err))
	}
	return v
}

// The parts of an e-mail address that have pseudonyms of their own.
const (
	MailAddress byte = 1
	MailDomain  byte = 2
)

// MailDigest returns the first 16 bytes of the MAC over a part of an address.
func (k *Keys) MailDigest(category string, what byte, value []byte) [16]byte {
	sum := k.mac(labelEmail, category).sum([]byte{what}, value)
	return [16]byte(sum[:16])
}

// ShiftDays returns by how many days the dates of a subject move: 1 to days, or -1 to -days. category is the subject's.
func (k *Keys) ShiftDays(category string, days int, subject []byte) int {
	var window [4]byte
	binary.BigEndian.PutUint32(window[:], uint32(days))
	sum := k.mac(labelDate, category).sum(window[:], subject)
	n := int(binary.BigEndian.Uint64(sum[:8]) % uint64(2*days))
	if n < days {
		return n + 1
	}
	return days - n - 1
}

func (k *Keys) mac(label, category string) *keyed {
	return cached(k, k.macs, macName{label, category}, func() *keyed { return newKeyed(k.derive(label, category, sha256.Size)) })
}

// keyed is HMAC-SHA-256 under one key, with the key schedules kept.
type keyed struct{ states sync.Pool }

type state struct {
	mac hash.Hash
	in  []byte
	out [sha256.Size]byte
}

func newKeyed(key []byte) *keyed {
	k := new(keyed)
	k.states.New = func() any { return &state{mac: hmac.New(sha256.New, key)} }
	return k
}

func (k *keyed) sum(parts ...[]byte) [sha256.Size]byte {
	st := k.states.Get().(*state)
	st.in = st.in[:0]
	for _, p := range parts {
		st.in = append(st.in, p...)
	}
	st.mac.Reset()
	st.mac.Write(st.in)
	st.mac.Sum(st.out[:0])
	out := st.out
	clear(st.in)
	k.states.Put(st)
	return out
}
