package transfer

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/passavant/passavant/audit"
	"github.com/passavant/passavant/crypto/keyring"
	"github.com/passavant/passavant/crypto/pseudonym"
	"github.com/passavant/passavant/crypto/seal"
)

// ErrForeignKeys is the condition that a keyring is another party's, or signs another log.
var ErrForeignKeys = errors.New("the keyring is not of this party and log")

// senderKeys is what a Sender uses of a keyring. It is replaced whole, so that a transfer sees one keyring only.
type senderKeys struct {
	signer     *seal.SigningKey
	pseudonyms *pseudonym.Pseudonymizer
}

func newSenderKeys(keys *keyring.Keyring) (*senderKeys, error) {
	pseudonyms, err := keys.Pseudonymizer()
	if err != nil {
		return nil, fmt.Errorf("transfer: %w", err)
	}
	return &senderKeys{keys.Sealer(), pseudonyms}, nil
}

// UseKeys lets the Sender go on with a keyring in which keys were rotated, without a pause, and records it. Give partners
// the new [keyring.Public] first: they verify by it. Transfers under way end with the keys that they began with.
func (s *Sender) UseKeys(ctx context.Context, keys *keyring.Keyring) error {
	next, err := newSenderKeys(keys)
	if err != nil {
		return err
	}
	if err := takeKeys(ctx, s.Log, s.Keys, keys); err != nil {
		return err
	}
	s.keys.Store(next)
	return nil
}

// receiverKeys is what a Receiver uses of a keyring.
type receiverKeys struct {
	opening []*seal.OpeningKey
	signer  *seal.SigningKey
}

func newReceiverKeys(keys *keyring.Keyring) *receiverKeys {
	return &receiverKeys{keys.Opener(), keys.Sealer()}
}

// UseKeys lets the Receiver go on with a keyring in which keys were rotated, without a pause, and records it. After the
// rotation of a sealing key, give partners the new [keyring.Public] afterwards: what they seal by the old one still opens.
// After that of a signing key, give it to them first: they verify receipts by it.
func (r *Receiver) UseKeys(ctx context.Context, keys *keyring.Keyring) error {
	if err := takeKeys(ctx, r.Log, r.Keys, keys); err != nil {
		return err
	}
	r.keys.Store(newReceiverKeys(keys))
	return nil
}

// takeKeys checks that the keys are the same party's and records which of them are used from now on.
func takeKeys(ctx context.Context, log *audit.Log, before, keys *keyring.Keyring) error {
	if keys.Party() != before.Party() || checkLog(log, keys) != nil {
		return fmt.Errorf("transfer: %w", ErrForeignKeys)
	}
	fields := map[string]string{"event": "in-use"}
	for _, k := range keys.List() {
		if k.Primary {
			fields[string(k.Purpose)] = k.ID
		}
	}
	_, err := log.Append(ctx, audit.Record{Type: audit.KeyEvent, Exporter: keys.Party(), Fields: fields}, nil)
	return err
}

// ErrNotSuccessor is the condition that a document of keys does not follow from the one that is trusted: compare its
// fingerprint by another way.
var ErrNotSuccessor = errors.New("the new keys are not vouched for by the known ones")

// LivePartners is a set of partners whose documents can be replaced while transfers go on. It is safe for concurrent use.
type LivePartners struct {
	mu  sync.RWMutex
	set StaticPartners
}

// NewLivePartners returns the set of the given documents, which the caller trusts.
func NewLivePartners(documents ...keyring.Public) *LivePartners {
	return &LivePartners{set: NewPartners(documents...)}
}

// Partner looks a party up.
func (l *LivePartners) Partner(party string) (keyring.Public, error) {
	l.mu.RLock()
	defer l.mu.RUnlock()
	return l.set.Partner(party)
}

// Update replaces the document of a known party by a newer one that the older vouches for ([keyring.Public.Succeeds]).
// Errors are [ErrUnknownPartner] and [ErrNotSuccessor]; the set is then as it was.
func (l *LivePartners) Update(document keyring.Public) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	known, err := l.set.Partner(document.Party)
	if err != nil {
		return err
	}
	if !document.Succeeds(known) {
		return fmt.Errorf("%w: %q", ErrNotSuccessor, document.Party)
	}
	l.set[document.Party] = document
	return nil
}
