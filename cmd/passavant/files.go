package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/passavant/passavant/transfer"
)

// writeNew writes a file whole or not at all, readable by its owner only: it is synced under a temporary name and then
// renamed. What stood there is replaced.
func writeNew(name string, content []byte) error {
	f, err := createNew(name)
	if err != nil {
		return err
	}
	if _, err := f.Write(content); err != nil {
		f.discard()
		return err
	}
	return f.commit()
}

// newFile is a file that has its name only when it is whole and on disk.
type newFile struct {
	*os.File
	name string
}

func createNew(name string) (*newFile, error) {
	f, err := os.CreateTemp(filepath.Dir(name), "."+filepath.Base(name)+"-*")
	if err != nil {
		return nil, err
	}
	return &newFile{f, name}, nil
}

// commit gives the file its name, or discards it.
func (f *newFile) commit() error {
	err := errors.Join(f.Sync(), f.Close())
	if err == nil {
		err = os.Rename(f.Name(), f.name)
	}
	if err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	return nil
}

// discard leaves nothing behind.
func (f *newFile) discard() {
	_ = f.Close()
	_ = os.Remove(f.Name())
}

// readRequestOfType reads a request. Its type may be given apart, as the command line does, or be "".
func readRequestOfType(name, typ string) (transfer.Request, error) {
	f, err := os.Open(name)
	if err != nil {
		return transfer.Request{}, err
	}
	defer func() { _ = f.Close() }()
	req, err := transfer.ParseRequest(f)
	if typ != "" && errors.Is(err, transfer.ErrRequestType) {
		err = nil
	}
	if err != nil {
		return transfer.Request{}, fmt.Errorf("%s: %w", name, err)
	}
	if typ != "" {
		req.Type = typ
	}
	return req, nil
}
