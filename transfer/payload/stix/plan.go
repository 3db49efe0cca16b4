package stix

import (
	"cmp"
	"errors"
	"fmt"
	"maps"

	"github.com/passavant/passavant/internal/canonical"
	"github.com/passavant/passavant/transfer/payload"
)

// formatVersion stands for everything that this package does to a bundle; it is part of the digest of a plan.
const formatVersion = "passavant-stix/1"

// Categories under which this package asks for pseudonyms of its own. They are part of the pseudonymisation domain.
const (
	idCategory      = "stix_id"   // keyed ids, over the old id
	accountCategory = "user_name" // names of accounts in paths
)

// Plan is a catalogue of format stix joined with treatments. It is immutable and may be used by any number of
// goroutines.
type Plan struct {
	limits    payload.Limits
	layout    *layout
	fields    []field
	treaters  map[string]*treater // by category and kind
	account   *field              // by which names of accounts in paths are treated
	digest    string
	catalogue *payload.Catalogue
}

// Compile joins a catalogue with the treatments of its data categories. A category without a treatment is dropped. Paths
// begin with the type of an object (docs/stix.md); [Standard] is a catalogue to start from.
//
// The errors are [*payload.CatalogueError] and [*payload.TreatmentError], all of them joined.
func Compile(cat *payload.Catalogue, treatments map[string]payload.Treatment) (*Plan, error) {
	asJSON := *cat
	asJSON.Format = payload.FormatJSON
	checked, err := payload.Compile(&asJSON, treatments) // paths, categories, kinds, techniques and parameters
	if err != nil {
		return nil, err
	}
	p := &Plan{catalogue: checked.Catalogue(), treaters: make(map[string]*treater)}
	p.catalogue.Format = payload.FormatSTIX
	p.limits = payload.Limits{
		Depth: cmp.Or(cat.Limits.Depth, payload.DefaultDepth), Bytes: cmp.Or(cat.Limits.Bytes, payload.DefaultBytes),
	}
	if err := p.addFields(treatments); err != nil {
		return nil, err
	}
	p.layout = newLayout(loadStandard(), p.fields)
	p.digest, err = canonical.Digest(map[string]string{"format": formatVersion, "plan": checked.Digest()})
	return p, err
}

func (p *Plan) addFields(treatments map[string]payload.Treatment) error {
	var errs []error
	p.fields = make([]field, len(p.catalogue.Fields))
	for i, f := range p.catalogue.Fields {
		if typ, rest := splitType(f.Path); rest == "/" || typ == "*" {
			errs = append(errs, &payload.CatalogueError{File: "catalogue " + p.catalogue.Type, Msg: fmt.Sprintf(
				"%s: a path of format stix begins with the type of an object and names a property, as /ipv4-addr/value", f.Path)})
			continue
		}
		t, found := treatments[f.Category]
		if !found {
			t = payload.Treatment{Technique: payload.Drop}
		}
		t.Params = maps.Clone(t.Params)
		p.fields[i] = field{
			Field: f, index: i, treatment: t, guarded: f.Role == payload.Direct && t.Technique != payload.Keep,
		}
		if err := p.addTreater(&p.fields[i]); err != nil {
			errs = append(errs, err)
		}
	}
	p.account = &field{Field: payload.Field{Category: accountCategory, Role: payload.Direct, Kind: payload.KindString}, index: -1}
	p.account.treatment = payload.Treatment{Technique: payload.Drop}
	if t, found := treatments[accountCategory]; found {
		p.account.treatment = t
	}
	p.account.guarded = p.account.treatment.Technique != payload.Keep
	return errors.Join(append(errs, p.addTreater(p.account))...)
}

// Digest returns "sha256:" and 64 hexadecimal digits over the canonical JSON (RFC 8785) of
// {"format": "passavant-stix/1", "plan": digest of the catalogue and treatments as package payload defines it}.
func (p *Plan) Digest() string { return p.digest }

// Catalogue returns a copy of the catalogue, with its limits filled in.
func (p *Plan) Catalogue() *payload.Catalogue {
	c := *p.catalogue
	c.Fields = append([]payload.Field(nil), c.Fields...)
	return &c
}

// Protect transforms the bundle src and gates the result, which is appended to dst. On an error out is dst as it was,
// and nothing of the result is left behind it.
//
// A Pseudonymizer is always needed: ids of objects are pseudonyms of the ids that they had. The report counts by field of
// the catalogue; [payload.Report.Withheld] says which objects went and why.
//
// The errors are [*payload.SyntaxError], [*payload.KindError], [*ObjectError], [payload.ErrNoPseudonymizer],
// [payload.ErrPseudonym], [*payload.LeakError] and [*payload.GateError].
func (p *Plan) Protect(dst, src []byte, ps payload.Pseudonymizer) (out []byte, rep *payload.Report, err error) {
	if ps == nil {
		return dst, nil, payload.ErrNoPseudonymizer
	}
	root, err := parse(src, p.limits)
	if err != nil {
		return dst, nil, err
	}
	b, err := p.newBundle(root, ps)
	if err != nil {
		return dst, nil, err
	}
	result, err := b.protect()
	if err != nil {
		return dst, nil, err
	}
	out = result.appendTo(dst)
	if err := b.gate(out[len(dst):]); err != nil {
		clear(out[len(dst):])
		return dst, nil, err
	}
	return out, b.report(len(src), len(out)-len(dst)), nil
}
