// Package workspace opens the folder of one organisation, as `passavant init` makes it: its agreements, catalogues,
// partners, keys and log under the names that passavant.yaml gives them. It is the short way to a Sender or a Receiver;
// programs that keep these things elsewhere build them with the packages that this one calls.
//
//	passavant.yaml             party, and the paths below where they differ
//	agreements/<id>/           agreements and their signatures, and reference/ with own legal data (see package policy)
//	catalogues/<type>.yaml     what the fields of a payload type are
//	partners/<party>.json      partners' public keys
//	keys/                      own keys
//	log/                       the audit log
//	archive/                   every policy revision that has decided, to replay decisions on
package workspace

import (
	"bytes"
	"context"
	"errors"
	"fmt"
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

// ConfigName is the file that makes a folder a workspace.
const ConfigName = "passavant.yaml"

// ErrNotWorkspace is the condition that a folder has no ConfigName.
var ErrNotWorkspace = errors.New("not a workspace")

// Config is passavant.yaml. Paths are relative to the workspace.
type Config struct {
	Party      string `yaml:"party"`      // the organisation's id, as its agreements name it; required
	Policy     string `yaml:"policy"`     // holds agreements/ and reference/; default "."
	Catalogues string `yaml:"catalogues"` // default "catalogues"
	Partners   string `yaml:"partners"`   // default "partners"
	Keys       string `yaml:"keys"`       // default "keys"
	Log        string `yaml:"log"`        // default "log"
	Archive    string `yaml:"archive"`    // default "archive"
	Practice   string `yaml:"practice"`   // a second workspace that plays the recipient; default none
	// PassphraseFile holds the passphrase that locks the keys, on its first line; nobody else may read it. Without it the
	// keys are in the clear, guarded by their modes.
	PassphraseFile string `yaml:"passphrase_file"`
	// Signatures is "required" or "optional": whether agreements decide without the signatures of exporter and recipient.
	// By default they are required of each agreement with a party whose keys are among the partners'.
	Signatures policy.SignatureRule `yaml:"signatures"`
	// Callers says who the people at the keyboard are to the rules, by login name; "*" is everybody else (docs/callers.md).
	Callers map[string]policy.Caller `yaml:"callers"`
	// Reidentification limits how many pseudonyms are led back (docs/reidentification.md).
	Reidentification struct {
		PerDay    int `yaml:"per_day"`
		PerMinute int `yaml:"per_minute"`
	} `yaml:"reidentification"`
}

// Workspace is the folder of one organisation. It holds nothing open.
type Workspace struct {
	Config
	dir string
}

// Open reads the configuration of the workspace in dir. Unknown members are refused, with their line.
func Open(dir string) (*Workspace, error) {
	name := filepath.Join(dir, ConfigName)
	raw, err := os.ReadFile(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%s is %w: it has no %s ('passavant init DIR' makes a workspace, -C DIR names one)", dir, ErrNotWorkspace, ConfigName)
	}
	if err != nil {
		return nil, err
	}
	w := &Workspace{dir: dir, Config: Config{
		Policy: ".", Catalogues: "catalogues", Partners: "partners", Keys: "keys", Log: "log", Archive: "archive",
	}}
	d := yaml.NewDecoder(bytes.NewReader(raw))
	d.KnownFields(true)
	if err := d.Decode(&w.Config); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	if w.Party == "" {
		return nil, fmt.Errorf("%s: the member 'party', the id of your organisation, is missing", name)
	}
	if !slices.Contains([]policy.SignatureRule{policy.SignaturesDefault, policy.SignaturesRequired, policy.SignaturesOptional}, w.Signatures) {
		return nil, fmt.Errorf("%s: the member 'signatures' is neither required nor optional", name)
	}
	return w, nil
}

// Path returns where a path of the configuration leads.
func (w *Workspace) Path(relative string) string {
	if filepath.IsAbs(relative) {
		return relative
	}
	return filepath.Join(w.dir, relative)
}

// OpenEngine compiles the policy and the agreements, and verifies the signatures of the agreements.
func (w *Workspace) OpenEngine(ctx context.Context) (*policy.Engine, error) {
	signers, err := w.signers()
	if err != nil {
		return nil, err
	}
	return policy.LoadWith(ctx, policy.Options{
		FS: []fs.FS{os.DirFS(w.Path(w.Policy))}, KnownObligations: transfer.KnownObligations(),
		Signers: signers, Signatures: w.Signatures,
	})
}

// signers knows the organisation's own keys, if it has any yet, and those of its partners.
func (w *Workspace) signers() (*transfer.Signers, error) {
	partners, err := w.LoadPartners()
	if err != nil {
		return nil, err
	}
	keys, err := w.OpenKeys()
	if errors.Is(err, fs.ErrNotExist) {
		return transfer.NewSigners(keyring.Public{Party: w.Party}, partners), nil
	}
	if err != nil {
		return nil, err
	}
	return transfer.NewSigners(keys.Public(), partners), nil
}

// OpenKeys opens the organisation's keys and checks that they are its own.
func (w *Workspace) OpenKeys() (*keyring.Keyring, error) {
	options, err := w.keyOptions()
	if err != nil {
		return nil, err
	}
	keys, err := keyring.Open(w.Path(w.Keys), options...)
	if err != nil {
		return nil, err
	}
	if keys.Party() != w.Party {
		return nil, fmt.Errorf("%s holds the keys of %q, but %s says %q", w.Path(w.Keys), keys.Party(), ConfigName, w.Party)
	}
	return keys, nil
}

// LoadPartners reads the partners' public keys.
func (w *Workspace) LoadPartners() (transfer.StaticPartners, error) {
	return transfer.LoadPartners(os.DirFS(w.Path(w.Partners)))
}

// LoadCatalogues reads every *.yaml file of the catalogue folder. There must be one: a payload of an undescribed type
// never leaves.
func (w *Workspace) LoadCatalogues() ([]*payload.Catalogue, error) {
	names, err := filepath.Glob(filepath.Join(w.Path(w.Catalogues), "*.yaml"))
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
		return nil, fmt.Errorf("%s holds no catalogue (*.yaml): a payload of an undescribed type never leaves", w.Path(w.Catalogues))
	}
	return all, nil
}

