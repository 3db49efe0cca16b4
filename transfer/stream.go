package transfer

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"

	"github.com/passavant/passavant/audit"
	"github.com/passavant/passavant/crypto/seal"
	"github.com/passavant/passavant/transfer/internal/groups"
	"github.com/passavant/passavant/transfer/internal/spool"
	"github.com/passavant/passavant/transfer/payload"
)

// Progress says how far a stream has come.
type Progress struct {
	Step     string // "reading", then "sealing"
	Records  int64  // read so far
	BytesIn  int64  // read so far
	BytesOut int64  // of the result, made so far in this step
}

// StreamOptions are the options of [Sender.SendStream].
type StreamOptions struct {
	// GroupSize asks that more records have to share their quasi-identifiers than is agreed; it can never ask for fewer.
	GroupSize int
	// Progress, if given, is called now and then, by the goroutine of the caller.
	Progress func(Progress)
}

func (o StreamOptions) progress(p Progress) {
	if o.Progress != nil {
		o.Progress(p)
	}
}

// bulk is a plan for documents of any length.
type bulk interface {
	Plan
	ProtectStream(ctx context.Context, r io.Reader, ps payload.Pseudonymizer, o payload.StreamOptions, emit func(*payload.Chunk) error) (*payload.Report, error)
	Groups() bool
}

// streams reports whether documents of the request's type go as streams, however short they are.
func (s *Sender) streams(req Request) bool {
	cat := s.catalogues[req.Type]
	if cat == nil {
		return false
	}
	switch cat.ReadAs() {
	case payload.FormatNDJSON, payload.FormatCSV, payload.FormatOpaque:
		return true
	}
	return false
}

// SendStream is [Sender.Send] for a document of any length, with memory that does not depend on it; see docs/bulk.md. A record
// that is refused is a [*payload.RecordError]. Documents of formats that are one value, JSON and STIX, are read into
// memory up to the limit of their catalogue.
//
// If the sealed message is too long for memory, a Transport can read it while Deliver runs, and the Envelope of the
// Result has lost it.
func (s *Sender) SendStream(ctx context.Context, req Request, document io.Reader, o StreamOptions) (*Result, error) {
	if !s.streams(req) {
		whole, err := s.readWhole(req, document)
		if err != nil {
			return nil, err
		}
		return s.Send(ctx, req, whole)
	}
	out, err := s.reduce(ctx, req, document, o)
	if err != nil {
		return nil, err
	}
	defer out.streamed.close()
	if err := s.sealStream(out, o); err != nil {
		return nil, s.recordRefusal(ctx, out, causeSeal, err)
	}
	if err := s.recordIntent(ctx, out); err != nil {
		return nil, err
	}
	return s.deliver(ctx, out)
}

// ProtectStream is [Sender.Protect] for a document of any length. It writes to w what would leave, and nothing before
// the whole document has passed. The Document of what it returns is nil.
func (s *Sender) ProtectStream(ctx context.Context, req Request, document io.Reader, w io.Writer, o StreamOptions) (*Protected, error) {
	if !s.streams(req) {
		whole, err := s.readWhole(req, document)
		if err != nil {
			return nil, err
		}
		p, err := s.Protect(ctx, req, whole)
		if err != nil {
			return nil, err
		}
		_, err = w.Write(p.Document)
		return p, err
	}
	out, err := s.reduce(ctx, req, document, o)
	if err != nil {
		return nil, err
	}
	defer out.streamed.close()
	body, err := out.streamed.body(o)
	if err != nil {
		return nil, err
	}
	if _, err := io.Copy(w, body); err != nil {
		return nil, err
	}
	return &Protected{Decision: out.decision, Report: out.report, Manifest: out.header.Manifest}, nil
}

// readWhole reads a document of a format that is one value.
func (s *Sender) readWhole(req Request, document io.Reader) ([]byte, error) {
	limit := payload.DefaultBytes
	if cat := s.catalogues[req.Type]; cat != nil && cat.Limits.Bytes > 0 {
		limit = cat.Limits.Bytes
	}
	whole, err := io.ReadAll(io.LimitReader(document, int64(limit)+1)) // one more, and the plan says that it is too long
	if err != nil {
		return nil, fmt.Errorf("reading the payload: %w", err)
	}
	return whole, nil
}

// streamed is what is kept of a stream between the steps.
type streamed struct {
	reduced  *spool.Spool // what was transformed and gated
	message  *spool.Spool // what was sealed
	grouping *grouping    // nil if there are no groups to count
	empty    string       // what a coarsened record has in place of a value
	report   *payload.Report

	commitments map[string]commitment
	digest      string
	long        *longMessage
}

type commitment struct {
	sum  string
	salt [32]byte
}

// reduce takes steps 1 to 4.
func (s *Sender) reduce(ctx context.Context, req Request, document io.Reader, o StreamOptions) (*outbound, error) {
	out, cat, err := s.open(req)
	if err != nil {
		return nil, err
	}
	if err := s.decide(ctx, out, cat); err != nil {
		return nil, err
	}
	st := &streamed{
		reduced: spool.NewSecret(s.SpoolDir, spool.DefaultMemory), message: spool.New(s.SpoolDir, spool.DefaultMemory),
		commitments: make(map[string]commitment),
	}
	if err := s.transform(ctx, out, cat, st, document, o); err != nil {
		st.close()
		return nil, s.recordRefusal(ctx, out, causeOf(err), err)
	}
	out.streamed = st
	return out, nil
}

