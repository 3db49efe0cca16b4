package keyring

import (
	"fmt"
	"os"
	"path/filepath"
)

// replace changes one file of a keyring: after a crash at any point the file is the old one or the new one.
func (o *options) replace(path string, data []byte) error {
	temp := path + ".new"
	if err := o.writeSynced(temp, data); err != nil {
		_ = os.Remove(temp)
		return err
	}
	if err := o.rename(temp, path); err != nil {
		_ = os.Remove(temp)
		return err
	}
	return nil
}

// writeSynced returns once the bytes are on the disk.
func (o *options) writeSynced(path string, data []byte) error {
	if err := o.step("write " + filepath.Base(path)); err != nil {
		return failed(err)
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return failed(err)
	}
	if _, err := f.Write(data); err != nil {
		_ = f.Close()
		return failed(err)
	}
	if err := o.sync(f); err != nil {
		_ = f.Close()
		return failed(err)
	}
	if err := f.Close(); err != nil {
		return failed(err)
	}
	return nil
}

func (o *options) sync(f *os.File) error {
	if err := o.step("sync " + filepath.Base(f.Name())); err != nil {
		return err
	}
	return f.Sync()
}

// rename also syncs the directory: until then a crash may undo it.
func (o *options) rename(from, to string) error {
	if err := o.step("rename " + filepath.Base(to)); err != nil {
		return failed(err)
	}
	if err := os.Rename(from, to); err != nil {
		return failed(err)
	}
	if err := syncDir(filepath.Dir(to)); err != nil {
		return failed(err)
	}
	return nil
}

func syncDir(path string) error {
	dir, err := os.Open(path)
	if err != nil {
		return err
	}
	defer func() { _ = dir.Close() }()
	return dir.Sync()
}

func failed(err error) error { return fmt.Errorf("keyring: %w: %w", ErrWrite, err) }
