package transfer

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync/atomic"
	"time"

	"github.com/passavant/passavant/audit"
	"github.com/passavant/passavant/crypto/keyring"
	"github.com/passavant/passavant/crypto/seal"
	"github.com/passavant/passavant/policy"
)

// DefaultSkew is how far an exporter's clock may be ahead of the recipient's.
const DefaultSkew = 2 * time.Minute

// ReceiverConfig is what a Receiver is made of. Keys, Log and Partners are required.
type ReceiverConfig struct {
	Keys     *keyring.Keyring
	Log      *audit.Log
	Partners Partners
	// Engine, if given, holds the recipient's own copies of the agreements: an envelope under one that it does not hold in
	// the very same version is refused.
	Engine *policy.Engine
	// Honoured are the codes of the obligations that this organisation honours; nil means [HonouredObligations] and
	// [NoticeDuties]. An envelope that carries another one is refused.
	Honoured []string
	// AcceptUnlogged lets envelopes in that do not prove their place in the exporter's log. Off by default.
	AcceptUnlogged bool
	// Accept, if given, takes the payload over before the envelope is recorded as received: if it fails, nothing is
	// recorded and the exporter may try again. A crash between the two makes it see a transfer twice, so it must be
	// idempotent by transfer id.
	Accept func(ctx context.Context, h Header, document []byte) error
	// Notice, if given, takes over notices (recall, correction, restriction), which do not go to Accept. The same holds for
	// it: no error, no record; idempotent. Without it a notice is recorded as a duty, see [Obligations].
	Notice func(ctx context.Context, h Header, n Notice) error
	// Clock gives the time of receipt; nil means the system's clock.
	Clock func() time.Time
}

// Receiver is the recipient's side. It is safe for concurrent use.
type Receiver struct {
	ReceiverConfig
	keys atomic.Pointer[receiverKeys]
	seen *seenTransfers
}

// NewReceiver reads the recipient's log for the envelopes received before, so that they stay refused.
func NewReceiver(c ReceiverConfig) (*Receiver, error) {
	if c.Keys == nil || c.Log == nil || c.Partners == nil {
		return nil, errors.New("transfer: a Receiver needs Keys, Log and Partners")
	}
	if c.Clock == nil {
		c.Clock = time.Now
	}
	if c.Honoured == nil {
		c.Honoured = append(HonouredObligations(), NoticeDuties()...)
	}
	if err := checkLog(c.Log, c.Keys); err != nil {
		return nil, err
	}
	r := &Receiver{ReceiverConfig: c}
	r.keys.Store(newReceiverKeys(c.Keys))
	var err error
	if r.seen, err = loadSeen(c.Log); err != nil {
		return nil, fmt.Errorf("transfer: reading the log for envelopes received before: %w", err)
	}
	return r, nil
}

// Accepts reports whether the Receiver hands payloads over itself ([ReceiverConfig.Accept]).
func (r *Receiver) Accepts() bool { return r.Accept != nil }

// Received is an envelope that was verified, opened and recorded.
type Received struct {
	Header   Header
	Document []byte
	Index    int64 // index of the "received" record in the recipient's log
	Receipt  *Receipt
}

// Receive verifies an envelope, opens it, records it and signs a receipt. A refusal is a [*RejectedError]; if the
// exporter's signature verified, it is recorded too, once for each envelope, so that neither strangers nor replays can fill
// the log. Any other error means that nothing was recorded and the exporter may send the same envelope again.
func (r *Receiver) Receive(ctx context.Context, e *Envelope) (*Received, error) {
	if e.long != nil {
		return r.receiveWhole(ctx, e)
	}
	now := r.Clock().UTC().Truncate(time.Second)
	in, err := r.authenticate(e)
	if err != nil {
		return nil, err
	}
	before, fresh := r.seen.reserve(in.header, now)
	if !fresh {
		return nil, r.reject(ctx, in, now, r.replayed(in, before))
	}
	var received *Received
	// Deferred, because an Accept that panics must not keep the envelope reserved for ever.
	defer func() { r.seen.settle(in.header, received) }()
	received, err = r.receive(ctx, in, now)
	return received, err
}

// replayed is the refusal of an envelope that was received before. To the very same envelope it adds a receipt over the
// record that exists: the exporter may never have got the first one.
func (r *Receiver) replayed(in *inbound, before receivedBefore) error {
	rejected := &RejectedError{Code: RejectReplayed}
	if before.envelope != in.envelope.Digest() {
		return rejected
	}
	head := []byte(before.head)
	if before.head == "" {
		head = r.Log.Checkpoint()
	}
	receipt, err := r.receipt(in, before.at, before.index, head)
	if err != nil {
		return errors.Join(rejected, err)
	}
	rejected.Receipt = receipt
	return rejected
}