func (s *Sender) transform(ctx context.Context, out *outbound, cat *catalogued, st *streamed, document io.Reader, o StreamOptions) error {
	ready, err := s.arrange(out, cat)
	if err != nil {
		return err
	}
	plan, ok := out.plan.(bulk)
	if !ok {
		return fmt.Errorf("the plan of format %s takes no streams", cat.ReadAs())
	}
	if k := s.groupSize(out, o); k > 1 && plan.Groups() {
		st.grouping = &grouping{k: k, counter: groups.New(s.SpoolDir)}
	}
	salt := audit.NewSalt()
	original := audit.NewCommitter(commitOriginal, salt)
	options := payload.StreamOptions{Groups: st.grouping != nil, Progress: func(p payload.Progress) {
		o.progress(Progress{Step: "reading", Records: p.Records, BytesIn: p.BytesIn, BytesOut: p.BytesOut})
	}}
	if out.report, err = plan.ProtectStream(ctx, io.TeeReader(document, original), ready.domain, options, st.keep); err != nil {
		return err
	}
	st.report = out.report
	st.commitments[commitOriginal] = commitment{original.Sum(), salt}
	if err := s.describe(out, cat, ready); err != nil {
		return err
	}
	return st.count(&out.header.Manifest)
}

// keep takes a part of the result.
func (st *streamed) keep(c *payload.Chunk) error {
	st.empty = c.Empty
	if st.grouping == nil {
		_, err := st.reduced.Write(c.Data)
		return err
	}
	return st.grouping.keep(st.reduced, c)
}

// count settles the groups and says in the manifest what it did.
func (st *streamed) count(m *Manifest) error {
	if st.grouping == nil {
		return nil
	}
	if err := st.grouping.settle(); err != nil {
		return err
	}
	m.GroupSize, m.Coarsened, m.Suppressed = st.grouping.k, st.grouping.coarsened(), st.grouping.suppressed()
	return nil
}

// body reads what leaves.
func (st *streamed) body(o StreamOptions) (io.Reader, error) {
	reduced, err := st.reduced.Reader()
	if err != nil {
		return nil, err
	}
	if st.grouping != nil {
		reduced = st.grouping.reader(reduced, st.empty)
	}
	return &meter{r: reduced, report: st.report, options: o}, nil
}

// meter reports how much of the body has been read.
type meter struct {
	r       io.Reader
	report  *payload.Report
	options StreamOptions
	n, told int64
}

func (m *meter) Read(p []byte) (int, error) {
	const often = 1 << 20
	n, err := m.r.Read(p)
	m.n += int64(n)
	if m.n-m.told >= often || errors.Is(err, io.EOF) {
		m.told = m.n
		m.options.progress(Progress{Step: "sealing", Records: m.report.Records, BytesIn: m.report.BytesIn, BytesOut: m.n})
	}
	return n, err
}

// sealStream takes step 5.
func (s *Sender) sealStream(out *outbound, o StreamOptions) error {
	st := out.streamed
	header := out.header.marshal()
	recipient, err := out.partner.Recipient()
	if err != nil {
		return err
	}
	body, err := st.body(o)
	if err != nil {
		return err
	}
	salt := audit.NewSalt()
	released := audit.NewCommitter(commitReleased, salt)
	digest, _, err := seal.Seal(st.message, header, io.TeeReader(body, released), out.keys.signer, recipient)
	if err != nil {
		return err
	}
	st.commitments[commitReleased] = commitment{released.Sum(), salt}
	st.digest = digestText(digest)
	out.sealed, st.long, err = newLongMessage(st.message, st.digest)
	return errors.Join(err, st.reduced.Close())
}

func (st *streamed) close() {
	_ = st.reduced.Close()
	_ = st.message.Close()
	if st.grouping != nil {
		_ = st.grouping.counter.Close()
	}
}

// commitment returns what a stream committed to under a name.
func (st *streamed) commitment(name string) (sum string, salt [32]byte, found bool) {
	if st == nil {
		return "", salt, false
	}
	c, found := st.commitments[name]
	return c.sum, c.salt, found
}

// The fields of a record that say what the batch gate did.
const (
	fieldRecords    = "records"
	fieldGroupSize  = "group_size"
	fieldCoarsened  = "coarsened"
	fieldSuppressed = "suppressed"
)

// addTo adds to the record of a stream what its manifest has no member for.
func (st *streamed) addTo(r *audit.Record) {
	if st == nil {
		return
	}
	r.Fields[fieldRecords] = strconv.FormatInt(st.report.Records, 10)
	if g := st.grouping; g != nil {
		r.Fields[fieldGroupSize] = strconv.Itoa(g.k)
		r.Fields[fieldCoarsened] = strconv.FormatInt(g.coarsened(), 10)
		r.Fields[fieldSuppressed] = strconv.FormatInt(g.suppressed(), 10)
	}
}

// message names the sealed message of a transfer.
func (out *outbound) message() (digest string, size int64) {
	if st := out.streamed; st != nil {
		return st.digest, st.message.Size()
	}
	return sealedDigest(out.sealed), int64(len(out.sealed))
}

func (out *outbound) long() *longMessage {
	if out.streamed == nil {
		return nil
	}
	return out.streamed.long
}
