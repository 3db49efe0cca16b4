package transfer

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/passavant/passavant/audit"
	"github.com/passavant/passavant/internal/canonical"
	"github.com/passavant/passavant/policy"
	"github.com/passavant/passavant/transfer/payload"
)

// NoticeKind says what a recipient must do with data that it received. The vocabulary is closed.
type NoticeKind string

// The kinds of notice, each the code of a duty that travels.
const (
	Recall   NoticeKind = "recall"   // erase: sent unlawfully, or erased at the source (GDPR Art. 19 with 17; LED Art. 7(3), 16(6))
	Correct  NoticeKind = "correct"  // rectify: the data were wrong (GDPR Art. 19 with 16; LED Art. 7(3), 16(6))
	Restrict NoticeKind = "restrict" // restrict processing (GDPR Art. 19 with 18; LED Art. 16(3), 16(6))
)

// NoticeDuties returns the codes of all kinds of notice.
func NoticeDuties() []string { return []string{string(Recall), string(Correct), string(Restrict)} }

func (k NoticeKind) known() bool { return k == Recall || k == Correct || k == Restrict }

// Notice tells a recipient to erase, correct or restrict what it received. It names transfers and holds no personal data;
// corrected data travel as a transfer of their own.
type Notice struct {
	Kind     NoticeKind
	Transfer string // the transfer that the notice is about
	By       string // of a correction: the transfer with the corrected data; may be empty
	Reason   string // a code, such as "inaccurate" or "consent_withdrawn"
	Days     int    // within how many days; 0 means without delay, today
}

// ErrNotice is the condition that a notice cannot be sent; the text says why.
var ErrNotice = errors.New("not a notice that can be sent")

// noticeCatalogue marks the envelope of a notice, noticeType its document.
const (
	noticeCatalogue = "passavant-notice/1"
	noticeType      = "application/vnd.passavant.notice+json"
)

// The parameters of the duty that a notice is, and the field of a record that names what it is about.
const (
	paramTransfer = "transfer"
	paramBy       = "by"
	paramReason   = "reason"
	paramDays     = "days"
	fieldNotice   = "notice"
	fieldNoticeOf = "notice_of"
)

func (n Notice) duty() Duty {
	d := Duty{Code: string(n.Kind), Params: map[string]string{paramTransfer: n.Transfer, paramReason: n.Reason, paramDays: strconv.Itoa(n.Days)}}
	if n.By != "" {
		d.Params[paramBy] = n.By
	}
	return d
}

// Notice returns what a header says if it is a notice's.
func (h Header) Notice() (Notice, bool) {
	if h.Catalogue != noticeCatalogue || len(h.Obligations) != 1 {
		return Notice{}, false
	}
	d := h.Obligations[0]
	days, err := strconv.Atoi(d.Params[paramDays])
	n := Notice{NoticeKind(d.Code), d.Params[paramTransfer], d.Params[paramBy], d.Params[paramReason], days}
	return n, err == nil && n.valid() == nil
}

func (n Notice) valid() error {
	switch {
	case !n.Kind.known():
		return fmt.Errorf("%w: the kind must be recall, correct or restrict", ErrNotice)
	case !isCode(n.Transfer) || (n.By != "" && !isCode(n.By)):
		return fmt.Errorf("%w: a transfer's id is missing or not one", ErrNotice)
	case !isCode(n.Reason):
		return fmt.Errorf("%w: the reason must be a code (lower-case letters, digits, '_', '.', '-')", ErrNotice)
	case n.Days < 0 || n.Days > maxDutyDays:
		return fmt.Errorf("%w: the number of days is out of range", ErrNotice)
	}
	return nil
}

// Notify sends a notice about an earlier transfer to its recipient, the same way as data: sealed, recorded before it leaves,
// delivered by the Sender's transport, acknowledged by the recipient's signed receipt, which names the duty. No policy is
// asked: telling a recipient what it must not keep is owed, and nothing personal leaves. actor and why are kept like a
// request's. Errors are [ErrNotice] and those of [Sender.Send] from the seal on.
func (s *Sender) Notify(ctx context.Context, n Notice, actor, why string) (*Result, error) {
	if err := n.valid(); err != nil {
		return nil, err
	}
	about, err := s.sent(n.Transfer)
	if err != nil {
		return nil, err
	}
	out, err := s.notice(n, about, person{Actor: actor, Justification: why})
	if err != nil {
		return nil, err
	}
	if err := s.seal(out); err != nil {
		return nil, err
	}
	if err := s.recordNotice(ctx, out, n); err != nil {
		return nil, err
	}
	return s.deliver(ctx, out)
}

