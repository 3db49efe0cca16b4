package transfer

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/passavant/passavant/internal/canonical"
	"github.com/passavant/passavant/policy"
)

// Request is one transfer as the caller states it. What it says are claims: they can satisfy rules that read claims,
// never rules that ask for evidence, and they never replace a standing fact of the agreement.
type Request struct {
	// Agreement is the id of the data-sharing agreement that the transfer relies on.
	Agreement string `json:"agreement"`
	// Recipient is the id of the party that shall receive, as the agreement names it.
	Recipient string `json:"recipient"`
	// Purpose is the code of one of the agreement's purposes.
	Purpose string `json:"purpose"`
	// Type names the payload's catalogue.
	Type string `json:"type"`
	// Claims holds further facts of this transfer, keyed as docs/facts.md lists them (for example "derogation").
	Claims map[string]any `json:"claims,omitempty"`
	// Actor is the person or service on whose behalf the transfer is made (LED Art. 25(1)). It is kept in the erasable
	// side store; the log holds a salted commitment to it.
	Actor string `json:"actor,omitempty"`
	// Reference is the exporter's own reference, such as a case number; kept like Actor.
	Reference string `json:"reference,omitempty"`
	// Justification says why this transfer is needed (LED Art. 25(1), 37(3)); kept like Actor.
	Justification string `json:"justification,omitempty"`
	// DiscloseAfter is the first day (YYYY-MM-DD) on which the data subjects may be told of the transfer, where the law
	// allows to delay it (GDPR Art. 23(1)(d), LED Art. 13(3)). It goes into the record.
	DiscloseAfter string `json:"disclose_after,omitempty"`
	// Approvals are shown with the request. They are no part of its JSON: each is a signed document of its own.
	Approvals []*Approval `json:"-"`
	// Caller is who asks, as the embedding program has established it: roles and a unit, never a name. Agreements can name
	// who may send (docs/callers.md). It is no part of the JSON: a file cannot say who hands it in.
	Caller policy.Caller `json:"-"`
	// Labels are the markings found on the data. They are no part of the JSON either: whoever embeds the library, or runs the
	// command, has read them off the data and vouches for it.
	Labels Labels `json:"-"`

	document []byte // what is sent, for approvals of one document
}

// WithDocument is the request with the document that shall be sent, so that [Facts] can tell whether an approval of one
// document is for it. Send does this itself.
func (r Request) WithDocument(document []byte) Request {
	r.document = document
	return r
}

var (
	// ErrRequest is the condition that a request cannot be read or lacks what every transfer needs.
	ErrRequest = errors.New("invalid request")
	// ErrRequestType is the condition that a request is complete but for the payload's type.
	ErrRequestType = fmt.Errorf("%w: member \"type\" is missing", ErrRequest)
)

const (
	maxRequestBytes = 64 << 10
	maxTextBytes    = 4 << 10
)

const maxCodeBytes = 128

// isCode reports whether s is an id: lower-case letters, digits, '_', '.', '-', beginning with a letter or digit.
func isCode(s string) bool {
	for i, c := range []byte(s) {
		alphanumeric := ('a' <= c && c <= 'z') || ('0' <= c && c <= '9')
		if !alphanumeric && (i == 0 || !strings.ContainsRune("_.-", rune(c))) {
			return false
		}
	}
	return 0 < len(s) && len(s) <= maxCodeBytes
}

// ParseRequest reads a request from JSON. Unknown members, trailing bytes and more than 64 KiB are refused.
func ParseRequest(r io.Reader) (Request, error) {
	raw, err := io.ReadAll(io.LimitReader(r, maxRequestBytes+1))
	if err != nil {
		return Request{}, fmt.Errorf("reading the request: %w", err)
	}
	if len(raw) > maxRequestBytes {
		return Request{}, fmt.Errorf("%w: larger than %d bytes", ErrRequest, maxRequestBytes)
	}
	var req Request
	if err := canonical.Unmarshal(raw, &req); err != nil {
		return Request{}, fmt.Errorf("%w: %w", ErrRequest, err)
	}
	return req, req.validate()
}

func (r Request) validate() error {
	for _, f := range []struct{ name, value string }{
		{"agreement", r.Agreement}, {"recipient", r.Recipient}, {"purpose", r.Purpose}, {"type", r.Type},
	} {
		if f.value == "" && f.name == "type" {
			return ErrRequestType
		}
		if f.value == "" {
			return fmt.Errorf("%w: member %q is missing", ErrRequest, f.name)
		}
		if !isCode(f.value) {
			return fmt.Errorf("%w: member %q is not a code (lower-case letters, digits, '_', '.', '-')", ErrRequest, f.name)
		}
	}
	for _, f := range []struct{ name, value string }{
		{"actor", r.Actor}, {"reference", r.Reference}, {"justification", r.Justification},
	} {
		if len(f.value) > maxTextBytes {
			return fmt.Errorf("%w: member %q is longer than %d bytes", ErrRequest, f.name, maxTextBytes)
		}
	}
	if _, err := time.Parse(time.DateOnly, r.DiscloseAfter); r.DiscloseAfter != "" && err != nil {
		return fmt.Errorf("%w: member %q is not a day (YYYY-MM-DD)", ErrRequest, "disclose_after")
	}
	if _, claimed := r.Claims["purpose"]; claimed {
		return fmt.Errorf("%w: the purpose is stated once, as member \"purpose\"", ErrRequest)
	}
	return nil
}

// claims are the facts that the request asserts, in the policy's vocabulary.
func (r Request) claims() map[string]any {
	claims := make(map[string]any, len(r.Claims)+1)
	for key, value := range r.Claims {
		claims[key] = value
	}
	claims["purpose"] = r.Purpose
	return claims
}

// person is what a record may only commit to: it can name people.
type person struct {
	Actor         string `json:"actor,omitempty"`
	Justification string `json:"justification,omitempty"`
	Reference     string `json:"reference,omitempty"`
}

// marshal returns the person as canonical JSON.
func (p person) marshal() []byte {
	o := canonical.AppendObject(nil)
	for _, m := range []struct{ name, value string }{
		{"actor", p.Actor}, {"justification", p.Justification}, {"reference", p.Reference},
	} {
		if m.value != "" {
			o.Text(m.name, m.value)
		}
	}
	return o.End()
}

func (r Request) person() person {
	return person{Actor: r.Actor, Reference: r.Reference, Justification: r.Justification}
}
