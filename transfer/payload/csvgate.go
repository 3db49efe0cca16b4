package payload

import (
	"bytes"
	"encoding/csv"
	"io"

	"github.com/go-json-experiment/json/jsontext"
)

// gate holds the rows of a result against the plan and against the originals of the rows that they came from. It reads
// them with encoding/csv, which the transform does not use.
func (t *csvRecords) gate(g *gate, out []byte) *RecordError {
	if len(t.fields) == 0 {
		if len(out) > 0 {
			return &RecordError{Record: 1, Err: &GateError{"", "a table of which nothing may leave"}}
		}
		return nil
	}
	rows := csv.NewReader(bytes.NewReader(out))
	rows.FieldsPerRecord, rows.ReuseRecord = len(t.fields), true
	for n := 1; ; n++ {
		row, err := rows.Read()
		if err == io.EOF {
			return t.gateCount(n-1, &g.originals)
		}
		if err != nil { // the error of encoding/csv could quote the row
			return &RecordError{Record: int64(n), Err: &GateError{"", "the result is not a table of the plan's columns"}}
		}
		if n > len(g.originals.rows) {
			return t.gateCount(n, &g.originals)
		}
		g.armFrom(n)
		for i, f := range t.fields {
			if err := g.cell(f, row[i]); err != nil {
				return &RecordError{Record: int64(n), Column: i + 1, Name: pathName(f.Path), Err: err}
			}
		}
	}
}

// gateHeader demands that the header of a result names the columns that leave, and no others.
func (t *csvRecords) gateHeader(header []byte) *RecordError {
	if len(t.fields) == 0 && len(header) == 0 {
		return nil
	}
	wrong := &RecordError{Line: 1, Err: &GateError{"", "the header of the result does not name the columns that leave"}}
	names, err := csv.NewReader(bytes.NewReader(header)).Read()
	if err != nil || len(names) != len(t.fields) {
		return wrong
	}
	for i, f := range t.fields {
		if names[i] != pathName(f.Path) || f.technique == Drop {
			return wrong
		}
	}
	return nil
}

// gateCount refuses a result with more or fewer rows than went in. Of a row that the transform refused, which is the
// last, there may be none.
func (t *csvRecords) gateCount(rows int, o *originals) *RecordError {
	if rows == len(o.rows) || rows == len(o.rows)-1 {
		return nil
	}
	return &RecordError{Record: int64(rows), Err: &GateError{"", "the result has another number of rows"}}
}

// cell checks one cell of a result.
func (g *gate) cell(f *planField, text string) error {
	if f.technique == Drop {
		return g.refuse([]byte(f.Path), "a field that is dropped")
	}
	if text == "" {
		return nil
	}
	g.text = append(g.text[:0], text...)
	return g.accept(f, []byte(f.Path), f.cellKind(g.text), g.text)
}

// cellKind is the JSON kind that a cell of a result stands for.
func (f *planField) cellKind(text []byte) jsontext.Kind {
	switch {
	case f.technique == Pseudonymize, f.types&isString != 0:
		return '"'
	case f.types&isNumber != 0 && isJSONNumber(text):
		return '0'
	case f.types == isBoolean && string(text) == "true":
		return 't'
	case f.types == isBoolean && string(text) == "false":
		return 'f'
	}
	return '"'
}

// mark begins another row: what is added from here on is its own.
func (o *originals) mark() { o.rows = append(o.rows, len(o.items)) }

// unmark forgets the last row and what was added for it.
func (o *originals) unmark() {
	last := len(o.rows) - 1
	o.items = o.items[:o.rows[last]]
	o.rows = o.rows[:last]
	end := 0
	if n := len(o.items); n > 0 {
		end = o.items[n-1].end
	}
	clear(o.text[end:])
	o.text = o.text[:end]
}

// armFrom hands the originals of a row, counted from 1, to the search, and none besides.
func (g *gate) armFrom(row int) {
	o := &g.originals
	first, last := o.rows[row-1], len(o.items)
	if row < len(o.rows) {
		last = o.rows[row]
	}
	g.spelled.Reset()
	g.compact.Reset()
	g.armItems(first, last)
}
