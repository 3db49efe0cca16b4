package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/passavant/passavant/audit"
	"github.com/passavant/passavant/policy"
	"github.com/passavant/passavant/transfer"
	"github.com/passavant/passavant/transfer/auditor"
	"github.com/passavant/passavant/transfer/workspace"
)

// opening are the flags of the commands that show more than the log holds.
type opening struct {
	fields                 []string
	facts                  bool
	released, purpose, why string
}

func (o *opening) flags(c *cobra.Command) {
	c.Flags().StringArrayVar(&o.fields, "field", nil, "open this `FIELD`, such as person/actor or 'released/case/*'; may be given again")
	c.Flags().BoolVar(&o.facts, "facts", false, "show the facts that were decided on")
	c.Flags().StringVar(&o.released, "released", "", "the released document, a `FILE`, needed to open fields of the payload")
	c.Flags().StringVar(&o.purpose, "purpose", "", "what it is for, a `CODE` such as lawfulness_check (docs/callers.md)")
	c.Flags().StringVar(&o.why, "why", "", "why, in words; kept in the erasable side store")
}

func (o *opening) isEmpty() bool { return len(o.fields) == 0 && !o.facts }

// showing reads what the flags name.
func (o *opening) showing() (auditor.Showing, error) {
	s := auditor.Showing{Facts: o.facts, Fields: o.fields}
	if o.released == "" {
		return s, nil
	}
	document, err := os.ReadFile(o.released)
	s.Released = document
	return s, err
}

// consult has the opening decided and recorded; without a record nothing is opened.
func (a *app) consult(ctx context.Context, w *workspace.Workspace, n int64, o opening) (err error) {
	subject, err := recordOf(w, n)
	if err != nil {
		return err
	}
	engine, err := w.OpenEngine(ctx)
	if err != nil {
		return err
	}
	q, err := a.access(w, policy.Access{Action: policy.OpenDetail, Purpose: o.purpose, Agreement: subject.Agreement})
	if err != nil {
		return err
	}
	log, err := a.logToWrite(w)
	if err != nil {
		return err
	}
	if log == nil {
		return errors.New("nothing is opened without a record of it, and the log cannot be written now")
	}
	defer func() { err = errors.Join(err, log.Close()) }()
	fields := o.fields
	if o.facts {
		fields = append([]string{"facts"}, fields...)
	}
	_, err = transfer.Consult(ctx, engine, log, q, transfer.Consultation{Reader: operator(), Why: o.why, Record: n, Fields: fields})
	return err
}

// recordOf reads one record, before anything of the reading is recorded.
func recordOf(w *workspace.Workspace, n int64) (audit.Record, error) {
	reader, err := openReader(w)
	if err != nil {
		return audit.Record{}, err
	}
	defer func() { _ = reader.Close() }()
	l := logReading{Auditor: &auditor.Auditor{Reader: reader}, readable: readable{all: true}}
	return l.record(n)
}

func (a *app) logProveCommand() *cobra.Command {
	var o opening
	var out string
	c := &cobra.Command{
		Use:   "prove N [--out FILE]",
		Short: "Write an evidence pack: one transfer, for somebody who has nothing else",
		Long: `Prove writes one file that shows the transfer of record N: its records and the proof that they
are in the log, the agreement with its signatures, the policy's digests, the decision with
the sentences and sources of its rules, the recipient's receipt. Whoever has your log's
public key checks it offline: 'passavant-verify pack FILE --key KEY'.

It opens nothing that the log keeps closed, unless you say so with --field or --facts; then the
opening is decided and recorded first, as by 'log open'.`,
		Example: "  passavant log prove 4 --out pack.json\n" +
			"  passavant log prove 4 --field person/actor --purpose lawfulness_check --why 'audit 2026-3' --out pack.json",
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			n, err := recordNumber(args[0])
			if err != nil {
				return err
			}
			return a.prove(cmd.Context(), n, o, out)
		},
	}
	o.flags(c)
	c.Flags().StringVar(&out, "out", "", "the `FILE` to write; standard output if it is absent")
	return c
}

func (a *app) prove(ctx context.Context, n int64, o opening, out string) error {
	show, err := o.showing()
	if err != nil {
		return err
	}
	w, err := workspace.Open(a.dir)
	if err != nil {
		return err
	}
	if _, err := recordOf(w, n); err != nil {
		return err
	}
	may, err := a.mayRead(ctx, w, o.purpose, "prove")
	if err == nil && !o.isEmpty() {
		err = a.consult(ctx, w, n, o)
	}
	if err != nil {
		return err
	}
	return withAuditor(w, may, func(l *logReading) error {
		if _, err := l.record(n); err != nil {
			return err
		}
		pack, err := l.Pack(ctx, n, show)
		if errors.Is(err, workspace.ErrNoArchive) {
			_, _ = fmt.Fprintf(a.stderr, "passavant: the pack goes without agreement, policy and decision: %v\n", err)
			l.Archives = nil
			pack, err = l.Pack(ctx, n, show)
		}
		if err != nil {
			return err
		}
		file, err := pack.Marshal()
		if err != nil {
			return err
		}
		return a.writePack(file, out, n)
	})
}

