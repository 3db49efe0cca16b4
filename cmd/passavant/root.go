package main

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/passavant/passavant/transfer"
)

// The exit codes are a contract: other programs read them.
const (
	exitDone    = 0
	exitFailed  = 1
	exitUsage   = 2
	exitRefused = 3
)

// app is what every command shares.
type app struct {
	dir    string // -C
	json   bool
	as     []string // --as
	out    *printer
	stderr io.Writer
}

// usageError marks an error as wrong usage.
type usageError struct{ error }

func (e usageError) Unwrap() error { return e.error }

// run executes one command line and returns its exit code.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	a := &app{stderr: stderr, out: newPrinter(stdout)}
	root := a.rootCommand()
	root.SetArgs(args)
	root.SetOut(stdout)
	root.SetErr(stderr)
	ran := false
	onRun(root, func() { ran = true })
	err := root.ExecuteContext(ctx)
	if err != nil && !ran {
		err = usageError{err} // cobra refused the words before any command ran
	}
	return a.report(err)
}

// onRun calls f when the words of a command have been accepted and it begins to work.
func onRun(c *cobra.Command, f func()) {
	work := c.RunE
	c.RunE = func(cmd *cobra.Command, args []string) error {
		f()
		return work(cmd, args)
	}
	for _, sub := range c.Commands() {
		onRun(sub, f)
	}
}

// report prints what went wrong, once, in the form that was asked for.
func (a *app) report(err error) int {
	code := exitCode(err)
	if err == nil || errors.Is(err, errSaid) {
		return code
	}
	if a.json {
		a.out.document(failure{Error: err.Error(), Exit: code})
		return code
	}
	fmt.Fprintf(a.stderr, "passavant: %v\n", err)
	if code == exitUsage {
		fmt.Fprintln(a.stderr, "Run 'passavant --help' or 'passavant COMMAND --help'.")
	}
	return code
}

// failure is the --json form of an error.
type failure struct {
	Error string `json:"error"`
	Exit  int    `json:"exit"`
}

// errSaid marks a failure that the command has already put into words.
var errSaid = errors.New("already reported")

func exitCode(err error) int {
	var denied *transfer.DeniedError
	var noAccess *transfer.AccessDeniedError
	var usage usageError
	switch {
	case err == nil:
		return exitDone
	case errors.As(err, &usage):
		return exitUsage
	case errors.As(err, &denied), errors.As(err, &noAccess), errors.Is(err, errRefused):
		return exitRefused
	}
	return exitFailed
}

// errRefused is a refusal by policy outside of a transfer.
var errRefused = errors.New("refused by policy")

func (a *app) rootCommand() *cobra.Command {
	root := &cobra.Command{
		Use:   "passavant",
		Short: "Let personal data cross a border only when an agreement and the law allow it",
		Long: `Passavant decides whether personal data may leave under a data-sharing agreement and
the law, reduces it to what the purpose needs, seals it to its recipient, and writes a
record that nobody can alter, before anything leaves.

Start with a workspace that works at once:

  passavant init w && cd w
  passavant check
  passavant send --request request.json --payload payload.json --to out
  passavant receive --envelope out/*.passavant --out got.json
  passavant log verify

Exit codes: 0 done, 1 failed, 2 wrong usage, 3 refused by policy.`,
		SilenceErrors: true, SilenceUsage: true,
		CompletionOptions: cobra.CompletionOptions{HiddenDefaultCmd: true},
		RunE:              func(cmd *cobra.Command, args []string) error { return cmd.Help() },
		Args:              cobra.NoArgs,
	}
	root.PersistentFlags().StringVarP(&a.dir, "workspace", "C", ".", "the workspace `DIR`")
	root.PersistentFlags().StringArrayVar(&a.as, "as", nil, "act in this `ROLE` of yours only; may be given again (callers in passavant.yaml)")
	root.PersistentFlags().BoolVar(&a.json, "json", false, "print one JSON document instead of text")
	root.AddCommand(a.obligationsCommand(), a.noticeCommand())
	root.AddCommand(
		a.initCommand(), a.checkCommand(), a.decideCommand(), a.explainCommand(), a.protectCommand(), a.inspectCommand(), a.sendCommand(),
		a.receiveCommand(), a.acknowledgeCommand(), a.logCommand(), a.replayCommand(), a.reportCommand(), a.witnessCommand(), a.serveCommand(), a.keysCommand(), a.signAgreementCommand(), a.approveCommand(), a.reidentifyCommand(), a.testCommand(), a.docsCommand(), a.newCommand(),
	)
	return root
}
