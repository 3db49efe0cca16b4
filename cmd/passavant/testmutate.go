package main

import (
	"context"
	"fmt"
	"os"

	"golang.org/x/term"

	"github.com/passavant/passavant/policy"
	"github.com/passavant/passavant/policy/casebook"
)

// mutate changes the rules, one change at a time, under the eyes of all tests and cases.
func (a *app) mutate(ctx context.Context, opts policy.Options, o testOptions, cases []casebook.Case, r *testReport) error {
	ctx, cancel := context.WithTimeout(ctx, o.limit)
	defer cancel()
	questions := make([]policy.Question, len(cases))
	for i, c := range cases {
		questions[i] = policy.Question{Name: c.ID, Holds: func(ctx context.Context, changed *policy.Engine) bool {
			return casebook.Judge(ctx, changed, c).Pass
		}}
	}
	m, err := policy.Mutate(ctx, opts, policy.MutationOptions{
		Only: o.only, Part: o.part, Parts: o.parts, Progress: a.progress("changes tried"), Questions: questions,
	})
	r.Mutation = &m
	return err
}

// progress tells a terminal how far a long piece of work is. Elsewhere it is silent.
func (a *app) progress(what string) func(done, all int) {
	file, ok := a.stderr.(*os.File)
	if !ok || !term.IsTerminal(int(file.Fd())) {
		return nil
	}
	return func(done, all int) {
		fmt.Fprintf(a.stderr, "\r%d of %d %s", done, all, what)
		if done == all {
			fmt.Fprint(a.stderr, "\r\x1b[K")
		}
	}
}

func (a *app) printMutation(m policy.Mutation) {
	p := a.out
	p.line("changes of the rules: %d noticed, %d not: %.1f %% noticed; %d more do not load", m.Killed, m.Survived, m.KillRate, m.Stillborn)
	if m.Untried > 0 {
		p.line("%d changes were not tried: the time was up (--limit)", m.Untried)
	}
	for _, s := range m.Survivors {
		p.line("survived: %s: %s: %s", s.Source, s.Kind, s.Text)
	}
}
