package workspace

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"strings"

	"github.com/passavant/passavant/policy"
)

// ErrNoArchive is the condition that the workspace holds no archive of a policy revision.
var ErrNoArchive = errors.New("no archive of the policy revision")

// keepArchive writes the archive of the engine's revision, unless it is there: before the first decision under it, so that
// no decision can be on record which nobody could repeat.
func (w *Workspace) keepArchive(e *policy.Engine) error {
	archive := e.Archive()
	have, err := w.ReadArchive(e.Revision())
	if err == nil && maps.EqualFunc(have.Signatures, archive.Signatures, bytes.Equal) {
		return nil
	}
	var file bytes.Buffer
	if err := archive.WriteZip(&file); err != nil {
		return fmt.Errorf("archiving the policy: %w", err)
	}
	name := w.archivePath(e.Revision())
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return err
	}
	return replaceFile(name, file.Bytes())
}

// replaceFile makes content durable under a name that holds the old content or the new one, never a part.
func replaceFile(name string, content []byte) (err error) {
	f, err := os.CreateTemp(filepath.Dir(name), ".new-*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = os.Remove(f.Name())
			err = fmt.Errorf("archiving the policy: %w", err)
		}
	}()
	_, err = f.Write(content)
	if err = errors.Join(err, f.Chmod(0o644), f.Sync(), f.Close()); err != nil {
		return err
	}
	if err = os.Rename(f.Name(), name); err != nil {
		return err
	}
	dir, err := os.Open(filepath.Dir(name))
	if err != nil {
		return nil // the file is there under its name; only its durability is the system's business now
	}
	return errors.Join(dir.Sync(), dir.Close())
}

func (w *Workspace) archivePath(revision string) string {
	return filepath.Join(w.Path(w.Archive), strings.TrimPrefix(revision, "sha256:")+".zip")
}

// ReadArchive returns the archive of a policy revision. Errors are ErrNoArchive or policy.ErrArchive.
func (w *Workspace) ReadArchive(revision string) (policy.Archive, error) {
	if digits := strings.TrimPrefix(revision, "sha256:"); len(digits) != 64 || strings.Trim(digits, "0123456789abcdef") != "" {
		return policy.Archive{}, fmt.Errorf("%w: the record names none", ErrNoArchive)
	}
	name := w.archivePath(revision)
	file, err := os.ReadFile(name)
	if errors.Is(err, fs.ErrNotExist) {
		return policy.Archive{}, fmt.Errorf("%w %s (%s)", ErrNoArchive, revision, name)
	}
	if err != nil {
		return policy.Archive{}, err
	}
	a, err := policy.ParseArchive(file)
	if err != nil {
		return policy.Archive{}, fmt.Errorf("%s: %w", name, err)
	}
	if a.Revision() != revision {
		return policy.Archive{}, fmt.Errorf("%s: %w: it is of another revision", name, policy.ErrArchive)
	}
	return a, nil
}