// ErrNoLog is the condition that a workspace with keys has no log: it was made with the keys, so it is gone.
var ErrNoLog = errors.New("the log is gone; restore it, or make the empty folder to begin a new one")

// OpenLog opens the log for writing. Close it. A log that is gone is not begun anew, since it holds the proof of what was
// done and the memory of what was received.
func (w *Workspace) OpenLog(keys *keyring.Keyring) (*audit.Log, error) {
	dir := w.Path(w.Log)
	if _, err := os.Stat(dir); errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%s: %w", dir, ErrNoLog)
	}
	reader, err := keys.Public().Recipient()
	if err != nil {
		return nil, err
	}
	return transfer.OpenSealedLog(dir, keys, reader)
}

// LogKey is the key that verifies this workspace's log. It comes from the organisation's keys and not from the log's
// folder, which whoever altered the log could alter as well.
func (w *Workspace) LogKey() (string, error) {
	keys, err := w.OpenKeys()
	if err != nil {
		return "", err
	}
	return transfer.LogKey(keys.Public())
}

// Sender opens everything that a transfer needs. Close the log when the Sender is no longer used.
func (w *Workspace) Sender(ctx context.Context, t transfer.Transport) (*transfer.Sender, *audit.Log, error) {
	engine, err := w.OpenEngine(ctx)
	if err != nil {
		return nil, nil, err
	}
	catalogues, err := w.LoadCatalogues()
	if err != nil {
		return nil, nil, err
	}
	if err := w.keepArchive(engine); err != nil {
		return nil, nil, err
	}
	partners, keys, log, err := w.openSide()
	if err != nil {
		return nil, nil, err
	}
	s, err := transfer.NewSender(transfer.SenderConfig{
		Engine: engine, Keys: keys, Log: log, Partners: partners, Catalogues: catalogues, Transport: t, IndexSubjects: true,
	})
	if err != nil {
		return nil, nil, errors.Join(err, log.Close())
	}
	return s, log, nil
}

// Receiver opens what the recipient's side needs. If the workspace holds agreements, an envelope must be under one of them
// in the very same version. accept may be nil ([transfer.ReceiverConfig.Accept]). Close the log when the Receiver is no
// longer used.
func (w *Workspace) Receiver(ctx context.Context, accept func(context.Context, transfer.Header, []byte) error) (*transfer.Receiver, *audit.Log, error) {
	var engine *policy.Engine
	if w.HoldsAgreements() {
		var err error
		if engine, err = w.OpenEngine(ctx); err != nil {
			return nil, nil, err
		}
	}
	partners, keys, log, err := w.openSide()
	if err != nil {
		return nil, nil, err
	}
	r, err := transfer.NewReceiver(transfer.ReceiverConfig{Engine: engine, Keys: keys, Log: log, Partners: partners, Accept: accept})
	if err != nil {
		return nil, nil, errors.Join(err, log.Close())
	}
	return r, log, nil
}

// HoldsAgreements reports whether the workspace has agreements of its own.
func (w *Workspace) HoldsAgreements() bool {
	entries, err := os.ReadDir(filepath.Join(w.Path(w.Policy), "agreements"))
	return err == nil && len(entries) > 0
}

// openSide opens what both sides need. The log comes last, so that nothing needs to be closed before it.
func (w *Workspace) openSide() (transfer.StaticPartners, *keyring.Keyring, *audit.Log, error) {
	partners, err := w.LoadPartners()
	if err != nil {
		return nil, nil, nil, err
	}
	keys, err := w.OpenKeys()
	if err != nil {
		return nil, nil, nil, err
	}
	log, err := w.OpenLog(keys)
	return partners, keys, log, err
}
