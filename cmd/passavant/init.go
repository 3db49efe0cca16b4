package main

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/passavant/passavant/internal/sample"
	"github.com/passavant/passavant/transfer/workspace"
)

func (a *app) initCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "init DIR",
		Short: "Make a workspace that works at once",
		Long: `Init makes a workspace for an invented Irish bank: an agreement with a Japanese bank, the
catalogue of a fraud case report, an example of one, a request, keys and an empty log. A
practice partner in DIR/practice plays the Japanese bank, so that receive works too.

Change passavant.yaml, the agreement and the catalogue to your own, remove practice and
partners/sakura-bank-jp.json, and run 'passavant check'.`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error { return a.init(cmd.Context(), args[0]) },
	}
}

func (a *app) init(ctx context.Context, dir string) error {
	own, err := workspace.Create(ctx, dir, sample.Workspace())
	if err != nil {
		return err
	}
	practice, err := own.OpenPractice()
	if err != nil {
		return err
	}
	a.showWorkspace(dir, own, practice)
	return nil
}

func (a *app) showWorkspace(dir string, own, practice *workspace.Workspace) {
	if a.json {
		a.out.document(struct {
			Workspace string `json:"workspace"`
			Party     string `json:"party"`
			Practice  string `json:"practice_partner"`
		}{dir, own.Party, practice.Party})
		return
	}
	p := a.out
	p.line("%s: %s is the workspace of %s, with %s as practice partner", p.good("done"), dir, own.Party, practice.Party)
	p.table([][]string{
		{"agreements/", "what you agreed with whom; a lawyer can edit it"},
		{"catalogues/", "what the fields of a payload are"},
		{"partners/", "your partners' public keys"},
		{"keys/", "your own keys; keep them secret, back them up"},
		{"log/", "the audit log"},
		{"practice/", "the practice partner's workspace; remove it before you go live"},
		{"request.json, payload.json", "an example to send"},
	})
	p.line("Next:")
	p.line("  cd %s", dir)
	p.line("  passavant check")
	p.line("  passavant send --request request.json --payload payload.json --to out")
}
