package transfer

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/passavant/passavant/audit"
	"github.com/passavant/passavant/crypto/keyring"
	"github.com/passavant/passavant/crypto/pseudonym"
	"github.com/passavant/passavant/policy"
	"github.com/passavant/passavant/transfer/payload"
)

// DefaultLifetime is how long an envelope may be opened if [SenderConfig.Lifetime] does not say.
const DefaultLifetime = 7 * 24 * time.Hour

// SenderConfig is what a Sender is made of. Engine, Keys, Log, Partners, Catalogues and Transport are required.
type SenderConfig struct {
	Engine     *policy.Engine
	Keys       *keyring.Keyring
	Log        *audit.Log
	Partners   Partners
	Catalogues []*payload.Catalogue
	Transport  Transport
	// Lifetime of an envelope, in whole seconds; 0 means [DefaultLifetime].
	Lifetime time.Duration
	// ReuseEncapsulation lets envelopes to one recipient, under one agreement and purpose, share a key encapsulation for a
	// bounded count and time (docs/envelope-format.md, "Sessions"). Much faster; off by default.
	ReuseEncapsulation bool
	// IndexSubjects keeps keyed tokens of the direct identifiers of each document in the erasable detail, so that a person who
	// asks can be told of the transfers that concern him (docs/evidence.md). Off by default; workspaces turn it on.
	IndexSubjects bool
	// SpoolDir is the folder for the temporary files of streams; empty means the system's. What is written there is
	// encrypted with keys that are in memory only, or sealed.
	SpoolDir string
	// Clock gives the time of decisions, headers and records; nil means the system's clock.
	Clock func() time.Time
}

// Sender is the exporter's side. It is safe for concurrent use.
type Sender struct {
	SenderConfig
	catalogues map[string]*catalogued
	keys       atomic.Pointer[senderKeys]
	plans      planCache
	sessions   sessionCache
	discharges map[string]discharge
	desks      sync.Pool // of *desk
}

// NewSender checks what can be checked before the first transfer: that every part is there, and that the log is the one
// that partners can verify. Load the Engine with [KnownObligations], and a policy that imposes an obligation which a
// Sender cannot discharge does not even load; otherwise the transfer fails.
func NewSender(c SenderConfig) (*Sender, error) {
	switch {
	case c.Engine == nil, c.Keys == nil, c.Log == nil, c.Partners == nil, c.Transport == nil:
		return nil, errors.New("transfer: a Sender needs Engine, Keys, Log, Partners and Transport")
	case len(c.Catalogues) == 0:
		return nil, fmt.Errorf("transfer: a Sender needs catalogues: %w", ErrUnknownType)
	}
	if c.Clock == nil {
		c.Clock = time.Now
	}
	if c.Lifetime == 0 {
		c.Lifetime = DefaultLifetime
	}
	if c.Lifetime < time.Second || c.Lifetime%time.Second != 0 {
		return nil, errors.New("transfer: the Lifetime of envelopes must be a positive number of whole seconds")
	}
	s := &Sender{SenderConfig: c, discharges: discharges(), catalogues: make(map[string]*catalogued, len(c.Catalogues))}
	for _, cat := range c.Catalogues {
		if cat == nil {
			return nil, errors.New("transfer: a catalogue is nil")
		}
		if s.catalogues[cat.Type] != nil {
			return nil, fmt.Errorf("transfer: two catalogues for payload type %q", cat.Type)
		}
		s.catalogues[cat.Type] = newCatalogued(c.Engine, cat)
	}
	if err := checkLog(c.Log, c.Keys); err != nil {
		return nil, err
	}
	keys, err := newSenderKeys(c.Keys)
	if err != nil {
		return nil, err
	}
	s.keys.Store(keys)
	return s, s.recordRevision()
}

// Result says what a completed transfer did.
type Result struct {
	Transfer string // id of the transfer
	Index    int64  // index of the intent record in the log
	Decision policy.Decision
	Header   Header
	Report   *payload.Report
	// Envelope is what was delivered.
	Envelope *Envelope
	// Receipt is the recipient's signed answer, verified and recorded; nil if the transport brings none back.
	Receipt *Receipt
}

