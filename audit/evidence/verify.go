package evidence

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"

	"golang.org/x/mod/sumdb/tlog"

	"github.com/passavant/passavant/audit"
)

// State is what came of one check.
type State string

// The states of a check.
const (
	Good   State = "good"
	Fault  State = "fault"
	Absent State = "absent" // the pack holds nothing to check
)

// Check is one line of the verdict.
type Check struct {
	Name   string `json:"check"`
	State  State  `json:"state"`
	Detail string `json:"detail"` // one clause for people; never a personal value
}

// Options say what to hold a pack against.
type Options struct {
	// VKey is the verifier key of the exporter's log, obtained by another way than the pack. Required.
	VKey string
	// Trusted are signing keys known to be those of their parties. For a party that is among them, no other key counts.
	Trusted []Key
	// Envelope, if not nil, is the file of the envelope that the pack is about.
	Envelope []byte
	// Cosigned, if not nil, judges the cosignatures of the pack's checkpoint and says in one clause what it found.
	Cosigned func(checkpoint []byte) (string, error)
}

// Verdict is what Verify found.
type Verdict struct {
	OK      bool            `json:"ok"` // no check is a Fault
	Checks  []Check         `json:"checks"`
	Subject audit.Record    `json:"record"` // zero if it cannot be read
	Opened  []audit.Opening `json:"opened,omitempty"`
}

// Verify makes every check of docs/evidence.md, in its order, offline. A fault does not end it: each line stands by itself.
func (p *Pack) Verify(o Options) Verdict {
	v := &verifier{pack: p, opts: o}
	for _, c := range []struct {
		name  string
		check func() (State, string, error)
	}{
		{"records", v.records}, {"inclusion", v.inclusion}, {"cosignatures", v.cosignatures}, {"agreement", v.agreement},
		{"signatures", v.signatures}, {"policy", v.policy}, {"decision", v.decision}, {"facts", v.facts},
		{"manifest", v.manifest}, {"envelope", v.envelope}, {"receipt", v.receipt}, {"opened", v.opened},
	} {
		state, detail, err := c.check()
		if err != nil {
			state, detail = Fault, err.Error()
		}
		v.verdict.Checks = append(v.verdict.Checks, Check{c.name, state, detail})
	}
	v.verdict.OK = true
	for _, c := range v.verdict.Checks {
		v.verdict.OK = v.verdict.OK && c.State != Fault
	}
	v.verdict.Subject = v.subject
	return v.verdict
}

type verifier struct {
	pack    *Pack
	opts    Options
	subject audit.Record
	all     []audit.Record // by position in pack.Records
	verdict Verdict
}

func good(format string, args ...any) (State, string, error) {
	return Good, fmt.Sprintf(format, args...), nil
}

func absent(why string) (State, string, error) { return Absent, why, nil }

func fault(format string, args ...any) (State, string, error) {
	return Fault, "", fmt.Errorf(format, args...)
}

// digestOf is the notation of digests in records.
func digestOf(text string) string {
	sum := sha256.Sum256([]byte(text))
	return "sha256:" + hex.EncodeToString(sum[:])
}

// record returns the first record of a type.
func (v *verifier) record(t audit.Type) (audit.Record, bool) {
	for _, r := range v.all {
		if r.Type == t {
			return r, true
		}
	}
	return audit.Record{}, false
}

func (v *verifier) records() (State, string, error) {
	found := false
	for i, packed := range v.pack.Records {
		r, err := audit.ParseRecord([]byte(packed.Record))
		if err != nil {
			return fault("record %d cannot be read: %w", packed.Index, err)
		}
		if i > 0 && packed.Index <= v.pack.Records[i-1].Index {
			return fault("the records are not in ascending order")
		}
		v.all = append(v.all, r)
		if packed.Index == v.pack.Subject {
			v.subject, found = r, true
		}
	}
	if !found {
		return fault("the record that the pack is about, %d, is not in it", v.pack.Subject)
	}
	types := make([]string, len(v.all))
	for i, r := range v.all {
		if r.Transfer != v.subject.Transfer {
			return fault("record %d is of another transfer", v.pack.Records[i].Index)
		}
		types[i] = string(r.Type)
	}
	return good("%s: %s", v.name(), strings.Join(types, ", "))
}

