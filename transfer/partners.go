package transfer

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strings"
	"time"

	"github.com/passavant/passavant/crypto/keyring"
	"github.com/passavant/passavant/policy/agreement"
)

// ErrUnknownPartner is the condition that no public keys are known for a party.
var ErrUnknownPartner = errors.New("no public keys for this party")

// ErrPartnerKeys is the condition that a party's keys are known and must not be used: they have expired, or none of
// them is one that the agreement names.
var ErrPartnerKeys = errors.New("the party's keys must not be used")

// Partners gives the public keys of the organisations that one exchanges with. Where they come from is a decision of
// trust: a signed agreement, a meeting, a telephone call ([keyring.Public.Fingerprint]).
type Partners interface {
	// Partner returns the keys of a party, or an error that wraps ErrUnknownPartner.
	Partner(party string) (keyring.Public, error)
}

// StaticPartners is a fixed set of partners, keyed by party id.
type StaticPartners map[string]keyring.Public

// NewPartners returns the set of the given documents.
func NewPartners(documents ...keyring.Public) StaticPartners {
	set := make(StaticPartners, len(documents))
	for _, p := range documents {
		set[p.Party] = p
	}
	return set
}

// Partner looks a party up.
func (s StaticPartners) Partner(party string) (keyring.Public, error) {
	p, found := s[party]
	if !found {
		return keyring.Public{}, fmt.Errorf("%w: %q", ErrUnknownPartner, party)
	}
	return p, nil
}

// partnerOf returns a party's keys if they may be used for an agreement at a time. a may be nil.
func partnerOf(partners Partners, party string, a *agreement.Agreement, at time.Time) (keyring.Public, error) {
	keys, err := partners.Partner(party)
	if err != nil {
		return keyring.Public{}, err
	}
	if err := keys.Valid(at); err != nil {
		return keyring.Public{}, fmt.Errorf("%w: %w", ErrPartnerKeys, err)
	}
	return keys, checkPins(keys, a)
}

// checkPins refuses keys that an agreement does not name, if it names any. a may be nil.
func checkPins(keys keyring.Public, a *agreement.Agreement) error {
	if a == nil {
		return nil
	}
	if terms, found := a.Party(keys.Party); found && !keys.SignedByOneOf(terms.Keys) {
		return fmt.Errorf("%w: no signing key of %q is one that agreement %q pins", ErrPartnerKeys, keys.Party, a.ID)
	}
	return nil
}

// LoadPartners reads every *.json file at the root of fsys. The name of a file must be the id of the party in it, so
// that no document can pose as another party's.
func LoadPartners(fsys fs.FS) (StaticPartners, error) {
	names, err := fs.Glob(fsys, "*.json")
	if err != nil {
		return nil, fmt.Errorf("listing partners: %w", err)
	}
	set := make(StaticPartners, len(names))
	for _, name := range names {
		raw, err := fs.ReadFile(fsys, name)
		if err != nil {
			return nil, fmt.Errorf("reading partner %s: %w", name, err)
		}
		p, err := keyring.ParsePublic(raw)
		if err != nil {
			return nil, fmt.Errorf("partner %s: %w", name, err)
		}
		if p.Party != strings.TrimSuffix(path.Base(name), ".json") {
			return nil, fmt.Errorf("partner %s: the keys in it are of another party; name the file <party>.json", name)
		}
		set[p.Party] = p
	}
	return set, nil
}
