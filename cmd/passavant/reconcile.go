package main

import (
	"context"
	"fmt"
	"os/user"

	"github.com/spf13/cobra"

	"github.com/passavant/passavant/transfer"
	"github.com/passavant/passavant/transfer/workspace"
)

func (a *app) logReconcileCommand() *cobra.Command {
	var outcome, why string
	var keys []string
	c := &cobra.Command{
		Use:   "reconcile TRANSFER --outcome delivered|not-delivered | reconcile LOG-A LOG-B [--key KEY-A --key KEY-B]",
		Short: "Settle a transfer that is in doubt, or hold two logs against each other",
		Long: `A transfer is in doubt when its intent is in the log and its outcome is not: after a crash, or
when the answer was lost. Ask the recipient whether it has the envelope, and record what it
says. 'log verify' lists what is in doubt.

With the folders of two logs it verifies both and compares them in both directions: what one
sent and the other did not receive, what was received and not sent, what was received as
another envelope. It exits 1 if they do not agree. The keys are those that 'log verify'
prints; without --key they are taken from the folders, which proves less.`,
		Args: cobra.RangeArgs(1, 2),
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 2 {
				return a.compareLogs(cmd.Context(), args, keys)
			}
			return a.reconcile(cmd.Context(), args[0], outcome, why)
		},
	}
	c.Flags().StringVar(&outcome, "outcome", "", "what the recipient said: delivered or not-delivered")
	c.Flags().StringVar(&why, "why", "", "how you know, kept in the erasable side store")
	c.Flags().StringArrayVar(&keys, "key", nil, "the verifier `KEY` of each log, in their order")
	return c
}

func (a *app) reconcile(ctx context.Context, transferID, outcome, why string) error {
	if outcome != transfer.ReconciledDelivered && outcome != transfer.ReconciledNotDelivered {
		return usageError{fmt.Errorf("--outcome must be %s or %s", transfer.ReconciledDelivered, transfer.ReconciledNotDelivered)}
	}
	err := a.withSender(ctx, transfer.TransportFunc(refuseDelivery), func(_ *workspace.Workspace, sender *transfer.Sender) error {
		return sender.Reconcile(ctx, transferID, outcome, operator(), why)
	})
	if err != nil {
		return err
	}
	if a.json {
		a.out.document(struct {
			Transfer string `json:"transfer"`
			Outcome  string `json:"outcome"`
		}{transferID, outcome})
		return nil
	}
	a.out.line("%s: transfer %s is recorded as %s", a.out.good("reconciled"), transferID, outcome)
	return nil
}

// operator is the name of whoever runs the command.
func operator() string {
	if u, err := user.Current(); err == nil {
		return u.Username
	}
	return "unknown"
}