func (a *app) writePack(file []byte, out string, n int64) error {
	if out == "" {
		_, err := a.out.w.Write(file)
		return err
	}
	if err := os.WriteFile(out, file, 0o600); err != nil {
		return err
	}
	if a.json {
		a.out.document(struct {
			Record int64  `json:"record"`
			Pack   string `json:"pack"`
			Bytes  int    `json:"bytes"`
		}{n, out, len(file)})
		return nil
	}
	a.out.line("%s: record %d and what belongs to it are in %s (%d bytes)", a.out.good("written"), n, out, len(file))
	a.out.line("check it with: passavant-verify pack %s --key KEY", out)
	return nil
}

func (a *app) logOpenCommand() *cobra.Command {
	var o opening
	c := &cobra.Command{
		Use:   "open N --field FIELD --purpose PURPOSE --why TEXT",
		Short: "Reveal single fields of a record, with their proof",
		Long: `Open reveals what the log commits to and does not hold: who asked for a transfer (person/actor,
person/reference, person/justification), and values that left (released/...), which
need the released document. Each comes with the proof that it is what the record committed to.

The law allows logs to be used for few purposes (LED Art. 25(2)), and agreements say who may open
(docs/callers.md). The opening is decided and recorded before anything is shown, with the reason
that you give; a refusal is recorded too (exit 3).`,
		Example: "  passavant log open 4 --field 'person/*' --purpose lawfulness_check --why 'complaint 17'\n" +
			"  passavant log open 4 --field released/case/reference --released got.json --purpose criminal_proceedings --why 'court order 8'",
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			n, err := recordNumber(args[0])
			if err != nil {
				return err
			}
			if len(o.fields) == 0 && !o.facts {
				return usageError{errors.New("name what to open with --field or --facts")}
			}
			return a.open(cmd.Context(), n, o)
		},
	}
	o.flags(c)
	return c
}

func (a *app) open(ctx context.Context, n int64, o opening) error {
	show, err := o.showing()
	if err != nil {
		return err
	}
	w, err := workspace.Open(a.dir)
	if err != nil {
		return err
	}
	if err := a.consult(ctx, w, n, o); err != nil {
		return err
	}
	return withAuditor(w, readable{all: true}, func(l *logReading) error {
		opened, err := l.Reveal(n, show)
		if err != nil {
			return err
		}
		if a.json {
			a.out.document(opened)
			return nil
		}
		a.out.line("record %d, %s:", n, a.out.good("each of these is what it committed to"))
		rows := [][]string{}
		for _, f := range opened.Fields {
			rows = append(rows, []string{f.Name, printable(f.Value)})
		}
		a.out.table(rows)
		if opened.Facts != nil {
			a.out.line("facts %s", printable(string(opened.Facts)))
		}
		return nil
	})
}

// printable keeps an opened value from moving the cursor of a terminal.
func printable(value string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || 0x7f <= r && r < 0xa0 {
			return '\uFFFD'
		}
		return r
	}, value)
}

func (a *app) logExportCommand() *cobra.Command {
	var flags filterFlags
	var mirror, readingFor string
	c := &cobra.Command{
		Use:   "export [--mirror DIR]",
		Short: "Write the records as JSON lines, or a copy of the log that others can verify",
		Long: `Export writes one JSON object a line, with the record's number and the record, for other
programs; the filters are those of 'log list'.

With --mirror it copies the published log instead: checkpoint and tiles, in the layout of
c2sp.org/tlog-tiles, and the verifier key. The copy holds no details; anybody verifies it:
'passavant-verify DIR --key KEY'.`,
		Example: "  passavant log export --since 2026-01-01 > records.ndjson\n  passavant log export --mirror for-the-authority",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			filter, err := flags.read()
			if err != nil {
				return err
			}
			return a.readLog(cmd.Context(), readingFor, "export", func(l *logReading) error {
				switch {
				case mirror == "":
					return a.exportLines(l, filter)
				case !l.all:
					return fmt.Errorf("%w: a copy holds every record, and agreements name others to read some", errRefused)
				}
				return a.mirror(l.w, mirror)
			})
		},
	}
	flags.flags(c)
	c.Flags().StringVar(&mirror, "mirror", "", "the `DIR` to copy the published log to; it must not exist")
	return purposeFlag(c, &readingFor)
}

func (a *app) exportLines(l *logReading, filter auditor.Filter) error {
	for i, r := range l.Select(filter) {
		if !l.shows(r) {
			continue
		}
		line, err := jsonLine(listed{i, r})
		if err != nil {
			return err
		}
		if _, err := a.out.w.Write(line); err != nil {
			return err
		}
	}
	return l.Err()
}
