// Command stix lets one CERT share a STIX bundle with another: what malware is goes over, whom it was seen with does not. It prints
// what was withheld and what the other side gets. Everything in the bundle is invented.
//
//	go run ./examples/stix
//
// The folder workspace is one to start from: copy it, make keys with 'passavant keys new', and send with 'passavant send'.
package main

import (
	"bytes"
	"context"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/passavant/passavant/transfer"
	"github.com/passavant/passavant/transfer/payload"
	"github.com/passavant/passavant/transfer/workspace"
)

//go:embed workspace
var files embed.FS

func main() {
	if err := run(context.Background(), os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "stix:", err)
		os.Exit(1)
	}
}

// run makes two workspaces, sends the bundle from one to the other, and removes both.
func run(ctx context.Context, out io.Writer) (err error) {
	dir, err := os.MkdirTemp("", "passavant-stix-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	template, err := fs.Sub(files, "workspace")
	if err != nil {
		return err
	}
	finland, err := workspace.Create(ctx, filepath.Join(dir, "cert-fi"), template)
	if err != nil {
		return err
	}
	estonia, err := finland.OpenPractice()
	if err != nil {
		return err
	}
	envelope, err := share(ctx, out, finland)
	if err != nil {
		return err
	}
	return open(ctx, out, estonia, envelope)
}

// share sends the bundle. The envelope stays in the result: no road is needed to show it.
func share(ctx context.Context, out io.Writer, w *workspace.Workspace) (_ *transfer.Envelope, err error) {
	sender, log, err := w.Sender(ctx, transfer.TransportFunc(func(context.Context, *transfer.Envelope) (*transfer.Receipt, error) { return nil, nil }))
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, log.Close()) }()
	bundle, err := files.ReadFile("workspace/payload.json")
	if err != nil {
		return nil, err
	}
	result, err := sender.Send(ctx, transfer.Request{
		Agreement: "cert-bundles", Recipient: "cert-ee", Purpose: "incident_handling", Type: "stix-bundle",
	}, bundle)
	if err != nil {
		return nil, err
	}
	return result.Envelope, tell(out, w.Party, result.Report)
}

func tell(out io.Writer, party string, rep *payload.Report) error {
	_, err := fmt.Fprintf(out, "%s sends a bundle: %d values kept, %d transformed, %d dropped, %d that nobody named\n",
		party, rep.Kept, rep.Transformed, rep.Dropped, rep.Unlisted)
	for _, w := range rep.Withheld {
		_, e := fmt.Fprintf(out, "  withheld: %d %s: %s\n", w.Count, w.What, w.Why)
		err = errors.Join(err, e)
	}
	return err
}

// open is the other side.
func open(ctx context.Context, out io.Writer, w *workspace.Workspace, envelope *transfer.Envelope) (err error) {
	receiver, log, err := w.Receiver(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, log.Close()) }()
	received, err := receiver.Receive(ctx, envelope)
	if err != nil {
		return err
	}
	var text bytes.Buffer
	if err := json.Indent(&text, received.Document, "", "  "); err != nil {
		return err
	}
	_, err = fmt.Fprintf(out, "%s opens it:\n%s\n", w.Party, text.Bytes())
	return err
}
