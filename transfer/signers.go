package transfer

import (
	"crypto"
	"crypto/ed25519"
	"errors"
	"fmt"
	"time"

	"github.com/passavant/passavant/crypto/keyring"
	"github.com/passavant/passavant/policy"
	"github.com/passavant/passavant/policy/agreement"
)

// ErrSignature is the condition that a signature is not the key's.
var ErrSignature = errors.New("the signature does not verify")

// Signers verifies the signatures of agreements with the keys of one's own organisation and of its partners. Give it to
// [policy.LoadWith].
type Signers struct {
	own      keyring.Public
	partners Partners
}

var _ policy.Signers = (*Signers)(nil)

// NewSigners returns the signers of an organisation. own may be the zero value if the organisation has no keys yet.
func NewSigners(own keyring.Public, partners Partners) *Signers { return &Signers{own, partners} }

// Partner reports whether the partner's keys are known.
func (s *Signers) Partner(party string) bool {
	_, err := s.partners.Partner(party)
	return err == nil && party != s.own.Party
}

// Verify checks a signature. Errors wrap [policy.ErrUnknownSigner] or [ErrSignature].
func (s *Signers) Verify(party, key string, message, signature []byte) error {
	keys := s.own
	if party != s.own.Party {
		partner, err := s.partners.Partner(party)
		if err != nil {
			return fmt.Errorf("%w: %w", policy.ErrUnknownSigner, err)
		}
		keys = partner
	}
	verifier, err := keys.Verifier(key)
	if err != nil {
		return fmt.Errorf("%w: %w", policy.ErrUnknownSigner, err)
	}
	if !ed25519.Verify(verifier.Public(), message, signature) {
		return ErrSignature
	}
	return nil
}

// SignAgreement signs the loaded version of an agreement for the organisation whose keys these are. The engine must hold
// the agreement, and the organisation must be a party to it.
func SignAgreement(e *policy.Engine, id string, keys *keyring.Keyring, at time.Time) (agreement.Signature, error) {
	a, found := e.Agreement(id)
	if !found {
		return agreement.Signature{}, fmt.Errorf("no agreement %q is loaded", id)
	}
	if _, party := a.Party(keys.Party()); !party {
		return agreement.Signature{}, fmt.Errorf("%s: %w", keys.Party(), agreement.ErrNotParty)
	}
	s := agreement.Signature{Statement: a.Statement(keys.Party(), e.RulesDigest(id), at), Key: keys.Sealer().ID()}
	message, err := s.Statement.Message()
	if err != nil {
		return agreement.Signature{}, err
	}
	s.Signature, err = keys.Signer().Sign(nil, message, crypto.Hash(0))
	return s, err
}
