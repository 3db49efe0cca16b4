// Command taxii lets two organisations exchange through a TAXII 2.1 server that both use and neither trusts: the exporter
// pushes envelopes inside STIX Artifacts, the recipient polls, opens, and pushes signed receipts back.
//
//	go run ./examples/taxii
//
// A server in memory stands in for yours. With a real one, change the address and the credentials.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http/httptest"
	"os"
	"path/filepath"

	"github.com/passavant/passavant/internal/sample"
	"github.com/passavant/passavant/transfer"
	"github.com/passavant/passavant/transfer/taxii"
	"github.com/passavant/passavant/transfer/workspace"
)

// The collections of the exchange: one for each direction.
const (
	toSakura  = "91a7b528-80eb-42ed-a74d-c6fbd5a26116"
	toEmerald = "365fed99-08fa-4dcd-a1b3-fb247eb41d01"
)

func main() {
	if err := run(context.Background(), os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "taxii:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, out io.Writer) (err error) {
	dir, err := os.MkdirTemp("", "passavant-taxii-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	emerald, err := workspace.Create(ctx, filepath.Join(dir, "w"), sample.Workspace())
	if err != nil {
		return err
	}
	sakura, err := emerald.OpenPractice()
	if err != nil {
		return err
	}
	server := httptest.NewTLSServer(newStandIn())
	defer server.Close()
	client, err := taxii.NewClient(server.URL+"/fraud/", server.Client(), taxii.WithBasic("user", "password"))
	if err != nil {
		return err
	}
	for _, step := range []func() error{
		func() error { return publish(ctx, out, emerald, client) },
		func() error { return poll(ctx, out, sakura, client) },
		func() error { return collect(ctx, out, emerald, client) },
	} {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

// publish is the exporter: three cases, each an Artifact.
func publish(ctx context.Context, out io.Writer, w *workspace.Workspace, client *taxii.Client) (err error) {
	road, err := taxii.NewTransport(client, toSakura)
	if err != nil {
		return err
	}
	sender, log, err := w.Sender(ctx, road)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, log.Close()) }()
	document, err := sample.Report()
	if err != nil {
		return err
	}
	for range 3 {
		result, err := sender.Send(ctx, transfer.Request{
			Agreement: "ie-jp-bank-fraud", Recipient: "sakura-bank-jp", Purpose: "prevent_and_investigate_fraud", Type: "fraud-case-report",
		}, document)
		if err != nil {
			return err
		}
		_, _ = fmt.Fprintf(out, "%s published transfer %s…\n", w.Party, result.Transfer[:8])
	}
	return nil
}

// poll is the recipient: it keeps the returned filter for the next time.
func poll(ctx context.Context, out io.Writer, w *workspace.Workspace, client *taxii.Client) (err error) {
	receiver, log, err := w.Receiver(ctx, func(_ context.Context, h transfer.Header, document []byte) error {
		_, err := fmt.Fprintf(out, "%s takes over %d bytes of transfer %s…\n", w.Party, len(document), h.Transfer[:8])
		return err
	})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, log.Close()) }()
	_, err = client.Inbox(ctx, toSakura, taxii.Filter{}, func(ctx context.Context, item taxii.Item) error {
		if item.Envelope == nil {
			return nil
		}
		received, err := receiver.Receive(ctx, item.Envelope)
		var rejected *transfer.RejectedError
		if errors.As(err, &rejected) { // recorded; the feed goes on
			_, err := fmt.Fprintf(out, "%s refused %s: %s\n", w.Party, item.ID, rejected.Title())
			return err
		}
		if err != nil {
			return err
		}
		return client.PushReceipt(ctx, toEmerald, received.Receipt)
	}, nil)
	return err
}

// collect is the exporter again: it reads the receipts.
func collect(ctx context.Context, out io.Writer, w *workspace.Workspace, client *taxii.Client) (err error) {
	sender, log, err := w.Sender(ctx, transfer.TransportFunc(nil))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, log.Close()) }()
	_, err = client.Inbox(ctx, toEmerald, taxii.Filter{}, func(_ context.Context, item taxii.Item) error {
		if item.Receipt == nil {
			return nil // an envelope for us; another program's
		}
		if err := sender.Acknowledge(item.Receipt); err != nil {
			return err
		}
		_, err := fmt.Fprintf(out, "%s has the receipt of transfer %s…\n", w.Party, item.Receipt.Statement.Transfer[:8])
		return err
	}, nil)
	return err
}
