package payload

import (
	"bytes"
	"encoding/binary"
	"errors"
	"hash/maphash"
	"math/bits"
	"unicode/utf16"
	"unicode/utf8"
)

// scanner reads one strict JSON value (RFC 8259, and RFC 7493 where it is narrower). It reads each byte once, copies
// nothing but names that hold escapes, and goes down one call per level, so that an error can collect its pointer on
// the way back up instead of everybody keeping one.
type scanner struct {
	src   []byte
	pos   int
	depth int // levels that may still be opened
	seed  maphash.Seed
	keys  keySet
	name  []byte // the last name that held escapes
}

func (s *scanner) begin(src []byte, depth int) {
	s.src, s.pos, s.depth = src, 0, depth
	s.keys.reset()
}

func (s *scanner) fail(msg string) error { return s.failAt(s.pos, msg) }

func (s *scanner) failAt(offset int, msg string) error {
	return &SyntaxError{Offset: int64(offset), Msg: msg}
}

// within puts a segment in front of the pointer of a syntax error.
func within(segment string, err error) error {
	if e, ok := errors.AsType[*SyntaxError](err); ok {
		e.Pointer = "/" + segment + e.Pointer
	}
	return err
}

// peek returns the next byte, 0 at the end: no token begins with it.
func (s *scanner) peek() byte {
	if s.pos < len(s.src) {
		return s.src[s.pos]
	}
	return 0
}

func (s *scanner) space() {
	for s.pos < len(s.src) {
		switch s.src[s.pos] {
		case ' ', '\n', '\t', '\r':
			s.pos++
		default:
			return
		}
	}
}

// open reads the bracket of an object or array.
func (s *scanner) open() (keyMark, error) {
	if s.depth == 0 {
		return keyMark{}, s.fail("nested deeper than the limit")
	}
	s.depth--
	s.pos++
	return s.keys.open(), nil
}

func (s *scanner) close(mark keyMark) {
	s.depth++
	s.keys.close(mark)
}

// next reads up to the next member or element: nothing before the first, a comma before the others. It reports false
// after reading the closing bracket.
func (s *scanner) next(first bool, end byte) (bool, error) {
	s.space()
	switch c := s.peek(); {
	case c == end:
		s.pos++
		return false, nil
	case first:
		return true, nil
	case c == ',':
		s.pos++
		s.space()
		if s.peek() == end {
			return false, s.fail("a comma with nothing after it")
		}
		return true, nil
	}
	return false, s.fail("want a comma or the closing bracket")
}

// member reads a name and the colon after it. The name is valid until the next call.
func (s *scanner) member(first bool) (name []byte, h uint64, more bool, err error) {
	if more, err = s.next(first, '}'); !more || err != nil {
		return nil, 0, false, err
	}
	start := s.pos
	if s.peek() != '"' {
		return nil, 0, false, s.fail("want a member name in double quotes")
	}
	name, escaped, err := s.str()
	if err != nil {
		return nil, 0, false, err
	}
	if escaped {
		s.name = unescape(s.name[:0], name)
		name = s.name
	}
	h = maphash.Bytes(s.seed, name)
	if !s.keys.add(h) {
		return nil, 0, false, s.failAt(start, "a member name that occurs twice in its object")
	}
	s.space()
	if s.peek() != ':' {
		return nil, 0, false, s.fail("want a colon after the member name")
	}
	s.pos++
	s.space()
	return name, h, true, nil
}

const (
	ones  = 0x0101010101010101
	highs = 0x8080808080808080
)

// stops marks the bytes of w that end the plain part of a string: quote, backslash, control characters and everything
// that is not ASCII. Only the lowest mark is exact, since a borrow may run upwards from it.
func stops(w uint64) uint64 {
	return ((w - ones*0x20) | ((w ^ ones*'"') - ones) | ((w ^ ones*'\\') - ones) | w) & highs
}

