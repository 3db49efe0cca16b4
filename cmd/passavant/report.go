package main

import (
	"context"
	"fmt"

	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/passavant/passavant/transfer"
	"github.com/passavant/passavant/transfer/auditor"
	"github.com/passavant/passavant/transfer/payload"
	"github.com/passavant/passavant/transfer/workspace"
)

// reporting are the flags of the reports.
type reporting struct {
	filterFlags
	format, out, readingFor string
	identifiers             []string
}

func (a *app) reportCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "report art30|led25|transfers|subject",
		Short: "Draw up the reports that the law asks for, from the records",
		Long: `Report makes the registers and notices that the law asks for out of the log. Each line names
the records that it was made from. --format csv, json or html; html is one page, made to be printed.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	c.AddCommand(
		a.oneReport("art30", "Record of processing activities (GDPR Art. 30), as controller and as processor",
			func(l *logReading, f auditor.Filter) (*auditor.Report, error) { return l.Art30(l.w.Party, f) }),
		a.oneReport("led25", "Logs of processing operations (Directive (EU) 2016/680, Art. 24 and 25)",
			func(l *logReading, f auditor.Filter) (*auditor.Report, error) { return l.Led25(l.w.Party, f) }),
		a.oneReport("transfers", "Register of transfers to third countries, with the use of derogations (GDPR Art. 49)",
			func(l *logReading, f auditor.Filter) (*auditor.Report, error) { return l.Transfers(l.w.Party, f) }),
		a.subjectReport(),
	)
	return c
}

func (r *reporting) flags(c *cobra.Command) *cobra.Command {
	r.period(c)
	c.Flags().StringVar(&r.format, "format", "", "csv, json or html; a table for the terminal if it is absent")
	c.Flags().StringVar(&r.out, "out", "", "the `FILE` to write; standard output if it is absent")
	return purposeFlag(c, &r.readingFor)
}

func (a *app) oneReport(name, short string, draw func(*logReading, auditor.Filter) (*auditor.Report, error)) *cobra.Command {
	var r reporting
	return r.flags(&cobra.Command{
		Use: name, Short: short, Args: cobra.NoArgs,
		Example: "  passavant report " + name + " --since 2026-01-01 --until 2027-01-01 --format html --out " + name + ".html",
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.report1(cmd.Context(), "report-"+name, &r, draw)
		},
	})
}

func (a *app) report1(ctx context.Context, what string, r *reporting, draw func(*logReading, auditor.Filter) (*auditor.Report, error)) error {
	filter, err := r.read()
	if err != nil {
		return err
	}
	if !slices.Contains([]string{"", "csv", "json", "html"}, r.format) {
		return usageError{fmt.Errorf("--format must be csv, json or html")}
	}
	return a.readLog(ctx, r.readingFor, what, func(l *logReading) error {
		if !l.all {
			return fmt.Errorf("%w: a report reads every record, and agreements name others to read some", errRefused)
		}
		report, err := draw(l, filter)
		if err != nil {
			return err
		}
		return a.writeReport(report, r)
	})
}

func (a *app) writeReport(report *auditor.Report, r *reporting) (err error) {
	p := a.out
	if r.out != "" {
		f, err := os.Create(r.out)
		if err != nil {
			return err
		}
		defer func() {
			if closing := f.Close(); err == nil {
				err = closing
			}
		}()
		p = &printer{w: f}
	}
	switch {
	case r.format == "csv":
		return report.WriteCSV(p.w)
	case r.format == "html":
		return report.WriteHTML(p.w)
	case r.format == "json" || a.json:
		p.document(report)
	default:
		printReport(p, report)
	}
	return nil
}

func printReport(p *printer, r *auditor.Report) {
	p.line("%s (%s), %s", r.Title, r.Law, r.Party)
	for _, s := range r.Sections {
		p.line("")
		p.line("%s: %d", s.Title, len(s.Rows))
		if len(s.Rows) == 0 {
			continue
		}
		rows := [][]string{append(slices.Clone(s.Columns), "records")}
		for _, row := range s.Rows {
			numbers := strings.Trim(fmt.Sprint(row.Records), "[]")
			if len(row.Records) > 5 {
				numbers = fmt.Sprintf("%d … %d", row.Records[0], row.Records[len(row.Records)-1])
			}
			rows = append(rows, append(slices.Clone(row.Cells), numbers))
		}
		p.table(rows)
	}
}

func (a *app) subjectReport() *cobra.Command {
	var r reporting
	c := &cobra.Command{
		Use:   "subject --identifier CATEGORY=VALUE",
		Short: "Notice to one person of the transfers that concern him (GDPR Art. 13 to 15)",
		Long: `Subject finds the transfers whose document named a person, by identifiers such as iban=IE98... or
