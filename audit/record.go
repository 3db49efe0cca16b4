package audit

import (
	"bytes"
	"encoding/json"
	"fmt"
	"time"
	"unicode"
	"unicode/utf8"
)

// Type says what a record testifies. The set is closed: a reader refuses a type it does not know, because it could
// not tell whether the record opens or settles a transfer.
type Type string

// The types of record.
const (
	Intent       Type = "intent"        // permitted, and about to leave; durable before the transport sees a byte
	Refused      Type = "refused"       // decided: refused
	Delivered    Type = "delivered"     // outcome: the transport accepted the envelope
	Failed       Type = "failed"        // outcome: the transport gave up
	Received     Type = "received"      // recipient's side: verified and opened
	Rejected     Type = "rejected"      // recipient's side: refused
	Acknowledged Type = "acknowledged"  // the recipient's signed receipt came back
	Reconciled   Type = "reconciled"    // a person settled an intent that a crash had left without outcome
	KeyEvent     Type = "key-event"     // a key was made, rotated, published or destroyed
	PolicyChange Type = "policy-change" // another policy revision is in force
	LogAccess    Type = "log-access"    // somebody read the log
	Reidentified Type = "re-identified" // a pseudonym was reversed
	Erased       Type = "erased"        // the details of a transfer were erased
	Discharged   Type = "discharged"    // somebody says that an obligation was met
)

const (
	// Version is the version of the record format.
	Version = 1
	// MaxRecordBytes limits the canonical form of a record. The tlog-tiles entry limit is 65,535 bytes.
	MaxRecordBytes = 32 << 10

	maxText  = 1024    // bytes of any one string
	maxField = 256     // bytes of a value in Fields
	maxID    = 128     // bytes of a transfer id
	maxInt   = 1 << 53 // exclusive; larger integers do not survive RFC 8785
)

// Record is one entry of the log. It names organisations, rules and counts, never a person: no payload value, no plain
// hash of one. A claim about a value is a salted commitment (see Commit).
//
// Its stored form is RFC 8785 JSON: members sorted, no white space, empty members left out.
type Record struct {
	Agreement        string            `json:"agreement,omitempty"`         // agreement id
	AgreementDigest  string            `json:"agreement_digest,omitempty"`  // digest of the agreement's canonical form
	At               string            `json:"at"`                          // RFC 3339, UTC; Append fills it from the clock if empty
	Basis            []string          `json:"basis,omitempty"`             // legal basis, e.g. "GDPR:46(2)(c)"
	Bytes            int64             `json:"bytes,omitempty"`             // size of the sealed envelope in bytes
	Categories       []string          `json:"categories,omitempty"`        // data categories that leave
	Cause            string            `json:"cause,omitempty"`             // failure code of a closed vocabulary
	Commitments      map[string]string `json:"commitments,omitempty"`       // name to Commit(name, salt, value)
	DataVersion      string            `json:"data_version,omitempty"`      // version of the reference data (adequacy list)
	EnvelopeDigest   string            `json:"envelope_digest,omitempty"`   // "sha256:" and hex, over sealed bytes
	Exporter         string            `json:"exporter,omitempty"`          // organisation id
	FactsDigest      string            `json:"facts_digest,omitempty"`      // digest of or commitment to the facts decided on
	Fields           map[string]string `json:"fields,omitempty"`            // short codes of one type: key ids, digests, positions
	Manifest         *Manifest         `json:"manifest,omitempty"`          // what was done to the payload
	Missing          []string          `json:"missing,omitempty"`           // condition codes that a refusal lacked
	Obligations      []Duty            `json:"obligations,omitempty"`       // duties of the decision
	PolicyRevision   string            `json:"policy_revision,omitempty"`   // revision of the policy that decided
	Purpose          string            `json:"purpose,omitempty"`           // purpose of the transfer
	Reasons          []string          `json:"reasons,omitempty"`           // ids of the rules that decided
	Recipient        string            `json:"recipient,omitempty"`         // organisation id
	RecipientCountry string            `json:"recipient_country,omitempty"` // ISO 3166-1 alpha-2
	Transfer         string            `json:"transfer,omitempty"`          // random transfer id
	Type             Type              `json:"type"`
	Version          int               `json:"version"` // Version; Append fills it if zero
}

