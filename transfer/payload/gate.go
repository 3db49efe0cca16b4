package payload

import (
	"bytes"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/passavant/passavant/transfer/payload/internal/dragnet"
)

// Protect transforms the document src and gates the result: [Plan.Apply], then the checks of [Plan.Gate]. The result
// is appended to dst. On an error out is dst as it was, and nothing of the result is left behind it.
//
// The errors are those of Apply and Gate.
func (p *Plan) Protect(dst, src []byte, ps Pseudonymizer) (out []byte, rep *Report, err error) {
	rep = new(Report)
	out, err = p.ProtectInto(dst, src, ps, rep)
	if err != nil {
		return out, nil, err
	}
	return out, rep, nil
}

// ProtectInto is [Plan.Protect] for loops, as [Plan.ApplyInto] is Apply.
func (p *Plan) ProtectInto(dst, src []byte, ps Pseudonymizer, rep *Report) (out []byte, err error) {
	w, g := p.walkers.Get().(*walker), p.gates.Get().(*gate)
	defer w.release()
	defer g.release()
	out, err = w.run(dst, src, ps, rep, &g.originals)
	if err != nil {
		return dst, err
	}
	if err := g.check(out[len(dst):]); err != nil {
		clear(out[len(dst):])
		return dst, err
	}
	return out, nil
}

// Gate checks that the result out may leave in place of the document src. It reads both with an implementation of
// JSON that the transform does not use, and trusts neither.
//
// Every value of the result must stand where the catalogue has a field that is not dropped, and must be what the
// treatment of that field makes: a value of its kind, a masked one, a date or interval or network of the declared
// coarseness, a pseudonym. Otherwise the error is a [*GateError].
//
// No original value of a direct identifier that was dropped or transformed may occur anywhere in the result, also
// inside a longer string; otherwise the error is a [*LeakError]. Both match [ErrGate]. Values of fewer than four
// characters are not searched for. Letter case, accents and width do not count. Spaces, punctuation and separators do
// not count either for values of eight or more letters and digits, or of six with both among them; of a phone number
// the last eight digits are searched for. Inside a pseudonym only values of eight or more characters are searched for,
// since shorter ones occur there by chance; a date, interval of dates or network that generalisation made is not searched.
func (p *Plan) Gate(out, src []byte) error {
	g := p.gates.Get().(*gate)
	defer g.release()
	c := collector{rules: p.rules, originals: &g.originals}
	if err := g.read(src, &c); err != nil {
		return &GateError{"", "the source is " + err.Error()}
	}
	return g.check(out)
}

// originals are the values of direct identifiers that may not survive.
type originals struct {
	text  []byte
	items []original
	rows  []int // where the items of each row of a table begin
}

type original struct {
	end   int // of its bytes in text
	field *planField
}

// add keeps a value, unless it is one of the last few: an account recurs in every transaction.
func (o *originals) add(f *planField, value []byte) {
	start, end, floor := 0, len(o.text), len(o.items)-8
	if n := len(o.rows); n > 0 {
		floor = max(floor, o.rows[n-1])
	}
	for i := len(o.items) - 1; i >= 0 && i >= floor; i-- {
		if start = 0; i > 0 {
			start = o.items[i-1].end
		}
		if o.items[i].field.Kind == f.Kind && bytes.Equal(o.text[start:end], value) {
			return
		}
		end = start
	}
	o.text = append(o.text, value...)
	o.items = append(o.items, original{len(o.text), f})
}

func (o *originals) forget() {
	clear(o.text)
	o.text, o.items, o.rows = o.text[:0], o.items[:0], o.rows[:0]
}

// collector finds the originals in a source document.
type collector struct {
	*rules
	*originals
	text []byte
}

func (c *collector) container([]byte, bool) error { return nil }

func (c *collector) scalar(path []byte, value jsontext.Value) error {
	f := c.fields[string(path)]
	if f == nil || !f.guarded {
		return nil
	}
	switch value.Kind() {
	case '"':
		c.text, _ = jsontext.AppendUnquote(c.text[:0], value)
		c.add(f, c.text)
	case '0':
		c.text = appendCanonical(c.text[:0], value)
		c.add(f, c.text)
	}
	return nil
}

// gate checks one result at a time.
type gate struct {
	reader
	*rules
	plan      *Plan
	originals originals
	folder    dragnet.Folder
	spelled   dragnet.Set // folded originals
	compact   dragnet.Set // their letters and digits
	text      []byte
	folded    []byte
	packed    []byte
	plain     []byte // a scrubbed text without its pseudonyms
}

func newGate(p *Plan) *gate { return &gate{plan: p, rules: p.rules} }

// release forgets everything that came from a document and gives g back, unless a large document made it large.
func (g *gate) release() {
	const large = 1 << 20
	size := g.spelled.Size() + g.compact.Size() + cap(g.originals.text) + cap(g.folded) + cap(g.packed)
	g.originals.forget()
	g.spelled.Reset()
	g.compact.Reset()
	g.forget()
	for _, b := range []*[]byte{&g.text, &g.folded, &g.packed, &g.plain} {
		clear((*b)[:cap(*b)])
	}
	if size < large {
		g.plan.gates.Put(g)
	}
}

