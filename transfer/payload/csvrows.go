package payload

import (
	"bytes"
	"fmt"
)

// csvRows transforms rows.
type csvRows struct {
	*csvRecords
	*walker
	cells csvCells
	start int // of the row
}

// row transforms one row. On an error the caller says where it was.
func (r *csvRows) row(b *batch) *RecordError {
	w, start := r.walker, r.cells.pos
	r.start = start
	if w.plan.shifts || w.plan.scrubs {
		r.collectSubjects()
	}
	w.spans = w.spans[:0]
	before := len(w.out)
	for n := 0; ; n++ {
		at := r.cells.pos
		cell, fault := r.cells.next()
		if fault == "" && n == len(r.columns) {
			fault = fmt.Sprintf("more cells than the header, which has %d", n)
		}
		if fault == "" && cell.last && n+1 < len(r.columns) {
			n++
			fault = fmt.Sprintf("the row ends after %d cells, the header has %d", n, len(r.columns))
		}
		if fault == "" && r.cells.pos-start > w.plan.catalogue.Limits.Bytes {
			fault = fmt.Sprintf("longer than the limit of %d bytes (limits.bytes of the catalogue)", w.plan.catalogue.Limits.Bytes)
		}
		if fault != "" {
			return r.refuse(n, &SyntaxError{Offset: int64(at - start), Msg: fault})
		}
		if err := r.cell(r.columns[n], &cell, before); err != nil {
			return r.refuse(n, err)
		}
		if cell.last {
			break
		}
	}
	b.lines += int64(bytes.Count(r.cells.src[start:r.cells.pos], []byte{'\n'}))
	if len(r.fields) > 0 {
		if len(w.out) == before { // a row of one empty cell, not an empty line
			w.out = append(w.out, `""`...)
		}
		w.out = append(w.out, r.end...)
	}
	return nil
}

// skipTo goes on behind a refused row: where the line ends that the fault is on.
func (r *csvRows) skipTo(b *batch) {
	src := r.cells.src
	if r.cells.pos == r.start || src[r.cells.pos-1] != '\n' {
		n := bytes.IndexByte(src[r.cells.pos:], '\n')
		if n < 0 {
			n = len(src) - r.cells.pos - 1
		}
		r.cells.pos += n + 1
	}
	b.lines += int64(bytes.Count(src[r.start:r.cells.pos], []byte{'\n'}))
	b.records++
	r.originals.unmark()
}

// collectSubjects reads a row for the values that identify subjects. What is wrong with the row is found afterwards.
func (r *csvRows) collectSubjects() {
	w, cells := r.walker, r.cells
	w.subjects.begin(len(w.plan.places))
	if w.plan.scrubs {
		w.scrubber.forget()
	}
	for _, c := range r.columns {
		cell, fault := cells.next()
		if fault != "" {
			return
		}
		f := c.field
		if f == nil || !f.identifies && !f.named() {
			if cell.last {
				return
			}
			continue
		}
		value := cell.inner // which must not become w.value: that is written over
		if cell.doubled {
			w.value = cell.value(w.value[:0])
			value = w.value
		}
		if t, ok := f.cellType(value); ok && len(value) > 0 {
			w.preread(f, value, t)
		}
		if cell.last {
			return
		}
	}
}

func (r *csvRows) refuse(column int, err error) *RecordError {
	e := &RecordError{Column: column + 1, Err: err}
	if column < len(r.columns) && r.columns[column].field != nil {
		e.Name = pathName(r.columns[column].field.Path)
	}
	return e
}

// pathName is the header that a path of a CSV catalogue names.
func pathName(path string) string { return unescapes.Replace(path[1:]) }

// cell treats one cell. before is where the row's result begins.
func (r *csvRows) cell(c csvColumn, cell *csvCell, before int) error {
	w, f := r.walker, c.field
	if f == nil {
		w.unlisted[0]++ // the root of the tree: a table has no other place
		return nil
	}
	w.rep.Fields[f.index].Count++
	if c.leaves && f != r.fields[0] {
		w.out = append(w.out, ',')
	}
	start := len(w.out)
	if err := r.treatCell(f, cell); err != nil {
		return err
	}
	if w.grouping && f.grouped() {
		w.spans = append(w.spans, fieldSpan{Span{start, len(w.out)}, f.index})
	}
	return nil
}

func (r *csvRows) treatCell(f *planField, cell *csvCell) error {
	w := r.walker
	value := cell.inner
	if cell.doubled {
		w.value = cell.value(w.value[:0])
		value = w.value
	}
	if len(value) == 0 {
		return nil
	}
	t, ok := f.cellType(value)
	if !ok {
		return f.mismatch()
	}
	if f.guarded && t != isBoolean {
		w.originals.add(f, w.canonical(value, t))
	}
	if f.technique == Keep {
		if f.shape != nil && !f.shape(value) {
			return f.mismatch()
		}
		w.out = append(w.out, cell.token...)
		return nil
	}
	start := len(w.out)
	kept, err := w.treat(f, nil, value, t)
	if err != nil || !kept {
		w.out = w.out[:start]
		return err
	}
	r.fromJSON(start)
	return nil
}

// cellType is what a cell is taken for: a string, unless its field can hold none.
func (f *planField) cellType(value []byte) (t jsonType, ok bool) {
	switch {
	case f.types&isString != 0:
		return isString, true
	case f.types&isNumber != 0:
		return isNumber, isJSONNumber(value)
	}
	return isBoolean, string(value) == "true" || string(value) == "false"
}

// fromJSON makes a cell of the JSON value that stands at the end of the result.
func (r *csvRows) fromJSON(start int) {
	w := r.walker
	token := w.out[start:]
	if string(token) == "null" {
		w.out = w.out[:start]
		return
	}
	if token[0] != '"' {
		return
	}
	inner := token[1 : len(token)-1]
	if bytes.IndexByte(inner, '\\') < 0 && bytes.IndexByte(inner, ',') < 0 {
		w.out = w.out[:start+copy(token, inner)]
		return
	}
	w.text = unescape(w.text[:0], inner)
	w.out = w.out[:start]
	if bytes.ContainsAny(w.text, ",\"\r\n") {
		w.out = append(w.out, '"')
		for _, c := range w.text {
			if c == '"' {
				w.out = append(w.out, '"')
			}
			w.out = append(w.out, c)
		}
		w.out = append(w.out, '"')
		return
	}
	w.out = append(w.out, w.text...)
}
