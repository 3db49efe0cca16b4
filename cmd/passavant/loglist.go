package main

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/passavant/passavant/audit"
	"github.com/passavant/passavant/transfer/auditor"
)

// filterFlags are the flags by which records are selected.
type filterFlags struct {
	since, until string
	filter       auditor.Filter
	typ          string
}

func (f *filterFlags) period(c *cobra.Command) {
	c.Flags().StringVar(&f.since, "since", "", "from this `DAY` (YYYY-MM-DD, UTC) or instant (RFC 3339) on")
	c.Flags().StringVar(&f.until, "until", "", "before this `DAY` or instant")
}

func (f *filterFlags) flags(c *cobra.Command) {
	f.period(c)
	c.Flags().StringVar(&f.typ, "type", "", "records of this `TYPE`, such as intent, refused, acknowledged")
	c.Flags().StringVar(&f.filter.Transfer, "transfer", "", "records of the transfer with this `ID`")
	c.Flags().StringVar(&f.filter.Agreement, "agreement", "", "transfers under the agreement with this `ID`")
	c.Flags().StringVar(&f.filter.Party, "party", "", "transfers from or to this `PARTY`")
	c.Flags().StringVar(&f.filter.Country, "country", "", "transfers to this `COUNTRY`, two letters")
	c.Flags().StringVar(&f.filter.Purpose, "transfer-purpose", "", "transfers for this `PURPOSE`")
	c.Flags().StringVar(&f.filter.Category, "category", "", "transfers in which data of this `CATEGORY` left")
	c.Flags().StringVar(&f.filter.Outcome, "outcome", "", "transfers that ended so: `OUTCOME` is "+strings.Join(auditor.Outcomes(), ", "))
}

func (f *filterFlags) read() (auditor.Filter, error) {
	var err error
	f.filter.Type = audit.Type(f.typ)
	f.filter.Country = strings.ToUpper(f.filter.Country)
	if f.filter.Since, err = dayOrInstant("since", f.since); err != nil {
		return f.filter, err
	}
	if f.filter.Until, err = dayOrInstant("until", f.until); err != nil {
		return f.filter, err
	}
	if err := f.filter.Check(); err != nil {
		return f.filter, usageError{err}
	}
	return f.filter, nil
}

func dayOrInstant(flag, text string) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	for _, layout := range []string{time.DateOnly, time.RFC3339} {
		if t, err := time.Parse(layout, text); err == nil {
			return t, nil
		}
	}
	return time.Time{}, usageError{fmt.Errorf("--%s must be a day (YYYY-MM-DD) or an instant (RFC 3339)", flag)}
}

func (a *app) logListCommand() *cobra.Command {
	var flags filterFlags
	var readingFor string
	c := &cobra.Command{
		Use:   "list",
		Short: "List the records, one a line",
		Long: `List prints the log as a table: number, time, what happened, with whom, under which agreement,
on what ground or why not, and the transfer. The reading is itself recorded, as the law
asks of consultations; while another process writes the log, that is not possible, and
list says so. Agreements can name who may read: the records of others are withheld.

A filter on what a transfer is about (agreement, party, country, purpose, category, outcome)
selects all records of the transfer.`,
		Example: "  passavant log list --country JP --since 2026-01-01 --outcome acknowledged\n  passavant log list --category health --json",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			filter, err := flags.read()
			if err != nil {
				return err
			}
			return a.readLog(cmd.Context(), readingFor, "list", func(l *logReading) error { return a.list(l, filter) })
		},
	}
	flags.flags(c)
	return purposeFlag(c, &readingFor)
}

// listed is the --json form of one record in a list.
type listed struct {
	Index  int64        `json:"index"`
	Record audit.Record `json:"record"`
}

func (a *app) list(l *logReading, filter auditor.Filter) error {
	all, withheld := []listed{}, 0
	for i, r := range l.Select(filter) {
		if !l.shows(r) {
			withheld++
			continue
		}
		all = append(all, listed{i, r})
	}
	if err := l.Err(); err != nil {
		return err
	}
	if a.json {
		a.out.document(struct {
			Party    string   `json:"party"`
			Records  []listed `json:"records"`
			Withheld int      `json:"withheld,omitempty"`
		}{l.w.Party, all, withheld})
		return nil
	}
	rows := [][]string{{"record", "time (UTC)", "what", "party", "agreement", "ground or cause", "transfer"}}
	for _, one := range all {
		rows = append(rows, listRow(one, l.w.Party))
	}
	a.out.table(rows)
	if withheld > 0 {
		a.out.line("withheld, since agreements name others to read them: %d", withheld)
	}
	return nil
}