func (g *gate) check(out []byte) error {
	g.arm()
	if g.quick(out) {
		return nil
	}
	err := g.read(out, g)
	if err == errNotJSON {
		return &GateError{g.show(g.path), err.Error()}
	}
	return err
}

const (
	shortest      = 4 // characters of a value that is searched for
	shortestLoose = 8 // and of one that is searched for without separators, or inside a pseudonym
	shortestMixed = 6 // if it holds letters and digits
	phoneTail     = 8 // digits: what is left of a number without its prefixes
)

// renew forgets the originals of the last record.
func (g *gate) renew() {
	g.originals.forget()
	g.spelled.Reset()
	g.compact.Reset()
}

// arm hands the originals to the search; the tag of a text is the index of its field.
func (g *gate) arm() { g.armItems(0, len(g.originals.items)) }

func (g *gate) armItems(first, last int) {
	start := 0
	if first > 0 {
		start = g.originals.items[first-1].end
	}
	for _, o := range g.originals.items[first:last] {
		value := g.originals.text[start:o.end]
		start = o.end
		g.folded = g.folder.Fold(g.folded[:0], value)
		if text := bytes.TrimSpace(g.folded); utf8.RuneCount(text) >= shortest {
			g.spelled.Add(text, o.field.index)
		}
		g.packed = dragnet.Compact(g.packed[:0], g.folded)
		if n := utf8.RuneCount(g.packed); n >= shortestLoose || n >= shortestMixed && isMixed(g.packed) {
			g.compact.Add(g.packed, o.field.index)
		}
		if n := len(g.packed); o.field.Kind == KindPhone && n >= phoneTail {
			g.compact.Add(g.packed[n-phoneTail:], o.field.index)
		}
	}
}

// isMixed reports whether a compact text holds digits and something else.
func isMixed(text []byte) bool {
	n := 0
	for _, c := range text {
		if isDigit(c) {
			n++
		}
	}
	return n > 0 && n < len(text)
}

func (g *gate) container(path []byte, array bool) error {
	c, ok := g.containers[string(path)]
	switch {
	case !ok:
		return g.refuse(path, "an object or array that the catalogue does not name")
	case c.array != array:
		return g.refuse(path, "an object where the catalogue has an array, or the reverse")
	case !c.live:
		return g.refuse(path, "a place of which nothing may leave")
	}
	return nil
}

func (g *gate) refuse(path []byte, msg string) error { return &GateError{g.show(path), msg} }

func (g *gate) scalar(path []byte, value jsontext.Value) (err error) {
	f := g.fields[string(path)]
	if f == nil {
		if c, ok := g.containers[string(path)]; ok && c.live && value.Kind() == 'n' {
			return nil
		}
		return g.refuse(path, "a value that the catalogue does not name")
	}
	if f.technique == Drop {
		return g.refuse(path, "a field that is dropped")
	}
	text := []byte(value)
	if value.Kind() == '"' {
		if g.text, err = jsontext.AppendUnquote(g.text[:0], value); err != nil {
			return g.refuse(path, errNotJSON.Error())
		}
		text = g.text
	}
	return g.accept(f, path, value.Kind(), text)
}

// accept checks a value of the result that stands at the place of a field.
func (g *gate) accept(f *planField, path []byte, k jsontext.Kind, text []byte) error {
	if !f.made(k, text) {
		return g.refuse(path, "a value that the treatment of its field does not make")
	}
	if err := g.search(f, text); err != nil || k != '0' {
		return err
	}
	g.text = appendCanonical(g.text[:0], text)
	return g.search(f, g.text)
}

// made is the post-condition of a field.
func (f *planField) made(k jsontext.Kind, text []byte) bool {
	if k == 'n' {
		return true
	}
	if k == '"' && len(text) == 0 {
		return f.types&isString != 0
	}
	switch f.technique {
	case Keep:
		return f.types&typeOf(k) != 0 && (f.shape == nil || f.shape(text))
	case Pseudonymize:
		return k == '"' && isPseudonym(text)
	}
	number := k == '0' && f.bare && f.types&isNumber != 0
	return (number || k == '"') && f.holds(text)
}

func typeOf(k jsontext.Kind) jsonType {
	switch k {
	case '"':
		return isString
	case '0':
		return isNumber
	case 't', 'f':
		return isBoolean
	}
	return 0
}

// search looks for the originals in one value of the result.
func (g *gate) search(f *planField, text []byte) error {
	if f.fixed {
		return nil
	}
	if f.technique == Scrub {
		text = g.withoutTokens(text)
	}
	least := 0
	if f.random {
		least = shortestLoose
	}
	g.folded = g.folder.Fold(g.folded[:0], text)
	tag, found := g.spelled.Find(g.folded, least)
	if !found {
		g.packed = dragnet.Compact(g.packed[:0], g.folded)
		tag, found = g.compact.Find(g.packed, least)
	}
	if found {
		return &LeakError{Pointer: f.Path, Category: g.plan.fields[tag].Category}
	}
	return nil
}
