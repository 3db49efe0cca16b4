package payload

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// The techniques of a [Treatment]. An unknown one refuses at [Compile].
const (
	Keep         = "keep"         // leaves as it is
	Drop         = "drop"         // does not leave
	Mask         = "mask"         // "****", and the last keep_last characters if at least as many are hidden
	Generalize   = "generalise"   // a coarser value of the same kind; parameter "to" says how
	Pseudonymize = "pseudonymise" // a keyed pseudonym (EDPB Guidelines 01/2025)
)

// Treatment is what happens to the values of a data category. A Treatment of another package with the same fields
// converts to it.
//
// Parameters of mask:
//
//	keep_last  0 to 8, default 0
//
// Parameters of generalise, by "to":
//
//	day     datetime                     "2026-11-23"
//	month   date, datetime               "2026-11"; of a datetime, as written and without moving it to another zone
//	year    date, datetime               "2026"
//	band    number, amount               the half-open interval that holds it: "[4000,5000)" for width "1000";
//	                                     or for bands "0,1000,50000": "<0", "[0,1000)", "[1000,50000)", ">=50000"
//	round   number, amount               the nearest multiple of width, halves upwards; a number stays a number
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
}

var errBoolean = errors.New("a boolean can only be kept or dropped")

// compile checks t against a kind. The parameters are used up one by one; what is left over is unknown.
func (t Treatment) compile(k Kind) (action, error) {
	p := params{left: maps.Clone(t.Params)}
	a := action{technique: t.Technique}
	switch t.Technique {
	case Keep, Drop:
	case Pseudonymize:
		if k == KindBoolean {
			return a, errBoolean
		}
	case Mask:
		if k == KindBoolean {
			return a, errBoolean
		}
		a.mask(p.number("keep_last", 0, 0, 8))
	case Generalize:
		if err := a.generalize(k, &p); err != nil {
			return a, err
		}
	default:
		return a, t.unknown()
	}
	return a, p.finish()
}

func (t Treatment) known() bool {
	return slices.Contains([]string{Keep, Drop, Mask, Generalize, Pseudonymize}, t.Technique)
}

func (t Treatment) unknown() error { return fmt.Errorf("unknown technique %q", t.Technique) }

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
