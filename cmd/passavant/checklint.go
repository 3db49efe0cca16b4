package main

import (
	"context"
	"io/fs"
	"os"
	"time"

	"github.com/passavant/passavant/policy"
	"github.com/passavant/passavant/policy/casebook"
	"github.com/passavant/passavant/transfer"
	"github.com/passavant/passavant/transfer/workspace"
)

// checkRules says what is wrong with the rules and agreements, with its place, why it matters and how to mend it. It
// returns the engine if they load.
func (f *findings) checkRules(ctx context.Context, w *workspace.Workspace, now time.Time) *policy.Engine {
	opts := policy.Options{FS: []fs.FS{os.DirFS(w.Path(w.Policy))}, KnownObligations: transfer.KnownObligations()}
	f.Findings = append(f.Findings, policy.Lint(ctx, opts)...)
	engine, err := w.OpenEngine(ctx)
	if err != nil {
		f.addFindings(err)
		return nil
	}
	cases, err := casebook.ReadTree(opts.FS[0])
	if err != nil {
		f.fault(err)
		return engine
	}
	// Cases are about the words of an agreement, whoever has signed it; so they are judged without asking for signatures.
	unsigned, err := policy.LoadWith(ctx, opts)
	if err != nil {
		f.addFindings(err)
		return engine
	}
	results := casebook.JudgeAll(ctx, unsigned, cases)
	f.Findings = append(f.Findings, casebook.Gaps(ctx, unsigned, results)...)
	if failed := casebook.Failed(results); len(failed) > 0 {
		f.warn("%d of %d cases do not hold; 'passavant test' says which", len(failed), len(cases))
	}
	f.addFindings(nil)
	for _, x := range engine.Expiring(now, expiresSoon) {
		f.warn("%s, within 90 days", x)
	}
	return engine
}

// addFindings counts the findings among the faults and warnings; an error that no finding explains is a fault of its own.
func (f *findings) addFindings(err error) {
	faults := 0
	for _, finding := range f.Findings {
		text := finding.Problem
		if finding.Source != "" {
			text = finding.Source + ": " + text
		}
		if finding.Fault {
			faults++
			f.Faults = append(f.Faults, text)
		} else {
			f.Warnings = append(f.Warnings, text)
		}
	}
	if err != nil && faults == 0 {
		f.fault(err)
	}
}

// advice prints why a finding matters and how to mend it, below its line.
func (a *app) advice(f *findings, text string) {
	for _, finding := range f.Findings {
		if text == finding.Problem || text == finding.Source+": "+finding.Problem {
			a.out.line("    why:  %s", finding.Why)
			a.out.line("    mend: %s", finding.Mend)
			return
		}
	}
}