email=..., and draws up what he must be told. The log holds no names: the detail of each transfer
keeps tokens that only your pseudonymisation key can compute, and they go when it is erased.

Transfers whose disclosure is delayed (the request's disclose_after) are left out of the notice, and
named on standard error for you alone.`,
		Example: "  passavant report subject --identifier iban=IE98EMRD99000012345678 --format html --out notice.html",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.report1(cmd.Context(), "report-subject", &r, func(l *logReading, f auditor.Filter) (*auditor.Report, error) {
				return a.drawSubject(l, f, r.identifiers)
			})
		},
	}
	c.Flags().StringArrayVar(&r.identifiers, "identifier", nil, "an identifier of the person, `CATEGORY=VALUE`; may be given again")
	_ = c.MarkFlagRequired("identifier")
	return r.flags(c)
}

func (a *app) drawSubject(l *logReading, f auditor.Filter, identifiers []string) (*auditor.Report, error) {
	tokens, err := subjectTokens(l.w, identifiers)
	if err != nil {
		return nil, err
	}
	report, delayed, err := l.Subject(l.w.Party, tokens, f, time.Now())
	for _, d := range delayed {
		_, _ = fmt.Fprintf(a.stderr, "passavant: not in the notice: record %d, which may be disclosed from %s on\n", d.Record, d.After)
	}
	return report, err
}

// subjectTokens computes the tokens of identifiers under every key that may have indexed them, spelled as each catalogue
// spells the category.
func subjectTokens(w *workspace.Workspace, identifiers []string) ([]string, error) {
	keys, err := w.OpenKeys()
	if err != nil {
		return nil, err
	}
	catalogues, err := w.LoadCatalogues()
	if err != nil {
		return nil, err
	}
	var tokens []string
	for _, identifier := range identifiers {
		category, value, ok := strings.Cut(identifier, "=")
		if !ok || value == "" {
			return nil, usageError{fmt.Errorf("--identifier must be CATEGORY=VALUE, such as iban=IE98EMRD99000012345678")}
		}
		kinds := identifierKinds(catalogues, category)
		if len(kinds) == 0 {
			return nil, usageError{fmt.Errorf("--identifier: no catalogue has a direct identifier of the category %q", category)}
		}
		for _, key := range keys.List() {
			p, err := keys.PseudonymizerByID(key.ID)
			if err != nil {
				continue // a key for another purpose, or disabled
			}
			for _, kind := range kinds {
				token, err := transfer.SubjectToken(p, w.Party, category, kind, value)
				if err != nil {
					return nil, err
				}
				tokens = append(tokens, token)
			}
		}
	}
	return tokens, nil
}

func identifierKinds(catalogues []*payload.Catalogue, category string) (kinds []payload.Kind) {
	for _, c := range catalogues {
		for _, f := range c.Fields {
			if f.Category == category && f.Role == payload.Direct && !slices.Contains(kinds, f.Kind) {
				kinds = append(kinds, f.Kind)
			}
		}
	}
	return kinds
}
