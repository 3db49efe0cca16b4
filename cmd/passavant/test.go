package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/passavant/passavant/policy"
	"github.com/passavant/passavant/policy/casebook"
	"github.com/passavant/passavant/transfer"
	"github.com/passavant/passavant/transfer/workspace"
)

// testOptions are the flags of the test command.
type testOptions struct {
	cases  []string
	mutate bool
	only   string
	limit  time.Duration
	share  string // --part, as N/M
	part   int    // from 0
	parts  int
	least  float64 // --at-least
}

// readPart takes --part apart.
func (o *testOptions) readPart() error {
	if o.share == "" {
		return nil
	}
	if n, err := fmt.Sscanf(o.share, "%d/%d", &o.part, &o.parts); n != 2 || err != nil || o.part < 1 || o.part > o.parts {
		return usageError{errors.New("--part must be N/M with N from 1 to M, such as 2/8")}
	}
	o.part--
	return nil
}

func (a *app) testCommand() *cobra.Command {
	var o testOptions
	c := &cobra.Command{
		Use:   "test [--cases FILE]... [--mutate]",
		Short: "Run the tests and cases of the law and of your agreements",
		Long: `Test runs every Rego test and every case: those of the library, and your own in
agreements/<id>/rules_test.rego and agreements/<id>/cases.yaml. It says which rules and
clauses they reach.

With --cases it puts the cases of these files to the policy, and nothing else. A case holds
if allow is equal, the first basis is equal, and every expected missing condition and
obligation is there.

With --mutate it then changes the rules, one small change at a time (a comparison turned
round, a line dropped, a condition negated), and counts how many of the changes some test or
case notices. A change that nobody notices, a survivor, shows a rule that no test holds; or
a line that does nothing.

Needs no workspace: elsewhere it tests the library, with agreements/ if that folder is there.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return a.test(cmd.Context(), o) },
	}
	c.Flags().StringArrayVar(&o.cases, "cases", nil, "judge the cases of this `FILE` only; may be given again")
	c.Flags().BoolVar(&o.mutate, "mutate", false, "change the rules and count the changes that a test notices")
	c.Flags().StringVar(&o.only, "only", "", "with --mutate, change only files whose name holds this `TEXT`")
	c.Flags().DurationVar(&o.limit, "limit", 30*time.Minute, "with --mutate, stop after this `TIME`")
	c.Flags().StringVar(&o.share, "part", "", "with --mutate, try every Mth change only, as `N/M`: a long run in parts")
	c.Flags().Float64Var(&o.least, "at-least", 0, "with --mutate, fail if less than this `PERCENT` is noticed")
	return c
}

// testReport is the --json form of test.
type testReport struct {
	Good     bool              `json:"good"`
	Revision string            `json:"policy_revision"`
	Tests    []policy.RegoTest `json:"tests,omitempty"` // those that do not hold
	TestsRun int               `json:"tests_run"`
	Cases    []casebook.Result `json:"cases"`
	CasesRun int               `json:"cases_run"`
	Coverage *coverageReport   `json:"coverage,omitempty"`
	Mutation *policy.Mutation  `json:"mutation,omitempty"`
}

func (a *app) test(ctx context.Context, o testOptions) error {
	if err := o.readPart(); err != nil {
		return err
	}
	opts, err := a.policyOptions()
	if err != nil {
		return err
	}
	engine, err := policy.LoadWith(ctx, opts)
	if err != nil {
		return err
	}
	cases, err := readCases(o.cases, opts.FS)
	if err != nil {
		return err
	}
	r := &testReport{Revision: engine.Revision(), Cases: []casebook.Result{}, CasesRun: len(cases)}
	results := casebook.JudgeAll(ctx, engine, cases)
	r.Cases = append(r.Cases, casebook.Failed(results)...)
	if len(o.cases) == 0 {
		if err := r.runRego(ctx, opts, engine, results); err != nil {
			return err
		}
	}
	r.Good = len(r.Tests) == 0 && len(r.Cases) == 0 && r.TestsRun+r.CasesRun > 0
	if o.mutate && r.Good {
		if err := a.mutate(ctx, opts, o, cases, r); err != nil {
			return err
		}
	}
	return a.showTests(r, o)
}

// policyOptions finds what to test: the workspace, or else the folder as a tree of its own.
func (a *app) policyOptions() (policy.Options, error) {
	opts := policy.Options{KnownObligations: transfer.KnownObligations(), Timeout: 10 * time.Second}
	w, err := workspace.Open(a.dir)
	switch {
	case err == nil:
		opts.FS = []fs.FS{os.DirFS(w.Path(w.Policy))}
	case !errors.Is(err, workspace.ErrNotWorkspace):
		return opts, err
	default:
		if _, err := os.Stat(a.dir); err != nil {
			return opts, err
		}
		opts.FS = []fs.FS{os.DirFS(a.dir)}
	}
	return opts, nil
}

// readCases reads the files that were named, or else all cases of the library and of the trees.
func readCases(files []string, trees []fs.FS) ([]casebook.Case, error) {
	if len(files) == 0 {
		cases, err := casebook.Library()
		errs := []error{err}
		for _, tree := range trees {
			more, err := casebook.ReadTree(tree)
			cases, errs = append(cases, more...), append(errs, err)
		}
		return cases, errors.Join(errs...)
	}
	var all []casebook.Case
	var errs []error
	for _, name := range files {
		cases, err := readCaseFile(name)
		all, errs = append(all, cases...), append(errs, err)
	}
	return all, errors.Join(errs...)
}

func readCaseFile(name string) ([]casebook.Case, error) {
	info, err := os.Stat(name)
	if err != nil {
		return nil, err
	}
	if info.Size() > casebook.MaxBytes {
		return nil, fmt.Errorf("%s: more than %d bytes", name, casebook.MaxBytes)
	}
	document, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	if full, err := filepath.Abs(name); err == nil && filepath.Base(name) == name {
		// A file named from within its folder still belongs to the agreement of that folder.
		cases, err := casebook.Read(full, document)
		for i := range cases {
			cases[i].Source = name + cases[i].Source[len(full):]
		}
		return cases, err
	}
	return casebook.Read(name, document)
}

func (r *testReport) runRego(ctx context.Context, opts policy.Options, engine *policy.Engine, results []casebook.Result) error {
	report, err := policy.RunRegoTests(ctx, opts)
	if err != nil {
		return err
	}
	r.TestsRun = len(report.Tests)
	r.Tests = slices.DeleteFunc(report.Tests, func(t policy.RegoTest) bool { return t.Pass })
	r.Coverage = newCoverage(engine, report, results)
	return nil
}

func (a *app) showTests(r *testReport, o testOptions) error {
	if a.json {
		a.out.document(r)
	} else {
		a.printTests(r, len(o.cases) > 0)
	}
	if !r.Good {
		return fmt.Errorf("tests do not hold%w", errSaid)
	}
	if r.Mutation != nil && r.Mutation.KillRate < o.least {
		return fmt.Errorf("%.1f %% of the changes were noticed, less than --at-least %g", r.Mutation.KillRate, o.least)
	}
	return nil
}

func (a *app) printTests(r *testReport, casesOnly bool) {
	p := a.out
	failed := len(r.Tests) + len(r.Cases)
	switch {
	case r.TestsRun+r.CasesRun == 0:
		p.line("%s: there is nothing to test", p.bad("bad"))
	case failed > 0:
		p.line("%s: %d of %s", p.bad("bad"), failed, r.counted(casesOnly)+" do not hold")
	case casesOnly:
		p.line("%s: %d of %d cases hold", p.good("good"), r.CasesRun, r.CasesRun)
	default:
		p.line("%s: all %s hold", p.good("good"), r.counted(casesOnly))
	}
	for _, t := range r.Tests {
		p.line("%s: %s does not hold %s", t.Source, t.Name, t.Problem)
	}
	for _, c := range r.Cases {
		a.printCase(c)
	}
	if r.Coverage != nil {
		a.printCoverage(r.Coverage)
	}
	if r.Mutation != nil {
		a.printMutation(*r.Mutation)
	}
}

func (r *testReport) counted(casesOnly bool) string {
	if casesOnly {
		return fmt.Sprintf("%d cases", r.CasesRun)
	}
	return fmt.Sprintf("%d Rego tests and %d cases", r.TestsRun, r.CasesRun)
}

func (a *app) printCase(c casebook.Result) {
	p := a.out
	p.line("%s: %s %s", c.Source, c.ID, c.Title)
	for _, fault := range c.Faults {
		p.line("    %s", fault)
	}
	for _, r := range c.Decision.Reasons {
		p.line("    said: %s (%s, %s)", sentence(r), r.ID, r.Source)
	}
}
