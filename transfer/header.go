package transfer

import (
	"errors"
	"fmt"
	"time"

	"github.com/passavant/passavant/internal/canonical"
	"github.com/passavant/passavant/transfer/payload"
)

// HeaderVersion is the version of the header that this package writes and reads.
const HeaderVersion = 1

// ErrHeader is the condition that an envelope's header cannot be read.
var ErrHeader = errors.New("invalid envelope header")

// Header says what an envelope is without opening it. It travels in clear, bound to the ciphertext and signed with it,
// and holds no personal data: parties are organisations, counts stand for values. JSON as docs/envelope-format.md.
type Header struct { // members in canonical order, see marshal
	Agreement       string `json:"agreement"`
	AgreementDigest string `json:"agreement_digest"`
	// Basis is the decision's ground, the decisive one first, such as "GDPR:46(2)(c)".
	Basis       []string  `json:"basis"`
	Catalogue   string    `json:"catalogue"` // type and version, "fraud-case-report/1"
	ContentType string    `json:"content_type"`
	Created     time.Time `json:"created"` // UTC, whole seconds
	DataVersion string    `json:"data_version"`
	Expires     time.Time `json:"expires"` // UTC, whole seconds; a recipient refuses the envelope from then on
	Exporter    string    `json:"exporter"`
	// FactsDigest and PolicyRevision name the decision: equal facts under an equal revision decide equally.
	FactsDigest string   `json:"facts_digest"`
	Manifest    Manifest `json:"manifest"`
	// Obligations are those that bind the recipient.
	Obligations    []Duty `json:"obligations"`
	PolicyRevision string `json:"policy_revision"`
	Purpose        string `json:"purpose"`
	Recipient      string `json:"recipient"`
	Transfer       string `json:"transfer"` // 128 random bits, hexadecimal
	Version        int    `json:"version"`
}

// Duty is an obligation that travels with the data.
type Duty struct {
	Code   string            `json:"code"`
	Params map[string]string `json:"params,omitempty"`
}

// Manifest says what was done to the payload: patterns and counts, never values.
type Manifest struct {
	// Coarsened is how many records of a bulk document lost their quasi-identifiers, since too few shared them.
	Coarsened int64           `json:"coarsened,omitempty"`
	Dropped   int64           `json:"dropped"` // values of catalogued fields that were withheld
	Fields    []ManifestField `json:"fields"`
	// GroupSize is how many records of a bulk document have to share their quasi-identifiers; 0 if none has to.
	GroupSize int   `json:"group_size,omitempty"`
	Kept      int64 `json:"kept"`
	// KeyID names the pseudonymisation key and epoch; empty if nothing was pseudonymised.
	KeyID string `json:"key_id,omitempty"`
	// Plan is the digest of the catalogue and the treatments.
	Plan string `json:"plan"`
	// Records is how many records the bulk document had. The counts by field are of all of them.
	Records     int64 `json:"records,omitempty"`
	Suppressed  int64 `json:"suppressed,omitempty"` // records that were withheld, since too few were like them
	Transformed int64 `json:"transformed"`
	Unlisted    int64 `json:"unlisted"` // values that the catalogue does not name, withheld
}

// ManifestField is one line of a manifest.
type ManifestField struct {
	Category  string            `json:"category"`
	Count     int64             `json:"count"`
	Params    map[string]string `json:"params,omitempty"`
	Path      string            `json:"path"` // JSON Pointer pattern of the catalogue
	Technique string            `json:"technique"`
}

func newManifest(plan Plan, report *payload.Report, keyID string) Manifest {
	m := Manifest{
		Plan: plan.Digest(), Kept: report.Kept, Transformed: report.Transformed, Dropped: report.Dropped,
		Unlisted: report.Unlisted, Records: report.Records, Fields: make([]ManifestField, 0, len(report.Fields)),
	}
	for _, f := range report.Fields {
		if f.Count == 0 {
			continue
		}
		if payload.IsKeyed(f.Technique) {
			m.KeyID = keyID
		}
		m.Fields = append(m.Fields, ManifestField{
			Path: f.Path, Category: f.Category, Technique: f.Technique, Params: f.Params, Count: f.Count,
		})
	}
	return m
}

func parseHeader(raw []byte) (Header, error) {
	var h Header
	if err := canonical.Unmarshal(raw, &h); err != nil {
		return Header{}, fmt.Errorf("%w: %w", ErrHeader, err)
	}
	if h.Version != HeaderVersion {
		return Header{}, fmt.Errorf("%w: version %d; this program reads version %d", ErrHeader, h.Version, HeaderVersion)
	}
	for name, value := range map[string]string{
		"transfer": h.Transfer, "exporter": h.Exporter, "recipient": h.Recipient, "agreement": h.Agreement, "purpose": h.Purpose,
	} {
		if !isCode(value) {
			return Header{}, fmt.Errorf("%w: member %q is missing or not a code", ErrHeader, name)
		}
	}
	if h.Created.IsZero() || !h.Expires.After(h.Created) {
		return Header{}, fmt.Errorf("%w: it does not expire after its creation", ErrHeader)
	}
	if h.Created.Nanosecond() != 0 || h.Expires.Nanosecond() != 0 { // the memory of replays is in whole seconds
		return Header{}, fmt.Errorf("%w: its times are not in whole seconds", ErrHeader)
	}
	return h, nil
}
