package workspace

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/passavant/passavant/audit"
	"github.com/passavant/passavant/crypto/keyring"
	"github.com/passavant/passavant/transfer"
)

// ErrFingerprint is the condition that a partner's document is not the one whose fingerprint was compared.
var ErrFingerprint = errors.New("the fingerprint is another one")

// ErrNotRecorded is the condition that keys were changed and the log could not take the record, because a service holds
// it. The service records the keys when it takes them into use ([transfer.Sender.UseKeys]).
var ErrNotRecorded = errors.New("the keys were changed; the record is left to the process that holds the log")

// keyOptions are how this workspace's keyring is locked.
func (w *Workspace) keyOptions() ([]keyring.Option, error) {
	if w.PassphraseFile == "" {
		return nil, nil
	}
	passphrase, err := ReadPassphrase(w.Path(w.PassphraseFile))
	if err != nil {
		return nil, err
	}
	return []keyring.Option{keyring.WithPassphrase(passphrase)}, nil
}

// ReadPassphrase reads the first line of a file that nobody but its owner may read.
func ReadPassphrase(name string) ([]byte, error) {
	info, err := os.Stat(name)
	if err != nil {
		return nil, err
	}
	if mode := info.Mode().Perm(); runtime.GOOS != "windows" && mode&0o077 != 0 {
		return nil, fmt.Errorf("%s: others may read the passphrase (mode %04o); run: chmod 600 %s", name, mode, name)
	}
	raw, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	line, _, _ := bytes.Cut(raw, []byte("\n"))
	return bytes.TrimSuffix(line, []byte("\r")), nil
}

// RotateKeys adds a new primary key for the purpose and records it.
func (w *Workspace) RotateKeys(ctx context.Context, p keyring.Purpose) (*keyring.Keyring, error) {
	return w.changeKeys(ctx, "rotated", p, func(k *keyring.Keyring) (*keyring.Keyring, error) { return k.Rotate(p) })
}

// RetireKey takes a key out of use, revokes it in the published document, and records it.
func (w *Workspace) RetireKey(ctx context.Context, p keyring.Purpose, id string, why keyring.Reason) (*keyring.Keyring, error) {
	return w.changeKeys(ctx, "retired", p, func(k *keyring.Keyring) (*keyring.Keyring, error) { return k.Retire(p, id, why) })
}

// RenewKeys dates the published document anew and records it.
func (w *Workspace) RenewKeys(ctx context.Context) (*keyring.Keyring, error) {
	return w.changeKeys(ctx, "renewed", "", func(k *keyring.Keyring) (*keyring.Keyring, error) { return k.Renew() })
}

// changeKeys changes the keyring and records what is different. With ErrNotRecorded it returns the keyring as well.
func (w *Workspace) changeKeys(
	ctx context.Context, event string, p keyring.Purpose, change func(*keyring.Keyring) (*keyring.Keyring, error),
) (_ *keyring.Keyring, err error) {
	before, err := w.OpenKeys()
	if err != nil {
		return nil, err
	}
	log, err := w.OpenLog(before)
	locked := errors.Is(err, audit.ErrLocked)
	if err != nil && !locked {
		return nil, err
	}
	after, err := change(before)
	if locked {
		return after, errors.Join(err, ErrNotRecorded)
	}
	defer func() { err = errors.Join(err, log.Close()) }()
	if err != nil {
		return nil, err
	}
	_, err = log.Append(ctx, audit.Record{Type: audit.KeyEvent, Exporter: w.Party, Fields: changedFields(event, p, before, after)}, nil)
	return after, err
}

func changedFields(event string, p keyring.Purpose, before, after *keyring.Keyring) map[string]string {
	fields := map[string]string{"event": event}
	if p != "" {
		fields["purpose"] = string(p)
	}
	was := map[string]keyring.KeyInfo{}
	for _, k := range before.List() {
		was[k.ID] = k
	}
	for _, k := range after.List() {
		if old, known := was[k.ID]; !known || old.Status != k.Status {
			fields["key"], fields["algorithm"] = k.ID, k.Algorithm
		}
	}
	for _, r := range after.Public().Revoked {
		if r.ID == fields["key"] {
			fields["reason"] = string(r.Reason)
		}
	}
	return fields
}

// ImportPartner takes a partner's public key document into the workspace and records it. A document that follows from the
// one that is there needs no fingerprint; a first one, or one that does not follow, must have the fingerprint that
// somebody compared with the partner by another way. Errors are keyring.ErrPublic, keyring.ErrExpired,
// transfer.ErrNotSuccessor and ErrFingerprint.
func (w *Workspace) ImportPartner(ctx context.Context, document []byte, fingerprint string) (_ keyring.Public, err error) {
	p, err := keyring.ParsePublic(document)
	if err != nil {
		return p, err
	}
	if p.Party == w.Party {
		return p, fmt.Errorf("these are the keys of %s, which is this workspace", p.Party)
	}
	event, err := w.mayImport(p, fingerprint)
	if err != nil {
		return p, err
	}
	keys, err := w.OpenKeys()
	if err != nil {
		return p, err
	}
	log, err := w.OpenLog(keys)
	if err != nil {
		return p, err
	}
	defer func() { err = errors.Join(err, log.Close()) }()
	fields := map[string]string{"event": event, "party": p.Party, "key": p.Sign[0].ID, "fingerprint": p.Fingerprint()}
	if _, err := log.Append(ctx, audit.Record{Type: audit.KeyEvent, Exporter: w.Party, Fields: fields}, nil); err != nil {
		return p, err
	}
	return p, w.writePartner(p)
}

// mayImport decides whether a document is trusted, and says as what.
func (w *Workspace) mayImport(p keyring.Public, fingerprint string) (event string, err error) {
	if fingerprint != "" && normalDigits(fingerprint) != normalDigits(p.Fingerprint()) {
		return "", fmt.Errorf("%w: the document of %s has %s", ErrFingerprint, p.Party, p.Fingerprint())
	}
	partners, err := w.LoadPartners()
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return "", err
	}
	known, err := partners.Partner(p.Party)
	switch {
	case err == nil && p.Succeeds(known):
		return "partner-updated", nil
	case fingerprint != "":
		return "partner-imported", nil
	case err == nil:
		return "", fmt.Errorf("%w: %q; compare the fingerprint %s with the partner by telephone and give it", transfer.ErrNotSuccessor, p.Party, p.Fingerprint())
	}
	return "", fmt.Errorf("%q is not known yet: compare the fingerprint %s with the partner by telephone and give it: %w", p.Party, p.Fingerprint(), ErrFingerprint)
}

func normalDigits(fingerprint string) string { return strings.Join(strings.Fields(fingerprint), "") }

// writePartner replaces the file whole: a reader sees the old document or the new one.
func (w *Workspace) writePartner(p keyring.Public) error {
	text, err := json.MarshalIndent(p, "", "  ")
	if err != nil {
		return err
	}
	dir := w.Path(w.Partners)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	f, err := os.CreateTemp(dir, ".importing-*")
	if err != nil {
		return err
	}
	_, err = f.Write(append(text, '\n'))
	if err = errors.Join(err, f.Chmod(0o644), f.Sync(), f.Close()); err == nil {
		err = os.Rename(f.Name(), filepath.Join(dir, p.Party+".json"))
	}
	if err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	return nil
}
