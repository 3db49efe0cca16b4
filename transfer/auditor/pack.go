package auditor

import (
	"context"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/passavant/passavant/audit"
	"github.com/passavant/passavant/audit/evidence"
	"github.com/passavant/passavant/internal/canonical"
	"github.com/passavant/passavant/policy"
	"github.com/passavant/passavant/policy/agreement"
	"github.com/passavant/passavant/transfer"
)

// Showing says what a pack opens beyond what the log itself holds. The zero value opens nothing.
type Showing struct {
	// Facts shows what the decision was made on.
	Facts bool
	// Fields are names of fields, such as "person/actor"; a trailing "*" stands for every field that begins so.
	Fields []string
	// Released is the document that was sealed, from which fields of the payload are opened; nil if none are.
	Released []byte
}

// ErrNoField is the condition that a field to be opened does not exist, or that what would open it was not given.
var ErrNoField = errors.New("no such field can be opened")

// Pack makes the evidence pack of record n: everything about its transfer that the workspace still holds. What is gone is
// left out; what Showing names and cannot be opened is an error, ErrErased or ErrNoField.
func (a *Auditor) Pack(ctx context.Context, n int64, show Showing) (*evidence.Pack, error) {
	subject, _, err := a.Reader.Record(n)
	if err != nil {
		return nil, err
	}
	p := &evidence.Pack{Format: evidence.Format, Subject: n, Checkpoint: string(a.Reader.Checkpoint())}
	if err := a.packRecords(p, subject); err != nil {
		return nil, err
	}
	details, err := a.details(subject.Transfer)
	if err != nil {
		return nil, err
	}
	for _, d := range details {
		if len(d.Receipt) > 0 {
			p.Receipt = string(d.Receipt)
		}
	}
	if err := a.packPolicy(ctx, p, subject, details); err != nil {
		return nil, err
	}
	if err := a.open(p, subject, details, show); err != nil {
		return nil, err
	}
	a.packKeys(p, subject)
	return p, nil
}

func (a *Auditor) packRecords(p *evidence.Pack, subject audit.Record) error {
	numbers := []int64{p.Subject}
	if subject.Transfer != "" {
		var err error
		if numbers, err = a.ofTransfer(subject.Transfer); err != nil {
			return err
		}
	}
	for _, n := range numbers {
		_, raw, err := a.Reader.Record(n)
		if err != nil {
			return err
		}
		proof, err := a.Reader.Prove(n)
		if err != nil {
			return err
		}
		r := evidence.Record{Index: n, Record: string(raw)}
		for _, h := range proof.Hashes {
			r.Hashes = append(r.Hashes, h.String())
		}
		p.Records = append(p.Records, r)
	}
	return nil
}

// packPolicy adds the agreement, the policy and the decision's own words, if the revision was archived.
func (a *Auditor) packPolicy(ctx context.Context, p *evidence.Pack, subject audit.Record, details []transfer.Detail) error {
	if a.Archives == nil || subject.PolicyRevision == "" {
		return nil
	}
	archive, err := a.Archives(subject.PolicyRevision)
	if err != nil {
		return err
	}
	p.Policy = &evidence.Policy{Listing: string(archive.Listing)}
	if document := archive.Agreement(subject.Agreement); document != nil && canonical.DigestBytes(document) == subject.AgreementDigest {
		p.Agreement = &evidence.Agreement{Document: string(document)}
		if p.Agreement.Signatures, err = packSignatures(archive, subject.Agreement, subject.AgreementDigest); err != nil {
			return err
		}
	}
	i := slices.IndexFunc(details, transfer.Detail.HasFacts)
	if i < 0 {
		return nil
	}
	engine, err := policy.LoadArchive(ctx, archive, policy.Options{})
	if err != nil {
		return err
	}
	return packDecision(p, subject, archive, engine.Replay(ctx, details[i].Facts, subject.AgreementDigest))
}

// packDecision adds the words of the decision, if it comes out as it did, and the sources of the rules that spoke.
func packDecision(p *evidence.Pack, subject audit.Record, archive policy.Archive, d policy.Decision) error {
	if d.Digest != subject.Fields["decision"] {
		return nil
	}
	words, err := canonical.Marshal(d)
	if err != nil {
		return err
	}
	p.Decision = string(words)
	p.Policy.Sources = map[string]string{}
	for _, r := range d.Reasons {
		name, _, _ := strings.Cut(r.Source, ":")
		if source, found := archive.Files[name]; found {
			p.Policy.Sources[name] = string(source)
		}
	}
	return nil
}

