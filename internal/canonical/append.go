package canonical

import (
	"maps"
	"slices"
	"strconv"
	"unicode/utf8"
)

// Object writes one JSON object member by member, for values whose form is fixed and whose encoding is on the way of every
// transfer. The caller names the members in canonical order; a test beside the type compares the result with [Marshal].
type Object struct {
	dst   []byte
	begun bool
}

// AppendObject begins an object behind dst.
func AppendObject(dst []byte) Object { return Object{dst: append(dst, '{')} }

// End ends the object and returns everything written.
func (o *Object) End() []byte { return append(o.dst, '}') }

// Name writes the name of the next member. Names need no escapes.
func (o *Object) Name(name string) {
	if o.begun {
		o.dst = append(o.dst, ',')
	}
	o.begun = true
	o.dst = append(append(append(o.dst, '"'), name...), '"', ':')
}

// Append writes a member's value with a function that appends to its argument.
func (o *Object) Append(name string, value func(dst []byte) []byte) {
	o.Name(name)
	o.dst = value(o.dst)
}

// Text writes a member that is a string.
func (o *Object) Text(name, value string) {
	o.Name(name)
	o.dst = AppendText(o.dst, value)
}

// Integer writes a member that is an integer.
func (o *Object) Integer(name string, value int64) {
	o.Name(name)
	o.dst = strconv.AppendInt(o.dst, value, 10)
}

// Texts writes a member that is an array of strings; nil is null.
func (o *Object) Texts(name string, values []string) {
	o.Name(name)
	o.dst = AppendArray(o.dst, values, AppendText)
}

// TextMap writes a member that is an object of strings with ASCII names; nil is null.
func (o *Object) TextMap(name string, values map[string]string) {
	o.Name(name)
	if values == nil {
		o.dst = append(o.dst, "null"...)
		return
	}
	inner := AppendObject(o.dst)
	for _, k := range slices.Sorted(maps.Keys(values)) {
		if inner.begun {
			inner.dst = append(inner.dst, ',')
		}
		inner.begun = true
		inner.dst = append(AppendText(inner.dst, k), ':')
		inner.dst = AppendText(inner.dst, values[k])
	}
	o.dst = inner.End()
}

// AppendArray writes an array whose elements are appended by a function; nil is null.
func AppendArray[T any](dst []byte, values []T, element func([]byte, T) []byte) []byte {
	if values == nil {
		return append(dst, "null"...)
	}
	dst = append(dst, '[')
	for i, v := range values {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = element(dst, v)
	}
	return append(dst, ']')
}

// AppendText writes a string. Bytes that are not UTF-8 become U+FFFD, as with encoding/json.
func AppendText(dst []byte, s string) []byte {
	dst = append(dst, '"')
	if plain(s) {
		return append(append(dst, s...), '"')
	}
	for _, c := range s {
		dst = appendRune(dst, c)
	}
	return append(dst, '"')
}

// plain reports whether s is printable ASCII without a character that needs an escape. It looks at eight bytes at once: a
// byte of x - 0x20… has its high bit set where x had one below the space, and of (x ^ c) - 0x01… where x had c, unless
// it was set in x already, which is refused as well.
func plain(s string) bool {
	const ones, highs = 0x0101010101010101, 0x8080808080808080
	for len(s) >= 8 {
		x := uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24 |
			uint64(s[4])<<32 | uint64(s[5])<<40 | uint64(s[6])<<48 | uint64(s[7])<<56
		quote, backslash := x^ones*'"', x^ones*'\\'
		if (x|(x-ones*' ')|(quote-ones)|(backslash-ones))&highs != 0 {
			return false
		}
		s = s[8:]
	}
	for i := range len(s) {
		if c := s[i]; c < ' ' || c == '"' || c == '\\' || c >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

func appendRune(dst []byte, c rune) []byte {
	switch c {
	case '"', '\\':
		return append(dst, '\\', byte(c))
	case '\b':
		return append(dst, `\b`...)
	case '\t':
		return append(dst, `\t`...)
	case '\n':
		return append(dst, `\n`...)
	case '\f':
		return append(dst, `\f`...)
	case '\r':
		return append(dst, `\r`...)
	}
	if c < ' ' {
		const digits = "0123456789abcdef"
		return append(dst, '\\', 'u', '0', '0', digits[c>>4], digits[c&15])
	}
	return utf8.AppendRune(dst, c)
}
