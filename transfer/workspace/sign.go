package workspace

import (
	"context"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/passavant/passavant/policy"
	"github.com/passavant/passavant/policy/agreement"
	"github.com/passavant/passavant/transfer"
)

// SignAgreement signs an agreement of a policy folder (one that holds agreements/<id>/) with this organisation's keys and
// writes the signature where it is looked for, agreements/<id>/signatures/<party>.json, or to out if that is not "". A
// signature of an older version is replaced. It returns the name of the file.
func (w *Workspace) SignAgreement(ctx context.Context, policyDir, id, out string, at time.Time) (string, agreement.Signature, error) {
	engine, err := policy.LoadWith(ctx, policy.Options{FS: []fs.FS{os.DirFS(policyDir)}, KnownObligations: transfer.KnownObligations()})
	if err != nil {
		return "", agreement.Signature{}, err
	}
	return w.sign(engine, policyDir, id, out, at)
}

func (w *Workspace) sign(engine *policy.Engine, policyDir, id, out string, at time.Time) (string, agreement.Signature, error) {
	keys, err := w.OpenKeys()
	if err != nil {
		return "", agreement.Signature{}, err
	}
	s, err := transfer.SignAgreement(engine, id, keys, at)
	if err != nil {
		return "", s, err
	}
	text, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		return "", s, err
	}
	if out == "" {
		out = filepath.Join(policyDir, "agreements", id, "signatures", w.Party+".json")
		if err := os.MkdirAll(filepath.Dir(out), 0o755); err != nil {
			return "", s, err
		}
	}
	if err := os.WriteFile(out, append(text, '\n'), 0o644); err != nil {
		return "", s, fmt.Errorf("writing the signature: %w", err)
	}
	return out, s, nil
}

// signAll signs those agreements of another workspace to which this organisation is a party.
func (w *Workspace) signAll(ctx context.Context, of *Workspace) error {
	dir := of.Path(of.Policy)
	engine, err := policy.LoadWith(ctx, policy.Options{FS: []fs.FS{os.DirFS(dir)}, KnownObligations: transfer.KnownObligations()})
	if err != nil {
		return err
	}
	for _, a := range engine.Agreements() {
		if _, party := a.Party(w.Party); !party {
			continue
		}
		if _, _, err := w.sign(engine, dir, a.ID, "", time.Now()); err != nil {
			return err
		}
	}
	return nil
}
