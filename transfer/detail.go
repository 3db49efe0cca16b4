package transfer

import (
	"encoding/hex"
	"encoding/json"
	"errors"

	"github.com/passavant/passavant/internal/canonical"
)

// Detail is what the erasable side store keeps beside a record (docs/log-format.md): what opens its commitments, and what
// the decision can be replayed on. Records of different kinds have different parts of it.
type Detail struct {
	Facts  json.RawMessage   `json:"facts,omitempty"`  // canonical input of the decision; "null" if there was none
	Person json.RawMessage   `json:"person,omitempty"` // canonical JSON of actor, justification and reference
	Salts  map[string]string `json:"salts,omitempty"`  // by commitment, hexadecimal
	// Subjects are the tokens of the document's direct identifiers ([SubjectToken]).
	Subjects []string        `json:"subjects,omitempty"`
	Receipt  json.RawMessage `json:"receipt,omitempty"` // canonical JSON of the recipient's receipt
	Proof    string          `json:"proof,omitempty"`   // recipient's side: the exporter's proof
	Record   json.RawMessage `json:"record,omitempty"`  // recipient's side: the exporter's intent
}

var errDetail = errors.New("the detail of a record cannot be read")

// ParseDetail reads what [audit.Reader.Details] returns.
func ParseDetail(raw []byte) (Detail, error) {
	var d Detail
	if canonical.Unmarshal(raw, &d) != nil {
		return Detail{}, errDetail
	}
	return d, nil
}

// Salt returns the salt, or seed, of a commitment.
func (d Detail) Salt(commitment string) (salt [32]byte, found bool) {
	raw, err := hex.DecodeString(d.Salts[commitment])
	if err != nil || len(raw) != len(salt) {
		return salt, false
	}
	return [32]byte(raw), true
}

// HasFacts reports whether the decision can be replayed.
func (d Detail) HasFacts() bool { return len(d.Facts) > 0 && string(d.Facts) != "null" }
