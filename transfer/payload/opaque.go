package payload

import (
	"context"
	"errors"
	"io"
	"slices"
)

// ErrNothingLeaves is the condition that nothing of an opaque document may leave.
var ErrNothingLeaves = errors.New("payload: of this type nothing may leave")

// opaquePath is the path of the only field of an opaque catalogue.
const opaquePath = "/content"

// OpaquePlan lets bytes through that nobody looks into, or not. It is immutable and may be used by any number of goroutines.
type OpaquePlan struct{ plan *Plan }

// CompileOpaque is [Compile] for catalogues of [FormatOpaque]. Their only field, "/content", can be kept, if the agreement says so
// by name, or dropped; every other technique is a [*TreatmentError].
func CompileOpaque(c *Catalogue, treatments map[string]Treatment) (*OpaquePlan, error) {
	if c.ReadAs() != FormatOpaque {
		return nil, errFormat(c)
	}
	p, err := compile(c, treatments)
	if err != nil {
		return nil, err
	}
	if f := p.fields[0]; f.technique != Keep && f.technique != Drop {
		return nil, &TreatmentError{f.Category, f.Path + ": nobody can look into an opaque document; it can be kept or dropped"}
	}
	return &OpaquePlan{p}, nil
}

// opaqueFaults refuses what an opaque catalogue cannot say.
func opaqueFaults(fields []Field) []fault {
	if len(fields) != 1 || fields[0].Path != opaquePath || fields[0].Role != FreeText || fields[0].Kind != KindString {
		return []fault{{-1, `fields: want one, with path "/content", role free-text and kind string`}}
	}
	return nil
}

// Digest is [Plan.Digest].
func (p *OpaquePlan) Digest() string { return p.plan.Digest() }

// Groups reports false: nobody can count in such a document.
func (p *OpaquePlan) Groups() bool { return false }

// Protect appends src to dst if it may leave; otherwise the error is [ErrNothingLeaves].
func (p *OpaquePlan) Protect(dst, src []byte, _ Pseudonymizer) ([]byte, *Report, error) {
	if p.plan.fields[0].technique != Keep {
		return dst, nil, ErrNothingLeaves
	}
	return append(dst, src...), p.report(int64(len(src))), nil
}

func (p *OpaquePlan) report(size int64) *Report {
	return &Report{
		Fields: []FieldReport{{
			Path: opaquePath, Category: p.plan.fields[0].Category, Role: FreeText, Technique: Keep, Count: 1,
		}},
		Kept: 1, BytesIn: size, BytesOut: size,
	}
}

// ProtectStream gives the document to emit piece by piece, if it may leave.
func (p *OpaquePlan) ProtectStream(ctx context.Context, r io.Reader, _ Pseudonymizer, o StreamOptions, emit func(*Chunk) error) (*Report, error) {
	if p.plan.fields[0].technique != Keep {
		return nil, ErrNothingLeaves
	}
	buf := make([]byte, DefaultBatch)
	for size := int64(0); ; {
		n, err := io.ReadFull(r, buf)
		size += int64(n)
		if n > 0 {
			if err := emit(&Chunk{Data: buf[:n]}); err != nil {
				return nil, err
			}
		}
		if o.Progress != nil {
			o.Progress(Progress{BytesIn: size, BytesOut: size})
		}
		switch {
		case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
			return p.report(size), nil
		case err != nil:
			return nil, err
		case ctx.Err() != nil:
			return nil, ctx.Err()
		}
	}
}

// OpaqueCategories returns the categories of the catalogue that leave as opaque files under treatments, sorted.
func OpaqueCategories(c *Catalogue, treatments map[string]Treatment) []string {
	if c.ReadAs() != FormatOpaque {
		return nil
	}
	return slices.DeleteFunc(c.Categories(), func(category string) bool { return treatments[category].Technique != Keep })
}
