package transfer

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"

	"github.com/passavant/passavant/audit"
	"github.com/passavant/passavant/policy"
	"github.com/passavant/passavant/transfer/internal/groups"
	"github.com/passavant/passavant/transfer/internal/spool"
	"github.com/passavant/passavant/transfer/payload"
)

// The causes of a refusal or failure that is not the policy's. The vocabulary is closed, since it enters the log.
const (
	causePolicy     = "policy"
	causeSyntax     = "payload-malformed"
	causeKind       = "payload-unexpected-type"
	causeLeak       = "gate-leak"
	causeGate       = "gate"
	causeSealedOnly = "sealed-only" // the agreement does not let data travel unsealed
	causePartner    = "recipient-keys-unknown"
	causeKeys       = "recipient-keys-refused" // expired, or not those that the agreement pins
	causeObligation = "obligation-undischarged"
	causePlan       = "plan"
	causeSeal       = "seal"
	causeNothing    = "nothing-leaves"
	causeSpool      = "spool"
	causeTransport  = "transport"
)

func causeOf(err error) string {
	var syntax *payload.SyntaxError
	var kind *payload.KindError
	var leak *payload.LeakError
	switch {
	case errors.As(err, &syntax):
		return causeSyntax
	case errors.As(err, &kind):
		return causeKind
	case errors.As(err, &leak):
		return causeLeak
	case errors.Is(err, payload.ErrNothingLeaves):
		return causeNothing
	case errors.Is(err, spool.ErrDisk), errors.Is(err, groups.ErrDisk):
		return causeSpool
	case errors.Is(err, payload.ErrGate):
		return causeGate
	case errors.Is(err, ErrUnknownPartner):
		return causePartner
	case errors.Is(err, ErrPartnerKeys):
		return causeKeys
	case errors.Is(err, ErrObligation):
		return causeObligation
	}
	return causePlan
}

// The names of codes in the member "fields" of a record.
const (
	fieldDecision = "decision" // digest of the decision's canonical JSON
	fieldSubjects = "subjects" // categories of data subjects, comma-separated

	fieldDiscloseAfter = "disclose_after" // first day on which the data subjects may be told

	maxFieldBytes = 256 // of one such code
)

// record is what every record of this transfer says. It is the one place that decides what of a transfer may enter the
// log: ids, codes, counts, digests of what holds no personal data, and commitments.
func (s *Sender) record(t audit.Type, out *outbound) audit.Record {
	d := out.decision
	return audit.Record{
		Type: t, Transfer: out.id,
		Exporter: s.Keys.Party(), Recipient: out.req.Recipient, RecipientCountry: s.countryOf(out.req),
		Agreement: out.req.Agreement, AgreementDigest: d.AgreementDigest, Purpose: out.req.Purpose,
		Basis: d.Basis, Missing: d.Missing, Reasons: reasonIDs(d.Reasons),
		PolicyRevision: d.Revision, FactsDigest: d.FactsDigest, DataVersion: d.DataVersion,
		Fields: s.recordFields(out),
	}
}

// recordFields are the short codes of a decision: which decision it was, word by word, and whom the data are about.
func (s *Sender) recordFields(out *outbound) map[string]string {
	fields := approvalFields(out.req.Approvals)
	if fields == nil {
		fields = make(map[string]string, 2)
	}
	fields[fieldDecision] = out.decision.Digest
	if out.subjects != "" {
		fields[fieldSubjects] = out.subjects
	}
	if out.req.DiscloseAfter != "" {
		fields[fieldDiscloseAfter] = out.req.DiscloseAfter
	}
	return fields
}

func (s *Sender) countryOf(req Request) string {
	a, found := s.Engine.Agreement(req.Agreement)
	if !found {
		return ""
	}
	p, _ := a.Party(req.Recipient)
	return p.Country
}

