package payload

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
)

// BulkPlan is a catalogue of records, NDJSON or CSV, joined with treatments. It is immutable and may be used by any
// number of goroutines. docs/bulk.md describes what it reads and writes.
type BulkPlan struct {
	plan   *Plan
	format Format
}

// CompileBulk is [Compile] for catalogues of the formats [FormatNDJSON] and [FormatCSV].
func CompileBulk(c *Catalogue, treatments map[string]Treatment) (*BulkPlan, error) {
	if f := c.ReadAs(); f != FormatNDJSON && f != FormatCSV {
		return nil, errFormat(c)
	}
	p, err := compile(c, treatments)
	if err != nil {
		return nil, err
	}
	return &BulkPlan{plan: p, format: c.Format}, nil
}

// columnFaults refuses paths that name no column.
func columnFaults(fields []Field) (faults []fault) {
	for i, f := range fields {
		if strings.Count(f.Path, "/") > 1 || f.Path == "/*" {
			faults = append(faults, fault{i, `path: of a CSV catalogue, want a column such as "/amount"`})
		}
	}
	return faults
}

// Digest is [Plan.Digest].
func (p *BulkPlan) Digest() string { return p.plan.Digest() }

// Catalogue is [Plan.Catalogue].
func (p *BulkPlan) Catalogue() *Catalogue { return p.plan.Catalogue() }

// Groups reports whether a quasi-identifier leaves that can single people out: what the batch gate counts.
func (p *BulkPlan) Groups() bool {
	return slices.ContainsFunc(p.plan.fields, func(f planField) bool { return f.grouped() })
}

// grouped fields make the groups of the batch gate.
func (f *planField) grouped() bool {
	return f.Role == Quasi && !slices.Contains([]string{Drop, Redact, Pseudonymize, Tokenize, PreserveFormat}, f.technique)
}

// Protect transforms and gates a bulk document in memory, without the batch gate. On an error out is dst as it was. A
// refused record is a [*RecordError].
func (p *BulkPlan) Protect(dst, src []byte, ps Pseudonymizer) (out []byte, rep *Report, err error) {
	out = dst
	rep, err = p.ProtectStream(context.Background(), bytes.NewReader(src), ps, StreamOptions{}, func(c *Chunk) error {
		out = append(out, c.Data...)
		return nil
	})
	if err != nil {
		clear(out[len(dst):])
		return dst, nil, err
	}
	return out, rep, nil
}

// Chunk is a run of whole records of a result.
type Chunk struct {
	Data []byte
	// Header is the length of what stands at the front of Data and is no record: the header row of a table.
	Header int
	// Records tells of each record where it ends and to which group it belongs. It is empty unless
	// [StreamOptions.Groups] asks for it.
	Records []Mark
	// Spans are the values of quasi-identifiers, record by record.
	Spans []Span
	// Empty is what a coarsened record has in place of such a value.
	Empty string
}

// Mark is the end of a record in [Chunk.Data] and of its spans in [Chunk.Spans], and its group: a hash of the values of
// its quasi-identifiers under keys drawn for the stream.
type Mark struct {
	End   int
	Spans int
	Group [16]byte
}

// Span is a part of [Chunk.Data].
type Span struct{ Start, End int }

// Progress says how far a stream has come.
type Progress struct {
	Records  int64
	BytesIn  int64
	BytesOut int64
}

// StreamOptions are the options of [BulkPlan.ProtectStream].
type StreamOptions struct {
	Workers  int            // 0 means as many as Go uses processors
	Groups   bool           // mark records and their groups
	Batch    int            // bytes of records that a worker gets at a time; 0 means [DefaultBatch]
	Progress func(Progress) // called after each chunk, by the caller's goroutine
	// Refused, if given, is told of every refused record, in order, and the stream goes on with the next one until it
	// returns false. What emit gets is then worth nothing: this is for those who want to know all that is wrong.
	Refused func(*RecordError) bool
}

// ProtectStream reads a bulk document to its end, transforms and gates every record, and gives the result to emit in
// the order of the document. emit may not keep a chunk. ps must be safe for concurrent use.
//
// Memory does not depend on the length of the document. The first record that is refused ends the stream with a
// [*RecordError]; the chunks that emit was given before are then worth nothing. Errors of the reader and of emit are wrapped.
func (p *BulkPlan) ProtectStream(ctx context.Context, r io.Reader, ps Pseudonymizer, o StreamOptions, emit func(*Chunk) error) (*Report, error) {
	if err := p.plan.accepts(ps); err != nil {
		return nil, err
	}
	s := newStream(p, ps, o)
	if p.format == FormatCSV {
		s.records = new(csvRecords)
	} else {
		s.records = ndjsonRecords{}
	}
	return s.run(ctx, r, emit)
}

// RecordError says which record of a bulk document is refused. It names columns that the catalogue names, and no others.
type RecordError struct {
	Line   int64  // where the record begins, from 1; 0 if only the record is known
	Record int64  // from 1; 0 is the header of a table
	Column int    // of a table, from 1; 0 if the fault is in no single column
	Name   string // of the column, if the catalogue has it
	Err    error
}

func (e *RecordError) Error() string {
	where := fmt.Sprintf("record %d", e.Record)
	switch {
	case e.Record == 0:
		where = fmt.Sprintf("line %d", e.Line)
	case e.Line > 0:
		where = fmt.Sprintf("line %d (record %d)", e.Line, e.Record)
	}
	if e.Column > 0 {
		where += fmt.Sprintf(", column %d", e.Column)
	}
	if e.Name != "" {
		where += fmt.Sprintf(" %q", e.Name)
	}
	return where + ": " + strings.TrimPrefix(e.Err.Error(), "payload: ")
}

// Unwrap returns what is wrong with the record.
func (e *RecordError) Unwrap() error { return e.Err }
