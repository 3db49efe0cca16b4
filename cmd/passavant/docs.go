package main

import (
	"context"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/passavant/passavant/policy"
	"github.com/passavant/passavant/policy/casebook"
	"github.com/passavant/passavant/policy/handbook"
)

func (a *app) docsCommand() *cobra.Command {
	var out string
	var cases []string
	c := &cobra.Command{
		Use:   "docs --out DIR",
		Short: "Write the rule book: every rule and agreement, as a site and as Markdown",
		Long: `Docs writes the rule book of the policy to DIR: every rule with its source, its cases and
its words in each language; every agreement with its coverage sheet and a drawing of what
goes where in which form. Open DIR/index.html in a browser, or read the Markdown beside it.
Nothing in it comes from elsewhere, and nothing runs.

DIR must be new, empty, or an older rule book, which is written over.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return a.docs(cmd.Context(), out, cases) },
	}
	c.Flags().StringVar(&out, "out", "", "the folder `DIR` to write to")
	c.Flags().StringArrayVar(&cases, "cases", nil, "show the cases of this `FILE` as well; may be given again")
	_ = c.MarkFlagRequired("out")
	return c
}

func (a *app) docs(ctx context.Context, out string, files []string) error {
	opts, err := a.policyOptions()
	if err != nil {
		return err
	}
	engine, err := policy.LoadWith(ctx, opts)
	if err != nil {
		return err
	}
	cases, err := readCases(nil, opts.FS)
	if err != nil {
		return err
	}
	if len(files) > 0 {
		more, err := readCases(files, nil)
		if err != nil {
			return err
		}
		cases = append(cases, more...)
	}
	book, err := handbook.New(engine, casebook.JudgeAll(ctx, engine, cases), opts.FS...)
	if err != nil {
		return err
	}
	if err := handbook.Write(out, book); err != nil {
		return err
	}
	a.showDocs(out, book)
	return nil
}

func (a *app) showDocs(out string, book handbook.Book) {
	rules := 0
	for _, p := range book.Parts {
		rules += len(p.Rules)
	}
	index := filepath.Join(out, "index.html")
	if a.json {
		a.out.document(struct {
			Index      string `json:"index"`
			Rules      int    `json:"rules"`
			Agreements int    `json:"agreements"`
			Cases      int    `json:"cases"`
		}{index, rules, len(book.Agreements), book.CasesJudged})
		return
	}
	a.out.line("%s: %d rules, %d agreements and %d cases in %s", a.out.good("done"), rules, len(book.Agreements), book.CasesJudged, index)
}
