package main

import (
	"context"
	"time"

	"github.com/spf13/cobra"

	"github.com/passavant/passavant/transfer/workspace"
)

func (a *app) signAgreementCommand() *cobra.Command {
	var from, out string
	c := &cobra.Command{
		Use:   "sign-agreement ID [--from DIR] [--out FILE]",
		Short: "Sign an agreement with your organisation's key",
		Long: `Sign-agreement signs the version of an agreement that lies in agreements/ID: the terms, the
clauses, the digest of the legal text and the agreement's own rules. The signature goes to
agreements/ID/signatures/<your id>.json; give it to your partner, and put theirs beside it.

A version that exporter and recipient have not both signed refuses every transfer, as soon as
you hold keys of one of its parties ('signatures: optional' in passavant.yaml changes that).
Read 'passavant check' before you sign: it shows clause by clause what is enforced.`,
		Example: "  passavant sign-agreement ie-jp-bank-fraud\n" +
			"  passavant -C practice sign-agreement ie-jp-bank-fraud --from .",
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.signAgreement(cmd.Context(), args[0], from, out)
		},
	}
	c.Flags().StringVar(&from, "from", "", "the `DIR` that holds agreements/ID, if it is not your own")
	c.Flags().StringVar(&out, "out", "", "write the signature to `FILE` instead")
	return c
}

func (a *app) signAgreement(ctx context.Context, id, from, out string) error {
	w, err := workspace.Open(a.dir)
	if err != nil {
		return err
	}
	if from == "" {
		from = w.Path(w.Policy)
	}
	file, s, err := w.SignAgreement(ctx, from, id, out, time.Now())
	if err != nil {
		return err
	}
	if a.json {
		a.out.document(struct {
			Out       string `json:"out"`
			Agreement string `json:"agreement"`
			Version   string `json:"version"`
			Digest    string `json:"digest"`
			Party     string `json:"party"`
			Key       string `json:"key"`
		}{file, id, s.Statement.Version, s.Statement.Digest, s.Statement.Party, s.Key})
		return nil
	}
	a.out.line("%s: %s signed %s, version %s", a.out.good("done"), s.Statement.Party, id, s.Statement.Version)
	a.out.table([][]string{{"digest", s.Statement.Digest}, {"key", s.Key}, {"written to", file}})
	return nil
}
