package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/passavant/passavant/policy/sentences"
	"github.com/passavant/passavant/transfer/workspace"
)

func (a *app) newCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "new",
		Short: "Begin something new: an agreement",
		Long: `New begins something that you then make your own. 'passavant new agreement' drafts an
agreement with its legal text, its cases and its coverage sheet; it passes check and test as it
is written, so that from there on every fault is one that you have just made.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	c.AddCommand(a.newAgreementCommand())
	return c
}

func (a *app) newAgreementCommand() *cobra.Command {
	var d draft
	var ask bool
	c := &cobra.Command{
		Use:   "agreement [--id ID --recipient ID ...]",
		Short: "Draft an agreement: asks, or takes flags",
		Long: `New agreement writes agreements/ID/: agreement.yaml with the terms, text.md with the legal
text, and cases.yaml with questions and answers. It asks for what the flags do not say, on a
terminal or with --ask; a line left empty takes the value in brackets.

The categories of data are those of your catalogues. What identifies a person is
pseudonymised, what helps to is made coarser or dropped, free text is dropped, and what the
recipient acts on is kept; change what your purpose asks for.

The answers in cases.yaml are those that the rules give to your draft. Read each: a case says
what you expect, and from now on a change that turns an answer fails the test.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if ask || isTerminal(cmd.InOrStdin()) {
				if err := d.ask(cmd.InOrStdin(), a.stderr, a.draftDefaults()); err != nil {
					return err
				}
			}
			return a.newAgreement(cmd.Context(), d)
		},
	}
	for _, q := range d.questions() {
		c.Flags().StringVar(q.into, q.flag, "", q.help)
	}
	c.Flags().StringVar(&d.SubjectTo, "subject-to", "", "laws that bind the recipient, such as APPI, between commas (`LAWS`)")
	c.Flags().StringVar(&d.Module, "scc", "", "rely on the standard contractual clauses, `MODULE` 1 to 4")
	c.Flags().BoolVar(&ask, "ask", false, "ask for what the flags do not say, even if this is no terminal")
	return c
}

func isTerminal(r io.Reader) bool {
	file, ok := r.(*os.File)
	return ok && term.IsTerminal(int(file.Fd()))
}

// question is one thing to know about a draft.
type question struct {
	flag, prompt, help, usual string
	into                      *string
}

func (d *draft) questions() []question {
	return []question{
		{"id", "Short name of the agreement, also its folder", "the agreement's `ID`: small letters, digits and -", "", &d.ID},
		{"title", "Title", "the `TITLE` of the agreement", "", &d.Title},
		{"exporter", "Your organisation's id", "the exporting party's `ID`; default this workspace's", "", &d.Exporter},
		{"exporter-name", "Your organisation's name", "the exporting party's `NAME`", "", &d.ExporterName},
		{"exporter-country", "Your country, two letters", "the exporting party's `COUNTRY`, two letters", "IE", &d.ExporterCountry},
		{"exporter-type", "What your organisation is", "the exporting party's `TYPE`, such as bank or private", "private", &d.ExporterType},
		{"recipient", "The recipient's id", "the receiving party's `ID`", "", &d.Recipient},
		{"recipient-name", "The recipient's name", "the receiving party's `NAME`", "", &d.RecipientName},
		{"recipient-country", "The recipient's country, two letters", "the receiving party's `COUNTRY`, two letters", "", &d.RecipientCountry},
		{"recipient-type", "What the recipient is", "the receiving party's `TYPE`, such as bank or private", "private", &d.RecipientType},
		{"recipient-role", "controller or processor", "the receiving party's `ROLE`: controller or processor", "controller", &d.RecipientRole},
		{"collected-for", "Purpose for which the data were collected", "purpose `CODE` for which the data were collected", "fraud_monitoring", &d.CollectedFor},
		{"purpose", "Purpose of the exchange", "purpose `CODE` of the exchange", "prevent_and_investigate_fraud", &d.Purpose},
		{"lawful-basis", "Lawful basis of your organisation", "lawful `BASIS`, such as GDPR:6(1)(f)", "GDPR:6(1)(f)", &d.LawfulBasis},
		{"subjects", "Whose data, between commas", "categories of data `SUBJECTS`, between commas; default those of the catalogues", "customer", &d.Subjects},
		{"days", "Days after which the recipient deletes", "`DAYS` after which the recipient deletes", "365", &d.Days},
		{"from", "First day in force", "first `DAY` in force, YYYY-MM-DD; default today", "", &d.From},
		{"until", "Last day in force", "last `DAY` in force, YYYY-MM-DD; default two years later", "", &d.Until},
	}
}

