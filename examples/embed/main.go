// Command embed is the README's first sealed transfer as a whole program. It makes a workspace in a temporary folder,
// as `passavant init` does, and sends the sample fraud case from it into a folder.
//
//	go run ./examples/embed
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/passavant/passavant/internal/sample"
	"github.com/passavant/passavant/transfer"
	"github.com/passavant/passavant/transfer/dirtransport"
	"github.com/passavant/passavant/transfer/workspace"
)

func main() {
	if err := run(context.Background()); err != nil {
		fmt.Fprintln(os.Stderr, "embed:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context) (err error) {
	dir, err := os.MkdirTemp("", "passavant-embed-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	folder := filepath.Join(dir, "w")
	if _, err := workspace.Create(ctx, folder, sample.Workspace()); err != nil {
		return err
	}
	document, err := sample.Report()
	if err != nil {
		return err
	}
	return send(ctx, folder, filepath.Join(dir, "out"), document)
}

// README: first transfer
func send(ctx context.Context, folder, outbox string, document []byte) (err error) {
	w, err := workspace.Open(folder) // made by: passavant init
	if err != nil {
		return err
	}
	out, err := dirtransport.New(outbox) // or httptransport, or your own one-method Transport
	if err != nil {
		return err
	}
	sender, log, err := w.Sender(ctx, out)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, log.Close()) }()

	result, err := sender.Send(ctx, transfer.Request{
		Agreement: "ie-jp-bank-fraud", Recipient: "sakura-bank-jp",
		Purpose: "prevent_and_investigate_fraud", Type: "fraud-case-report",
	}, document)
	var denied *transfer.DeniedError
	if errors.As(err, &denied) {
		return fmt.Errorf("not sent, missing: %v", denied.Decision.Missing)
	}
	if err != nil {
		return err
	}
	fmt.Printf("sent under %s, %d values withheld\n", result.Decision.Basis[0], result.Report.Dropped)
	return nil
}

// README: end