// str reads the string at pos and returns what stands between its quotes.
func (s *scanner) str() (raw []byte, escaped bool, err error) {
	src, start := s.src, s.pos+1
	i := start
	for {
		for i+8 <= len(src) {
			if m := stops(binary.LittleEndian.Uint64(src[i:])); m != 0 {
				i += bits.TrailingZeros64(m) >> 3
				break
			}
			i += 8
		}
		if i >= len(src) {
			return nil, false, s.failAt(i, "a string without end")
		}
		switch c := src[i]; {
		case c == '"':
			s.pos = i + 1
			return src[start:i], escaped, nil
		case c == '\\':
			n, msg := escapeLen(src[i:])
			if msg != "" {
				return nil, false, s.failAt(i, msg)
			}
			i, escaped = i+n, true
		case c < 0x20:
			return nil, false, s.failAt(i, "a control character in a string")
		case c < utf8.RuneSelf:
			i++
		default:
			r, n := utf8.DecodeRune(src[i:])
			if r == utf8.RuneError && n == 1 {
				return nil, false, s.failAt(i, "invalid UTF-8")
			}
			i += n
		}
	}
}

// escapeLen returns the length of the escape at the front of b, two escapes for a surrogate pair, or what is wrong.
func escapeLen(b []byte) (n int, msg string) {
	if len(b) < 2 {
		return 0, "an escape without end"
	}
	switch b[1] {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		return 2, ""
	case 'u':
	default:
		return 0, "an unknown escape"
	}
	r := hex4(b[2:])
	switch {
	case r < 0:
		return 0, "a \\u escape without four hexadecimal digits"
	case !utf16.IsSurrogate(r):
		return 6, ""
	}
	if len(b) >= 12 && b[6] == '\\' && b[7] == 'u' && utf16.DecodeRune(r, hex4(b[8:])) != utf8.RuneError {
		return 12, ""
	}
	return 0, "a lone surrogate"
}

// hex4 reads four hexadecimal digits, -1 if they are not there.
func hex4(b []byte) rune {
	if len(b) < 4 {
		return -1
	}
	var r rune
	for _, c := range b[:4] {
		switch {
		case isDigit(c):
			r = r<<4 | rune(c-'0')
		case (c|0x20)-'a' <= 5:
			r = r<<4 | rune((c|0x20)-'a'+10)
		default:
			return -1
		}
	}
	return r
}

// unescape appends the value of a string that str accepted.
func unescape(dst, raw []byte) []byte {
	for {
		plain := bytes.IndexByte(raw, '\\')
		if plain < 0 {
			return append(dst, raw...)
		}
		dst = append(dst, raw[:plain]...)
		raw = raw[plain:]
		if raw[1] != 'u' {
			dst, raw = append(dst, shortEscape(raw[1])), raw[2:]
			continue
		}
		r := hex4(raw[2:])
		raw = raw[6:]
		if utf16.IsSurrogate(r) {
			r = utf16.DecodeRune(r, hex4(raw[2:]))
			raw = raw[6:]
		}
		dst = utf8.AppendRune(dst, r)
	}
}

func shortEscape(c byte) byte {
	switch c {
	case 'b':
		return '\b'
	case 'f':
		return '\f'
	case 'n':
		return '\n'
	case 'r':
		return '\r'
	case 't':
		return '\t'
	}
	return c
}

// number reads the number at pos.
func (s *scanner) number() ([]byte, error) {
	n := numberLen(s.src[s.pos:])
	if n == 0 {
		return nil, s.fail("want a value")
	}
	s.pos += n
	switch c := s.peek(); {
	case isDigit(c), isLetter(c), c == '.', c == '+', c == '-':
		return nil, s.fail("a malformed number")
	}
	return s.src[s.pos-n : s.pos], nil
}

// literal reads true, false or null.
func (s *scanner) literal(word string) ([]byte, error) {
	end := s.pos + len(word)
	if end > len(s.src) || string(s.src[s.pos:end]) != word {
		return nil, s.fail("want a value")
	}
	s.pos = end
	return s.src[end-len(word) : end], nil
}

// scalar reads a value that is neither object nor array. Its type is 0 for null.
func (s *scanner) scalar() (token []byte, t jsonType, escaped bool, err error) {
	switch s.peek() {
	case '"':
		token, escaped, err = s.str()
		return token, isString, escaped, err
	case 't':
		token, err = s.literal("true")
		return token, isBoolean, false, err
	case 'f':
		token, err = s.literal("false")
		return token, isBoolean, false, err
	case 'n':
		token, err = s.literal("null")
		return token, 0, false, err
	}
	token, err = s.number()
	return token, isNumber, false, err
}
