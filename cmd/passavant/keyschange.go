package main

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"github.com/passavant/passavant/audit"
	"github.com/passavant/passavant/crypto/keyring"
	"github.com/passavant/passavant/transfer"
	"github.com/passavant/passavant/transfer/workspace"
)

// keyUses counts the uses of keys in the workspace's log; none if there is no log yet.
func keyUses(w *workspace.Workspace) (map[string]int64, error) {
	key, err := w.LogKey()
	if err != nil {
		return nil, err
	}
	reader, err := audit.OpenReader(w.Path(w.Log), key)
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer func() { _ = reader.Close() }()
	uses := transfer.KeyUses(reader.All(0))
	return uses, reader.Err()
}

func (a *app) keysRotateCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "rotate seal|sign|pseudonym",
		Short: "Add a new primary key; the former ones go on working",
		Long: `Rotate adds a new key and uses it for new work. The former keys still open, verify and lead back
what was made with them, until you retire them. Then publish:

  seal       rotate, restart or reload your services, then give partners the new document
  sign       rotate, give partners the new document, then restart or reload your services
  pseudonym  nothing to publish; all pseudonyms change, also those that name one person for good

The key of the log is never rotated: it is the log's identity.`,
		Args: cobra.ExactArgs(1), ValidArgs: []string{"seal", "sign", "pseudonym"},
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.changeKeys(cmd.Context(), func(ctx context.Context, w *workspace.Workspace) (*keyring.Keyring, error) {
				return w.RotateKeys(ctx, keyring.Purpose(args[0]))
			})
		},
	}
}

func (a *app) keysRetireCommand() *cobra.Command {
	reason := string(keyring.Superseded)
	c := &cobra.Command{
		Use:   "retire seal|sign|pseudonym KEY [--reason superseded|compromised|lost]",
		Short: "Take a former key out of use and revoke it",
		Long: `Retire ends the use of a key that is no longer primary. What was sealed to it no longer opens,
what it signed no longer verifies, its pseudonyms are no longer led back. Partners learn of
it, with the reason, from the document that 'keys public' prints: give it to them.`,
		Args: cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.changeKeys(cmd.Context(), func(ctx context.Context, w *workspace.Workspace) (*keyring.Keyring, error) {
				return w.RetireKey(ctx, keyring.Purpose(args[0]), args[1], keyring.Reason(reason))
			})
		},
	}
	c.Flags().StringVar(&reason, "reason", reason, "superseded, compromised or lost")
	return c
}

func (a *app) keysRenewCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "renew",
		Short: "Date the published document anew, without changing a key",
		Long: `A published document is good for two years after the last change of the keys; partners do not
seal to keys past that date. Renew dates it anew. Give partners the new document.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.changeKeys(cmd.Context(), func(ctx context.Context, w *workspace.Workspace) (*keyring.Keyring, error) {
				return w.RenewKeys(ctx)
			})
		},
	}
}

func (a *app) changeKeys(ctx context.Context, change func(context.Context, *workspace.Workspace) (*keyring.Keyring, error)) error {
	w, err := workspace.Open(a.dir)
	if err != nil {
		return err
	}
	_, err = change(ctx, w)
	if errors.Is(err, keyring.ErrReason) || errors.Is(err, keyring.ErrPurpose) {
		return usageError{err}
	}
	if errors.Is(err, workspace.ErrNotRecorded) {
		_, _ = fmt.Fprintf(a.stderr, "passavant: %v\n", err)
		err = nil
	}
	if err != nil {
		return err
	}
	return a.keysList()
}

func (a *app) keysImportCommand() *cobra.Command {
	var fingerprint string
	c := &cobra.Command{
		Use:   "import FILE [--fingerprint DIGITS]",
		Short: "Take a partner's public keys into the workspace",
		Long: `Import verifies the document that a partner made with 'keys public' and saves it as
partners/<party>.json. For a partner that is new, compare the fingerprint with them by
telephone and give it here. A newer document of a known partner needs none, if a key of the
older one signed it. The import is recorded.`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.keysImport(cmd.Context(), args[0], fingerprint)
		},
	}
	c.Flags().StringVar(&fingerprint, "fingerprint", "", "the 40 `DIGITS` that the partner read out")
	return c
}

func (a *app) keysImport(ctx context.Context, name, fingerprint string) error {
	w, err := workspace.Open(a.dir)
	if err != nil {
		return err
	}
	raw, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	p, err := w.ImportPartner(ctx, raw, fingerprint)
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	if a.json {
		a.out.document(struct {
			Party       string `json:"party"`
			Fingerprint string `json:"fingerprint"`
		}{p.Party, p.Fingerprint()})
		return nil
	}
	a.out.line("%s: the keys of %s, fingerprint %s", a.out.good("imported"), p.Party, p.Fingerprint())
	for _, r := range p.Revoked {
		a.out.line("  it has revoked %s key %s: %s, since %s", r.Purpose, r.ID, r.Reason, r.Since)
	}
	return nil
}
