package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/passavant/passavant/transfer/workspace"
)

// jsonLine is one line of NDJSON, without HTML escapes.
func jsonLine(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	err := e.Encode(v)
	return b.Bytes(), err
}

// mirror copies what is published: the checkpoint first, because a writer only adds to what an older one covers.
func (a *app) mirror(w *workspace.Workspace, to string) error {
	if err := os.Mkdir(to, 0o755); err != nil {
		return fmt.Errorf("the copy needs a folder of its own: %w", err)
	}
	from := w.Path(w.Log)
	for _, name := range []string{"log.vkey", "checkpoint"} {
		if err := copyFile(filepath.Join(from, name), filepath.Join(to, name)); err != nil {
			return err
		}
	}
	files := 0
	err := filepath.WalkDir(filepath.Join(from, "tile"), func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(from, name)
		if err != nil {
			return err
		}
		if d.IsDir() {
			return os.MkdirAll(filepath.Join(to, rel), 0o755)
		}
		files++
		err = copyFile(name, filepath.Join(to, rel))
		if errors.Is(err, fs.ErrNotExist) {
			return nil // a partial tile that has just been replaced by a wider one
		}
		return err
	})
	if err != nil {
		return err
	}
	if a.json {
		a.out.document(struct {
			Mirror string `json:"mirror"`
			Files  int    `json:"files"`
		}{to, files})
		return nil
	}
	a.out.line("%s: %s holds the published log in %d files; details stay here", a.out.good("copied"), to, files)
	return nil
}

func copyFile(from, to string) error {
	content, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	return os.WriteFile(to, content, 0o644)
}
