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
// Two programs must not change one keyring at the same time: the later one wins.
func (k *Keyring) Rotate(p Purpose) (*Keyring, error) {
	if p == Logging {
		return nil, fmt.Errorf("keyring: %s: %w: a log keeps its key; start a new log for a new key", k.dir, ErrPurpose)
	}
	return k.change(p, func(h *keyset.Handle, keys []*key) (*keyset.Handle, error) {
		postQuantum := k.options.postQuantum || keys[0].info.Algorithm == seal.XWing // never downgrade silently
		return addKey(keyset.NewManagerFromHandle(h), p, postQuantum)
	})
}

// Disable takes a key out of use and out of [Public], and returns the keyring as it is then. What was sealed to it can
// no longer be opened. The primary key cannot be disabled: rotate first. Errors are [ErrUnknownKey], those of [Open],
// and [ErrWrite].
func (k *Keyring) Disable(p Purpose, id string) (*Keyring, error) {
	return k.change(p, func(h *keyset.Handle, keys []*key) (*keyset.Handle, error) {
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

// change edits one keyset as it now is on disk.
func (k *Keyring) change(p Purpose, edit func(*keyset.Handle, []*key) (*keyset.Handle, error)) (*Keyring, error) {
	if !slices.Contains(Purposes(), p) {
		return nil, fmt.Errorf("keyring: %s: %w: no such purpose", k.dir, ErrUnknownKey)
	}
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
	if err := k.dateChange(p, h); err != nil {
		return nil, err
	}
	if err := k.options.replace(path, data); err != nil {
		return nil, err
	}
	return open(k.dir, k.options)
}

// dateChange goes first: a date without its key does no harm, a key without its date is listed without one.
func (k *Keyring) dateChange(p Purpose, h *keyset.Handle) error {
	path := filepath.Join(k.dir, manifestName)
	book, err := readManifest(path)
	if err != nil {
		return err
	}
	book.Changed = k.options.now().UTC().Truncate(time.Second)
	if err := book.date(p, h, book.Changed); err != nil {
		return fmt.Errorf("keyring: %s: %w", path, err)
	}
	data, err := canonical.Marshal(book)
	if err != nil {
		return fmt.Errorf("keyring: %s: %w", path, ErrWrite)
	}
	return k.options.replace(path, data)
}
