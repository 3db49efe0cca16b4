package keyring

import (
	"fmt"
	"path/filepath"
	"slices"
	"time"

	"github.com/tink-crypto/tink-go/v2/keyset"

	"github.com/passavant/passavant/crypto/seal"
	"github.com/passavant/passavant/internal/canonical"
)

// Rotate adds a new primary key for the purpose and returns the keyring as it is then; k stays as it was. The former
// keys remain: they still open, verify and re-identify what was made with them, until [Keyring.Disable]. Publish the
// new [Keyring.Public] afterwards. A log keeps its key for life, because the key is part of the log's identity:
// rotating [Logging] is [ErrPurpose]. Other errors are those of [Open] and [ErrWrite].
//
// Programs that change one keyring at the same time wait for one another, and no change is lost.
func (k *Keyring) Rotate(p Purpose) (*Keyring, error) {
	if p == Logging {
		return nil, fmt.Errorf("keyring: %s: %w: a log keeps its key; start a new log for a new key", k.dir, ErrPurpose)
	}
	return k.change(p, nil, func(h *keyset.Handle, keys []*key) (*keyset.Handle, error) {
		postQuantum := k.options.postQuantum || keys[0].info.Algorithm == seal.XWing // never downgrade silently
		return addKey(keyset.NewManagerFromHandle(h), p, postQuantum)
	})
}

// Reason says why a key was retired. The vocabulary is closed, since partners read it.
type Reason string

// The reasons for retiring a key.
const (
	Superseded  Reason = "superseded"  // replaced in time; nothing happened
	Compromised Reason = "compromised" // somebody else has it, or may have
	Lost        Reason = "lost"        // the party itself can no longer use it
)

func (r Reason) known() bool { return r == Superseded || r == Compromised || r == Lost }

// Disable is [Keyring.Retire] with the reason [Superseded].
func (k *Keyring) Disable(p Purpose, id string) (*Keyring, error) { return k.Retire(p, id, Superseded) }

// Retire takes a key out of use, moves it in [Public] from the party's keys to the revoked ones, and returns the keyring
// as it is then. What was sealed to it can no longer be opened, what it signed no longer verifies. The primary key cannot
// be retired: rotate first. Errors are [ErrUnknownKey], [ErrReason], those of [Open], and [ErrWrite].
func (k *Keyring) Retire(p Purpose, id string, why Reason) (*Keyring, error) {
	if !why.known() {
		return nil, fmt.Errorf("keyring: %w", ErrReason)
	}
	retired := map[string]Reason{id: why}
	return k.change(p, retired, func(h *keyset.Handle, keys []*key) (*keyset.Handle, error) {
		for _, key := range keys {
			if key.info.ID == id && !key.info.Primary {
				m := keyset.NewManagerFromHandle(h)
				if err := m.Disable(key.tinkID); err != nil {
					return nil, ErrUnknownKey
				}
				return m.Handle()
			}
		}
		return nil, fmt.Errorf("%w, or the primary one, which stays in use: rotate first", ErrUnknownKey)
	})
}

// Renew dates the published document anew, so that it stays good for another [WithValidity], and returns the keyring as
// it is then. The keys stay as they are. Errors are those of [Open] and [ErrWrite].
func (k *Keyring) Renew() (*Keyring, error) {
	release, err := lockDir(k.dir)
	if err != nil {
		return nil, err
	}
	defer release()
	if err := k.rewriteManifest(func(*manifest, time.Time) error { return nil }); err != nil {
		return nil, err
	}
	return open(k.dir, k.options)
}

// change edits one keyset as it now is on disk.
func (k *Keyring) change(p Purpose, retired map[string]Reason, edit func(*keyset.Handle, []*key) (*keyset.Handle, error)) (*Keyring, error) {
	if !slices.Contains(Purposes(), p) {
		return nil, fmt.Errorf("keyring: %s: %w: no such purpose", k.dir, ErrUnknownKey)
	}
	release, err := lockDir(k.dir)
	if err != nil {
		return nil, err
	}
	defer release()
	path := filepath.Join(k.dir, p.file())
	h, keys, err := k.options.load(k.dir, k.book.Party, p)
	if err != nil {
		return nil, err
	}
	if h, err = edit(h, keys); err != nil {
		return nil, fmt.Errorf("keyring: %s: %w", path, err)
	}
	data, err := k.options.encode(p, k.book.Party, h)
	if err != nil {
		return nil, fmt.Errorf("keyring: %s: %w", path, err)
	}
	// The manifest goes first: a date without its key does no harm, a key without its date is listed without one.
	err = k.rewriteManifest(func(book *manifest, now time.Time) error {
		book.retire(retired, now)
		return book.date(p, h, now)
	})
	if err != nil {
		return nil, err
	}
	if err := k.options.replace(path, data); err != nil {
		return nil, err
	}
	return open(k.dir, k.options)
}

func (k *Keyring) rewriteManifest(edit func(book *manifest, now time.Time) error) error {
	path := filepath.Join(k.dir, manifestName)
	book, err := readManifest(path)
	if err != nil {
		return err
	}
	book.Changed = k.options.now().UTC().Truncate(time.Second)
	if err := edit(book, book.Changed); err != nil {
		return fmt.Errorf("keyring: %s: %w", path, err)
	}
	data, err := canonical.Marshal(book)
	if err != nil {
		return fmt.Errorf("keyring: %s: %w", path, ErrWrite)
	}
	return k.options.replace(path, data)
}

func (m *manifest) retire(keys map[string]Reason, now time.Time) {
	if len(keys) > 0 && m.Retired == nil {
		m.Retired = map[string]retirement{}
	}
	for id, why := range keys {
		m.Retired[id] = retirement{why, now}
	}
}
