package payload

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// Treatment is what happens to the values of a data category. A Treatment of another package with the same fields
// converts to it. Parameters of the techniques but generalise:
//
//	mask             keep_last  0 to 8, default 0
//	shift_date       days       1 to 3650, the window; required
//	                 subject    data category of the value that says whose date it is; required
//	split_email      domain     pseudonymise (default) or keep
//	preserve_format  format     iban, card, phone, digits or alphanumeric; needless for kinds iban and phone
//	                 keep       of an iban: bank; of a card: 0 to 8 leading digits
//	                 otherwise  refuse (default) or pseudonymise, for a value without that form
//	redact           text       1 to 40 characters, default [redacted]
//
// Parameters of generalise, by "to":
//
//	hour    datetime                     "2026-11-23T14:00:00Z"
//	day     datetime                     "2026-11-23"
//	month   date, datetime               "2026-11"; of a datetime, as written and without moving it to another zone
//	quarter date, datetime               "2026-Q4"
//	year    date, datetime               "2026"
//	decade  date, datetime               "202x"; for day to decade, as: start gives the first day, or of a datetime moment
//	band    number, amount               the half-open interval that holds it: "[4000,5000)" for width "1000";
//	                                     or for bands "0,1000,50000": "<0", "[0,1000)", "[1000,50000)", ">=50000"
//	round   number, amount               the nearest multiple of width, halves upwards; a number stays a number
//	cap     number, amount               at most max and at least min: top- and bottom-coding
//	geo     number, amount               cut off after places (0 to 6) decimal places
//	hierarchy string                     the word at level (1 to 8) of table, a table of the catalogue; "*" if not listed
//	area    postcode                     the first keep (default 3) letters and digits, in capitals
//	prefix  ip                           the network: keep bits of IPv4 (8 to 30, default 24), keep_v6 bits of IPv6
//	                                     (16 to 64, default 48)
//	prefix  string, iban, email,         the first keep (1 to 32, required) characters; nothing if there are no more
//	        phone, postcode
//
// Band and round are exact; numbers of more than 18 digits before the point are refused, as is width below 2.
type Treatment struct {
	Technique string            `json:"technique"`
	Params    map[string]string `json:"params,omitempty"`
}

// action is a treatment made ready for the fields of one kind.
type action struct {
	technique string
	// rewrite appends the text of the result, unquoted; it reports false for a value that it cannot treat. It is nil
	// for keep, drop and pseudonymise.
	rewrite func(dst, text []byte) ([]byte, bool)
	// holds is the post-condition of rewrite, checked by the gate on the text of the result.
	holds func(text []byte) bool
	// bare results of a JSON number are written without quotes.
	bare bool
	// fixed results have a form without room for anything else, so that the gate need not search them.
	fixed bool

	// keyed appends the result of a technique that needs keys; set instead of rewrite.
	keyed func(t Techniques, f *Field, dst, value []byte) ([]byte, bool)
	// random results hold short texts by chance, so that the gate searches them for longer ones only.
	random bool
	// anyShape means that keyed, or a result that shows nothing, does without the shape of the kind.
	anyShape bool
	// fallback pseudonymises a value that keyed cannot treat.
	fallback bool
	// subject and window are those of shift_date.
	subject string
	window  int
}

var errBoolean = errors.New("a boolean can only be kept, redacted or dropped")

// compile checks t against a kind. The parameters are used up one by one; what is left over is unknown.
func (t Treatment) compile(k Kind, c *Catalogue) (action, error) {
	p := params{left: maps.Clone(t.Params)}
	a := action{technique: t.Technique}
	switch t.Technique {
	case Keep, Drop:
	case Pseudonymize:
		if k == KindBoolean {
			return a, errBoolean
		}
		a.random = true
	case Redact:
		a.redact(&p)
	case Scrub:
		if err := a.scrub(k); err != nil {
			return a, err
		}
	case ShiftDate, PreservePrefix, SplitEmail, PreserveFormat, Tokenize:
		if err := a.useKeyed(k, &p); err != nil {
			return a, err
		}
	case Mask:
		if k == KindBoolean {
			return a, errBoolean
		}
		a.mask(p.number("keep_last", 0, 0, 8))
	case Generalize:
		if err := a.generalize(k, &p, c); err != nil {
			return a, err
		}
	default:
		return a, t.unknown()
	}
	return a, p.finish()
}

func (t Treatment) known() bool {
	return slices.Contains(TechniqueNames(), t.Technique)
}

// params reads the parameters of a treatment; the first fault sticks.
type params struct {
	left map[string]string
	err  error
}

func (p *params) take(name string) (string, bool) {
	v, ok := p.left[name]
	delete(p.left, name)
	return v, ok
}

func (p *params) fail(format string, args ...any) {
	if p.err == nil {
		p.err = fmt.Errorf(format, args...)
	}
}

// number reads an integer in [low, high] written without sign, spaces or leading zeros.
func (p *params) number(name string, otherwise, low, high int64) int64 {
	text, ok := p.take(name)
	if !ok {
		text = strconv.FormatInt(otherwise, 10)
	}
	v, err := strconv.ParseInt(text, 10, 64)
	if err != nil || strconv.FormatInt(v, 10) != text || v < low || v > high {
		p.fail("parameter %s: want a number of %d to %d", name, low, high)
		return low
	}
	return v
}

// choice reads one of a few words; the first is the default.
func (p *params) choice(name string, words ...string) string {
	text, ok := p.take(name)
	if !ok {
		return words[0]
	}
	if !slices.Contains(words, text) {
		p.fail("parameter %s: want %s", name, strings.Join(words, " or "))
	}
	return text
}

// edges reads a list of increasing integers.
func (p *params) edges(name string) (edges []int64) {
	text, _ := p.take(name)
	for _, part := range strings.Split(text, ",") {
		v, err := strconv.ParseInt(strings.TrimSpace(part), 10, 64)
		if err != nil || len(edges) > 0 && v <= edges[len(edges)-1] {
			p.fail("parameter %s: want increasing whole numbers with commas between them", name)
			return nil
		}
		edges = append(edges, v)
	}
	return edges
}

func (p *params) finish() error {
	if p.err == nil && len(p.left) > 0 {
		p.fail("unknown parameter %q", slices.Sorted(maps.Keys(p.left))[0])
	}
	return p.err
}