// Duty is an obligation of the decision and whether it was discharged before the record was written.
type Duty struct {
	Code       string `json:"code"`
	Deadline   string `json:"deadline,omitempty"`
	Discharged bool   `json:"discharged"`
}

// Manifest says what happened to the payload, by path pattern, without its values.
type Manifest struct {
	Digest   string    `json:"digest,omitempty"`   // digest of the field plan that was applied
	Items    []Treated `json:"items,omitempty"`    // one per path pattern
	KeyID    string    `json:"key_id,omitempty"`   // pseudonymisation key and epoch
	Withheld int64     `json:"withheld,omitempty"` // number of values that did not leave, listed in Items or not
}

// Treated counts the values at one path pattern that got one treatment.
type Treated struct {
	Count     int64             `json:"count,omitempty"`
	Params    map[string]string `json:"params,omitempty"` // of the technique, as the agreement has them
	Path      string            `json:"path"`
	Technique string            `json:"technique"`
}

// known says whether t belongs to the closed set, and whether a record of that type must name a transfer.
func (t Type) known() (known, needsTransfer bool) {
	switch t {
	case Intent, Delivered, Failed, Received, Acknowledged, Reconciled, Discharged:
		return true, true
	case Refused, Rejected, KeyEvent, PolicyChange, LogAccess, Reidentified, Erased:
		return true, false
	}
	return false, false
}

// ParseRecord decodes the stored form of a record. It accepts exactly the bytes that Append writes: an unknown type,
// version or member, another order, spacing or number form is refused with an error that matches ErrInvalidRecord.
func ParseRecord(data []byte) (Record, error) {
	if len(data) > MaxRecordBytes {
		return Record{}, fmt.Errorf("%w: %d bytes, the limit is %d", ErrRecordTooLarge, len(data), MaxRecordBytes)
	}
	if _, err := scanRecord(data); err != nil {
		return Record{}, err
	}
	var r Record
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&r); err != nil {
		// The decoder's own message can quote the input.
		return Record{}, invalid("a member is unknown or of the wrong type")
	}
	again, err := r.encode(nil)
	if err != nil {
		return Record{}, err
	}
	if !bytes.Equal(again, data) {
		return Record{}, invalid("not in canonical form")
	}
	return r, nil
}

// encode validates r and appends its stored form to dst.
func (r *Record) encode(dst []byte) ([]byte, error) {
	if err := r.validate(); err != nil {
		return nil, err
	}
	out := r.append(dst)
	if n := len(out) - len(dst); n > MaxRecordBytes {
		return nil, fmt.Errorf("%w: %d bytes, the limit is %d", ErrRecordTooLarge, n, MaxRecordBytes)
	}
	return out, nil
}

func invalid(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrInvalidRecord, fmt.Sprintf(format, args...))
}

func (r *Record) validate() error {
	known, needsTransfer := r.Type.known()
	switch {
	case r.Version != Version:
		return invalid("version %d is not supported", r.Version)
	case !known:
		return invalid("type is not one of the closed set")
	case needsTransfer && r.Transfer == "":
		return invalid("a record of type %s must name its transfer", r.Type)
	case r.Transfer != "" && !isToken(r.Transfer, maxID):
		return invalid("transfer is not an id of at most %d letters, digits and . _ : -", maxID)
	case !isTime(r.At):
		return invalid("at is not an RFC 3339 time in UTC")
	case !isCount(r.Bytes):
		return invalid("bytes is out of range")
	}
	if err := r.validateTexts(); err != nil {
		return err
	}
	if err := r.validateMaps(); err != nil {
		return err
	}
	return r.validateManifest()
}

