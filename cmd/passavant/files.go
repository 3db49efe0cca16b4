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
	f, err := os.CreateTemp(filepath.Dir(name), "."+filepath.Base(name)+"-*")
	if err != nil {
		return err
	}
	_, err = f.Write(content)
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err == nil {
		err = os.Rename(f.Name(), name)
	}
	if err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	return nil
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
