package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"go.yaml.in/yaml/v3"

	"github.com/passavant/passavant/audit"
	"github.com/passavant/passavant/crypto/keyring"
	"github.com/passavant/passavant/policy"
	"github.com/passavant/passavant/transfer"
	"github.com/passavant/passavant/transfer/payload"
)

// configName is the file that makes a folder a workspace.
const configName = "passavant.yaml"

// config is passavant.yaml. Paths are relative to the workspace.
type config struct {
	Party      string `yaml:"party"`
	Policy     string `yaml:"policy"`
	Catalogues string `yaml:"catalogues"`
	Partners   string `yaml:"partners"`
	Keys       string `yaml:"keys"`
	Log        string `yaml:"log"`
	Practice   string `yaml:"practice"`
}

// workspace is the folder of one organisation: its agreements, catalogues, partners, keys and log.
type workspace struct {
	config
	dir string
}

// openWorkspace reads the configuration of the workspace in dir.
func openWorkspace(dir string) (*workspace, error) {
	name := filepath.Join(dir, configName)
	raw, err := os.ReadFile(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%s is not a workspace: it has no %s ('passavant init DIR' makes one; -C DIR names one)", dir, configName)
	}
	if err != nil {
		return nil, err
	}
	w := &workspace{dir: dir, config: config{
		Policy: ".", Catalogues: "catalogues", Partners: "partners", Keys: "keys", Log: "log",
	}}
	d := yaml.NewDecoder(bytes.NewReader(raw))
	d.KnownFields(true)
	if err := d.Decode(&w.config); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	if w.Party == "" {
		return nil, fmt.Errorf("%s: the member 'party', the id of your organisation, is missing", name)
	}
	return w, nil
}

func (w *workspace) path(relative string) string {
	if filepath.IsAbs(relative) {
		return relative
	}
	return filepath.Join(w.dir, relative)
}

func (w *workspace) engine(ctx context.Context) (*policy.Engine, error) {
	return policy.LoadWith(ctx, policy.Options{
		FS: []fs.FS{os.DirFS(w.path(w.Policy))}, KnownObligations: transfer.KnownObligations(),
	})
}

func (w *workspace) keys() (*keyring.Keyring, error) {
	keys, err := keyring.Open(w.path(w.Keys))
	if err != nil {
		return nil, err
	}
	if keys.Party() != w.Party {
		return nil, fmt.Errorf("%s holds the keys of %q, but %s says %q", w.path(w.Keys), keys.Party(), configName, w.Party)
	}
	return keys, nil
}

func (w *workspace) partners() (transfer.StaticPartners, error) {
	return transfer.LoadPartners(os.DirFS(w.path(w.Partners)))
}

// catalogues reads every *.yaml file of the catalogue folder.
func (w *workspace) catalogues() ([]*payload.Catalogue, error) {
	names, err := filepath.Glob(filepath.Join(w.path(w.Catalogues), "*.yaml"))
	if err != nil {
		return nil, err
	}
	slices.Sort(names)
	var all []*payload.Catalogue
	for _, name := range names {
		raw, err := os.ReadFile(name)
		if err != nil {
			return nil, err
		}
		c, err := payload.ParseCatalogue(name, raw)
		if err != nil {
			return nil, err
		}
		all = append(all, c)
	}
	if len(all) == 0 {
		return nil, fmt.Errorf("%s holds no catalogue (*.yaml): a payload of an undescribed type never leaves", w.path(w.Catalogues))
	}
	return all, nil
}

func (w *workspace) openLog(keys *keyring.Keyring) (*audit.Log, error) {
	return transfer.OpenLog(w.path(w.Log), keys)
}

// verifierKey is the key of this workspace's log, from its own keys and not from the log's folder.
func (w *workspace) verifierKey() (string, error) {
	keys, err := w.keys()
	if err != nil {
		return "", err
	}
	return transfer.LogKey(keys.Public())
}

// sender opens everything that a transfer needs. Close it.
func (w *workspace) sender(ctx context.Context, t transfer.Transport) (*transfer.Sender, io.Closer, error) {
	engine, err := w.engine(ctx)
	if err != nil {
		return nil, nil, err
	}
	catalogues, err := w.catalogues()
	if err != nil {
		return nil, nil, err
	}
	partners, err := w.partners()
	if err != nil {
		return nil, nil, err
	}
	keys, err := w.keys()
	if err != nil {
		return nil, nil, err
	}
	log, err := w.openLog(keys)
	if err != nil {
		return nil, nil, err
	}
	s, err := transfer.NewSender(transfer.SenderConfig{
		Engine: engine, Keys: keys, Log: log, Partners: partners, Catalogues: catalogues, Transport: t,
	})
	if err != nil {
		return nil, nil, errors.Join(err, log.Close())
	}
	return s, log, nil
}