func (v *verifier) name() string {
	if v.subject.Transfer == "" {
		return fmt.Sprintf("record %d", v.pack.Subject)
	}
	return "transfer " + v.subject.Transfer
}

func (v *verifier) inclusion() (State, string, error) {
	for _, r := range v.pack.Records {
		hashes := make([]tlog.Hash, len(r.Hashes))
		for i, text := range r.Hashes {
			raw, err := base64.StdEncoding.Strict().DecodeString(text)
			if err != nil || len(raw) != tlog.HashSize {
				return fault("hash %d of record %d is not base64 of 32 bytes", i, r.Index)
			}
			hashes[i] = tlog.Hash(raw)
		}
		proof := audit.Proof{Index: r.Index, Hashes: hashes, Checkpoint: []byte(v.pack.Checkpoint)}
		if err := audit.VerifyProof(v.opts.VKey, []byte(r.Record), proof); err != nil {
			return fault("record %d: %w", r.Index, err)
		}
	}
	if len(v.pack.Records) == 0 {
		return fault("there is no record")
	}
	return good("every record stands in the log of the given key")
}

func (v *verifier) cosignatures() (State, string, error) {
	if v.opts.Cosigned == nil {
		return absent("no witness policy was given")
	}
	found, err := v.opts.Cosigned([]byte(v.pack.Checkpoint))
	if err != nil {
		return Fault, "", err
	}
	return good("%s", found)
}

func (v *verifier) facts() (State, string, error) {
	switch {
	case v.pack.Facts == "":
		return absent("the facts were not opened")
	case digestOf(v.pack.Facts) != v.subject.FactsDigest:
		return fault("the facts are not those that the record names")
	}
	return good("the decision was made on these facts")
}

func (v *verifier) manifest() (State, string, error) {
	m := v.subject.Manifest
	if m == nil {
		return absent("the record has no manifest: nothing left")
	}
	var left int64
	for _, item := range m.Items {
		if item.Technique == "" || item.Path == "" {
			return fault("an entry has no path or no technique")
		}
		if item.Technique != "drop" {
			left += item.Count
		}
	}
	return good("%d values left, %d were withheld", left, m.Withheld)
}

func (v *verifier) envelope() (State, string, error) {
	digest := ""
	for i, r := range v.all {
		if r.EnvelopeDigest == "" {
			continue
		}
		if digest != "" && r.EnvelopeDigest != digest {
			return fault("record %d names another envelope", v.pack.Records[i].Index)
		}
		digest = r.EnvelopeDigest
	}
	switch {
	case v.opts.Envelope == nil && digest == "":
		return absent("no record names an envelope")
	case v.opts.Envelope == nil:
		return good("%s; the file itself was not given", digest)
	case digestOf(sealedOf(v.opts.Envelope)) != digest:
		return fault("the given file is not the envelope that the records name")
	}
	return good("the given file is the envelope that the records name")
}

// sealedOf is the signed part of an envelope's file: what stands behind the first line and the proof line.
func sealedOf(file []byte) string {
	rest, ok := strings.CutPrefix(string(file), "passavant-envelope/1\n")
	if !ok {
		return string(file)
	}
	_, sealed, _ := strings.Cut(rest, "\n")
	return sealed
}

func (v *verifier) opened() (State, string, error) {
	if len(v.pack.Opened) == 0 {
		return absent("no field was opened")
	}
	names := make([]string, len(v.pack.Opened))
	for i, o := range v.pack.Opened {
		of, _, _ := strings.Cut(o.Name, "/")
		if err := o.Verify(v.subject.Commitments["fields."+of]); err != nil {
			return Fault, "", fmt.Errorf("opening %d: %w", i, err)
		}
		names[i] = o.Name
	}
	v.verdict.Opened = v.pack.Opened
	return good("%s", strings.Join(names, ", "))
}

var errUnreadable = errors.New("cannot be read")
