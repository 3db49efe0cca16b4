// Package evidence reads and checks evidence packs: one file that shows one transfer to somebody who has neither the log
// nor our programs. It needs nothing but package audit and the standard library, so that an auditor can read all of it.
//
// docs/evidence.md specifies the file and every check.
package evidence

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/passavant/passavant/audit"
)

const (
	// Format is the version of packs that this package reads and writes.
	Format = "passavant-pack/1"
	// MaxBytes is the size of the largest pack that Parse reads.
	MaxBytes = 16 << 20
)

// ErrPack is the condition that bytes are not an evidence pack of a version that this package reads.
var ErrPack = errors.New("not an evidence pack")

// Pack is everything about one transfer that somebody chose to show. Texts that were hashed or signed are kept byte by
// byte. Only Format, Subject, Checkpoint and Records must be there.
type Pack struct {
	Format     string          `json:"format"`
	Subject    int64           `json:"subject"`    // number of the record that the pack is about
	Checkpoint string          `json:"checkpoint"` // signed head under which all records are proven
	Records    []Record        `json:"records"`    // of one transfer, by number
	Decision   string          `json:"decision,omitempty"`
	Facts      string          `json:"facts,omitempty"`
	Agreement  *Agreement      `json:"agreement,omitempty"`
	Policy     *Policy         `json:"policy,omitempty"`
	Receipt    string          `json:"receipt,omitempty"`
	Opened     []audit.Opening `json:"opened,omitempty"`
	Keys       []Key           `json:"keys,omitempty"`
}

// Record is one record of the log with its audit path to the root of the pack's checkpoint.
type Record struct {
	Index  int64    `json:"index"`
	Record string   `json:"record"`           // the leaf's bytes
	Hashes []string `json:"hashes,omitempty"` // RFC 6962 section 2.1.1, standard base64
}

// Agreement is the version of the agreement that decided, with the signatures of its parties.
type Agreement struct {
	Document   string      `json:"document"` // canonical JSON
	Signatures []Signature `json:"signatures,omitempty"`
}

// Signature is a party's signature of an agreement: Ed25519 over "passavant-agreement/1" LF and Statement.
type Signature struct {
	Statement string `json:"statement"` // canonical JSON
	Key       string `json:"key"`       // id of the signing key
	Signature string `json:"signature"` // standard base64
}

// Policy is what the revision consists of, and the files of the rules that spoke.
type Policy struct {
	Listing string            `json:"listing"` // canonical JSON of [[path, digest], …]; its digest is the revision
	Sources map[string]string `json:"sources,omitempty"`
}

// Key is a public signing key, and whose it is said to be.
type Key struct {
	Party  string `json:"party"`
	ID     string `json:"id"`     // first 16 hexadecimal digits of the SHA-256 of the key
	Public []byte `json:"public"` // Ed25519, 32 bytes
}

// Parse reads a pack. It verifies nothing; [Pack.Verify] does. Errors are ErrPack and never quote the file.
func Parse(file []byte) (*Pack, error) {
	if len(file) > MaxBytes {
		return nil, fmt.Errorf("%w: larger than %d MiB", ErrPack, MaxBytes>>20)
	}
	var p Pack
	if err := decode(file, &p); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrPack, err)
	}
	if p.Format != Format {
		return nil, fmt.Errorf("%w: its format is not %s", ErrPack, Format)
	}
	return &p, nil
}

// Marshal writes the pack as Parse reads it.
func (p *Pack) Marshal() ([]byte, error) {
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(p); err != nil {
		return nil, fmt.Errorf("writing the pack: %w", err)
	}
	if out.Len() > MaxBytes {
		return nil, fmt.Errorf("the pack would be larger than %d MiB", MaxBytes>>20)
	}
	return out.Bytes(), nil
}

// decode reads one JSON value: no unknown member, no member twice, nothing behind it. An error names the place, never a
// value.
func decode(text []byte, v any) error {
	if at := duplicate(text); at != "" {
		return errors.New(at)
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(v); err != nil {
		return fmt.Errorf("an unknown member, or a value of the wrong type, before byte %d", d.InputOffset()+1)
	}
	return nil
}

// duplicate says where text is not one JSON value or an object names a member twice; encoding/json would take the last.
func duplicate(text []byte) string {
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	if at := walk(d, 0); at != "" {
		return at
	}
	if _, err := d.Token(); err != io.EOF {
		return fmt.Sprintf("something stands behind byte %d", d.InputOffset())
	}
	return ""
}

const maxDepth = 64

func walk(d *json.Decoder, depth int) string {
	fault := func() string { return fmt.Sprintf("not strict JSON at byte %d", d.InputOffset()) }
	token, err := d.Token()
	if err != nil || depth > maxDepth {
		return fault()
	}
	delim, nested := token.(json.Delim)
	if !nested {
		return ""
	}
	names := map[string]bool{}
	for d.More() {
		if delim == '{' {
			name, err := d.Token()
			text, isText := name.(string)
			if err != nil || !isText || names[text] {
				return fault()
			}
			names[text] = true
		}
		if at := walk(d, depth+1); at != "" {
			return at
		}
	}
	if _, err := d.Token(); err != nil {
		return fault()
	}
	return ""
}
