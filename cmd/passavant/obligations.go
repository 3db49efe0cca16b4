package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"github.com/passavant/passavant/audit"
	"github.com/passavant/passavant/transfer"
	"github.com/passavant/passavant/transfer/workspace"
)

func (a *app) obligationsCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "obligations",
		Short: "List what you owe for data that came or left, and record what was done",
		Long: `What travelled with data, such as the day by which they must be deleted, stands in your log.
'obligations due' lists it, 'obligations discharge' records that it was done.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	c.AddCommand(a.obligationsDueCommand(), a.obligationsDischargeCommand())
	return c
}

func (a *app) obligationsDueCommand() *cobra.Command {
	var by, readingFor string
	var all bool
	c := &cobra.Command{
		Use:   "due [--by YYYY-MM-DD] [--all]",
		Short: "List obligations that are due, the earliest first",
		Long: `Due lists the obligations whose deadline has come, or comes by the day that --by names. With
--all it lists every open one, also those that stand as long as the data are held. A recall,
a correction and a restriction that an exporter sent are among them. Run it daily, with
--json for a program that deletes.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			day := time.Now().UTC()
			if by != "" {
				var err error
				if day, err = time.Parse(time.DateOnly, by); err != nil {
					return usageError{fmt.Errorf("--by must be a day, YYYY-MM-DD")}
				}
			}
			return a.readLog(cmd.Context(), readingFor, "obligations", func(l *logReading) error { return a.due(l, day, all) })
		},
	}
	c.Flags().StringVar(&by, "by", "", "the `DAY` by which they fall due; today if absent")
	c.Flags().BoolVar(&all, "all", false, "list every open obligation")
	return purposeFlag(c, &readingFor)
}

func (a *app) due(l *logReading, day time.Time, all bool) error {
	party := l.w.Party
	owed := transfer.Obligations(l.Reader.All(0), party)
	if err := l.Reader.Err(); err != nil {
		return err
	}
	owed = slices.DeleteFunc(owed, func(o transfer.Owed) bool { return !l.shows(audit.Record{Agreement: o.Agreement}) })
	list := []transfer.Owed{}
	for _, o := range owed {
		if all || o.Overdue(day.AddDate(0, 0, 1)) { // due on the day counts
			list = append(list, o)
		}
	}
	if a.json {
		a.out.document(struct {
			Party       string          `json:"party"`
			By          string          `json:"by"`
			Obligations []transfer.Owed `json:"obligations"`
		}{party, day.Format(time.DateOnly), list})
		return nil
	}
	if len(list) == 0 {
		a.out.line("nothing is due by %s; %d obligations are open ('--all' lists them)", day.Format(time.DateOnly), len(owed))
		return nil
	}
	rows := [][]string{{"deadline", "obligation", "transfer", "about", "exporter", "recipient", "record"}}
	for _, o := range list {
		deadline := o.Deadline
		if deadline == "" {
			deadline = "standing"
		}
		rows = append(rows, []string{deadline, o.Code, o.Transfer, shortID(o.About), o.Exporter, o.Recipient, strconv.FormatInt(o.Record, 10)})
	}
	a.out.table(rows)
	return nil
}

func (a *app) obligationsDischargeCommand() *cobra.Command {
	how, why := "deleted", ""
	c := &cobra.Command{
		Use:   "discharge TRANSFER OBLIGATION [--how deleted]",
		Short: "Record that an obligation was met",
		Long: `Discharge writes into the log that an obligation was met: data deleted, returned or corrected, a
person informed. Who says so, and why, lies in the erasable side store. Do it first, then
record it: passavant does not delete your data, and the log believes you.

Recording that a recall was followed ends the other duties towards the recalled data.`,
		Example: "  passavant obligations discharge 5ad0c9a1… delete_after --how deleted",
		Args:    cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.discharge(cmd.Context(), args[0], args[1], how, why)
		},
	}
	c.Flags().StringVar(&how, "how", how, "how it was met, a `CODE` such as deleted, returned, corrected, informed")
	c.Flags().StringVar(&why, "why", "", "a remark, kept in the erasable side store")
	return c
}

func (a *app) discharge(ctx context.Context, transferID, code, how, why string) (err error) {
	w, err := workspace.Open(a.dir)
	if err != nil {
		return err
	}
	keys, err := w.OpenKeys()
	if err != nil {
		return err
	}
	log, err := w.OpenLog(keys)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, log.Close()) }()
	if err := transfer.Discharge(ctx, log, w.Party, transferID, code, how, operator(), why); err != nil {
		return err
	}
	if a.json {
		a.out.document(struct {
			Transfer   string `json:"transfer"`
			Obligation string `json:"obligation"`
			How        string `json:"how"`
		}{transferID, code, how})
		return nil
	}
	a.out.line("%s: %s of transfer %s is recorded as %s", a.out.good("discharged"), code, transferID, how)
	return nil
}

func (a *app) noticeCommand() *cobra.Command {
	var n transfer.Notice
	var to, why string
	c := &cobra.Command{
		Use:   "notice recall|correct|restrict TRANSFER --reason CODE --to DIR-or-URL",
		Short: "Tell a recipient to erase, correct or restrict what you sent",
		Long: `Notice sends a recall, a correction or a restriction of an earlier transfer to its recipient
(GDPR Art. 19, LED Art. 7(3) and 16(6)). It travels like data: sealed, recorded before it
leaves, answered by a signed receipt. The recipient's 'obligations due' lists it until they
record that they followed it.

Send corrected data as a transfer of their own first, and name it with --by. TRANSFER is the
id that send printed and 'log list --json' shows.`,
		Args: cobra.ExactArgs(2), ValidArgs: transfer.NoticeDuties(),
		RunE: func(cmd *cobra.Command, args []string) error {
			n.Kind, n.Transfer = transfer.NoticeKind(args[0]), args[1]
			return a.notice(cmd.Context(), n, to, why)
		},
	}
	c.Flags().StringVar(&n.Reason, "reason", "", "why, a `CODE` such as inaccurate, unlawful, consent_withdrawn")
	c.Flags().StringVar(&n.By, "by", "", "of a correction, the `TRANSFER` with the corrected data")
	c.Flags().IntVar(&n.Days, "days", 0, "within how many days; 0 means today")
	c.Flags().StringVar(&why, "why", "", "a remark, kept in the erasable side store")
	c.Flags().StringVar(&to, "to", "", "where to deliver: a folder, or an https:// address")
	_ = c.MarkFlagRequired("reason")
	_ = c.MarkFlagRequired("to")
	return c
}

func (a *app) notice(ctx context.Context, n transfer.Notice, to, why string) error {
	transport, file, err := transportTo(to)
	if err != nil {
		return err
	}
	return a.withSender(ctx, transport, func(_ *workspace.Workspace, sender *transfer.Sender) error {
		result, err := sender.Notify(ctx, n, operator(), why)
		if errors.Is(err, transfer.ErrNotice) {
			return usageError{err}
		}
		if err != nil {
			return err
		}
		if a.json {
			a.out.document(struct {
				Transfer  string            `json:"transfer"`
				About     string            `json:"about"`
				Recipient string            `json:"recipient"`
				Record    int64             `json:"record"`
				File      string            `json:"file,omitempty"`
				Receipt   *transfer.Receipt `json:"receipt,omitempty"`
			}{result.Transfer, n.Transfer, result.Header.Recipient, result.Index, file(result.Transfer), result.Receipt})
			return nil
		}
		a.out.line("%s: %s is told to %s transfer %s; record %d of the log", a.out.good("sent"), result.Header.Recipient, n.Kind, n.Transfer, result.Index)
		return nil
	})
}
