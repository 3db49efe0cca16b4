package payload

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math/bits"
	"slices"
	"unicode/utf8"
)

// csvCells reads the cells of strict RFC 4180. What stands in quotes may hold anything but control characters other than
// tab, CR and LF; what stands bare, besides these, no quote either.
type csvCells struct {
	src     []byte
	pos     int
	crlf    bool // lines end with CRLF, not with LF
	invalid int  // where src stops being UTF-8; its length if it does not
}

// csvCell is one cell. It points into the document.
type csvCell struct {
	token   []byte // as it stands
	inner   []byte // without its quotes
	doubled bool   // inner holds doubled quotes
	last    bool   // of its row
}

func (c *csvCells) begin(src []byte, crlf bool) {
	*c = csvCells{src: src, crlf: crlf, invalid: len(src)}
	if !utf8.Valid(src) {
		c.invalid = 0
		for {
			r, n := utf8.DecodeRune(src[c.invalid:])
			if r == utf8.RuneError && n <= 1 {
				return
			}
			c.invalid += n
		}
	}
}

// next reads the cell at pos and what ends it. fault is empty if it could.
func (c *csvCells) next() (cell csvCell, fault string) {
	if c.pos < len(c.src) && c.src[c.pos] == '"' {
		cell, fault = c.quoted()
	} else {
		cell, fault = c.bare()
	}
	if fault == "" {
		cell.last, fault = c.end()
	}
	if fault == "" && c.invalid < c.pos {
		fault = "invalid UTF-8"
	}
	return cell, fault
}

func (c *csvCells) bare() (csvCell, string) {
	src, i := c.src, c.pos
	for i+8 <= len(src) {
		w := binary.LittleEndian.Uint64(src[i:])
		// As in stops, but for a comma in place of the backslash, and other letters than ASCII's pass.
		m := ((w - ones*0x20) & ^w) | ((w^ones*'"')-ones) & ^(w^ones*'"') | ((w^ones*',')-ones) & ^(w^ones*',')
		if m &= highs; m != 0 {
			i += bits.TrailingZeros64(m) >> 3
			if src[i] != '\t' {
				return c.bareEnd(i)
			}
			i++
			continue
		}
		i += 8
	}
	for i < len(src) && (src[i] >= 0x20 || src[i] == '\t') && src[i] != '"' && src[i] != ',' {
		i++
	}
	return c.bareEnd(i)
}

func (c *csvCells) bareEnd(i int) (csvCell, string) {
	token := c.src[c.pos:i]
	c.pos = i
	return csvCell{token: token, inner: token}, ""
}

func (c *csvCells) quoted() (cell csvCell, fault string) {
	src, start := c.src, c.pos
	i := start + 1
	for {
		n := bytes.IndexByte(src[i:], '"')
		if n < 0 {
			return cell, "a quoted cell without end"
		}
		i += n + 1
		if i == len(src) || src[i] != '"' {
			break
		}
		cell.doubled = true
		i++
	}
	c.pos = i
	cell.token, cell.inner = src[start:i], src[start+1:i-1]
	for _, b := range cell.inner {
		if b < 0x20 && b != '\t' && b != '\n' && b != '\r' {
			return cell, "a control character"
		}
	}
	return cell, ""
}

// end reads what stands behind a cell and reports whether the row is over.
func (c *csvCells) end() (last bool, fault string) {
	if c.pos == len(c.src) {
		return true, ""
	}
	b := c.src[c.pos]
	c.pos++
	switch {
	case b == ',':
		return false, ""
	case b == '\n' && !c.crlf:
		return true, ""
	case b == '\r' && c.crlf && c.pos < len(c.src) && c.src[c.pos] == '\n':
		c.pos++
		return true, ""
	case b == '\n', b == '\r':
		return false, "a line that does not end as the header line does"
	case b == '"':
		return false, "a quote in a cell that does not begin with one"
	case b < 0x20:
		return false, "a control character"
	}
	return false, "something between a closing quote and the comma"
}

// csvColumn is a column of a table, as its header row names it.
type csvColumn struct {
	field  *planField // nil for a column that the catalogue does not name
	leaves bool
}

// csvRecords reads tables. Its layout is that of one table.
type csvRecords struct {
	columns []csvColumn
	fields  []*planField // of the columns that leave
	header  []byte       // the header row of the result, with its end
	end     string
	lines   int64
}