// sent finds the intent of a transfer that left or may have left.
func (s *Sender) sent(transferID string) (audit.Record, error) {
	reader, err := audit.OpenReader(s.Log.Dir(), s.Log.VerifierKey())
	if err != nil {
		return audit.Record{}, err
	}
	defer func() { _ = reader.Close() }()
	var intent audit.Record
	failed := false
	for _, r := range reader.All(0) {
		if r.Transfer != transferID {
			continue
		}
		switch r.Type {
		case audit.Intent:
			intent = r
		case audit.Failed:
			failed = true
		}
	}
	if err := reader.Err(); err != nil {
		return audit.Record{}, err
	}
	if intent.Transfer == "" || intent.Exporter != s.Keys.Party() || failed {
		return audit.Record{}, fmt.Errorf("%w: the log holds no transfer of that id that left", ErrNotice)
	}
	return intent, nil
}

func (s *Sender) notice(n Notice, about audit.Record, who person) (*outbound, error) {
	document, err := canonical.Marshal(map[string]string{"notice": string(n.Kind), "transfer": n.Transfer})
	if err != nil {
		return nil, err
	}
	out := &outbound{
		desk: new(desk), id: newTransferID(), created: s.Clock().UTC().Truncate(time.Second), keys: s.keys.Load(), protected: document,
		req: Request{
			Agreement: about.Agreement, Recipient: about.Recipient, Purpose: about.Purpose, Actor: who.Actor, Justification: who.Justification,
		},
		decision: policy.Decision{AgreementDigest: about.AgreementDigest, Revision: s.Engine.Revision(), DataVersion: s.Engine.DataVersion()},
		report:   &payload.Report{},
	}
	a, found := s.Engine.Agreement(about.Agreement)
	if found {
		out.decision.AgreementDigest = a.Digest() // recipients compare it with the version that they hold now
	}
	if out.partner, err = partnerOf(s.Partners, about.Recipient, a, out.created); err != nil {
		return nil, err
	}
	deadline, err := n.duty().deadline(out.created)
	if err != nil {
		return nil, err
	}
	out.duties = []audit.Duty{{Code: string(n.Kind), Deadline: deadline}}
	out.header = Header{
		Version: HeaderVersion, Transfer: out.id, Exporter: s.Keys.Party(), Recipient: about.Recipient,
		Agreement: about.Agreement, AgreementDigest: out.decision.AgreementDigest, Purpose: about.Purpose, Basis: []string{},
		PolicyRevision: out.decision.Revision, DataVersion: out.decision.DataVersion, Obligations: []Duty{n.duty()},
		ContentType: noticeType, Catalogue: noticeCatalogue, Manifest: Manifest{Fields: []ManifestField{}},
		Created: out.created, Expires: s.expiry(out),
	}
	return out, nil
}

// recordNotice makes the intent of a notice durable. It is an intent like any other: in doubt if its answer is lost.
func (s *Sender) recordNotice(ctx context.Context, out *outbound, n Notice) error {
	r := audit.Record{
		Type: audit.Intent, Transfer: out.id, Exporter: s.Keys.Party(), Recipient: out.req.Recipient, RecipientCountry: s.countryOf(out.req),
		Agreement: out.req.Agreement, AgreementDigest: out.decision.AgreementDigest, Purpose: out.req.Purpose,
		PolicyRevision: out.decision.Revision, DataVersion: out.decision.DataVersion, Obligations: out.duties,
		Fields: withKeys(map[string]string{fieldNotice: string(n.Kind), fieldNoticeOf: n.Transfer}, out),
	}
	r.EnvelopeDigest, r.Bytes = out.message()
	entry, err := s.append(ctx, out, r)
	out.entry = entry
	return err
}

// handOver gives what was received to whoever takes it: a notice to Notice, a payload to accept, which may be nil.
func (r *Receiver) handOver(ctx context.Context, h Header, accept func() error) error {
	if n, is := h.Notice(); is {
		if r.Notice == nil {
			return nil // recorded as a duty, and listed until it is discharged
		}
		return r.Notice(ctx, h, n)
	}
	if accept == nil {
		return nil
	}
	return accept()
}
