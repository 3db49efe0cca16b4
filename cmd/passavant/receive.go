package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/passavant/passavant/transfer"
	"github.com/passavant/passavant/transfer/workspace"
)

func (a *app) receiveCommand() *cobra.Command {
	var envelope, out, receipt string
	c := &cobra.Command{
		Use:   "receive --envelope FILE [--out FILE] [--receipt FILE]",
		Short: "Verify, open and record an envelope",
		Long: `Receive is the recipient's side: it verifies who sent the envelope and that the exporter's
log holds its intent, opens it, checks that the obligations can be honoured, records it,
and signs a receipt. An envelope that is altered, expired, for somebody else or already
received is refused, and nothing is written, but for the receipt of one that was received
before. Without --out the document is printed.

An envelope for the practice partner that 'passavant init' made is received with that
partner's keys and log.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.receive(cmd.Context(), envelope, out, receipt)
		},
	}
	c.Flags().StringVar(&envelope, "envelope", "", "the envelope `FILE`")
	c.Flags().StringVar(&out, "out", "", "the `FILE` to write the payload to")
	c.Flags().StringVar(&receipt, "receipt", "", "the `FILE` to write the signed receipt to, for the exporter")
	_ = c.MarkFlagRequired("envelope")
	return c
}

func (a *app) receive(ctx context.Context, name, out, receiptName string) (err error) {
	w, err := workspace.Open(a.dir)
	if err != nil {
		return err
	}
	file, envelope, err := openEnvelope(name)
	if err != nil {
		return err
	}
	defer func() { _ = file.Close() }()
	if w, err = recipientOf(w, envelope.Header); err != nil {
		return err
	}
	receiver, log, err := w.Receiver(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, log.Close()) }()
	received, size, err := receiveInto(ctx, receiver, envelope, out)
	if err != nil {
		return a.receiveFailure(name, receiptName, err)
	}
	if err := writeReceipt(receiptName, received.Receipt); err != nil {
		return err
	}
	if _, notice := received.Header.Notice(); notice {
		out = "" // a notice holds no data to write
	}
	a.showReceived(w, received, size, out)
	return nil
}

// receiveInto opens an envelope into a file, which exists only if all is well, or without a name into memory.
func receiveInto(ctx context.Context, r *transfer.Receiver, e *transfer.Envelope, out string) (*transfer.Received, int64, error) {
	if out == "" {
		if e.Size() > transfer.MaxEnvelopeBytes {
			return nil, 0, errors.New("too long to be printed; name a file with --out")
		}
		received, err := r.Receive(ctx, e)
		if err != nil {
			return nil, 0, err
		}
		return received, int64(len(received.Document)), nil
	}
	f, err := createNew(out)
	if err != nil {
		return nil, 0, err
	}
	keepSmall()
	size, released := int64(0), false
	received, err := r.ReceiveStream(ctx, e, f, func(context.Context, transfer.Header) error {
		size, _ = f.Seek(0, io.SeekCurrent)
		released = true
		return f.commit()
	})
	if !released {
		f.discard()
	}
	return received, size, err
}

// receiveFailure writes the receipt that comes with a replay, if one was asked for: the first may have been lost.
func (a *app) receiveFailure(name, receiptName string, err error) error {
	var rejected *transfer.RejectedError
	if !errors.As(err, &rejected) || rejected.Receipt == nil || receiptName == "" {
		return fmt.Errorf("%s: %w", name, err)
	}
	if err := writeReceipt(receiptName, rejected.Receipt); err != nil {
		return err
	}
	return fmt.Errorf("%s: %w; its receipt is written to %s", name, err, receiptName)
}

// openEnvelope reads an envelope's header; the rest stays in the file until it is received.
func openEnvelope(name string) (*os.File, *transfer.Envelope, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, nil, err
	}
	info, err := f.Stat()
	var e *transfer.Envelope
	if err == nil {
		e, err = transfer.OpenEnvelope(f, info.Size())
	}
	if err != nil {
		_ = f.Close()
		return nil, nil, fmt.Errorf("%s: %w", name, err)
	}
	return f, e, nil
}

// recipientOf finds the workspace that the envelope is for: this one, or the practice partner's.
func recipientOf(w *workspace.Workspace, h transfer.Header) (*workspace.Workspace, error) {
	if h.Recipient == w.Party || w.Practice == "" {
		return w, nil
	}
	practice, err := w.OpenPractice()
	if err != nil {
		return nil, err
	}
	if practice.Party == h.Recipient {
		return practice, nil
	}
	return w, nil // whose Receiver says for whom it is
}

func writeReceipt(name string, r *transfer.Receipt) error {
	if name == "" {
		return nil
	}
	text, err := json.Marshal(r)
	if err != nil {
		return err
	}
	return writeNew(name, append(text, '\n'))
}

// receivedJSON is the --json form of an envelope that was received.
type receivedJSON struct {
	Header  transfer.Header   `json:"header"`
	Record  int64             `json:"record"`
	Bytes   int64             `json:"bytes"`
	Out     string            `json:"out,omitempty"`
	Receipt *transfer.Receipt `json:"receipt"`
	// Document is there if it was not written to a file.
	Document json.RawMessage `json:"document,omitempty"`
	// Text is in its place if it is not one JSON document.
	Text string `json:"text,omitempty"`
}

func (a *app) showReceived(w *workspace.Workspace, r *transfer.Received, size int64, out string) {
	if a.json {
		doc := receivedJSON{Header: r.Header, Record: r.Index, Bytes: size, Out: out, Receipt: r.Receipt}
		if json.Valid(r.Document) {
			doc.Document = r.Document
		} else {
			doc.Text = string(r.Document)
		}
		a.out.document(doc)
		return
	}
	p, h := a.out, r.Header
	p.line("%s by %s from %s: signature, log proof and addressing verified", p.good("received"), w.Party, h.Exporter)
	if !w.HoldsAgreements() {
		p.line("the agreement was not compared, since this workspace holds none")
	}
	p.table([][]string{
		{"agreement", h.Agreement},
		{"purpose", h.Purpose},
		{"transfer", h.Transfer},
		{"payload", h.Catalogue + ", " + strconv.FormatInt(size, 10) + " bytes"},
		{"record", strconv.FormatInt(r.Index, 10) + " of " + w.Party + "'s log"},
	})
	if len(h.Obligations) > 0 {
		p.line("you now owe:")
		rows := make([][]string, len(h.Obligations))
		for i, d := range h.Obligations {
			rows[i] = []string{d.Code + paramText(d.Params)}
		}
		p.table(rows)
	}
	notice, is := h.Notice()
	switch {
	case is:
		p.line("it is a notice: %s what came with transfer %s", notice.Kind, notice.Transfer)
	case out != "":
		p.line("written to %s", out)
	default:
		p.line("\n%s", r.Document)
	}
}

func (a *app) acknowledgeCommand() *cobra.Command {
	var name string
	c := &cobra.Command{
		Use:   "acknowledge --receipt FILE",
		Short: "Verify a recipient's receipt and record it",
		Long: `Acknowledge takes a receipt that came back outside of the transport, verifies the
recipient's signature, and records it with the transfer it is for.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return a.acknowledge(cmd.Context(), name) },
	}
	c.Flags().StringVar(&name, "receipt", "", "the receipt, a JSON `FILE`")
	_ = c.MarkFlagRequired("receipt")
	return c
}

func (a *app) acknowledge(ctx context.Context, name string) error {
	raw, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	receipt, err := transfer.ParseReceipt(raw)
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	err = a.withSender(ctx, transfer.TransportFunc(refuseDelivery), func(_ *workspace.Workspace, sender *transfer.Sender) error {
		return sender.Acknowledge(receipt)
	})
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	if a.json {
		a.out.document(receipt)
		return nil
	}
	a.out.line("%s: %s received transfer %s", a.out.good("acknowledged"), receipt.Statement.Recipient, receipt.Statement.Transfer)
	return nil
}