// cut finds the last line end before which the quotes are paired.
func (*csvRecords) cut(src []byte, final bool) int {
	if final {
		return len(src)
	}
	end := bytes.LastIndexByte(src, '\n')
	if end < 0 {
		return 0
	}
	odd := bytes.Count(src[:end], []byte{'"'})%2 == 1
	for odd {
		before := bytes.LastIndexByte(src[:end], '\n')
		if before < 0 {
			return 0
		}
		odd = odd != (bytes.Count(src[before:end], []byte{'"'})%2 == 1)
		end = before
	}
	return end + 1
}

func (*csvRecords) empty() string { return "" }

// begin reads the header row.
func (t *csvRecords) begin(s *stream, b *batch) *RecordError {
	if bytes.HasPrefix(b.in, []byte("\xef\xbb\xbf")) {
		return &RecordError{Line: 1, Err: &SyntaxError{Msg: "a byte order mark"}}
	}
	if len(b.in) == 0 {
		return &RecordError{Line: 1, Err: &SyntaxError{Msg: "want a header row"}}
	}
	line, _, _ := bytes.Cut(b.in, []byte("\n"))
	t.end = "\n"
	if bytes.HasSuffix(line, []byte("\r")) {
		t.end = "\r\n"
	}
	var cells csvCells
	cells.begin(b.in, t.end == "\r\n")
	seen := make(map[string]bool)
	for last := false; !last; {
		at := cells.pos
		cell, fault := cells.next()
		name := string(cell.value(nil))
		switch {
		case fault != "":
		case name == "":
			fault = "a column without a name"
		case seen[name]:
			fault = "a name that another column has"
		}
		if fault != "" {
			return &RecordError{Line: 1, Column: len(t.columns) + 1, Err: &SyntaxError{Offset: int64(at), Msg: fault}}
		}
		seen[name], last = true, cell.last
		t.addColumn(s.plan, name, cell.token)
	}
	t.lines = int64(bytes.Count(b.in[:cells.pos], []byte{'\n'}))
	b.skip, b.lines = cells.pos, t.lines
	return t.finish(b)
}

func (t *csvRecords) addColumn(p *Plan, name string, token []byte) {
	var c csvColumn
	for i := range p.fields {
		if p.fields[i].Path == "/"+pointers.Replace(name) {
			c = csvColumn{&p.fields[i], p.fields[i].technique != Drop}
		}
	}
	t.columns = append(t.columns, c)
	if c.leaves {
		if len(t.fields) > 0 {
			t.header = append(t.header, ',')
		}
		t.header = append(t.header, token...)
		t.fields = append(t.fields, c.field)
	}
}

func (t *csvRecords) finish(b *batch) *RecordError {
	if !slices.ContainsFunc(t.columns, func(c csvColumn) bool { return c.field != nil }) {
		return &RecordError{Line: 1, Err: &SyntaxError{Msg: "the catalogue names no column of this table"}}
	}
	if len(t.fields) > 0 {
		t.header = append(t.header, t.end...)
	}
	b.chunk.Data = append(b.chunk.Data, t.header...)
	b.chunk.Header = len(t.header)
	return t.gateHeader(t.header)
}

// value returns the text of a cell; dst is used if it has to be rewritten.
func (c *csvCell) value(dst []byte) []byte {
	if !c.doubled {
		return c.inner
	}
	for rest := c.inner; ; {
		n := bytes.IndexByte(rest, '"')
		if n < 0 {
			return append(dst, rest...)
		}
		dst = append(dst, rest[:n+1]...)
		rest = rest[n+2:]
	}
}

func (t *csvRecords) work(s *stream, b *batch) {
	w, g := s.plan.walkers.Get().(*walker), s.plan.gates.Get().(*gate)
	defer w.release()
	defer g.release()
	w.start(b.chunk.Data, s.ps, &b.rep, &g.originals)
	w.grouping = s.options.Groups
	rows := csvRows{csvRecords: t, walker: w}
	rows.cells.begin(b.in[b.skip:], t.end == "\r\n")
	var scratch []byte
	for rows.cells.pos < len(rows.cells.src) && b.refused == nil {
		g.originals.mark()
		start, line := len(w.out), b.lines+1
		if b.refused = rows.row(b); b.refused != nil {
			w.out = w.out[:start]
			b.refused.Line, b.refused.Record = line, b.records+1
			if s.goesOn(b) {
				rows.skipTo(b)
				continue
			}
			break
		}
		b.records++
		b.chunk.Data = w.out
		scratch = s.mark(&b.chunk, w.spans, scratch)
	}
	b.chunk.Data = w.out
	if refused := t.gate(g, w.out[b.chunk.Header:]); refused != nil {
		b.refused = refused
	}
	b.rep.byPlace = append(b.rep.byPlace[:0], w.unlisted...)
	b.rep.BytesIn, b.rep.BytesOut = int64(len(b.in)), int64(len(w.out))
}

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