// Send takes one document that is in memory the whole way; [Sender.SendStream] takes one of any length. It returns
//
//   - a *Result when the transport has taken the envelope over;
//   - [*DeniedError] when policy refuses: recorded, nothing left;
//   - [*payload.SyntaxError], [*payload.KindError] or [*payload.LeakError] when the document is not what its catalogue
//     says or the gate found a value that should have gone: recorded, nothing left;
//   - an error wrapping [ErrNotRecorded] when the log failed: nothing left;
//   - [*DeliveryError] when the transport failed after the intent was recorded.
//
// It does not retain the document.
func (s *Sender) Send(ctx context.Context, req Request, document []byte) (*Result, error) {
	if s.streams(req) {
		return s.SendStream(ctx, req, bytes.NewReader(document), StreamOptions{})
	}
	d := s.takeDesk()
	defer s.clearDesk(d)
	out, err := s.prepare(ctx, req, document, d)
	if err != nil {
		return nil, err
	}
	if err := s.seal(out); err != nil {
		return nil, s.recordRefusal(ctx, out, causeSeal, err)
	}
	if err := s.recordIntent(ctx, out); err != nil {
		return nil, err
	}
	return s.deliver(ctx, out)
}

// Protected is what would leave, before sealing.
type Protected struct {
	Decision policy.Decision
	Document []byte
	Report   *payload.Report
	Manifest Manifest
}

// Protect takes steps 1 to 4 only: it decides, minimises and checks, and returns what would leave. Nothing is sealed or
// delivered. A refusal is recorded as one of Send's is; a success leaves no record, since nothing left.
func (s *Sender) Protect(ctx context.Context, req Request, document []byte) (*Protected, error) {
	if s.streams(req) {
		var out bytes.Buffer
		p, err := s.ProtectStream(ctx, req, bytes.NewReader(document), &out, StreamOptions{})
		if err == nil {
			p.Document = out.Bytes()
		}
		return p, err
	}
	out, err := s.prepare(ctx, req, document, new(desk))
	if err != nil {
		return nil, err
	}
	return &Protected{Decision: out.decision, Document: out.protected, Report: out.report, Manifest: out.header.Manifest}, nil
}

// outbound is one transfer on its way through the steps of Send.
type outbound struct {
	desk     *desk
	id       string
	created  time.Time
	req      Request
	partner  keyring.Public
	keys     *senderKeys
	decision policy.Decision
	subjects string // categories of data subjects, for the record
	plan     Plan

	original  []byte // the caller's document: only committed to, never stored
	protected []byte
	report    *payload.Report
	header    Header
	duties    []audit.Duty
	sealed    []byte
	entry     audit.Entry
	streamed  *streamed // of a transfer that is too long for memory; nil for any other
}

// prepare takes steps 1 to 4.
func (s *Sender) prepare(ctx context.Context, req Request, document []byte, d *desk) (*outbound, error) {
	out, cat, err := s.open(req)
	if err != nil {
		return nil, err
	}
	out.desk = d
	out.original = document
	if err := s.decide(ctx, out, cat); err != nil {
		return nil, err
	}
	if err := s.protect(out, cat); err != nil {
		return nil, s.recordRefusal(ctx, out, causeOf(err), err)
	}
	return out, nil
}

// decide takes steps 1 and 2.
func (s *Sender) decide(ctx context.Context, out *outbound, cat *catalogued) error {
	out.subjects = cat.subjects
	out.decision = s.Engine.Decide(ctx, s.facts(cat, out.req.WithDocument(out.original), out.created))
	if !out.decision.Permit || out.decision.LawOnly {
		return s.deny(ctx, out)
	}
	return nil
}

// open checks the request and finds what it names.
func (s *Sender) open(req Request) (*outbound, *catalogued, error) {
	if err := req.validate(); err != nil {
		return nil, nil, err
	}
	cat, found := s.catalogues[req.Type]
	if !found {
		return nil, nil, fmt.Errorf("%w: %q", ErrUnknownType, req.Type)
	}
	return &outbound{id: newTransferID(), created: s.Clock().UTC().Truncate(time.Second), req: req}, cat, nil
}

// protect takes steps 3 and 4 and writes the header.
func (s *Sender) protect(out *outbound, cat *catalogued) error {
	ready, err := s.arrange(out, cat)
	if err != nil {
		return err
	}
	room := slices.Grow(out.desk.document[:0], len(out.original))
	protected, report, err := out.plan.Protect(room, out.original, ready.domain)
	if err != nil {
		return err
	}
	out.protected, out.report, out.desk.document = protected, report, protected
	return s.describe(out, cat, ready)
}

// arranged is what the steps before the transform found.
type arranged struct {
	domain     *pseudonym.Domain
	travelling []Duty
	duties     []audit.Duty
}

// arrange finds whatever a transform under a decision needs.
func (s *Sender) arrange(out *outbound, cat *catalogued) (ready arranged, err error) {
	out.keys = s.keys.Load()
	a, _ := s.Engine.Agreement(out.req.Agreement)
	if out.partner, err = partnerOf(s.Partners, out.req.Recipient, a, out.created); err != nil {
		return ready, err
	}
	if out.plan, err = s.plans.plan(cat, &out.decision); err != nil {
		return ready, err
	}
	if ready.travelling, ready.duties, err = sortObligations(s.discharges, out.decision.Obligations, out.created); err != nil {
		return ready, err
	}
	ready.domain, err = s.domain(out)
	return ready, err
}

