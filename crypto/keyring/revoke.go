package keyring

import (
	"encoding/hex"
	"fmt"
	"slices"
	"time"
)

const maxRevoked = 256

// revocations lists the disabled keys that partners once knew. That a key is disabled stands in its keyset, which can be
// encrypted; why and since when stands in the manifest, which only informs.
func (k *Keyring) revocations() []Revocation {
	var list []Revocation
	for _, p := range []Purpose{Sealing, Signing, Logging} {
		for _, key := range k.keys[p] {
			if key.info.Status != Disabled {
				continue
			}
			r, noted := k.book.Retired[key.info.ID]
			if !noted {
				r = retirement{Superseded, k.book.Changed}
			}
			list = append(list, Revocation{ID: key.info.ID, Purpose: p, Reason: r.Reason, Since: r.Since.UTC().Format(time.RFC3339)})
		}
	}
	return list
}

// revocationFault names the first wrong entry, or "".
func (p Public) revocationFault() string {
	if len(p.Revoked) > maxRevoked {
		return " has too many"
	}
	seen := map[string]bool{}
	for i, r := range p.Revoked {
		raw, err := hex.DecodeString(r.ID)
		_, dated := parseSeconds(r.Since)
		active, published := p.list(r.Purpose)
		inUse := slices.ContainsFunc(active, func(k PublicKey) bool { return k.ID == r.ID })
		if err != nil || len(raw) != 8 || hex.EncodeToString(raw) != r.ID || !dated || !published || !r.Reason.known() || inUse || seen[r.ID] {
			return fmt.Sprintf("/%d", i)
		}
		seen[r.ID] = true
	}
	return ""
}

// list returns the published keys of a purpose, and whether keys of the purpose are published at all.
func (p Public) list(purpose Purpose) (keys []PublicKey, published bool) {
	switch purpose {
	case Sealing:
		return p.Seal, true
	case Signing:
		return p.Sign, true
	case Logging:
		return p.Log, true
	}
	return nil, false
}

func (p Public) revoked(purpose Purpose, id string) bool {
	return slices.ContainsFunc(p.Revoked, func(r Revocation) bool { return r.Purpose == purpose && r.ID == id })
}

// revives reports whether p uses a key that an earlier document revoked.
func (p Public) revives(old Public) bool {
	return slices.ContainsFunc(old.Revoked, func(r Revocation) bool {
		keys, _ := p.list(r.Purpose)
		return slices.ContainsFunc(keys, func(k PublicKey) bool { return k.ID == r.ID })
	})
}

// Valid returns nil if the document may be used at that time, else [ErrExpired].
func (p Public) Valid(at time.Time) error {
	if !p.Expires.IsZero() && !at.Before(p.Expires) {
		return fmt.Errorf("keyring: %w: keys of %s, good until %s; ask for a new document", ErrExpired, p.Party, p.Expires.Format(time.DateOnly))
	}
	return nil
}

// parseSeconds reads a time in the one spelling that documents have: RFC 3339, UTC, whole seconds.
func parseSeconds(text string) (at time.Time, good bool) {
	at, err := time.Parse(time.RFC3339, text)
	if err != nil || at.UTC().Format(time.RFC3339) != text {
		return time.Time{}, false
	}
	return at.UTC(), true
}