func reasonIDs(reasons []policy.Reason) []string {
	ids := make([]string, len(reasons))
	for i, r := range reasons {
		ids[i] = r.ID
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

// deny records a refusal by policy and returns it.
func (s *Sender) deny(ctx context.Context, out *outbound) error {
	r := s.record(audit.Refused, out)
	r.Cause = causePolicy
	entry, err := s.append(ctx, out, r)
	if err != nil {
		return err
	}
	return &DeniedError{Transfer: out.id, Index: entry.Index, Decision: out.decision}
}

// recordRefusal records that the policy permitted the transfer and a later step before delivery refused it.
func (s *Sender) recordRefusal(ctx context.Context, out *outbound, cause string, reason error) error {
	r := s.record(audit.Refused, out)
	r.Cause = cause
	if _, err := s.append(ctx, out, r); err != nil {
		return errors.Join(reason, err)
	}
	return reason
}

// recordIntent takes step 6: when it returns nil, the intent is durable and its proof is at hand (invariant 2).
func (s *Sender) recordIntent(ctx context.Context, out *outbound) error {
	r := s.record(audit.Intent, out)
	r.Obligations = out.duties
	r.Manifest = recordManifest(out.header.Manifest)
	r.Categories = leftCategories(out.header.Manifest)
	r.Fields = withKeys(r.Fields, out)
	r.EnvelopeDigest, r.Bytes = out.message()
	out.streamed.addTo(&r)
	entry, err := s.append(ctx, out, r)
	out.entry = entry
	return err
}

func recordManifest(m Manifest) *audit.Manifest {
	items := make([]audit.Treated, len(m.Fields))
	for i, f := range m.Fields {
		items[i] = audit.Treated{Path: f.Path, Technique: f.Technique, Params: f.Params, Count: f.Count}
	}
	return &audit.Manifest{Digest: m.Plan, KeyID: m.KeyID, Items: items, Withheld: m.Dropped + m.Unlisted}
}

func leftCategories(m Manifest) []string {
	var left []string
	for _, f := range m.Fields {
		if f.Technique == payload.Drop {
			continue
		}
		if at, found := slices.BinarySearch(left, f.Category); !found {
			left = slices.Insert(left, at, f.Category)
		}
	}
	return left
}

// recordDelivery takes step 8. It does not wait: the outcome becomes durable with the log's next commit group, and a
// crash before that leaves the intent in doubt, which over-reports.
func (s *Sender) recordDelivery(out *outbound) error {
	if err := s.Log.Enqueue(s.outcome(audit.Delivered, out)); err != nil {
		return fmt.Errorf("transfer %s was delivered, its outcome could not be recorded: %w", out.id, err)
	}
	return nil
}

// recordFailure settles a failed delivery, if the transport is certain that it failed.
func (s *Sender) recordFailure(out *outbound, cause error) error {
	failure := &DeliveryError{
		Transfer: out.id, Index: out.entry.Index, InDoubt: !errors.Is(cause, ErrNotDelivered), Err: cause,
	}
	if failure.InDoubt {
		return failure
	}
	r := s.outcome(audit.Failed, out)
	r.Cause = causeTransport
	if err := s.Log.Enqueue(r); err != nil {
		return errors.Join(failure, err)
	}
	return failure
}

func (s *Sender) outcome(t audit.Type, out *outbound) audit.Record {
	return audit.Record{Type: t, Transfer: out.id, Exporter: s.Keys.Party(), Recipient: out.req.Recipient, Agreement: out.req.Agreement}
}

// The names of the commitments.
const (
	commitPerson   = "person"   // canonical JSON of actor, reference and justification
	commitOriginal = "original" // the caller's document
	commitReleased = "released" // what was sealed

	// Roots over one commitment for each field, see FieldsOf.
	commitPersonFields   = "fields.person"
	commitReleasedFields = "fields.released"
)

// append writes a record with its commitments, and beside it the detail that opens them.
func (s *Sender) append(ctx context.Context, out *outbound, r audit.Record) (audit.Entry, error) {
	who := out.req.person().marshal()
	r.Commitments = make(map[string]string, 5)
	salts, err := commitToFields(make([]byte, 0, 512), r.Commitments, commitPersonFields, out.req.person().fields())
	if err == nil {
		salts, err = commitToFields(salts, r.Commitments, commitReleasedFields, ReleasedFields(out.protected))
	}
	if err != nil {
		return audit.Entry{}, fmt.Errorf("%w: %w", ErrNotRecorded, err)
	}
	for _, c := range []struct {
		name  string
		value []byte
	}{{commitOriginal, out.original}, {commitPerson, who}, {commitReleased, out.protected}} {
		if sum, salt, found := out.streamed.commitment(c.name); found {
			r.Commitments[c.name] = sum
			salts = appendSalt(salts, c.name, salt)
			continue
		}
		if c.value == nil {
			continue
		}
		salt := audit.NewSalt()
		r.Commitments[c.name] = audit.Commit(c.name, salt, c.value)
		salts = appendSalt(salts, c.name, salt)
	}
	detail, err := s.appendSubjects(detailOf(out.decision.FactsCanonical, who, salts), out)
	if err != nil {
		return audit.Entry{}, fmt.Errorf("%w: %w", ErrNotRecorded, err)
	}
	entry, err := s.Log.Append(ctx, r, detail)
	if err != nil {
		return audit.Entry{}, fmt.Errorf("%w: %w", ErrNotRecorded, err)
	}
	return entry, nil
}

// commitToFields commits to each field by itself, so that one can be shown without the others.
func commitToFields(salts []byte, commitments map[string]string, name string, fields []audit.FieldValue) ([]byte, error) {
	if len(fields) == 0 {
		return salts, nil
	}
	seed := audit.NewSalt()
	root, err := audit.CommitFields(seed, fields)
	if err != nil {
		return nil, err
	}
	commitments[name] = root
	return appendSalt(salts, name, seed), nil
}

func appendSalt(dst []byte, name string, salt [32]byte) []byte {
	if len(dst) > 0 {
		dst = append(dst, ',')
	}
	dst = append(append(append(dst, '"'), name...), `":"`...)
	return append(hex.AppendEncode(dst, salt[:]), '"')
}

// detailOf puts together what the erasable side store keeps of a transfer: the values and salts that open the record's
// commitments, and the facts, by which the decision can be replayed. Never the payload. It is one canonical JSON
// object: {"facts": the input of the decision, "person": …, "salts": {name: hexadecimal}}.
func detailOf(facts, who, salts []byte) []byte {
	if facts == nil {
		facts = []byte("null")
	}
	return slices.Concat([]byte(`{"facts":`), facts, []byte(`,"person":`), who, []byte(`,"salts":{`), salts, []byte("}}"))
}
