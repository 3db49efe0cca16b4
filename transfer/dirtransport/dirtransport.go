// Package dirtransport delivers envelopes as files in a directory: a share, a synchronised folder, a removable disk, an
// outbox that another program empties.
//
// A file appears under its final name, the transfer's id and [transfer.FileSuffix], only when it is whole and on disk:
// it is written under a temporary name, synced, given its name, and the directory is synced. A reader may pick up every
// file that has the suffix. Files whose names begin with a dot are unfinished; a crash may leave some, and they may be
// removed when nobody delivers.
package dirtransport

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/passavant/passavant/transfer"
)

// Transport writes envelopes into a directory. It is safe for concurrent use, also by several processes.
type Transport struct {
	dir  string
	link func(from, to string) error
}

var _ transfer.Transport = (*Transport)(nil)

// errName keeps an envelope that no Sender made from choosing a place outside of the directory.
var errName = errors.New("the transfer's id is not a file name")

// New returns a transport into dir, which it creates (mode 0700) if it is absent.
func New(dir string) (*Transport, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("directory transport: %w", err)
	}
	return &Transport{dir: dir, link: os.Link}, nil
}

// Path returns the name of the file that holds, or will hold, the envelope of a transfer.
func (t *Transport) Path(transferID string) string {
	return filepath.Join(t.dir, transferID+transfer.FileSuffix)
}

// Deliver writes the envelope and returns when it is on disk. It brings no receipt back. An existing file of the same
// transfer is never replaced; the error then wraps [fs.ErrExist]. Every error but one wraps [transfer.ErrNotDelivered]: if
// the directory cannot be synced, the file is there, and may be gone after a loss of power.
func (t *Transport) Deliver(ctx context.Context, e *transfer.Envelope) (*transfer.Receipt, error) {
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("directory transport: %w: %w", transfer.ErrNotDelivered, err)
	}
	if err := t.deliver(e); err != nil {
		return nil, fmt.Errorf("directory transport: %w: %w", transfer.ErrNotDelivered, err)
	}
	if err := syncDirectory(t.dir); err != nil {
		return nil, fmt.Errorf("directory transport: %w", err)
	}
	return nil, nil
}

func (t *Transport) deliver(e *transfer.Envelope) error {
	if id := e.Header.Transfer; id == "" || id[0] == '.' || filepath.Base(id) != id {
		return errName
	}
	final := t.Path(e.Header.Transfer)
	if err := absent(final); err != nil {
		return err
	}
	temporary, err := t.writeTemporary(e)
	if err != nil {
		return err
	}
	if err := t.publish(temporary, final); err != nil {
		return errors.Join(err, os.Remove(temporary))
	}
	return nil
}

func absent(name string) error {
	_, err := os.Lstat(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	return &fs.PathError{Op: "deliver", Path: name, Err: fs.ErrExist}
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

// publish links rather than renames, because a link never replaces a file that another process put there meanwhile.
func (t *Transport) publish(temporary, final string) error {
	err := t.link(temporary, final)
	switch {
	case err == nil:
		_ = os.Remove(temporary) // a second name that stays behind harms nobody, and the envelope is out
		return nil
	case errors.Is(err, fs.ErrExist):
		return err
	}
	return t.claimAndRename(temporary, final)
}

// claimAndRename is for file systems without links, on which a rename would replace what is there: of all transports
// that deliver one transfer, only the one that could create the claim renames.
func (t *Transport) claimAndRename(temporary, final string) error {
	claim := filepath.Join(t.dir, ".claim-"+strings.TrimSuffix(filepath.Base(final), transfer.FileSuffix))
	f, err := os.OpenFile(claim, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(claim) }()
	if err := errors.Join(f.Close(), absent(final)); err != nil {
		return err
	}
	return os.Rename(temporary, final)
}

func syncDirectory(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
