package audit

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
)

// FS is the seam through which a Log changes the disk. A nil Options.FS means the operating system; tests inject
// failing and forgetting disks. Reading does not go through it.
type FS interface {
	MkdirAll(dir string, perm os.FileMode) error
	OpenFile(path string, flag int, perm os.FileMode) (File, error)
	Rename(from, to string) error
	RemoveAll(path string) error
	SyncDir(dir string) error // makes the entries of dir durable
}

// File is the part of os.File that a Log writes with.
type File interface {
	WriteAt(p []byte, off int64) (int, error)
	Truncate(size int64) error
	Sync() error
	Close() error
}

type osFS struct{}

func (osFS) MkdirAll(dir string, perm os.FileMode) error { return os.MkdirAll(dir, perm) }
func (osFS) Rename(from, to string) error                { return os.Rename(from, to) }
func (osFS) RemoveAll(path string) error                 { return os.RemoveAll(path) }

func (osFS) OpenFile(path string, flag int, perm os.FileMode) (File, error) {
	f, err := os.OpenFile(path, flag, perm)
	if err != nil {
		return nil, err
	}
	return osFile{f}, nil
}

// osFile is a file whose Sync leaves out what reading does not need, such as the time of change.
type osFile struct{ *os.File }

func (f osFile) Sync() error { return datasync(f.File) }

func (osFS) SyncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer d.Close()
	return d.Sync()
}

// atomicWriter writes whole files atomically: a reader, or a restart, sees the old file or the new one.
type atomicWriter struct {
	fs    FS
	root  string // log directory
	dirty []string
}

const tmpDir = "tmp"

// put writes data to rel. The new name is durable only after sync.
func (w *atomicWriter) put(rel string, data []byte) error {
	target, tmp := filepath.Join(w.root, rel), filepath.Join(w.root, tmpDir, "next")
	if err := w.fs.MkdirAll(filepath.Dir(target), 0o755); err != nil {
		return err
	}
	if err := writeFile(w.fs, tmp, data); err != nil {
		return err
	}
	if err := w.fs.Rename(tmp, target); err != nil {
		return err
	}
	for dir := filepath.Dir(rel); ; dir = filepath.Dir(dir) {
		if !slices.Contains(w.dirty, dir) {
			w.dirty = append(w.dirty, dir)
		}
		if dir == "." {
			return nil
		}
	}
}

// sync makes every name written since the last sync durable, deepest directory first.
func (w *atomicWriter) sync() error {
	slices.SortFunc(w.dirty, func(a, b string) int { return len(b) - len(a) })
	for _, dir := range w.dirty {
		if err := w.fs.SyncDir(filepath.Join(w.root, dir)); err != nil {
			return err
		}
	}
	w.dirty = w.dirty[:0]
	return nil
}

func writeFile(fs FS, path string, data []byte) error {
	f, err := fs.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o644)
	if err != nil {
		return err
	}
	if err := writeAll(f, path, data, 0); err != nil {
		f.Close()
		return err
	}
	if err := f.Sync(); err != nil {
		f.Close()
		return wrapSync(path, err)
	}
	return f.Close()
}

// writeAll turns a short write into an error even when the file reports none.
func writeAll(f File, path string, data []byte, off int64) error {
	n, err := f.WriteAt(data, off)
	if err != nil {
		return fmt.Errorf("writing %s: %w", path, err)
	}
	if n != len(data) {
		return fmt.Errorf("writing %s: short write of %d of %d bytes", path, n, len(data))
	}
	return nil
}

func wrapSync(path string, err error) error { return fmt.Errorf("fsync of %s: %w", path, err) }
