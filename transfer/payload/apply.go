package payload

import (
	"strconv"

	"github.com/go-json-experiment/json/jsontext"
)

// Apply transforms the document src, appends the result to dst, and says what it did. Nothing of dst's contents is
// changed; dst and src must not overlap. On an error out is dst as it was.
//
// The errors are [*SyntaxError], [*KindError], [ErrNoPseudonymizer] and [ErrPseudonym].
//
// Strings are pseudonymised over their unescaped value. Numbers are pseudonymised over their canonical text: plain
// decimal notation without exponent, superfluous zeros or a sign on zero while at most 40 digits are needed, otherwise
// an integer that does not end in 0, "e" and the exponent. So 1200, 1200.00 and 1.2e3 have one pseudonym, and it is that
// of the string "1200". A boolean is pseudonymised over "true" or "false".
//
// The result has not passed the gate: see [Plan.Protect].
func (p *Plan) Apply(dst, src []byte, ps Pseudonymizer) (out []byte, rep *Report, err error) {
	rep = new(Report)
	out, err = p.ApplyInto(dst, src, ps, rep)
	if err != nil {
		return out, nil, err
	}
	return out, rep, nil
}

// ApplyInto is [Plan.Apply] for loops: it fills rep, whose memory it uses again, and with room in dst it allocates
// nothing. After an error the contents of rep mean nothing.
func (p *Plan) ApplyInto(dst, src []byte, ps Pseudonymizer, rep *Report) (out []byte, err error) {
	w := p.walkers.Get().(*walker)
	defer w.release()
	return w.run(dst, src, ps, rep, nil)
}

// walker applies a plan to one document at a time.
type walker struct {
	scanner
	plan *Plan
	out  []byte
	ps   Pseudonymizer
	// techniques is ps, if it knows them.
	techniques Techniques
	subjects   subjects
	scrubber   scrubber
	rep        *Report
	unlisted   []int64    // by place
	originals  *originals // nil when nobody asks for them
	grouping   bool       // note where the values of quasi-identifiers stand
	spans      []fieldSpan
	value      []byte // the last unescaped string
	text       []byte // the last rewritten value, or canonical number
	made       []byte // the last result of a keyed technique
}

func newWalker(p *Plan) *walker {
	return &walker{scanner: scanner{seed: p.seed}, plan: p, unlisted: make([]int64, len(p.places))}
}

// release forgets everything that came from the document and gives w back, unless one large document made it large.
func (w *walker) release() {
	const large = 1 << 20
	size := 8*cap(w.keys.table) + cap(w.value) + cap(w.text) + cap(w.name) + cap(w.made) + cap(w.subjects.text)
	for _, b := range []*[]byte{&w.value, &w.text, &w.name, &w.made, &w.subjects.text} {
		clear((*b)[:cap(*b)])
		*b = (*b)[:0]
	}
	if w.plan.scrubs {
		w.scrubber.forget()
		size += cap(w.scrubber.out) + w.scrubber.spelled.Size() + w.scrubber.compact.Size()
	}
	w.src, w.out, w.ps, w.techniques, w.rep, w.originals = nil, nil, nil, nil, nil, nil
	if size < large {
		w.plan.walkers.Put(w)
	}
}

func (w *walker) run(dst, src []byte, ps Pseudonymizer, rep *Report, o *originals) ([]byte, error) {
	p := w.plan
	if err := p.accepts(ps); err != nil {
		return dst, err
	}
	w.start(dst, ps, rep, o)
	if err := w.document(src); err != nil {
		return dst, err
	}
	rep.finish(p, w.unlisted)
	rep.BytesIn, rep.BytesOut = int64(len(src)), int64(len(w.out)-len(dst))
	return w.out, nil
}

// start makes w ready for one document or for many.
func (w *walker) start(dst []byte, ps Pseudonymizer, rep *Report, o *originals) {
	rep.reset(w.plan)
	clear(w.unlisted)
	w.out, w.ps, w.rep, w.originals = dst, ps, rep, o
	w.techniques, _ = ps.(Techniques)
	w.grouping, w.spans = false, w.spans[:0]
}

// document transforms one document: first the subjects of its dates, if any date is to be shifted.
func (w *walker) document(src []byte) error {
	if w.plan.shifts || w.plan.scrubs {
		if err := w.collectSubjects(src); err != nil {
			return err
		}
	}
	return w.read(src)
}

