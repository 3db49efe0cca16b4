package payload

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

func isPeriod(to string) bool {
	return slices.Contains([]string{"hour", "day", "month", "quarter", "year", "decade"}, to)
}

// period makes a date, which was checked before, the name of the period that it lies in, or the beginning of the period.
func (a *action) period(to string, k Kind, start bool) {
	a.fixed = true
	a.rewrite = func(dst, text []byte) ([]byte, bool) {
		switch {
		case to == "hour":
			return appendOffset(append(append(dst, text[:14]...), "00:00"...), text), true
		case !start:
			return appendPeriod(dst, to, text), true
		}
		dst = appendFirstDay(dst, to, text)
		if k == KindDate {
			return dst, true
		}
		return appendOffset(append(dst, "T00:00:00"...), text), true
	}
	a.holds = func(text []byte) bool {
		var again []byte
		switch {
		case to == "hour" || start && k == KindDatetime:
			if !isDatetime(text) {
				return false
			}
			again, _ = a.rewrite(nil, text)
		case start:
			if !isDate(text) {
				return false
			}
			again = appendFirstDay(nil, to, text)
		default:
			return isPeriodName(to, text)
		}
		return bytes.Equal(again, text)
	}
}

// appendOffset appends the offset of a datetime.
func appendOffset(dst, text []byte) []byte {
	if last := text[len(text)-1]; last|0x20 == 'z' {
		return append(dst, 'Z')
	}
	return append(dst, text[len(text)-6:]...)
}

func appendPeriod(dst []byte, to string, text []byte) []byte {
	switch to {
	case "day":
		return append(dst, text[:10]...)
	case "month":
		return append(dst, text[:7]...)
	case "quarter":
		dst = append(append(dst, text[:5]...), 'Q')
		return append(dst, byte('1'+(digits(text[5:], 2)-1)/3))
	case "decade":
		return append(append(dst, text[:3]...), 'x')
	}
	return append(dst, text[:4]...)
}

func appendFirstDay(dst []byte, to string, text []byte) []byte {
	switch to {
	case "day":
		return append(dst, text[:10]...)
	case "month":
		return append(append(dst, text[:8]...), "01"...)
	case "quarter":
		month := (digits(text[5:], 2)-1)/3*3 + 1
		dst = append(append(dst, text[:5]...), byte('0'+month/10), byte('0'+month%10))
		return append(dst, "-01"...)
	case "decade":
		return append(append(dst, text[:3]...), "0-01-01"...)
	}
	return append(append(dst, text[:4]...), "-01-01"...)
}

// isPeriodName accepts what appendPeriod writes, without it.
func isPeriodName(to string, text []byte) bool {
	full := [10]byte([]byte("2000-01-01"))
	size := map[string]int{"day": 10, "month": 7, "year": 4}[to]
	switch to {
	case "quarter":
		return len(text) == 7 && digits(text, 4) >= 0 && string(text[4:6]) == "-Q" && text[6] >= '1' && text[6] <= '4'
	case "decade":
		return len(text) == 4 && digits(text, 3) >= 0 && text[3] == 'x'
	}
	return len(text) == size && copy(full[:], text) == size && isDate(full[:])
}

const maxCap = 1_000_000_000_000_000

// cap is top- and bottom-coding.
func (a *action) cap(p *params) error {
	_, top := p.left["max"]
	_, bottom := p.left["min"]
	if !top && !bottom {
		return errors.New("parameters max and min: at least one of them is needed")
	}
	high, low := int64(maxCap), int64(-maxCap)
	if top {
		high = p.number("max", 0, -maxCap, maxCap)
	}
	if bottom {
		low = p.number("min", 0, -maxCap, maxCap)
	}
	if low >= high {
		return errors.New("parameter min: want less than max")
	}
	// above and below report on which side of the bounds a number lies; the floor of 90.5 is 90, yet it lies above 90.
	side := func(text []byte) (above, below, ok bool) {
		whole, _, ok := wholePart(text)
		if !ok {
			return false, false, false
		}
		return top && (whole > high || whole == high && !isWhole(text)), bottom && whole < low, true
	}
	a.bare = true
	a.rewrite = func(dst, text []byte) ([]byte, bool) {
		above, below, ok := side(text)
		switch {
		case above:
			return strconv.AppendInt(dst, high, 10), ok
		case below:
			return strconv.AppendInt(dst, low, 10), ok
		}
		return append(dst, text...), ok
	}
	a.holds = func(text []byte) bool {
		above, below, ok := side(text)
		return ok && !above && !below
	}
	return nil
}