func listRow(l listed, own string) []string {
	r := l.Record
	other := r.Recipient
	if other == own {
		other = r.Exporter
	}
	why := r.Cause
	switch {
	case r.Type == audit.KeyEvent:
		why = strings.TrimSpace(r.Fields["event"] + " " + r.Fields["purpose"])
	case r.Type == audit.LogAccess:
		why = strings.TrimSpace(r.Fields["reading"] + " " + strings.Join(r.Missing, ","))
	case r.Type == audit.PolicyChange:
		why = shortID(strings.TrimPrefix(r.PolicyRevision, "sha256:"))
	case len(r.Missing) > 0:
		why = strings.Join(r.Missing, ",")
	case len(r.Basis) > 0:
		why = r.Basis[0]
	}
	return []string{strconv.FormatInt(l.Index, 10), shortTime(r.At), string(r.Type), other, r.Agreement, why, shortID(r.Transfer)}
}

func shortTime(at string) string {
	t, err := time.Parse(time.RFC3339Nano, at)
	if err != nil {
		return at
	}
	return t.UTC().Format("2006-01-02 15:04:05")
}

func shortID(id string) string {
	if len(id) > 12 {
		return id[:12]
	}
	return id
}

func (a *app) logShowCommand() *cobra.Command {
	var readingFor string
	return purposeFlag(&cobra.Command{
		Use:   "show N",
		Short: "Show one record whole",
		Long: `Show prints everything that one record says: the decision with its rules and versions, what
was done to each field, the obligations with their deadlines, the digest of the envelope,
and the commitments to what the log does not hold. N is the number that list prints. The
reading is itself recorded.`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			n, err := recordNumber(args[0])
			if err != nil {
				return err
			}
			return a.readLog(cmd.Context(), readingFor, "show", func(l *logReading) error { return a.show(l, n) })
		},
	}, &readingFor)
}

func recordNumber(text string) (int64, error) {
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < 0 {
		return 0, usageError{fmt.Errorf("the record's number must be 0 or more, not %q", text)}
	}
	return n, nil
}

func (a *app) show(l *logReading, n int64) error {
	r, err := l.record(n)
	if err != nil {
		return err
	}
	if a.json {
		a.out.document(listed{n, r})
		return nil
	}
	printRecord(a.out, n, r)
	return nil
}

func printRecord(p *printer, n int64, r audit.Record) {
	p.line("record %d: %s, %s UTC", n, r.Type, shortTime(r.At))
	rows := [][]string{}
	for _, f := range [][2]string{
		{"transfer", r.Transfer}, {"exporter", r.Exporter}, {"recipient", r.Recipient}, {"country", r.RecipientCountry},
		{"agreement", r.Agreement}, {"purpose", r.Purpose}, {"basis", strings.Join(r.Basis, ", ")},
		{"missing", strings.Join(r.Missing, ", ")}, {"cause", r.Cause}, {"rules", strings.Join(r.Reasons, ", ")},
		{"categories", strings.Join(r.Categories, ", ")}, {"envelope", r.EnvelopeDigest}, {"agreement version", r.AgreementDigest},
		{"policy revision", r.PolicyRevision}, {"legal data", r.DataVersion}, {"facts", r.FactsDigest},
	} {
		if f[1] != "" {
			rows = append(rows, []string{f[0], f[1]})
		}
	}
	for _, d := range r.Obligations {
		rows = append(rows, []string{"obligation", dutyText(d)})
	}
	if r.Manifest != nil {
		for _, item := range r.Manifest.Items {
			rows = append(rows, []string{"field", fmt.Sprintf("%s  %s%s  %d×", item.Path, item.Technique, paramText(item.Params), item.Count)})
		}
	}
	for name, value := range sorted(r.Fields) {
		rows = append(rows, []string{name, value})
	}
	for name, value := range sorted(r.Commitments) {
		rows = append(rows, []string{"commitment to " + name, value})
	}
	p.table(rows)
}

func dutyText(d audit.Duty) string {
	state := "open"
	if d.Discharged {
		state = "discharged"
	}
	if d.Deadline != "" {
		state += ", due " + d.Deadline
	}
	return d.Code + " (" + state + ")"
}