func (w *walker) read(src []byte) error {
	limits := w.plan.catalogue.Limits
	w.begin(src, limits.Depth)
	if len(src) > limits.Bytes {
		return w.failAt(limits.Bytes, "longer than the limit of "+strconv.Itoa(limits.Bytes)+" bytes (limits.bytes of the catalogue)")
	}
	if len(src) >= 3 && string(src[:3]) == "\xef\xbb\xbf" {
		return w.fail("a byte order mark")
	}
	w.space()
	switch root := w.plan.root; {
	case root.elem != nil && w.peek() != '[':
		return w.fail("want an array as the whole document")
	case root.elem == nil && w.peek() != '{':
		return w.fail("want an object as the whole document")
	}
	start := len(w.out)
	if kept, err := w.place(w.plan.root); err != nil {
		return err
	} else if !kept { // nothing may leave; the document itself still has to be JSON
		w.out = append(w.out[:start], "{}"...)
		if w.plan.root.elem != nil {
			w.out = append(w.out[:start], "[]"...)
		}
	}
	w.space()
	if w.pos != len(w.src) {
		return w.fail("bytes after the document")
	}
	return nil
}

// place reads the value at a place of the catalogue and writes what may leave of it. It reports false if the place
// goes as a whole; the caller then takes back what was written.
func (w *walker) place(n *node) (kept bool, err error) {
	switch {
	case n.field >= 0:
		return w.field(&w.plan.fields[n.field])
	case w.peek() == 'n':
		_, err := w.literal("null")
		w.out = append(w.out, "null"...)
		return n.live, err
	case n.elem != nil:
		return w.array(n)
	}
	return w.object(n)
}

func (w *walker) object(n *node) (kept bool, err error) {
	if w.peek() != '{' {
		return false, w.mismatch(n, "object")
	}
	mark, err := w.open()
	if err != nil {
		return false, err
	}
	w.out = append(w.out, '{')
	inside := len(w.out)
	for first := true; ; first = false {
		name, h, more, err := w.member(first)
		if err != nil {
			return false, err
		}
		if !more {
			break
		}
		m := n.member(name, h)
		if m == nil {
			values, err := w.skip()
			if err != nil {
				return false, within("?", err)
			}
			if !w.subjects.reading {
				w.unlisted[n.index] += values
			}
			continue
		}
		before := len(w.out)
		if before > inside {
			w.out = append(w.out, ',')
		}
		w.out = append(w.out, m.label...)
		kept, err := w.place(m)
		if err != nil {
			return false, within(pointers.Replace(m.name), err)
		}
		if !kept {
			w.out = w.out[:before]
		}
	}
	w.close(mark)
	w.out = append(w.out, '}')
	return n.live, nil
}

func (w *walker) array(n *node) (kept bool, err error) {
	if w.peek() != '[' {
		return false, w.mismatch(n, "array")
	}
	mark, err := w.open()
	if err != nil {
		return false, err
	}
	w.out = append(w.out, '[')
	inside := len(w.out)
	for i := 0; ; i++ {
		more, err := w.next(i == 0, ']')
		if err != nil {
			return false, err
		}
		if !more {
			break
		}
		before := len(w.out)
		if before > inside {
			w.out = append(w.out, ',')
		}
		if w.plan.shifts {
			w.subjects.seen[n.elem.index]++
		}
		kept, err := w.place(n.elem)
		if err != nil {
			return false, within(strconv.Itoa(i), err)
		}
		if !kept {
			w.out = w.out[:before]
		}
	}
	w.close(mark)
	w.out = append(w.out, ']')
	return n.live, nil
}

// mismatch says what is wrong with a value at a place for an object or array: its syntax, or else its kind.
func (w *walker) mismatch(n *node, want string) error {
	if c := w.peek(); c != '{' && c != '[' {
		if _, _, _, err := w.scalar(); err != nil {
			return err
		}
	}
	return &KindError{n.pattern, want}
}

// field treats the value of a field and notes where its result stands, if that is asked for.
func (w *walker) field(f *planField) (kept bool, err error) {
	start := len(w.out)
	kept, err = w.leaf(f)
	if w.grouping && kept && f.grouped() {
		w.spans = append(w.spans, fieldSpan{Span{start, len(w.out)}, f.index})
	}
	return kept, err
}