// packSignatures takes those signatures that are of the version which decided.
func packSignatures(archive policy.Archive, id, digest string) ([]evidence.Signature, error) {
	var all []evidence.Signature
	for name, content := range archive.Signatures {
		if !strings.HasPrefix(name, "agreements/"+id+"/signatures/") {
			continue
		}
		s, err := agreement.ParseSignature(name, content)
		if err != nil {
			return nil, err
		}
		if s.Statement.Digest != digest {
			continue
		}
		statement, err := canonical.Marshal(s.Statement)
		if err != nil {
			return nil, err
		}
		all = append(all, evidence.Signature{
			Statement: string(statement), Key: s.Key, Signature: base64.StdEncoding.EncodeToString(s.Signature),
		})
	}
	slices.SortFunc(all, func(a, b evidence.Signature) int { return strings.Compare(a.Statement, b.Statement) })
	return all, nil
}

// packKeys adds the signing keys of both sides. Whoever reads the pack decides whom they belong to.
func (a *Auditor) packKeys(p *evidence.Pack, subject audit.Record) {
	for _, party := range []string{subject.Exporter, subject.Recipient} {
		public := a.Own
		if party != a.Own.Party {
			if a.Partners == nil || party == "" {
				continue
			}
			partner, err := a.Partners.Partner(party)
			if err != nil {
				continue
			}
			public = partner
		}
		for _, k := range public.Sign {
			if len(k.Public) == ed25519.PublicKeySize {
				p.Keys = append(p.Keys, evidence.Key{Party: party, ID: k.ID, Public: k.Public})
			}
		}
	}
}

// open adds what somebody chose to show.
func (a *Auditor) open(p *evidence.Pack, subject audit.Record, details []transfer.Detail, show Showing) error {
	if show.Facts {
		i := slices.IndexFunc(details, func(d transfer.Detail) bool {
			return d.HasFacts() && canonical.DigestBytes(d.Facts) == subject.FactsDigest
		})
		if i < 0 {
			return fmt.Errorf("the facts: %w", ErrErased)
		}
		p.Facts = string(details[i].Facts)
	}
	if len(show.Fields) == 0 {
		return nil
	}
	openings, err := openFields(subject, details, show)
	p.Opened = openings
	return err
}

// Revealed is what was opened of one record.
type Revealed struct {
	Record int64           `json:"record"`
	Fields []audit.Opening `json:"fields,omitempty"`
	Facts  json.RawMessage `json:"facts,omitempty"`
}

// Reveal opens what show names of record n, and nothing else. Errors are ErrErased or ErrNoField.
func (a *Auditor) Reveal(n int64, show Showing) (Revealed, error) {
	subject, _, err := a.Reader.Record(n)
	if err != nil {
		return Revealed{}, err
	}
	details, err := a.details(subject.Transfer)
	if err != nil {
		return Revealed{}, err
	}
	var p evidence.Pack
	err = a.open(&p, subject, details, show)
	return Revealed{Record: n, Fields: p.Opened, Facts: json.RawMessage(p.Facts)}, err
}

// openFields opens the fields that the patterns name.
func openFields(subject audit.Record, details []transfer.Detail, show Showing) ([]audit.Opening, error) {
	if len(details) == 0 {
		return nil, ErrErased
	}
	var openings []audit.Opening
	for _, pattern := range show.Fields {
		of, _, _ := strings.Cut(strings.TrimSuffix(pattern, "*"), "/")
		seed, fields, err := committed(subject, details, "fields."+of, show.Released)
		if err != nil {
			return nil, err
		}
		found, err := openMatching(seed, fields, pattern)
		if err != nil {
			return nil, err
		}
		openings = append(openings, found...)
	}
	return openings, nil
}

// committed finds what leads to one of the record's commitments: a transfer can have several details.
func committed(subject audit.Record, details []transfer.Detail, name string, released []byte) (seed [32]byte, fields []audit.FieldValue, err error) {
	root, there := subject.Commitments[name]
	if !there {
		return seed, nil, fmt.Errorf("%w: the record commits to no %s", ErrNoField, name)
	}
	for _, d := range details {
		seed, there := d.Salt(name)
		if !there {
			continue
		}
		fields := transfer.ReleasedFields(released)
		if name == "fields.person" {
			if fields, err = transfer.PersonFields(d.Person); err != nil {
				return seed, nil, err
			}
		}
		if got, err := audit.CommitFields(seed, fields); err == nil && got == root {
			return seed, fields, nil
		}
	}
	return seed, nil, fmt.Errorf("%w: the document that was released must be given, and be the very one", ErrNoField)
}

func openMatching(seed [32]byte, fields []audit.FieldValue, pattern string) ([]audit.Opening, error) {
	prefix, wild := strings.CutSuffix(pattern, "*")
	var openings []audit.Opening
	for _, f := range fields {
		if f.Name != pattern && (!wild || !strings.HasPrefix(f.Name, prefix)) {
			continue
		}
		o, err := audit.OpenField(seed, fields, f.Name)
		if err != nil {
			return nil, err
		}
		openings = append(openings, o)
	}
	if len(openings) == 0 {
		return nil, fmt.Errorf("%w: the record has no field %q", ErrNoField, pattern)
	}
	return openings, nil
}
