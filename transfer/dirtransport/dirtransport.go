// Package dirtransport delivers envelopes as files in a directory: a share, a synchronised folder, a removable disk, an
// outbox that another program empties.
//
// A file appears under its final name, the transfer's id and [transfer.FileSuffix], only when it is whole and on disk:
// it is written under a temporary name, synced, renamed, and the directory is synced. A reader may pick up every file
// that has the suffix.
package dirtransport

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/passavant/passavant/transfer"
)

// Transport writes envelopes into a directory.
type Transport struct{ dir string }

// New returns a transport into dir, which it creates (mode 0700) if it is absent.
func New(dir string) (*Transport, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("directory transport: %w", err)
	}
	return &Transport{dir: dir}, nil
}

// Path returns the name of the file that holds, or will hold, the envelope of a transfer.
func (t *Transport) Path(transferID string) string {
	return filepath.Join(t.dir, transferID+transfer.FileSuffix)
}

// Deliver writes the envelope and returns when it is on disk. It brings no receipt back. An existing file of the same
// transfer is never replaced.
func (t *Transport) Deliver(ctx context.Context, e *transfer.Envelope) (*transfer.Receipt, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	final := t.Path(e.Header.Transfer)
	if _, err := os.Lstat(final); !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("directory transport: %s: %w", final, fs.ErrExist)
	}
	temporary, err := t.writeTemporary(e)
	if err != nil {
		return nil, fmt.Errorf("directory transport: %w", err)
	}
	if err := publish(temporary, final); err != nil {
		return nil, fmt.Errorf("directory transport: %w", errors.Join(err, os.Remove(temporary)))
	}
	return nil, syncDirectory(t.dir)
}

func (t *Transport) writeTemporary(e *transfer.Envelope) (name string, err error) {
	f, err := os.CreateTemp(t.dir, ".incoming-*")
	if err != nil {
		return "", err
	}
	_, err = e.WriteTo(f)
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return "", errors.Join(err, os.Remove(f.Name()))
	}
	return f.Name(), nil
}

// publish links rather than renames, because a link never replaces a file that another process put there meanwhile;
// file systems without links fall back to renaming.
func publish(temporary, final string) error {
	err := os.Link(temporary, final)
	if err == nil {
		return os.Remove(temporary)
	}
	if errors.Is(err, fs.ErrExist) {
		return err
	}
	return os.Rename(temporary, final)
}

func syncDirectory(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return fmt.Errorf("directory transport: %w", err)
	}
	if err := errors.Join(d.Sync(), d.Close()); err != nil {
		return fmt.Errorf("directory transport: %w", err)
	}
	return nil
}
