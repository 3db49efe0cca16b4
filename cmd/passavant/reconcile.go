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
	c := &cobra.Command{
		Use:   "reconcile TRANSFER --outcome delivered|not-delivered",
		Short: "Settle a transfer that is in doubt",
		Long: `A transfer is in doubt when its intent is in the log and its outcome is not: after a crash, or
when the answer was lost. Ask the recipient whether it has the envelope, and record what it
says. 'log verify' lists what is in doubt.`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.reconcile(cmd.Context(), args[0], outcome, why)
		},
	}
	c.Flags().StringVar(&outcome, "outcome", "", "what the recipient said: delivered or not-delivered")
	c.Flags().StringVar(&why, "why", "", "how you know, kept in the erasable side store")
	_ = c.MarkFlagRequired("outcome")
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
