package main

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/passavant/passavant/audit"
	"github.com/passavant/passavant/transfer/workspace"
)

func (a *app) logCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "log",
		Short: "Verify and read the audit log",
		Long: `The log holds one record for every decision, delivery, refusal, receipt, change of policy
and reading. It names organisations, rules and counts, never a person or a value.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	c.AddCommand(a.logVerifyCommand(), a.logListCommand(), a.logShowCommand(), a.logReconcileCommand())
	return c
}

func (a *app) logVerifyCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "verify",
		Short: "Verify every signature, record and hash of the log",
		Long: `Verify reads the whole log: every record, every signed tree head, every published tile. It
names the first fault by record, file and offset, and lists the transfers in doubt: those
whose intent has no outcome, as after a crash. Auditors verify without this workspace, by
'passavant-verify LOGDIR --key KEY'.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return a.logVerify(cmd.Context()) },
	}
}

func (a *app) logVerify(ctx context.Context) error {
	w, err := workspace.Open(a.dir)
	if err != nil {
		return err
	}
	key, err := w.LogKey()
	if err != nil {
		return err
	}
	report, err := audit.Verify(ctx, w.Path(w.Log), audit.VerifyOptions{VKey: key})
	if err != nil {
		return fmt.Errorf("the log does not verify: %w", err)
	}
	if a.json {
		a.out.document(verifiedJSON{
			Good: true, Records: report.Records, Root: report.Root.String(), Key: key, InDoubt: orEmpty(report.InDoubt),
			Unintended: orEmpty(report.Unintended), TornBytes: report.TornBytes,
		})
		return nil
	}
	a.printVerified(w.Path(w.Log), key, report)
	return nil
}

type verifiedJSON struct {
	Good       bool     `json:"good"`
	Records    int64    `json:"records"`
	Root       string   `json:"root"`
	Key        string   `json:"key"`
	InDoubt    []string `json:"in_doubt"`
	Unintended []string `json:"outcomes_without_intent"`
	TornBytes  int64    `json:"torn_bytes"`
}

func (a *app) printVerified(dir, key string, r audit.Report) {
	p := a.out
	p.line("%s: %s holds %d records, all verified", p.good("good"), dir, r.Records)
	p.line("root %s", r.Root)
	p.line("key  %s", key)
	if r.TornBytes > 0 {
		p.line("%d bytes at the end belong to a record that was never completed; the next start removes them", r.TornBytes)
	}
	for _, id := range r.Unintended {
		p.line("%s: transfer %s has an outcome and no intent", p.bad("attention"), id)
	}
	if len(r.InDoubt) > 0 {
		p.line("in doubt, intent without outcome: %d", len(r.InDoubt))
		for _, id := range r.InDoubt {
			p.line("  %s", id)
		}
	}
}

func (a *app) logListCommand() *cobra.Command {
	var purpose string
	return purposeFlag(&cobra.Command{
		Use:   "list",
		Short: "List the records, one a line",
		Long: `List prints the log as a table: number, time, what happened, with whom, under which agreement,
on what ground or why not, and the transfer. The reading is itself recorded, as the law
asks of consultations; while another process writes the log, that is not possible, and
list says so. Agreements can name who may read: the records of others are withheld.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return a.readLog(cmd.Context(), purpose, "list", a.list) },
	}, &purpose)
}

// logReading is the log, open to be read by somebody who may.
type logReading struct {
	*audit.Reader
	readable
	party string
}

// readLog asks whether the log may be read, records that it is read (LED Art. 25(1): consultation), and opens it.
func (a *app) readLog(ctx context.Context, purpose, what string, read func(*logReading) error) (err error) {
	w, err := workspace.Open(a.dir)
	if err != nil {
		return err
	}
	may, err := a.mayRead(ctx, w, purpose, what)
	if err != nil {
		return err
	}
	key, err := w.LogKey()
	if err != nil {
		return err
	}
	reader, err := audit.OpenReader(w.Path(w.Log), key)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, reader.Close()) }()
	return read(&logReading{reader, may, w.Party})
}

// purposeFlag states what a log is read for.
func purposeFlag(c *cobra.Command, purpose *string) *cobra.Command {
	c.Flags().StringVar(purpose, "purpose", "", "what the log is read for, a `CODE` such as lawfulness_check (docs/callers.md)")
	return c
}

// listed is the --json form of one record in a list.
type listed struct {
	Index  int64        `json:"index"`
	Record audit.Record `json:"record"`
}

func (a *app) list(reader *logReading) error {
	all, withheld, party := []listed{}, 0, reader.party
	for i, r := range reader.All(0) {
		if !reader.shows(r) {
			withheld++
			continue
		}
		all = append(all, listed{i, r})
	}
	if err := reader.Err(); err != nil {
		return err
	}
	if a.json {
		a.out.document(struct {
			Party    string   `json:"party"`
			Records  []listed `json:"records"`
			Withheld int      `json:"withheld,omitempty"`
		}{party, all, withheld})
		return nil
	}
	rows := [][]string{{"record", "time (UTC)", "what", "party", "agreement", "ground or cause", "transfer"}}
	for _, l := range all {
		rows = append(rows, listRow(l, party))
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
	var purpose string
	return purposeFlag(&cobra.Command{
		Use:   "show N",
		Short: "Show one record whole",
		Long: `Show prints everything that one record says: the decision with its rules and versions, what
was done to each field, the obligations with their deadlines, the digest of the envelope,
and the commitments to what the log does not hold. N is the number that list prints. The
reading is itself recorded.`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			n, err := strconv.ParseInt(args[0], 10, 64)
			if err != nil || n < 0 {
				return usageError{fmt.Errorf("the record's number must be 0 or more, not %q", args[0])}
			}
			return a.readLog(cmd.Context(), purpose, "show", func(r *logReading) error { return a.show(r, n) })
		},
	}, &purpose)
}

func (a *app) show(reader *logReading, n int64) error {
	if n >= reader.Size() {
		return fmt.Errorf("the log holds records 0 to %d", reader.Size()-1)
	}
	r, _, err := reader.Record(n)
	if err != nil {
		return err
	}
	if !reader.shows(r) {
		return fmt.Errorf("%w: record %d is under an agreement that names others to read it", errRefused, n)
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
			rows = append(rows, []string{"field", fmt.Sprintf("%s  %s  %d×", item.Path, item.Technique, item.Count)})
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
