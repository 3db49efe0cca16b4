// Command passavant lets personal data cross a border only when an agreement and the law allow it. It works in a
// workspace, a folder that `passavant init` makes; `passavant --help` lists what it does.
//
// It exits 0 when done, 1 when something failed, 2 on wrong usage, and 3 when the policy refused.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}
