package payload

import (
	"bytes"
	"errors"
	"slices"
	"unicode"
	"unicode/utf8"

	"github.com/passavant/passavant/transfer/payload/internal/dragnet"
)

// scrub makes a ready for free text.
func (a *action) scrub(k Kind) error {
	if k != KindString {
		return errors.New("scrub is for fields of kind string")
	}
	a.rewrite = func(dst, _ []byte) ([]byte, bool) { return dst, false } // the walker does it, with the values of the record
	a.holds = func(text []byte) bool { return len(recognise(nil, text)) == 0 }
	return nil
}

// named reports whether the values of a field are looked for in text that is scrubbed.
func (f *planField) named() bool {
	switch {
	case f.technique == Keep || f.technique == Scrub || f.types&isString == 0 && f.types&isNumber == 0:
		return false
	case f.Role == Direct:
		return true
	}
	return f.Role == Quasi && (f.Kind == KindDate || f.Kind == KindPostcode)
}

// scrubber replaces in text what the record says elsewhere about persons, and what has the form of an identifier.
type scrubber struct {
	folder  dragnet.Folder
	values  []scrubValue
	text    []byte         // of the values
	spelled dragnet.Set    // the folded values
	compact dragnet.Set    // their letters and digits
	words   map[string]int // values and parts of names that count as whole words only
	folded  []byte
	packed  []byte
	at      []int // where in the text the bytes of folded come from
	from    []int // where in folded the bytes of packed come from
	hits    []hit
	forms   []found
	out     []byte
}

type scrubValue struct {
	start, end int // of its bytes in text
	t          jsonType
	field      *planField
}

// hit is a part of a text to be replaced, by the result of a value or by a label.
type hit struct {
	start, end int
	value      int // -1 for a label
	label      string
}

const (
	shortestWord = 3 // letters of a part of a name that is looked for as a word
	shortestID   = 2 // characters of a whole value that is
)

// forget makes s ready for another record.
func (s *scrubber) forget() {
	clear(s.text)
	clear(s.folded[:cap(s.folded)])
	clear(s.packed[:cap(s.packed)])
	clear(s.out[:cap(s.out)])
	s.text, s.values = s.text[:0], s.values[:0]
	s.spelled.Reset()
	s.compact.Reset()
	clear(s.words)
}

// add takes a value that the record holds.
func (s *scrubber) add(f *planField, value []byte, t jsonType) {
	start, tag := len(s.text), len(s.values)
	s.text = append(s.text, value...)
	s.values = append(s.values, scrubValue{start, len(s.text), t, f})
	s.folded = s.folder.Fold(s.folded[:0], value)
	text := bytes.TrimSpace(s.folded)
	if n := utf8.RuneCount(text); n >= shortest {
		s.spelled.Add(text, tag)
	} else if n >= shortestID {
		s.word(text, tag)
	}
	s.packed = dragnet.Compact(s.packed[:0], s.folded)
	if n := utf8.RuneCount(s.packed); n >= shortestLoose || n >= shortestMixed && isMixed(s.packed) {
		s.compact.Add(s.packed, tag)
	}
	if n := len(s.packed); f.Kind == KindPhone && n >= phoneTail {
		s.compact.Add(s.packed[n-phoneTail:], tag)
	}
	if f.Kind == KindString && f.Role == Direct && bytes.ContainsAny(text, " -'") {
		eachWord(text, func(start, end int) {
			if utf8.RuneCount(text[start:end]) >= shortestWord && !isNumeric(text[start:end]) {
				s.word(text[start:end], tag)
			}
		})
	}
}

func (s *scrubber) word(text []byte, tag int) {
	if s.words == nil {
		s.words = make(map[string]int)
	}
	if _, known := s.words[string(text)]; !known {
		s.words[string(text)] = tag
	}
}

func isNumeric(text []byte) bool { return allDigits(text) }

