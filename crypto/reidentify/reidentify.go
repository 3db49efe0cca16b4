// Package reidentify leads pseudonyms back to what they stand for. It is apart from package pseudonym so that one look at the
// imports of a program says whether it can: only package desk imports it, which asks for a decision, two approvals and a
// record first (docs/reidentification.md).
//
// Reversible tokens, format-preserving values and prefix-preserving addresses are decrypted. One-way pseudonyms are
// compared with those of candidates. What comes back is the normalised spelling of a value.
package reidentify

import (
	"bytes"
	"crypto/hmac"
	"errors"
	"iter"
	"net/netip"

	"github.com/passavant/passavant/crypto/internal/lookalike"
	"github.com/passavant/passavant/crypto/internal/technique"
	"github.com/passavant/passavant/crypto/pseudonym"
)

// ErrNotFound is the condition that nothing is known that a pseudonym stands for: it was changed, it belongs to another domain
// or category, or no candidate has it.
var ErrNotFound = errors.New("reidentify: nothing that the pseudonym stands for was found")

// Reverser leads the pseudonyms of one domain back. It is safe for concurrent use.
type Reverser struct {
	domain *pseudonym.Domain
	keys   *technique.Keys
}

// Open opens the domain of c under a master key, which may be a former one. It fails with a [*pseudonym.ContextError] or
// [pseudonym.ErrKey].
func Open(p *pseudonym.Pseudonymizer, c pseudonym.Context) (*Reverser, error) {
	d, err := p.Domain(c)
	if err != nil {
		return nil, err
	}
	keys := d.Techniques(technique.Knock())
	if keys == nil {
		return nil, pseudonym.ErrKey
	}
	return &Reverser{d, keys}, nil
}

// String says nothing of the keys.
func (r *Reverser) String() string { return "reversal of the " + r.domain.String() }

// Token opens a reversible token (AES-SIV, RFC 5297).
func (r *Reverser) Token(category string, token []byte) ([]byte, error) {
	value, err := r.keys.AppendValue(nil, category, token)
	if err != nil {
		return nil, ErrNotFound
	}
	return value, nil
}

// Format decrypts a format-preserving value (FF1). format and keep are those of [pseudonym.Domain.AppendFormat]. It proves
// nothing: every value of the form leads to another one.
func (r *Reverser) Format(category, format string, keep int, value []byte) ([]byte, error) {
	out, ok := r.keys.Lookalike(category).AppendDecrypted(nil, lookalike.Format(format), keep, value)
	if !ok {
		return nil, ErrNotFound
	}
	return out, nil
}

// Address maps an address of Crypto-PAn back. It proves nothing either.
func (r *Reverser) Address(category string, value []byte) ([]byte, error) {
	a, err := netip.ParseAddr(string(value))
	if err != nil || a.Zone() != "" {
		return nil, ErrNotFound
	}
	return r.keys.MapAddress(category, a.Unmap(), true).AppendTo(nil), nil
}

// Days returns by how many days the dates of a subject were moved.
func (r *Reverser) Days(category, kind string, window int, subject []byte) (int, error) {
	days, ok := r.domain.ShiftDays(category, kind, window, subject)
	if !ok {
		return 0, ErrNotFound
	}
	return days, nil
}

// Pseudonym returns the first candidate whose one-way pseudonym is the given one.
func (r *Reverser) Pseudonym(category, kind string, value []byte, candidates iter.Seq[[]byte]) ([]byte, error) {
	return find(value, candidates, func(dst, candidate []byte) ([]byte, bool) {
		return r.domain.AppendPseudonymOf(dst, category, kind, candidate), true
	})
}

// Email returns the first candidate whose pseudonymous address is the given one.
func (r *Reverser) Email(category string, keepDomain bool, value []byte, candidates iter.Seq[[]byte]) ([]byte, error) {
	return find(value, candidates, func(dst, candidate []byte) ([]byte, bool) {
		return r.domain.AppendEmail(dst, category, keepDomain, candidate)
	})
}

func find(value []byte, candidates iter.Seq[[]byte], of func(dst, candidate []byte) ([]byte, bool)) ([]byte, error) {
	var made []byte
	for candidate := range candidates {
		var ok bool
		if made, ok = of(made[:0], candidate); ok && hmac.Equal(made, value) {
			return bytes.Clone(candidate), nil
		}
	}
	return nil, ErrNotFound
}
