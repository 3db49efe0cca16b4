package transfer

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/passavant/passavant/crypto/seal"
)

// ReceiveStream is [Receiver.Receive] for an envelope of any length, with memory that does not depend on it.
//
// The document is written to w, which must be a temporary place: it is worth nothing, and has to be thrown away, unless
// release is called. That happens after the end of the message was authenticated and every check was passed, and takes the
// place of [ReceiverConfig.Accept]: it makes the document durable and gives it its name. If it fails, nothing is
// recorded, and the exporter may send the envelope again. The Document of what ReceiveStream returns is nil.
func (r *Receiver) ReceiveStream(ctx context.Context, e *Envelope, w io.Writer, release func(ctx context.Context, h Header) error) (*Received, error) {
	now := r.Clock().UTC().Truncate(time.Second)
	in, verifier, err := r.authenticateStream(e)
	if err != nil {
		return nil, err
	}
	before, fresh := r.seen.reserve(in.header, now)
	if !fresh {
		return nil, r.reject(ctx, in, now, r.replayed(in, before))
	}
	var received *Received
	defer func() { r.seen.settle(in.header, received) }()
	if err := r.openStream(in, verifier, w, now); err != nil {
		var rejected *RejectedError
		if errors.As(err, &rejected) {
			return nil, r.reject(ctx, in, now, err)
		}
		return nil, err
	}
	if err := r.handOver(ctx, in.header, func() error { return release(ctx, in.header) }); err != nil {
		return nil, fmt.Errorf("the data could not be taken over: %w", err)
	}
	received, err = r.record(ctx, in, now)
	return received, err
}

// receiveWhole reads a file of an envelope into memory.
func (r *Receiver) receiveWhole(ctx context.Context, e *Envelope) (*Received, error) {
	var document bytes.Buffer
	received, err := r.ReceiveStream(ctx, e, &document, func(ctx context.Context, h Header) error {
		if r.Accept == nil {
			return nil
		}
		return r.Accept(ctx, h, document.Bytes())
	})
	if err == nil {
		received.Document = document.Bytes()
	}
	return received, err
}

// authenticateStream is authenticate in a first reading, which opens nothing.
func (r *Receiver) authenticateStream(e *Envelope) (*inbound, *seal.VerifyKey, error) {
	if e.Header.Recipient != r.Keys.Party() {
		return nil, nil, &RejectedError{Code: RejectNotForUs, Detail: fmt.Sprintf("it is addressed to %q", e.Header.Recipient)}
	}
	exporter, err := r.exporter(e.Header)
	if err != nil {
		return nil, nil, err
	}
	verifier, err := signerOf(e.sealedReader(), exporter)
	if err != nil {
		return nil, nil, err
	}
	info, digest, err := seal.Verify(e.sealedReader(), verifier)
	if err != nil {
		return nil, nil, rejectOpen(err)
	}
	header, err := parseHeader(info.Header)
	if err != nil {
		return nil, nil, &RejectedError{Code: RejectMalformed, Err: err}
	}
	verified := *e
	if e.long != nil {
		verified.long = &longMessage{at: e.long.at, offset: e.long.offset, size: e.long.size, digest: digestText(digest)}
	}
	return &inbound{envelope: &verified, exporter: exporter, header: header, opened: r.openedWith(e.sealedReader())}, verifier, nil
}

// openStream checks the envelope and opens it in a second reading, which must find what the first one found.
func (r *Receiver) openStream(in *inbound, verifier *seal.VerifyKey, w io.Writer, now time.Time) error {
	if err := r.check(in, now); err != nil {
		return err
	}
	again := sha256.New()
	to := &destination{w: w}
	_, err := seal.Open(to, io.TeeReader(in.envelope.sealedReader(), again), verifier, r.keys.Load().opening...)
	switch {
	case to.err != nil:
		return fmt.Errorf("writing the document: %w", to.err)
	case err != nil:
		return rejectOpen(err)
	case digestText([sha256.Size]byte(again.Sum(nil))) != in.envelope.Digest():
		return &RejectedError{Code: RejectUnopened, Detail: "the file was changed while it was read"}
	}
	return nil
}

// destination remembers that it was the writer that failed: a full disk is not the exporter's fault.
type destination struct {
	w   io.Writer
	err error
}

func (d *destination) Write(p []byte) (int, error) {
	n, err := d.w.Write(p)
	if err != nil {
		d.err = err
	}
	return n, err
}
