package main

import (
	"cmp"
	"context"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/passavant/passavant/policy"
	"github.com/passavant/passavant/transfer"
	"github.com/passavant/passavant/transfer/auditor"
)

func (a *app) replayCommand() *cobra.Command {
	var flags filterFlags
	var candidate, readingFor string
	c := &cobra.Command{
		Use:   "replay [--since DAY] [--until DAY] [--policy DIR]",
		Short: "Decide again what was decided, under the same policy or another one",
		Long: `Replay takes the stored facts of every recorded decision and decides again, under the very
revision of the policy that decided; the workspace keeps each in archive/. Every answer must
be the same, word by word. One that is not is named, and the exit code is 1.

With --policy DIR it asks another question: how would the agreements and reference data in DIR have
decided? It lists the transfers that would turn, with the clause and rule that turns them,
before the change goes live.`,
		Example: "  passavant replay --since 2026-01-01\n  passavant replay --policy draft",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			filter, err := flags.read()
			if err != nil {
				return err
			}
			return a.readLog(cmd.Context(), readingFor, "replay", func(l *logReading) error {
				if !l.all {
					return fmt.Errorf("%w: a replay reads every record, and agreements name others to read some", errRefused)
				}
				if candidate != "" {
					return a.flips(cmd.Context(), l, filter, candidate)
				}
				return a.replay(cmd.Context(), l, filter)
			})
		},
	}
	flags.period(c)
	c.Flags().StringVar(&flags.filter.Agreement, "agreement", "", "decisions under the agreement with this `ID`")
	c.Flags().StringVar(&candidate, "policy", "", "a `DIR` with agreements/ and reference/, as in a workspace")
	return purposeFlag(c, &readingFor)
}

// decisionsDone tells a person that the work goes on; a file or pipe gets nothing.
func (a *app) decisionsDone(what string) func(int) {
	if !a.out.colour {
		return nil
	}
	return func(done int) {
		if done%500 == 0 {
			_, _ = fmt.Fprintf(a.stderr, "\r%d %s ", done, what)
		}
	}
}

func (a *app) replay(ctx context.Context, l *logReading, filter auditor.Filter) error {
	r, err := l.Replay(ctx, filter, a.decisionsDone("decisions"))
	if err != nil {
		return err
	}
	if a.json {
		a.out.document(r)
	} else {
		a.printReplay(r)
	}
	if len(r.Different) > 0 {
		return fmt.Errorf("%w: decisions that came out differently", errSaid)
	}
	return nil
}

func (a *app) printReplay(r auditor.Replay) {
	p := a.out
	for _, d := range r.Different {
		p.line("%s: record %d, transfer %s: %s", p.bad("different"), d.Record, d.Transfer, d.Problem)
	}
	verdict := p.good("identical")
	if len(r.Different) > 0 {
		verdict = p.bad("not identical")
	}
	p.line("%s: %d of %d decisions were repeated, %d of them word by word the same", verdict, r.Identical+len(r.Different), r.Decisions, r.Identical)
	for _, gap := range []struct {
		n   int
		why string
	}{
		{r.Erased, "could not be repeated: their facts were erased"},
		{r.Unasked, "were refused before any rule was asked"},
		{r.Unarchived, "could not be repeated: the policy that decided is not in archive/"},
	} {
		if gap.n > 0 {
			p.line("%d %s", gap.n, gap.why)
		}
	}
}

// candidateJSON is the --json form of a replay under another policy.
type candidateJSON struct {
	Revision  string         `json:"revision"`
	Decisions int            `json:"decisions"`
	Erased    int            `json:"erased"`
	Flips     []auditor.Flip `json:"flips"`
}

func (a *app) flips(ctx context.Context, l *logReading, filter auditor.Filter, dir string) error {
	if info, err := os.Stat(dir); err != nil || !info.IsDir() {
		return usageError{fmt.Errorf("--policy: %s is not a folder", dir)}
	}
	candidate, err := policy.LoadWith(ctx, policy.Options{
		FS: []fs.FS{os.DirFS(dir)}, KnownObligations: transfer.KnownObligations(), Signatures: policy.SignaturesOptional, CacheEntries: -1,
	})
	if err != nil {
		return fmt.Errorf("--policy: %w", err)
	}
	flips, asked, erased, err := l.Flips(ctx, filter, candidate, a.decisionsDone("decisions"))
	if err != nil {
		return err
	}
	if a.json {
		if flips == nil {
			flips = []auditor.Flip{}
		}
		a.out.document(candidateJSON{candidate.Revision(), asked, erased, flips})
		return nil
	}
	a.printFlips(flips, asked, erased)
	return nil
}

// printFlips groups by what turns the decisions: one change of a clause turns many transfers for one reason.
func (a *app) printFlips(flips []auditor.Flip, asked, erased int) {
	p := a.out
	p.line("%d decisions asked again, %d would turn", asked, len(flips))
	if erased > 0 {
		p.line("%d could not be asked: their facts were erased", erased)
	}
	groups := map[string][]auditor.Flip{}
	for _, f := range flips {
		groups[flipHeading(f)] = append(groups[flipHeading(f)], f)
	}
	headings := slices.SortedFunc(maps.Keys(groups), func(x, y string) int {
		return cmp.Or(-cmp.Compare(len(groups[x]), len(groups[y])), strings.Compare(x, y))
	})
	for _, heading := range headings {
		p.line("")
		p.line("%s (%d)", heading, len(groups[heading]))
		var rows [][]string
		for _, f := range groups[heading] {
			rows = append(rows, []string{fmt.Sprint(f.Record), shortTime(f.At), f.Recipient, f.Agreement, f.Transfer})
		}
		p.table(rows)
	}
}

func flipHeading(f auditor.Flip) string {
	var parts []string
	for _, r := range f.Reasons {
		text := r.Message
		if r.Article != "" {
			text += " [" + r.Article + "]"
		}
		if r.Clause != "" {
			text += " (clause " + r.Clause + ")"
		}
		parts = append(parts, text)
	}
	word := "would be refused: "
	if f.Permitted {
		word = "would be permitted: "
	}
	return word + strings.Join(parts, "; ")
}
