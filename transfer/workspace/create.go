package workspace

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/passavant/passavant/audit"
	"github.com/passavant/passavant/crypto/keyring"
	"github.com/passavant/passavant/transfer"
)

// ErrNotEmpty is the condition that there is something where a workspace should be made.
var ErrNotEmpty = errors.New("is not empty; nothing was changed")

// Create makes a workspace in dir, which must be absent or empty, from a template (the contents of such a folder without
// keys and logs), makes its keys, and does the same for a practice partner that its configuration names. The two get
// each other's public keys and sign the agreements that bind both.
func Create(ctx context.Context, dir string, template fs.FS) (*Workspace, error) {
	if err := mustBeEmpty(dir); err != nil {
		return nil, err
	}
	if err := os.CopyFS(dir, template); err != nil {
		return nil, fmt.Errorf("making the workspace: %w", err)
	}
	own, err := Open(dir)
	if err != nil {
		return nil, err
	}
	if err := own.CreateKeys(ctx); err != nil || own.Practice == "" {
		return own, err
	}
	practice, err := own.OpenPractice()
	if err != nil {
		return nil, err
	}
	if err := practice.CreateKeys(ctx); err != nil {
		return nil, err
	}
	if err := errors.Join(own.introduce(practice), practice.introduce(own)); err != nil {
		return nil, err
	}
	if err := errors.Join(own.signAll(ctx, own), practice.signAll(ctx, own)); err != nil {
		return nil, err
	}
	return own, practice.adopt(own)
}

// adopt copies the agreements of another workspace: both parties hold what both signed.
func (w *Workspace) adopt(other *Workspace) error {
	from := filepath.Join(other.Path(other.Policy), "agreements")
	if err := os.CopyFS(filepath.Join(w.Path(w.Policy), "agreements"), os.DirFS(from)); err != nil {
		return fmt.Errorf("copying the agreements: %w", err)
	}
	return nil
}

func mustBeEmpty(dir string) error {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err == nil && len(entries) > 0 {
		err = fmt.Errorf("%s %w", dir, ErrNotEmpty)
	}
	return err
}

// OpenPractice opens the workspace of the practice partner.
func (w *Workspace) OpenPractice() (*Workspace, error) {
	practice, err := Open(w.Path(w.Practice))
	if err != nil {
		return nil, fmt.Errorf("the practice partner: %w", err)
	}
	return practice, nil
}

// CreateKeys makes the keys of a workspace that has none, and records each in the log.
func (w *Workspace) CreateKeys(ctx context.Context) (err error) {
	options, err := w.keyOptions()
	if err != nil {
		return err
	}
	keys, err := keyring.Create(w.Path(w.Keys), w.Party, options...)
	if err != nil {
		return err
	}
	log, err := transfer.OpenLog(w.Path(w.Log), keys)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, log.Close()) }()
	for _, k := range keys.List() {
		_, err := log.Append(ctx, audit.Record{
			Type: audit.KeyEvent, Exporter: w.Party,
			Fields: map[string]string{"event": "created", "purpose": string(k.Purpose), "key": k.ID, "algorithm": k.Algorithm},
		}, nil)
		if err != nil {
			return err
		}
	}
	return nil
}

// introduce gives another workspace's public keys to this one. On one machine that is enough; between organisations the
// document travels, and its fingerprint is compared by another way.
func (w *Workspace) introduce(partner *Workspace) error {
	keys, err := partner.OpenKeys()
	if err != nil {
		return err
	}
	text, err := json.MarshalIndent(keys.Public(), "", "  ")
	if err != nil {
		return err
	}
	if err := os.MkdirAll(w.Path(w.Partners), 0o755); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(w.Path(w.Partners), partner.Party+".json"), append(text, '\n'), 0o644)
}