// leaf reads the value of a field and treats it.
func (w *walker) leaf(f *planField) (kept bool, err error) {
	if c := w.peek(); c == '{' || c == '[' {
		return false, f.mismatch()
	}
	start := w.pos
	value, t, escaped, err := w.scalar()
	if err != nil {
		return false, err
	}
	if t != 0 && f.types&t == 0 {
		return false, f.mismatch()
	}
	empty := t == 0 || len(value) == 0
	if escaped && !empty {
		w.value = unescape(w.value[:0], value)
		value = w.value
	}
	if w.subjects.reading {
		if !empty {
			w.preread(f, value, t)
		}
		return false, nil
	}
	w.rep.Fields[f.index].Count++
	token := w.src[start:w.pos]
	if empty {
		w.out = append(w.out, token...)
		return f.technique != Drop, nil
	}
	if f.guarded && w.originals != nil && t != isBoolean {
		w.originals.add(f, w.canonical(value, t))
	}
	return w.treat(f, token, value, t)
}

// treat writes the result of one value; token is how it stands in the document.
func (w *walker) treat(f *planField, token, value []byte, t jsonType) (kept bool, err error) {
	switch f.technique {
	case Drop:
		return false, nil
	case Pseudonymize:
		return true, w.pseudonymize(f, w.canonical(value, t))
	}
	if f.shape != nil && !f.anyShape && !f.shape(value) {
		return false, f.mismatch()
	}
	switch {
	case f.technique == Keep:
		w.out = append(w.out, token...)
		return true, nil
	case f.technique == Scrub:
		text, err := w.scrubText(value)
		if err == nil {
			w.out, err = jsontext.AppendQuote(w.out, text)
		}
		return true, err
	case f.subject != "":
		return true, w.shiftInto(f, value)
	case f.keyed != nil:
		return true, w.useKeyed(f, w.canonical(value, t))
	}
	text, ok := f.rewrite(w.text[:0], value)
	w.text = text
	if !ok {
		return false, f.mismatch()
	}
	if f.bare && t == isNumber {
		w.out = append(w.out, text...)
		return true, nil
	}
	w.out, err = jsontext.AppendQuote(w.out, text)
	return true, err
}

// canonical returns the text that stands for a value in pseudonyms and in the search of the gate.
func (w *walker) canonical(value []byte, t jsonType) []byte {
	if t != isNumber {
		return value
	}
	w.text = appendCanonical(w.text[:0], value)
	return w.text
}

// useKeyed writes the result of a technique that needs keys.
func (w *walker) useKeyed(f *planField, value []byte) (err error) {
	made, ok := f.keyed(w.techniques, f.Field, w.made[:0], value)
	w.made = made
	switch {
	case !ok && f.fallback:
		return w.pseudonymize(f, value)
	case !ok:
		return f.mismatch()
	case !f.holds(made):
		return ErrPseudonym
	}
	w.out, err = jsontext.AppendQuote(w.out, made)
	return err
}

// shiftInto writes a shifted date, or null where it is not known whose date it is.
func (w *walker) shiftInto(f *planField, value []byte) (err error) {
	made, ok := w.shift(f, w.made[:0], value)
	w.made = made
	if !ok {
		w.out = append(w.out, "null"...)
		return nil
	}
	w.out, err = jsontext.AppendQuote(w.out, made)
	return err
}

func (w *walker) pseudonymize(f *planField, value []byte) error {
	w.out = append(w.out, '"')
	start := len(w.out)
	if w.techniques != nil {
		w.out = w.techniques.AppendPseudonymOf(w.out, f.Category, string(f.Kind), value)
	} else {
		w.out = w.ps.AppendPseudonym(w.out, f.Category, value)
	}
	if len(w.out) < start || !isPseudonym(w.out[start:]) {
		return ErrPseudonym
	}
	w.out = append(w.out, '"')
	return nil
}

func (f *planField) mismatch() error { return &KindError{f.Path, string(f.Kind)} }

// isPseudonym reports whether text is made as [Pseudonymizer] demands. Such a text needs no escapes in JSON.
func isPseudonym(text []byte) bool {
	const ( // a bit for each character that may occur, below 64 and from there on
		low  = 0x03ff<<'0' | 1<<'-' | 1<<'.' | 1<<':'
		high = 0x03ff_ffff<<('A'-64) | 0x03ff_ffff<<('a'-64) | 1<<('_'-64) | 1<<('~'-64)
	)
	all := uint64(1)
	for _, c := range text {
		all &= uint64(low)>>c | uint64(high)>>(c-64) // shifts by more than 63 give 0
	}
	return all == 1 && len(text) >= 16 && len(text) <= 128
}
