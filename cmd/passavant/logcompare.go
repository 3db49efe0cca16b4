package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/passavant/passavant/audit"
	"github.com/passavant/passavant/transfer"
)

// errDiffer is the outcome that two logs do not agree; what differs is printed already.
var errDiffer = fmt.Errorf("%w: the logs do not agree", errSaid)

// compareLogs verifies two logs and holds them against each other in both directions.
func (a *app) compareLogs(ctx context.Context, dirs []string, keys []string) error {
	if len(keys) != 0 && len(keys) != 2 {
		return usageError{errors.New("--key must be given twice, for the first and the second log, or not at all")}
	}
	readers, parties := make([]*audit.Reader, 2), make([]string, 2)
	for i, dir := range dirs {
		key, err := logKey(dir, keys, i)
		if err != nil {
			return err
		}
		if len(keys) == 0 {
			_, _ = fmt.Fprintf(a.stderr, "passavant: the key of %s is taken from the folder itself; --key gives one that you trust\n", dir)
		}
		if _, err := audit.Verify(ctx, dir, audit.VerifyOptions{VKey: key}); err != nil {
			return fmt.Errorf("%s does not verify: %w", dir, err)
		}
		if readers[i], err = audit.OpenReader(dir, key); err != nil {
			return err
		}
		defer func() { _ = readers[i].Close() }()
		parties[i] = partyOfKey(key)
	}
	var both []transfer.Comparison
	for i, j := range []int{1, 0} {
		both = append(both, transfer.Compare(readers[i].All(0), readers[j].All(0), parties[i], parties[j]))
	}
	if err := errors.Join(readers[0].Err(), readers[1].Err()); err != nil {
		return err
	}
	return a.showComparison(both)
}

func logKey(dir string, keys []string, i int) (string, error) {
	if len(keys) == 2 {
		return strings.TrimSpace(keys[i]), nil
	}
	raw, err := os.ReadFile(filepath.Join(dir, "log.vkey"))
	if err != nil {
		return "", fmt.Errorf("%s is not the folder of a log: %w", dir, err)
	}
	return strings.TrimSpace(string(raw)), nil
}

// partyOfKey reads the party out of a verifier key: its name is the origin of the log, see transfer.LogOrigin.
func partyOfKey(key string) string {
	name, _, _ := strings.Cut(key, "+")
	return strings.TrimPrefix(name, transfer.LogOrigin(""))
}

func (a *app) showComparison(both []transfer.Comparison) error {
	agree := both[0].Agrees() && both[1].Agrees()
	if a.json {
		a.out.document(struct {
			Agree      bool                  `json:"agree"`
			Directions []transfer.Comparison `json:"directions"`
		}{agree, both})
	}
	for _, c := range both {
		if a.json {
			break
		}
		a.out.line("%s to %s: %d transfers match", c.Exporter, c.Recipient, c.Matched)
		if c.Unsealed > 0 {
			a.out.line("  %d left unsealed; a recipient's log knows nothing of them", c.Unsealed)
		}
		a.differences("sent, not received", c.SentNotReceived)
		a.differences("received, not sent", c.ReceivedNotSent)
		a.differences("received as another envelope than was sent", c.Altered)
	}
	if !agree {
		return errDiffer
	}
	if !a.json {
		a.out.line("%s: the logs agree", a.out.good("good"))
	}
	return nil
}

func (a *app) differences(what string, list []transfer.Difference) {
	for _, d := range list {
		a.out.line("  %s: %s (record %s there, %s here%s)", a.out.bad(what), d.Transfer, place(d.Sent), place(d.Received), outcomeText(d.Outcome))
	}
}

func place(record int64) string {
	if record < 0 {
		return "none"
	}
	return strconv.FormatInt(record, 10)
}

func outcomeText(outcome string) string {
	if outcome == "" {
		return ""
	}
	return "; the sender has it as " + outcome
}

func (a *app) logUnacknowledgedCommand() *cobra.Command {
	age, readingFor := 24*time.Hour, ""
	c := &cobra.Command{
		Use:   "unacknowledged [--after 24h]",
		Short: "List transfers of which no receipt came back in time",
		Long: `Unacknowledged lists what left, or may have left, longer ago than --after says, and of which the
log holds no receipt. Ask the recipient; record a receipt with 'acknowledge', and settle what
is in doubt with 'log reconcile'. Exits 1 if there are any.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			before := time.Now().Add(-age)
			return a.readLog(cmd.Context(), readingFor, "unacknowledged", func(l *logReading) error { return a.unacknowledged(l, before) })
		},
	}
	c.Flags().DurationVar(&age, "after", age, "how long a receipt may take")
	return purposeFlag(c, &readingFor)
}

func (a *app) unacknowledged(l *logReading, before time.Time) error {
	list := transfer.Unacknowledged(l.Reader.All(0), before)
	if err := l.Reader.Err(); err != nil {
		return err
	}
	list = slices.DeleteFunc(list, func(u transfer.Unanswered) bool { return !l.shows(audit.Record{Agreement: u.Agreement}) })
	if a.json {
		a.out.document(struct {
			Unacknowledged []transfer.Unanswered `json:"unacknowledged"`
		}{list})
	} else if len(list) == 0 {
		a.out.line("%s: every transfer that is old enough has its receipt", a.out.good("good"))
	} else {
		rows := [][]string{{"since (UTC)", "transfer", "recipient", "state", "record"}}
		for _, u := range list {
			state := "delivered"
			if u.InDoubt {
				state = "in doubt"
			}
			rows = append(rows, []string{u.Since.UTC().Format("2006-01-02 15:04"), u.Transfer, u.Recipient, state, strconv.FormatInt(u.Record, 10)})
		}
		a.out.table(rows)
	}
	if len(list) > 0 {
		return fmt.Errorf("%w: transfers without a receipt", errSaid)
	}
	return nil
}