// describe writes the header of a document that was transformed.
func (s *Sender) describe(out *outbound, cat *catalogued, ready arranged) error {
	if err := checkApplied(out.decision.Obligations, out.req, out.report); err != nil {
		return err
	}
	out.duties = ready.duties
	out.header = s.header(out, cat, ready.travelling, ready.domain.KeyID())
	return nil
}

// domain opens the pseudonymisation domain of this transfer (invariant 9).
func (s *Sender) domain(out *outbound) (*pseudonym.Domain, error) {
	c := pseudonym.Context{
		Agreement: out.req.Agreement, Recipient: out.req.Recipient, Purpose: out.req.Purpose, Scope: pseudonym.Transaction,
	}
	if a, found := s.Engine.Agreement(out.req.Agreement); found {
		c.Scope, c.Epoch = pseudonym.Scope(a.PseudonymScope()), a.EpochAt(out.created)
	}
	if c.Scope == pseudonym.Transaction {
		c.ScopeID = out.id
	}
	return out.keys.pseudonyms.Domain(c)
}

func (s *Sender) header(out *outbound, cat *catalogued, travelling []Duty, keyID string) Header {
	return Header{
		Version: HeaderVersion, Transfer: out.id,
		Exporter: s.Keys.Party(), Recipient: out.req.Recipient,
		Agreement: out.req.Agreement, AgreementDigest: out.decision.AgreementDigest, Purpose: out.req.Purpose,
		Basis: out.decision.Basis, FactsDigest: out.decision.FactsDigest,
		PolicyRevision: out.decision.Revision, DataVersion: out.decision.DataVersion,
		Obligations: travelling,
		ContentType: cat.ReadAs().MediaType(), Catalogue: cat.Type + "/" + cat.Version,
		Manifest: newManifest(out.plan, out.report, keyID),
		Created:  out.created, Expires: s.expiry(out),
	}
}

// expiry is the end of the envelope's lifetime, or of the last day of the agreement if that comes first.
func (s *Sender) expiry(out *outbound) time.Time {
	expires := out.created.Add(s.Lifetime)
	a, found := s.Engine.Agreement(out.req.Agreement)
	if !found {
		return expires
	}
	lastDay, err := time.Parse(time.DateOnly, a.ValidUntil)
	if end := lastDay.AddDate(0, 0, 1); err == nil && end.Before(expires) && end.After(out.created) {
		return end
	}
	return expires
}

// seal takes step 5.
func (s *Sender) seal(out *outbound) error {
	var err error
	out.desk.header = out.header.append(out.desk.header[:0])
	if out.sealed, err = s.sealTo(out, out.desk.header); err != nil {
		return err
	}
	if len(out.sealed) > MaxEnvelopeBytes-maxStapleBytes {
		return fmt.Errorf("%w: sealed, the document is larger than the %d bytes that a recipient reads", ErrEnvelope, MaxEnvelopeBytes-maxStapleBytes)
	}
	return nil
}

// deliver takes steps 7 and 8.
func (s *Sender) deliver(ctx context.Context, out *outbound) (*Result, error) {
	envelope := &Envelope{Header: out.header, Sealed: out.sealed, Staple: &Staple{Record: out.entry.Record, Proof: out.entry.Proof}, long: out.long()}
	if err := ctx.Err(); err != nil {
		return nil, s.recordFailure(out, fmt.Errorf("%w: %w", ErrNotDelivered, err))
	}
	receipt, err := s.Transport.Deliver(ctx, envelope)
	if err != nil {
		return nil, s.recordFailure(out, err)
	}
	result := &Result{
		Transfer: out.id, Index: out.entry.Index, Decision: out.decision, Header: out.header, Report: out.report, Envelope: envelope,
	}
	if err := s.recordDelivery(out); err != nil {
		return result, err
	}
	if receipt == nil {
		return result, nil
	}
	if err := s.acknowledge(ctx, receipt, out); err != nil {
		return result, err
	}
	result.Receipt = receipt
	return result, nil
}

const transferIDBytes = 16

// newTransferID returns 128 random bits: unguessable, and unique without coordination.
func newTransferID() string {
	var id [transferIDBytes]byte
	_, _ = rand.Read(id[:]) // never fails since Go 1.24; it ends the program instead
	return hex.EncodeToString(id[:])
}