// eachWord visits the runs of letters and digits.
func eachWord(text []byte, visit func(start, end int)) {
	start := -1
	for i := 0; i < len(text); {
		r, n := utf8.DecodeRune(text[i:])
		switch in := unicode.IsLetter(r) || unicode.IsNumber(r); {
		case in && start < 0:
			start = i
		case !in && start >= 0:
			visit(start, i)
			start = -1
		}
		i += n
	}
	if start >= 0 {
		visit(start, len(text))
	}
}

// find lists what has to go, in order and without overlaps.
func (s *scrubber) find(text []byte) []hit {
	s.hits = s.hits[:0]
	s.folded, s.at = s.folder.FoldAt(s.folded[:0], s.at[:0], text)
	s.packed, s.from = dragnet.CompactAt(s.packed[:0], s.from[:0], s.folded)
	inText := func(start, end, tag int) {
		last := s.at[end-1]
		_, n := utf8.DecodeRune(text[last:])
		s.hits = append(s.hits, hit{start: s.at[start], end: last + n, value: tag})
	}
	s.spelled.All(s.folded, inText)
	s.compact.All(s.packed, func(start, end, tag int) { inText(s.from[start], s.from[end-1]+1, tag) })
	if len(s.words) > 0 {
		eachWord(s.folded, func(start, end int) {
			if tag, known := s.words[string(s.folded[start:end])]; known {
				inText(start, end, tag)
			}
		})
	}
	s.forms = recognise(s.forms[:0], text)
	for _, f := range s.forms {
		s.hits = append(s.hits, hit{start: f.start, end: f.end, value: -1, label: f.label})
	}
	return merge(s.hits)
}

// merge joins parts that overlap. What is longest says by what they are replaced; of equally long ones, the value.
func merge(hits []hit) []hit {
	slices.SortFunc(hits, func(a, b hit) int { return a.start - b.start })
	out := hits[:0]
	longest := 0
	for _, h := range hits {
		if len(out) == 0 || h.start >= out[len(out)-1].end {
			out = append(out, h)
			longest = h.end - h.start
			continue
		}
		last := &out[len(out)-1]
		if n := h.end - h.start; n > longest || n == longest && last.value < 0 {
			longest, last.value, last.label = n, h.value, h.label
		}
		last.end = max(last.end, h.end)
	}
	return out
}

// scrubText writes text without what has to go. Results that could be taken for an identifier again are labels instead.
func (w *walker) scrubText(text []byte) ([]byte, error) {
	s := &w.scrubber
	out, done := s.out[:0], 0
	for _, h := range s.find(text) {
		out = append(out, text[done:h.start]...)
		done = h.end
		if h.value < 0 {
			out = append(append(append(out, '['), h.label...), ']')
			continue
		}
		var err error
		if out, err = w.replacement(out, &s.values[h.value]); err != nil {
			return nil, err
		}
	}
	s.out = append(out, text[done:]...)
	return s.out, nil
}

// replacement appends what stands for a value: its pseudonym, if it has one, or its category.
func (w *walker) replacement(dst []byte, v *scrubValue) ([]byte, error) {
	f := v.field
	if f.technique == Pseudonymize {
		start := len(w.out)
		if err := w.pseudonymize(f, w.scrubber.text[v.start:v.end]); err != nil {
			w.out = w.out[:start]
			return dst, err
		}
		made := w.out[start+1 : len(w.out)-1] // without its quotes
		if madeToken(made) == len(made) {
			dst = append(dst, made...)
			w.out = w.out[:start]
			return dst, nil
		}
		w.out = w.out[:start]
	}
	return append(append(append(dst, '['), f.Category...), ']'), nil
}

// withoutTokens returns a scrubbed text without its pseudonyms, in which short values occur by chance.
func (g *gate) withoutTokens(text []byte) []byte {
	g.plain = g.plain[:0]
	for i := 0; i < len(text); {
		if startsHere(text, i) {
			if n := madeToken(text[i:]); n > 0 {
				g.plain = append(g.plain, ' ')
				i += n
				continue
			}
		}
		g.plain = append(g.plain, text[i])
		i++
	}
	return g.plain
}
