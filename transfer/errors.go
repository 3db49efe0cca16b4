package transfer

import (
	"errors"
	"fmt"
	"strings"

	"github.com/passavant/passavant/policy"
)

var (
	// ErrUnknownType is the condition that no catalogue describes the payload's type.
	ErrUnknownType = errors.New("no catalogue for this payload type")
	// ErrNotRecorded is the condition that the log did not take the record; nothing was delivered.
	ErrNotRecorded = errors.New("the transfer could not be recorded, so nothing was delivered")
	// ErrNotDelivered is the condition that the recipient does not have the envelope and will not get it. A [Transport]
	// wraps it in an error if it knows this for certain. A lost answer is not certain.
	ErrNotDelivered = errors.New("the recipient does not have the envelope")
	// ErrObligation is the condition that the decision imposes an obligation that this program cannot discharge.
	ErrObligation = errors.New("an obligation cannot be discharged")
)

// DeniedError is a refusal by policy. It is recorded in the log.
type DeniedError struct {
	Transfer string // id of the refused transfer
	Index    int64  // index of the record in the log
	Decision policy.Decision
}

func (e *DeniedError) Error() string { return "refused by policy" + refusalText(e.Decision) }

// refusalText says what is missing and which rules refuse.
func refusalText(d policy.Decision) string {
	var b strings.Builder
	if len(d.Missing) > 0 {
		b.WriteString("; missing: " + strings.Join(d.Missing, ", "))
	}
	for _, r := range d.Reasons {
		if r.Effect == policy.EffectRefuses {
			fmt.Fprintf(&b, "; %s (%s)", r.Message, r.ID)
		}
	}
	return b.String()
}

// DeliveryError says that the transport failed after the intent was recorded. If the transport knows that the recipient
// has nothing ([ErrNotDelivered]), the outcome is recorded as failed. Otherwise the transfer stays in doubt until it is
// reconciled: the log never says of data that they did not leave when they may have.
type DeliveryError struct {
	Transfer string
	Index    int64 // index of the intent in the log
	InDoubt  bool  // the recipient may have the envelope
	Err      error
}

func (e *DeliveryError) Error() string {
	if e.InDoubt {
		return fmt.Sprintf("transfer %s (record %d) is in doubt, the recipient may have it: %v", e.Transfer, e.Index, e.Err)
	}
	return fmt.Sprintf("delivery of transfer %s (record %d) failed: %v", e.Transfer, e.Index, e.Err)
}

// Unwrap returns the transport's error.
func (e *DeliveryError) Unwrap() error { return e.Err }

// RejectCode says why a recipient refuses an envelope. The vocabulary is closed.
type RejectCode string

// The codes of a refusal by the recipient.
const (
	RejectMalformed   RejectCode = "malformed"        // not an envelope
	RejectUnknown     RejectCode = "unknown-exporter" // no keys for the exporter
	RejectNotForUs    RejectCode = "not-for-us"       // addressed or sealed to somebody else
	RejectSignature   RejectCode = "signature"        // altered, or not signed by the exporter
	RejectUnopened    RejectCode = "unopened"         // altered, or truncated
	RejectExpired     RejectCode = "expired"
	RejectKeys        RejectCode = "exporter-keys"   // known and not to be used: expired, or not those that the agreement pins
	RejectFuture      RejectCode = "from-the-future" // created later than now and the tolerated skew
	RejectReplayed    RejectCode = "replayed"
	RejectNotLogged   RejectCode = "not-logged" // no valid proof that the exporter recorded it
	RejectAgreement   RejectCode = "agreement"  // not the version of the agreement that we hold
	RejectObligations RejectCode = "obligations"
)

// title puts a code into words; "" for one that is not of the vocabulary.
func (c RejectCode) title() string {
	switch c {
	case RejectMalformed:
		return "the envelope cannot be read"
	case RejectUnknown:
		return "the exporter is not a known partner"
	case RejectKeys:
		return "the exporter's keys have expired, or are not those that the agreement names"
	case RejectNotForUs:
		return "the envelope is for somebody else"
	case RejectSignature:
		return "the exporter's signature does not verify"
	case RejectUnopened:
		return "the envelope was altered or cut"
	case RejectExpired:
		return "the envelope has expired"
	case RejectFuture:
		return "the envelope was created in the future; compare the clocks"
	case RejectReplayed:
		return "the envelope was received before"
	case RejectNotLogged:
		return "the envelope does not prove that its intent is in the exporter's log"
	case RejectAgreement:
		return "the envelope names another version of the agreement"
	case RejectObligations:
		return "the envelope carries an obligation that this recipient cannot honour"
	}
	return ""
}

// IsRejectCode reports whether s is a code of the vocabulary.
func IsRejectCode(s string) bool { return RejectCode(s).title() != "" }

// RejectedError says why [Receiver.Receive] refused an envelope.
type RejectedError struct {
	Code RejectCode
	// Detail adds what the code does not say, such as the obligation's code; may be empty.
	Detail string
	// Receipt is signed anew if the very same envelope was received before: the first one may never have arrived.
	Receipt *Receipt
	// Err is the cause, if another package found it.
	Err error
}

// Title is the code in words, fit to be told to the exporter.
func (e *RejectedError) Title() string { return e.Code.title() }

func (e *RejectedError) Error() string {
	text := "envelope refused: " + e.Title()
	if e.Detail != "" {
		text += ": " + e.Detail
	}
	if e.Err != nil {
		text += ": " + e.Err.Error()
	}
	return text
}

// Unwrap returns the cause.
func (e *RejectedError) Unwrap() error { return e.Err }