// ask puts the questions that are still open, with the usual answer in brackets.
func (d *draft) ask(in io.Reader, out io.Writer, known draft) error {
	lines := bufio.NewScanner(in)
	own := known.questions()
	for i, q := range d.questions() {
		if *q.into != "" {
			continue
		}
		usual := q.usual
		if *own[i].into != "" {
			usual = *own[i].into
		}
		if _, err := fmt.Fprintf(out, "%s [%s]: ", q.prompt, usual); err != nil {
			return err
		}
		if lines.Scan() {
			*q.into = strings.TrimSpace(lines.Text())
		}
		if *q.into == "" {
			*q.into = usual
		}
	}
	_, err := fmt.Fprintln(out)
	return errors.Join(lines.Err(), err)
}

// draftDefaults is what the workspace knows.
func (a *app) draftDefaults() draft {
	d := draft{From: time.Now().UTC().Format(time.DateOnly)}
	w, err := workspace.Open(a.dir)
	if err != nil {
		return d
	}
	d.Exporter = w.Party
	engine, err := w.OpenEngine(context.Background())
	if err != nil {
		return d
	}
	for _, known := range engine.Agreements() {
		if p, ok := known.Party(w.Party); ok {
			d.ExporterName, d.ExporterCountry, d.ExporterType = p.Name, p.Country, p.Type
		}
	}
	if catalogues, err := w.LoadCatalogues(); err == nil {
		var subjects []string
		for _, c := range catalogues {
			subjects = append(subjects, c.Subjects()...)
		}
		d.Subjects = strings.Join(unique(subjects), ", ")
	}
	return d
}

// fill takes what is open from what is known, and then from what is usual.
func (d *draft) fill(known draft) {
	own := known.questions()
	for i, q := range d.questions() {
		for _, value := range []string{*own[i].into, q.usual} {
			if *q.into == "" {
				*q.into = value
			}
		}
	}
	if day, err := time.Parse(time.DateOnly, d.From); err == nil && d.Until == "" {
		d.Until = day.AddDate(2, 0, -1).Format(time.DateOnly)
	}
	if d.Title == "" {
		d.Title = "Agreement of " + d.ExporterName + " and " + d.RecipientName
	}
}

func (a *app) newAgreement(ctx context.Context, d draft) error {
	w, err := workspace.Open(a.dir)
	if err != nil {
		return err
	}
	for _, need := range []struct{ flag, value string }{
		{"id", d.ID}, {"recipient", d.Recipient}, {"recipient-name", d.RecipientName}, {"recipient-country", d.RecipientCountry},
	} {
		if need.value == "" {
			return usageError{fmt.Errorf("--%s is needed (or --ask)", need.flag)}
		}
	}
	d.fill(a.draftDefaults())
	catalogues, err := w.LoadCatalogues()
	if err != nil {
		return err
	}
	d.Categories = draftTreatments(catalogues)
	dir := filepath.Join(w.Path(w.Policy), "agreements", filepath.Base(d.ID))
	if _, err := os.Lstat(dir); err == nil {
		return fmt.Errorf("%s is already there", dir)
	}
	files, first, err := d.files(ctx)
	if err != nil {
		return fmt.Errorf("the draft does not load; correct the flags: %w", err)
	}
	if err := writeFolder(dir, files); err != nil {
		return err
	}
	return a.showDraft(d, dir, first)
}

// writeFolder writes a new folder whole or not at all.
func writeFolder(dir string, files map[string][]byte) error {
	if err := os.MkdirAll(filepath.Dir(dir), 0o755); err != nil {
		return err
	}
	temporary, err := os.MkdirTemp(filepath.Dir(dir), ".new-*")
	if err != nil {
		return err
	}
	for name, content := range files {
		if err == nil {
			err = writeNew(filepath.Join(temporary, name), content)
		}
	}
	if err == nil {
		err = os.Chmod(temporary, 0o755)
	}
	if err == nil {
		err = os.Rename(temporary, dir)
	}
	if err != nil {
		return errors.Join(err, os.RemoveAll(temporary))
	}
	return nil
}

// showDraft says what was written and what the law says to it.
func (a *app) showDraft(d draft, dir string, first drafted) error {
	l, err := sentences.In("en")
	if err != nil {
		return err
	}
	parts := l.Explain(first.explanation)
	if a.json {
		a.out.document(struct {
			Agreement string            `json:"agreement"`
			Folder    string            `json:"folder"`
			Cases     int               `json:"cases"`
			Verdict   sentences.Verdict `json:"verdict"`
			Sentences []sentences.Part  `json:"sentences"`
		}{d.ID, dir, first.cases, sentences.VerdictOf(first.explanation.Decision), parts})
		return nil
	}
	a.out.line("%s: %s, with %d cases", a.out.good("done"), dir, first.cases)
	a.out.line("What the law says to a transfer under it:")
	a.printParts(first.explanation.Decision.Permit, parts)
	a.out.line("Next: make the terms, text.md and cases.yaml your own, then 'passavant check', 'passavant test', 'passavant sign-agreement %s'.", d.ID)
	return nil
}
