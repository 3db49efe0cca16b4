package keyring

import (
	"crypto"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"github.com/passavant/passavant/crypto/pseudonym"
	"github.com/passavant/passavant/crypto/seal"
)

// The conditions under which a keyring cannot be made or used. Messages name the file.
var (
	// ErrExists means that there is something where the keyring should be made.
	ErrExists = errors.New("already exists")
	// ErrParty means that a party id is not 1 to 64 characters of a-z, 0-9, "-" and ".", letter or digit at both ends.
	ErrParty = errors.New("not a party id")
	// ErrMode means that others than the owner may read or write private keys.
	ErrMode = errors.New("others may reach private keys")
	// ErrCorrupt means that a file is not what this package wrote.
	ErrCorrupt = errors.New("damaged or not a keyring file")
	// ErrPurpose means that a keyset holds keys for another purpose than its file name says.
	ErrPurpose = errors.New("keys of the wrong kind")
	// ErrMasterKey means that the master key is missing, not wanted, or not the right one.
	ErrMasterKey = errors.New("master key")
	// ErrUnknownKey means that there is no key of that id or purpose.
	ErrUnknownKey = errors.New("unknown key")
	// ErrReason means that a reason for retiring a key is not of the vocabulary.
	ErrReason = errors.New("not a reason for retiring a key: superseded, compromised or lost")
	// ErrRevoked means that its owner has revoked a key.
	ErrRevoked = errors.New("the key was revoked by its owner")
	// ErrExpired means that a published document is past its date.
	ErrExpired = errors.New("the public key document has expired")
	// ErrWrite means that writing failed; the keyring is as it was before.
	ErrWrite = errors.New("cannot write")
)

// Purpose says what a key is for. A key has one purpose only (NIST SP 800-57 part 1, section 5.2).
type Purpose string

// The purposes, each the name of a keyset file without ".json".
const (
	Sealing        Purpose = "seal"
	Signing        Purpose = "sign"
	Logging        Purpose = "log"
	Pseudonymizing Purpose = "pseudonym"
)

// Purposes returns all purposes in the order of [Keyring.List].
func Purposes() []Purpose { return []Purpose{Sealing, Signing, Logging, Pseudonymizing} }

// KeyInfo describes one key without its secret.
type KeyInfo struct {
	Purpose   Purpose   `json:"purpose"`
	ID        string    `json:"id"` // of a key pair the seal.KeyID; of a pseudonymisation key its pseudonym.Pseudonymizer.KeyID
	Algorithm string    `json:"algorithm"`
	Primary   bool      `json:"primary"` // used for new work; the others still open, verify and re-identify old work
	Status    Status    `json:"status"`
	Created   time.Time `json:"created,omitzero"` // zero if the keyring was not told
}

// Status says whether a key may be used.
type Status string

// The states of a key. A disabled key stays in its file and is neither used nor published.
const (
	Enabled  Status = "enabled"
	Disabled Status = "disabled"
)

// Keyring is the keys of one party, as they were when the directory was read. It does not change and is safe for
// concurrent use.
type Keyring struct {
	dir     string
	options options
	book    *manifest
	keys    map[Purpose][]*key // primary first
	public  Public
}

// Party returns the party id.
func (k *Keyring) Party() string { return k.book.Party }

// Sealer returns the key that signs our envelopes.
func (k *Keyring) Sealer() *seal.SigningKey { return k.keys[Signing][0].sign }

// Opener returns the keys that open what others sealed to us, the primary first.
func (k *Keyring) Opener() []*seal.OpeningKey {
	var keys []*seal.OpeningKey
	for _, key := range k.enabled(Sealing) {
		keys = append(keys, key.open)
	}
	return keys
}

// Signer returns the Ed25519 key of [Keyring.Sealer] for other signatures, such as receipts. Each use must put a label
// of its own in front of what it signs.
func (k *Keyring) Signer() crypto.Signer { return k.keys[Signing][0].sign }

// LogSigner returns the Ed25519 key that signs the checkpoints of our log.
func (k *Keyring) LogSigner() crypto.Signer { return k.keys[Logging][0].sign }

// Pseudonymizer returns the primary pseudonymisation key. The error is always nil.
func (k *Keyring) Pseudonymizer() (*pseudonym.Pseudonymizer, error) {
	return k.keys[Pseudonymizing][0].pseudonym, nil
}

// PseudonymizerByID returns an enabled pseudonymisation key, also one that is no longer primary, or [ErrUnknownKey].
func (k *Keyring) PseudonymizerByID(id string) (*pseudonym.Pseudonymizer, error) {
	for _, key := range k.enabled(Pseudonymizing) {
		if key.info.ID == id {
			return key.pseudonym, nil
		}
	}
	return nil, fmt.Errorf("keyring: %s: %w for %s", k.dir, ErrUnknownKey, Pseudonymizing)
}

// Public returns what partners need to seal to us and to verify what we sign.
func (k *Keyring) Public() Public { return k.public.clone() }

// List describes all keys, by purpose, the primary first.
func (k *Keyring) List() []KeyInfo {
	var list []KeyInfo
	for _, purpose := range Purposes() {
		for _, key := range k.keys[purpose] {
			list = append(list, key.info)
		}
	}
	return list
}

// Format prints the party whatever the verb, also for a copy of the keyring.
func (k Keyring) Format(f fmt.State, _ rune) { _, _ = fmt.Fprint(f, k.name()) }

// LogValue gives slog the party and nothing else.
func (k *Keyring) LogValue() slog.Value { return slog.StringValue(k.name()) }

// MarshalJSON writes the party and nothing else.
func (k Keyring) MarshalJSON() ([]byte, error) { return []byte(`"` + k.name() + `"`), nil }

func (k *Keyring) name() string {
	if k.book == nil {
		return "empty keyring"
	}
	return "keyring of " + k.book.Party
}

func (k *Keyring) enabled(p Purpose) []*key {
	return slices.DeleteFunc(slices.Clone(k.keys[p]), func(key *key) bool { return key.info.Status != Enabled })
}
