package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/passavant/passavant/audit"
	"github.com/passavant/passavant/crypto/seal"
	"github.com/passavant/passavant/transfer/auditor"
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
	c.AddCommand(a.logVerifyCommand(), a.logListCommand(), a.logShowCommand(), a.logProveCommand(), a.logOpenCommand(),
		a.logExportCommand(), a.logReconcileCommand(), a.logUnacknowledgedCommand())
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

// logReading is the log, open to be read by somebody who may.
type logReading struct {
	*auditor.Auditor
	readable
	w *workspace.Workspace
}

// readLog asks whether the log may be read, records that it is read (LED Art. 25(1): consultation), and opens it.
func (a *app) readLog(ctx context.Context, purpose, what string, read func(*logReading) error) error {
	w, err := workspace.Open(a.dir)
	if err != nil {
		return err
	}
	may, err := a.mayRead(ctx, w, purpose, what)
	if err != nil {
		return err
	}
	return withAuditor(w, may, read)
}

// withAuditor opens the log with what belongs to it.
func withAuditor(w *workspace.Workspace, may readable, read func(*logReading) error) (err error) {
	reader, err := openReader(w)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, reader.Close()) }()
	partners, err := w.LoadPartners()
	if err != nil {
		return err
	}
	keys, err := w.OpenKeys()
	if err != nil {
		return err
	}
	return read(&logReading{
		&auditor.Auditor{Reader: reader, Archives: w.ReadArchive, Own: keys.Public(), Partners: partners, Opener: seal.NewDetailOpener(keys.Opener()...)}, may, w,
	})
}

func openReader(w *workspace.Workspace) (*audit.Reader, error) {
	key, err := w.LogKey()
	if err != nil {
		return nil, err
	}
	return audit.OpenReader(w.Path(w.Log), key)
}

// record returns one record, if it exists and the reader may see it.
func (l *logReading) record(n int64) (audit.Record, error) {
	if n >= l.Reader.Size() {
		return audit.Record{}, fmt.Errorf("the log holds records 0 to %d", l.Reader.Size()-1)
	}
	r, _, err := l.Reader.Record(n)
	if err == nil && !l.shows(r) {
		err = fmt.Errorf("%w: record %d is under an agreement that names others to read it", errRefused, n)
	}
	return r, err
}

// purposeFlag states what a log is read for.
func purposeFlag(c *cobra.Command, purpose *string) *cobra.Command {
	c.Flags().StringVar(purpose, "purpose", "", "what the log is read for, a `CODE` such as lawfulness_check (docs/callers.md)")
	return c
}