// receipt signs that the envelope stands in our log.
func (r *Receiver) receipt(in *inbound, at time.Time, index int64, head []byte) (*Receipt, error) {
	return signReceipt(ReceiptStatement{
		Version: receiptVersion, Transfer: in.header.Transfer, Exporter: in.header.Exporter, Recipient: in.header.Recipient,
		EnvelopeDigest: in.envelope.Digest(), Received: at.UTC().Truncate(time.Second),
		Record: index, Head: string(head), Duties: dutyCodes(in.header.Obligations),
	}, r.keys.Load().signer)
}

// inbound is one envelope whose signature verified.
type inbound struct {
	envelope *Envelope
	exporter keyring.Public
	header   Header
	document []byte
	opened   string // id of the key that opened it
}

// openedWith returns the id of our first key to which a message that we opened is sealed.
func (r *Receiver) openedWith(sealed io.Reader) string {
	info, err := seal.ReadHeader(sealed)
	if err != nil {
		return ""
	}
	for _, key := range r.keys.Load().opening {
		if slices.Contains(info.Recipients, key.ID()) {
			return key.ID()
		}
	}
	return ""
}

// authenticate establishes who sent the envelope and that nobody altered it.
func (r *Receiver) authenticate(e *Envelope) (*inbound, error) {
	if e.Header.Recipient != r.Keys.Party() {
		return nil, &RejectedError{Code: RejectNotForUs, Detail: fmt.Sprintf("it is addressed to %q", e.Header.Recipient)}
	}
	exporter, err := r.exporter(e.Header)
	if err != nil {
		return nil, err
	}
	verifier, err := signerOf(e.sealedReader(), exporter)
	if err != nil {
		return nil, err
	}
	raw, document, err := seal.OpenBytes(e.Sealed, verifier, r.keys.Load().opening...)
	if err != nil {
		return nil, rejectOpen(err)
	}
	header, err := parseHeader(raw)
	if err != nil {
		return nil, &RejectedError{Code: RejectMalformed, Err: err}
	}
	return &inbound{envelope: e, exporter: exporter, header: header, document: document, opened: r.openedWith(e.sealedReader())}, nil
}

// exporter returns the keys of the party that a header names, if they are good at this time.
func (r *Receiver) exporter(h Header) (keyring.Public, error) {
	keys, err := r.Partners.Partner(h.Exporter)
	if err != nil {
		return keyring.Public{}, &RejectedError{Code: RejectUnknown, Err: err}
	}
	if err := keys.Valid(r.Clock()); err != nil {
		return keyring.Public{}, &RejectedError{Code: RejectKeys, Err: err}
	}
	return keys, nil
}

// signerOf finds the exporter's key by which the envelope says it is signed.
func signerOf(sealed io.Reader, exporter keyring.Public) (*seal.VerifyKey, error) {
	info, err := seal.ReadHeader(sealed)
	if err != nil {
		return nil, rejectOpen(err)
	}
	key, err := exporter.Verifier(info.Signer)
	if err != nil {
		return nil, &RejectedError{Code: RejectSignature, Err: err}
	}
	return key, nil
}

func rejectOpen(err error) error {
	code := RejectUnopened
	switch {
	case errors.Is(err, seal.ErrNotForUs):
		code = RejectNotForUs
	case errors.Is(err, seal.ErrSignature):
		code = RejectSignature
	case errors.Is(err, seal.ErrMalformed), errors.Is(err, seal.ErrUnknownSuite), errors.Is(err, seal.ErrUnsupportedVersion):
		code = RejectMalformed
	}
	return &RejectedError{Code: code, Err: err}
}

func (r *Receiver) receive(ctx context.Context, in *inbound, now time.Time) (*Received, error) {
	if err := r.check(in, now); err != nil {
		return nil, r.reject(ctx, in, now, err)
	}
	var accept func() error
	if r.Accept != nil {
		accept = func() error { return r.Accept(ctx, in.header, in.document) }
	}
	if err := r.handOver(ctx, in.header, accept); err != nil {
		return nil, fmt.Errorf("the data could not be taken over: %w", err)
	}
	return r.record(ctx, in, now)
}

// check looks at everything that the signature does not settle.
func (r *Receiver) check(in *inbound, now time.Time) error {
	h := in.header
	switch {
	case h.Recipient != r.Keys.Party() || h.Exporter != in.exporter.Party:
		return &RejectedError{Code: RejectNotForUs}
	case !now.Before(h.Expires):
		return &RejectedError{Code: RejectExpired}
	case h.Created.After(now.Add(DefaultSkew)):
		return &RejectedError{Code: RejectFuture}
	}
	for _, duty := range h.Obligations {
		if !slices.Contains(r.Honoured, duty.Code) {
			return &RejectedError{Code: RejectObligations, Detail: duty.Code}
		}
		if _, err := duty.deadline(h.Created); err != nil {
			return &RejectedError{Code: RejectObligations, Detail: duty.Code}
		}
	}
	if err := r.checkAgreement(in); err != nil {
		return err
	}
	return r.checkStaple(in)
}

