package main

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"github.com/passavant/passavant/crypto/keyring"
	"github.com/passavant/passavant/transfer/workspace"
)

func (a *app) keysCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "keys",
		Short: "Make, list, rotate, retire and publish your keys, and import partners'",
		Long: `An organisation has four keysets: to open what is sealed to it, to sign what it sends, to
sign its log, and to pseudonymise. They lie in the workspace's keys/ folder.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	c.AddCommand(
		a.keysNewCommand(), a.keysListCommand(), a.keysRotateCommand(), a.keysRetireCommand(), a.keysRenewCommand(),
		a.keysPublicCommand(), a.keysImportCommand(), a.keysApproverCommand(),
	)
	return c
}

func (a *app) keysNewCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "new",
		Short: "Make the keys of a workspace that has none",
		Long: `New makes four keysets: to open what is sealed to you, to sign what you send, to sign your
log, and to pseudonymise. The last never leaves you. It never replaces keys that exist.

With the member passphrase_file in passavant.yaml the keys are locked with the passphrase on
the first line of that file, through Argon2id. Keep the file elsewhere than the keys.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return a.keysNew(cmd.Context()) },
	}
}

func (a *app) keysNew(ctx context.Context) error {
	w, err := workspace.Open(a.dir)
	if err != nil {
		return err
	}
	if err := w.CreateKeys(ctx); err != nil {
		return err
	}
	return a.keysList()
}

func (a *app) keysListCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "list",
		Short: "List your keys, never their secrets",
		Long: `List prints each key's purpose, id, algorithm, status and date. The id of a key is the
beginning of the SHA-256 of its public half; envelopes, receipts and records name keys
by it. Every use of a key stands in the log; the column uses counts them.`,
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error { return a.keysList() },
	}
}

// keyJSON is the --json form of a key in a list.
type keyJSON struct {
	Purpose   string    `json:"purpose"`
	ID        string    `json:"id"`
	Algorithm string    `json:"algorithm"`
	Primary   bool      `json:"primary"`
	Status    string    `json:"status"`
	Created   time.Time `json:"created"`
	Uses      int64     `json:"uses"`
}

func (a *app) keysList() error {
	w, err := workspace.Open(a.dir)
	if err != nil {
		return err
	}
	keys, err := w.OpenKeys()
	if err != nil {
		return err
	}
	uses, err := keyUses(w)
	if err != nil {
		return err
	}
	list := []keyJSON{}
	for _, k := range keys.List() {
		list = append(list, keyJSON{string(k.Purpose), k.ID, k.Algorithm, k.Primary, string(k.Status), k.Created, uses[k.ID]})
	}
	if a.json {
		a.out.document(struct {
			Party   string    `json:"party"`
			Expires time.Time `json:"expires"`
			Keys    []keyJSON `json:"keys"`
		}{w.Party, keys.Public().Expires, list})
		return nil
	}
	rows := [][]string{{"purpose", "key", "algorithm", "status", "created", "uses"}}
	for _, k := range list {
		state := k.Status
		if k.Primary {
			state = "primary"
		}
		rows = append(rows, []string{k.Purpose, k.ID, k.Algorithm, state, k.Created.UTC().Format(time.DateOnly), strconv.FormatInt(k.Uses, 10)})
	}
	a.out.line("keys of %s; what partners hold of them is good until %s", w.Party, keys.Public().Expires.Format(time.DateOnly))
	a.out.table(rows)
	return nil
}

func (a *app) keysPublicCommand() *cobra.Command {
	var out string
	c := &cobra.Command{
		Use:   "public [--out FILE]",
		Short: "Print the public keys that partners need",
		Long: `Public prints a signed document with your public keys. Give it to a partner, who saves it as
partners/<your id>.json, and compare the fingerprint by telephone: trust begins there.`,
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error { return a.keysPublic(out) },
	}
	c.Flags().StringVar(&out, "out", "", "write the document to `FILE` instead of standard output")
	return c
}

func (a *app) keysPublic(out string) error {
	w, err := workspace.Open(a.dir)
	if err != nil {
		return err
	}
	keys, err := w.OpenKeys()
	if err != nil {
		return err
	}
	public := keys.Public()
	if out == "" {
		a.out.document(public)
		_, _ = fmt.Fprintf(a.stderr, "fingerprint %s\n", public.Fingerprint())
		return nil
	}
	if err := writePublic(out, public); err != nil {
		return err
	}
	if a.json {
		a.out.document(struct {
			Out         string `json:"out"`
			Fingerprint string `json:"fingerprint"`
		}{out, public.Fingerprint()})
		return nil
	}
	a.out.line("written to %s\nfingerprint %s", out, public.Fingerprint())
	return nil
}

func writePublic(name string, public keyring.Public) error {
	text, err := json.MarshalIndent(public, "", "  ")
	if err != nil {
		return err
	}
	return writeNew(name, append(text, '\n'))
}