// validateTexts keeps every string printable, so that the canonical form needs no escapes but \" and \\ and a record
// can be shown on any terminal.
func (r *Record) validateTexts() error {
	for _, m := range []struct{ name, value string }{
		{"agreement", r.Agreement}, {"agreement_digest", r.AgreementDigest}, {"cause", r.Cause},
		{"data_version", r.DataVersion}, {"envelope_digest", r.EnvelopeDigest}, {"exporter", r.Exporter},
		{"facts_digest", r.FactsDigest}, {"policy_revision", r.PolicyRevision}, {"purpose", r.Purpose},
		{"recipient", r.Recipient}, {"recipient_country", r.RecipientCountry},
	} {
		if !isText(m.value) {
			return invalid("%s is not printable text of at most %d bytes", m.name, maxText)
		}
	}
	for _, m := range []struct {
		name   string
		values []string
	}{{"basis", r.Basis}, {"categories", r.Categories}, {"missing", r.Missing}, {"reasons", r.Reasons}} {
		for i, v := range m.values {
			if !isText(v) {
				return invalid("%s[%d] is not printable text of at most %d bytes", m.name, i, maxText)
			}
		}
	}
	for i, d := range r.Obligations {
		if d.Code == "" || !isText(d.Code) || !isText(d.Deadline) {
			return invalid("obligations[%d] is not a code and a deadline of printable text", i)
		}
	}
	return nil
}

func (r *Record) validateMaps() error {
	for name, value := range r.Fields {
		if !isToken(name, maxID) || !isASCII(value, maxField) {
			return invalid("a member of fields is not a short name with printable ASCII of at most %d bytes", maxField)
		}
	}
	for name, value := range r.Commitments {
		if !isToken(name, maxID) || !isHexHash(value) {
			return invalid("a member of commitments is not a short name with 64 lower-case hexadecimal digits")
		}
	}
	return nil
}

func (r *Record) validateManifest() error {
	m := r.Manifest
	if m == nil {
		return nil
	}
	if !isText(m.Digest) || !isText(m.KeyID) || !isCount(m.Withheld) {
		return invalid("manifest has a digest, key_id or count out of range")
	}
	for i, t := range m.Items {
		if !isText(t.Path) || !isText(t.Technique) || !isCount(t.Count) {
			return invalid("manifest.items[%d] has a path, technique or count out of range", i)
		}
		for name, value := range t.Params {
			if !isToken(name, maxID) || !isText(value) {
				return invalid("manifest.items[%d] has a parameter that is not a short name with printable text", i)
			}
		}
	}
	return nil
}

func isCount(n int64) bool { return n >= 0 && n < maxInt }

func isTime(s string) bool {
	if len(s) > 35 || len(s) == 0 || s[len(s)-1] != 'Z' {
		return false
	}
	_, err := time.Parse(time.RFC3339Nano, s)
	return err == nil
}

func isText(s string) bool {
	if len(s) > maxText {
		return false
	}
	for i := range len(s) {
		if s[i] < ' ' || s[i] > '~' {
			return isPrintable(s[i:])
		}
	}
	return true
}

func isPrintable(s string) bool {
	for _, c := range s {
		if !unicode.IsPrint(c) {
			return false
		}
	}
	return utf8.ValidString(s)
}

func isASCII(s string, limit int) bool {
	for i := range len(s) {
		if s[i] < 0x20 || s[i] > 0x7e {
			return false
		}
	}
	return len(s) <= limit
}

func isToken(s string, limit int) bool {
	for i := range len(s) {
		c := s[i]
		switch {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', c == '.', c == '_', c == ':', c == '-':
		default:
			return false
		}
	}
	return 0 < len(s) && len(s) <= limit
}

func isHexHash(s string) bool {
	for i := range len(s) {
		if c := s[i]; (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return false
		}
	}
	return len(s) == 64
}
