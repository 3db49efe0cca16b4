package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/passavant/passavant/policy"
	"github.com/passavant/passavant/transfer"
	"github.com/passavant/passavant/transfer/workspace"
)

func (a *app) decideCommand() *cobra.Command {
	var q inquiry
	c := &cobra.Command{
		Use:   "decide --request FILE",
		Short: "Decide a request without sending anything",
		Long: `Decide says whether the agreement and the law permit the transfer that a request asks
for, on what ground, and with which obligations and treatments. Nothing is sent and
nothing is recorded. Exits 3 if the answer is no.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			e, err := a.explanation(cmd.Context(), q)
			if err != nil {
				return err
			}
			return a.showDecision(e)
		},
	}
	q.flags(c)
	return c
}

func (a *app) explainCommand() *cobra.Command {
	var q inquiry
	var lang string
	c := &cobra.Command{
		Use:   "explain --request FILE [--lang en|de|fr|es]",
		Short: "Say in sentences why a request is permitted or refused",
		Long: `Explain gives the decision with the articles and clauses behind it, and, if the answer
is no, the smallest change of the facts that would make it yes. Each such change was
tried against the policy; whether it is true is for you to establish.

It tells a transfer that is forbidden, whatever ground there may be, from one that is not
permitted, because it lacks a ground. Exits 3 if the answer is no.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			l, err := languageOf(lang)
			if err != nil {
				return err
			}
			e, err := a.explanation(cmd.Context(), q)
			if err != nil {
				return err
			}
			return a.showExplanation(e, l)
		},
	}
	q.flags(c)
	c.Flags().StringVar(&lang, "lang", "en", "the `LANGUAGE`: en, de, fr or es")
	return c
}

// explanation decides a request file, with what is shown with it.
func (a *app) explanation(ctx context.Context, q inquiry) (policy.Explanation, error) {
	w, err := workspace.Open(a.dir)
	if err != nil {
		return policy.Explanation{}, err
	}
	q.exporter = w.Party
	engine, facts, err := a.questionOf(ctx, w, q, time.Now())
	if err != nil {
		return policy.Explanation{}, err
	}
	return engine.Explain(ctx, facts), nil
}

func (a *app) showDecision(e policy.Explanation) error {
	if a.json {
		a.out.document(decisionDocument(e, false))
	} else {
		a.printDecision(e.Decision)
	}
	if !e.Decision.Permit {
		return fmt.Errorf("%w%w", errRefused, errSaid)
	}
	return nil
}

// decisionJSON is the --json form of a decision, with what would permit it if that was asked for.
type decisionJSON struct {
	policy.Decision
	Remedies []policy.Remedy `json:"remedies,omitempty"`
}

func decisionDocument(e policy.Explanation, remedies bool) decisionJSON {
	doc := decisionJSON{Decision: e.Decision}
	if remedies {
		doc.Remedies = e.Remedies
	}
	return doc
}

func orEmpty(list []string) []string {
	if list == nil {
		return []string{}
	}
	return list
}

func (a *app) printDecision(d policy.Decision) {
	p := a.out
	if d.Permit {
		p.line("%s on the basis of %s", p.good("permitted"), strings.Join(d.Basis, ", "))
	} else {
		p.line("%s", p.bad("refused"))
	}
	for _, r := range d.Reasons {
		if (r.Effect == policy.EffectRefuses) == d.Permit {
			continue // a permit needs no list of grounds that did not apply
		}
		p.line("  - %s", sentence(r))
	}
	if len(d.Missing) > 0 {
		p.line("missing: %s", strings.Join(d.Missing, ", "))
	}
	a.printObligations(d.Obligations)
	for _, n := range d.Notices {
		p.line("notice: %s", n)
	}
}

func (a *app) printObligations(obligations []policy.Obligation) {
	if len(obligations) == 0 {
		return
	}
	a.out.line("obligations:")
	rows := make([][]string, len(obligations))
	for i, o := range obligations {
		rows[i] = []string{o.Code + paramText(o.Params), transfer.DischargedBy(o)}
	}
	a.out.table(rows)
}

// sentence puts a reason into words: what holds or fails, and where it is written.
func sentence(r policy.Reason) string {
	text := r.Message
	where := strings.TrimSpace(r.Instrument + " " + r.Article)
	if r.Clause != "" {
		where = strings.TrimSpace(where + ", clause " + r.Clause)
	}
	if where != "" {
		text += " [" + where + "]"
	}
	if r.Confirm {
		text += " (to be confirmed by a lawyer)"
	}
	return text
}