// checkAgreement compares what the exporter says with our copy of the agreement, if we hold any.
func (r *Receiver) checkAgreement(in *inbound) error {
	if r.Engine == nil {
		return nil
	}
	h := in.header
	a, found := r.Engine.Agreement(h.Agreement)
	if !found || a.Digest() != h.AgreementDigest {
		return &RejectedError{Code: RejectAgreement, Detail: h.Agreement}
	}
	if err := checkPins(in.exporter, a); err != nil {
		return &RejectedError{Code: RejectKeys, Err: err}
	}
	return nil
}

// checkStaple verifies that the exporter's log holds an intent for these very bytes.
func (r *Receiver) checkStaple(in *inbound) error {
	staple := in.envelope.Staple
	if staple == nil {
		if r.AcceptUnlogged {
			return nil
		}
		return &RejectedError{Code: RejectNotLogged, Detail: "there is no proof"}
	}
	key, err := LogKey(in.exporter)
	if err != nil {
		return &RejectedError{Code: RejectNotLogged, Err: err}
	}
	if err := audit.VerifyProof(key, staple.Record, staple.Proof); err != nil {
		return &RejectedError{Code: RejectNotLogged, Err: err}
	}
	intent, err := audit.ParseRecord(staple.Record)
	if err != nil {
		return &RejectedError{Code: RejectNotLogged, Err: err}
	}
	if intent.Type != audit.Intent || intent.Transfer != in.header.Transfer || intent.EnvelopeDigest != in.envelope.Digest() {
		return &RejectedError{Code: RejectNotLogged, Detail: "the proof is of another record"}
	}
	return nil
}

// record makes the receipt durable and signs it.
func (r *Receiver) record(ctx context.Context, in *inbound, now time.Time) (*Received, error) {
	record := r.recordOf(audit.Received, in)
	for _, duty := range in.header.Obligations {
		deadline, err := duty.deadline(in.header.Created)
		if err != nil {
			return nil, err
		}
		record.Obligations = append(record.Obligations, audit.Duty{Code: duty.Code, Deadline: deadline})
	}
	record.Fields = map[string]string{
		fieldExpires: in.header.Expires.Format(time.RFC3339), fieldOpened: in.opened, fieldSigned: r.keys.Load().signer.ID(),
	}
	if n, is := in.header.Notice(); is {
		record.Fields[fieldNotice], record.Fields[fieldNoticeOf] = string(n.Kind), n.Transfer
	}
	// The data has been taken over: an exporter that hangs up now must not leave it in doubt whether that is on record.
	// The exporter's signed head goes beside our record: whoever rewrites that log later contradicts it.
	entry, err := r.Log.Append(context.WithoutCancel(ctx), record, in.envelope.Staple.line())
	if err != nil {
		return nil, fmt.Errorf("the receipt could not be recorded: %w", err)
	}
	receipt, err := r.receipt(in, now, entry.Index, entry.Proof.Checkpoint)
	if err != nil {
		return nil, err
	}
	return &Received{Header: in.header, Document: in.document, Index: entry.Index, Receipt: receipt}, nil
}

func dutyCodes(duties []Duty) []string {
	codes := make([]string, len(duties))
	for i, d := range duties {
		codes[i] = d.Code
	}
	return codes
}

func (r *Receiver) recordOf(t audit.Type, in *inbound) audit.Record {
	h := in.header
	return audit.Record{
		Type: t, Transfer: h.Transfer, Exporter: h.Exporter, Recipient: h.Recipient,
		Agreement: h.Agreement, AgreementDigest: h.AgreementDigest, Purpose: h.Purpose, Basis: h.Basis,
		EnvelopeDigest: in.envelope.Digest(), Bytes: in.envelope.Size(),
	}
}

// reject records the refusal of an envelope whose signature verified, unless it did so before, and returns it.
func (r *Receiver) reject(ctx context.Context, in *inbound, now time.Time, reason error) error {
	if !r.seen.firstRejection(in.header, now) {
		return reason
	}
	record := r.recordOf(audit.Rejected, in)
	var rejected *RejectedError
	if errors.As(reason, &rejected) {
		record.Cause = string(rejected.Code)
	}
	if _, err := r.Log.Append(context.WithoutCancel(ctx), record, nil); err != nil {
		return errors.Join(reason, fmt.Errorf("the refusal could not be recorded: %w", err))
	}
	return reason
}