// isWhole reports whether the text of a number is that of an integer.
func isWhole(text []byte) bool {
	var scratch [64]byte
	d, ok := parseDecimal(scratch[:0], text)
	return ok && len(d.digits) <= max(d.point, 0)
}

// places cuts a number off after n decimal places, towards zero.
func (a *action) places(n int) {
	a.bare = true
	a.rewrite = func(dst, text []byte) ([]byte, bool) {
		var scratch [64]byte
		if !isJSONNumber(text) {
			return dst, false
		}
		d, ok := parseDecimal(scratch[:0], text)
		if !ok || d.point > 18 {
			return dst, false
		}
		d.cut(n)
		return d.append(dst), true
	}
	a.holds = func(text []byte) bool {
		_, fraction, _ := bytes.Cut(text, []byte("."))
		return isJSONNumber(text) && !bytes.ContainsAny(text, "eE") && len(fraction) <= n
	}
}

// cut drops the digits behind n decimal places.
func (d *decimal) cut(n int) {
	keep := max(d.point+n, 0)
	if keep < len(d.digits) {
		d.digits = bytes.TrimRight(d.digits[:keep], "0")
	}
	if len(d.digits) == 0 {
		*d = decimal{}
	}
}

const maxLevel = 8

// unlistedWord is what a value becomes that a hierarchy does not list.
const unlistedWord = "*"

// hierarchy replaces a value by its word at a level of a table of the catalogue.
func (a *action) hierarchy(p *params, c *Catalogue) error {
	name, _ := p.take("table")
	level := int(p.number("level", 0, 1, maxLevel))
	table, found := c.Hierarchies[name]
	if p.err != nil {
		return p.err
	}
	if !found {
		return fmt.Errorf("parameter table: the catalogue has no hierarchy %q", name)
	}
	if level >= len(table[0]) {
		return fmt.Errorf("parameter level: hierarchy %q has levels 1 to %d", name, len(table[0])-1)
	}
	words, possible := make(map[string]string, len(table)), map[string]bool{unlistedWord: true}
	for _, row := range table {
		words[folded(row[0])] = row[level]
		possible[row[level]] = true
	}
	a.rewrite = func(dst, text []byte) ([]byte, bool) {
		word, found := words[folded(string(text))]
		if !found {
			word = unlistedWord
		}
		return append(dst, word...), true
	}
	a.holds = func(text []byte) bool { return possible[string(text)] }
	return nil
}

// folded is how the values of a hierarchy are compared.
func folded(value string) string { return strings.ToLower(strings.TrimSpace(value)) }

// Hierarchy is a table for generalisation: each row is a value and what it becomes at level 1, 2 and so on.
type Hierarchy [][]string

// problem says what is wrong with a hierarchy.
func (h Hierarchy) problem() string {
	if len(h) == 0 {
		return "want at least one row"
	}
	seen := make(map[string]bool)
	for _, row := range h {
		switch {
		case len(row) < 2 || len(row) > maxLevel+1 || len(row) != len(h[0]):
			return fmt.Sprintf("want rows of one length: a value, and 1 to %d levels", maxLevel)
		case slices.Contains(row, ""):
			return "a row has an empty word"
		case seen[folded(row[0])]:
			return "two rows are for one value"
		}
		seen[folded(row[0])] = true
	}
	return ""
}

// redact replaces a value by a fixed text.
func (a *action) redact(p *params) {
	text, ok := p.take("text")
	if !ok {
		text = "[redacted]"
	}
	other := func(r rune) bool {
		return (r > 0x7f || !isLetter(byte(r)) && !isDigit(byte(r))) && !strings.ContainsRune(" []()_-", r)
	}
	if text == "" || len(text) > 40 || strings.ContainsFunc(text, other) {
		p.fail("parameter text: want 1 to 40 letters, digits, spaces and []()_-")
	}
	a.anyShape, a.fixed = true, true
	a.rewrite = func(dst, _ []byte) ([]byte, bool) { return append(dst, text...), true }
	a.holds = func(found []byte) bool { return string(found) == text }
}
