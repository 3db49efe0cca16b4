package desk

import (
	"errors"
	"fmt"
	"strings"

	"github.com/passavant/passavant/internal/canonical"
)

// ErrRequest is the condition that a request cannot be read, or lacks what every request needs.
var ErrRequest = errors.New("invalid request for re-identification")

const (
	maxRequest = 64 << 10 // bytes
	maxText    = 4 << 10  // bytes of a member
)

// Request asks what one pseudonym stands for.
type Request struct {
	// Transfer is the id of the transfer in which the pseudonym left.
	Transfer string `json:"transfer"`
	// Type names the payload's catalogue, Path the field in it, as a pattern.
	Type string `json:"type"`
	Path string `json:"path"`
	// Value is the pseudonym, as the recipient has it.
	Value string `json:"value"`
	// Purpose is a purpose of the agreement, or one for which logs may be used (docs/callers.md).
	Purpose string `json:"purpose"`
	// CaseReference and Justification say why. They are kept in the erasable side store.
	CaseReference string `json:"case_reference"`
	Justification string `json:"justification"`
	// Subject is, for a shifted date, the value that says whose date it is.
	Subject string `json:"subject,omitempty"`
	// Scope is the scope of the domain, if the agreement has changed since the transfer.
	Scope string `json:"scope,omitempty"`
}

// ParseRequest reads a request from JSON. Unknown members, trailing bytes and more than 64 KiB are refused with [ErrRequest].
func ParseRequest(raw []byte) (Request, error) {
	var r Request
	if len(raw) > maxRequest {
		return Request{}, fmt.Errorf("%w: larger than %d bytes", ErrRequest, maxRequest)
	}
	if err := canonical.Unmarshal(raw, &r); err != nil {
		return Request{}, fmt.Errorf("%w: %w", ErrRequest, err)
	}
	return r, r.validate()
}

func (r Request) validate() error {
	for _, m := range []struct {
		name, value string
		optional    bool
	}{
		{"transfer", r.Transfer, false}, {"type", r.Type, false}, {"path", r.Path, false}, {"value", r.Value, false},
		{"purpose", r.Purpose, true}, {"case_reference", r.CaseReference, true}, {"justification", r.Justification, false},
		{"subject", r.Subject, true}, {"scope", r.Scope, true},
	} {
		if m.value == "" && !m.optional {
			return fmt.Errorf("%w: member %q is missing", ErrRequest, m.name)
		}
		if len(m.value) > maxText {
			return fmt.Errorf("%w: member %q is longer than %d bytes", ErrRequest, m.name, maxText)
		}
	}
	if !strings.HasPrefix(r.Path, "/") {
		return fmt.Errorf("%w: member \"path\" is not a pattern of the catalogue such as \"/victim/iban\"", ErrRequest)
	}
	return nil
}

// Digest is what an approval is bound to: every member of the request.
func (r Request) Digest() (string, error) { return canonical.Digest(r) }
