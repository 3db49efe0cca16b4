package payload

import (
	"bytes"
	"encoding/binary"
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
