package transfer

import (
	"context"
	"errors"
	"fmt"

	"github.com/passavant/passavant/audit"
	"github.com/passavant/passavant/policy"
	"github.com/passavant/passavant/transfer/payload"
)

// ErrSealedOnly is the condition that the agreement does not let data travel unsealed, or that this kind of payload must be
// sealed.
var ErrSealedOnly = errors.New("the agreement lets data travel sealed only")

// Cleared is a document that may travel as it is: minimised, checked and recorded, and not sealed. Header and Staple say the
// same of it as those of an envelope, but for the digest of one; the obligations in Header bind the recipient by the
// agreement alone, unless the road carries them.
type Cleared struct {
	Header   Header
	Document []byte
	Staple   *Staple
}

// ClearRoad takes a document to its recipient. Its errors mean what those of [Transport] mean.
type ClearRoad func(ctx context.Context, c Cleared) error

// ClearResult says what a transfer in the clear did.
type ClearResult struct {
	Transfer string
	Index    int64
	Decision policy.Decision
	Report   *payload.Report
	Cleared  Cleared
}

// fieldForm is the field of an intent that says that the data left unsealed, formClear its value.
const (
	fieldForm = "form"
	formClear = "clear"
)

// SendClear takes one document the whole way but for the seal: it decides, minimises, checks, records, and gives the result
// to a road as it is, such as a TAXII feed of pseudonymised observables. Only an agreement that says why (its member
// "unsealed") lets it; otherwise the refusal is recorded and the error is [ErrSealedOnly]. Other errors are those of
// [Sender.Send]. There is no receipt: nobody needs a key to read what was sent.
func (s *Sender) SendClear(ctx context.Context, req Request, document []byte, road ClearRoad) (*ClearResult, error) {
	if s.streams(req) {
		return nil, fmt.Errorf("%w: a payload of type %q is sent as a stream", ErrSealedOnly, req.Type)
	}
	out, err := s.prepare(ctx, req, document, new(desk))
	if err != nil {
		return nil, err
	}
	if a, found := s.Engine.Agreement(req.Agreement); !found || a.Unsealed == "" {
		return nil, s.recordRefusal(ctx, out, causeSealedOnly, ErrSealedOnly)
	}
	if err := s.recordClearIntent(ctx, out); err != nil {
		return nil, err
	}
	cleared := Cleared{Header: out.header, Document: out.protected, Staple: &Staple{Record: out.entry.Record, Proof: out.entry.Proof}}
	if err := ctx.Err(); err != nil {
		return nil, s.recordFailure(out, fmt.Errorf("%w: %w", ErrNotDelivered, err))
	}
	if err := road(ctx, cleared); err != nil {
		return nil, s.recordFailure(out, err)
	}
	return &ClearResult{out.id, out.entry.Index, out.decision, out.report, cleared}, s.recordDelivery(out)
}

// recordClearIntent is recordIntent for a document without an envelope. The log holds no digest of it, since that would be
// a plain hash of what may be personal: the salted commitment stands for it.
func (s *Sender) recordClearIntent(ctx context.Context, out *outbound) error {
	r := s.record(audit.Intent, out)
	r.Obligations = out.duties
	r.Manifest = recordManifest(out.header.Manifest)
	r.Categories = leftCategories(out.header.Manifest)
	r.Fields[fieldForm] = formClear
	r.Bytes = int64(len(out.protected))
	entry, err := s.append(ctx, out, r)
	out.entry = entry
	return err
}
