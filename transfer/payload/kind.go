package payload

import (
	"bytes"
	"net/netip"
)

// Kind says what a field holds. JSON null is allowed for every kind, and so is the empty string for kinds of string.
//
// The JSON type is always checked. The shape is checked in full whenever the value, or a part of it, would leave in
// clear (keep, mask, generalise), so that a name cannot travel as a date; where the value is dropped or pseudonymised a
// malformed one does no harm and is accepted.
type Kind string

// The kinds.
const (
	KindString    Kind = "string"     // any string
	KindNumber    Kind = "number"     // any JSON number
	KindBoolean   Kind = "boolean"    // true or false
	KindDate      Kind = "date"       // full-date of RFC 3339: 2026-11-23
	KindDatetime  Kind = "datetime"   // date-time of RFC 3339, with its offset: 2026-11-23T14:33:00Z
	KindAmount    Kind = "amount"     // a JSON number, or a string that holds one
	KindPostcode  Kind = "postcode"   // 2 to 12 ASCII letters, digits, spaces and hyphens
	KindIBAN      Kind = "iban"       // ISO 13616, with or without spaces; check digits are not verified
	KindEmail     Kind = "email"      // something@something without white space, at most 254 bytes
	KindIP        Kind = "ip"         // an IPv4 or IPv6 address (RFC 4291 text form) without zone
	KindPhone     Kind = "phone"      // 4 to 17 digits, with + ( ) . - / and spaces
	KindAnyScalar Kind = "any-scalar" // a string, a number or a boolean
)

// jsonType is a bit set of JSON types.
type jsonType uint8

const (
	isString jsonType = 1 << iota
	isNumber
	isBoolean
)

// kindSpec is what a kind allows.
type kindSpec struct {
	types jsonType
	shape func(text []byte) bool // nil: any
}

func (k Kind) spec() (kindSpec, bool) {
	switch k {
	case KindString:
		return kindSpec{types: isString}, true
	case KindNumber:
		return kindSpec{types: isNumber}, true
	case KindBoolean:
		return kindSpec{types: isBoolean}, true
	case KindAnyScalar:
		return kindSpec{types: isString | isNumber | isBoolean}, true
	case KindAmount:
		return kindSpec{isString | isNumber, isJSONNumber}, true
	case KindDate:
		return kindSpec{isString, isDate}, true
	case KindDatetime:
		return kindSpec{isString, isDatetime}, true
	case KindPostcode:
		return kindSpec{isString, isPostcode}, true
	case KindIBAN:
		return kindSpec{isString, isIBAN}, true
	case KindEmail:
		return kindSpec{isString, isEmail}, true
	case KindIP:
		return kindSpec{isString, isIP}, true
	case KindPhone:
		return kindSpec{isString, isPhone}, true
	}
	return kindSpec{}, false
}

func (k Kind) known() bool { _, ok := k.spec(); return ok }

func isDigit(c byte) bool  { return c-'0' <= 9 }
func isLetter(c byte) bool { return (c|0x20)-'a' <= 25 }

// digits reads exactly n digits from the front of b; it returns -1 if they are not there.
func digits(b []byte, n int) int {
	if len(b) < n {
		return -1
	}
	v := 0
	for _, c := range b[:n] {
		if !isDigit(c) {
			return -1
		}
		v = v*10 + int(c-'0')
	}
	return v
}

func isJSONNumber(b []byte) bool {
	n := numberLen(b)
	return n > 0 && n == len(b)
}

func isDate(b []byte) bool {
	if len(b) != 10 || b[4] != '-' || b[7] != '-' {
		return false
	}
	y, m, d := digits(b, 4), digits(b[5:], 2), digits(b[8:], 2)
	return y >= 0 && m >= 1 && m <= 12 && d >= 1 && d <= daysIn(y, m)
}

func daysIn(year, month int) int {
	switch month {
	case 4, 6, 9, 11:
		return 30
	case 2:
		if year%4 == 0 && (year%100 != 0 || year%400 == 0) {
			return 29
		}
		return 28
	}
	return 31
}

// isDatetime follows the grammar of RFC 3339 section 5.6; a 60th second is a leap second.
func isDatetime(b []byte) bool {
	if len(b) < 20 || !isDate(b[:10]) || b[10]|0x20 != 't' || b[13] != ':' || b[16] != ':' {
		return false
	}
	h, m, s := digits(b[11:], 2), digits(b[14:], 2), digits(b[17:], 2)
	if h < 0 || h > 23 || m < 0 || m > 59 || s < 0 || s > 60 {
		return false
	}
	b = b[19:]
	if b[0] == '.' {
		n := 1
		for n < len(b) && isDigit(b[n]) {
			n++
		}
		if n == 1 {
			return false
		}
		b = b[n:]
	}
	return isOffset(b)
}

func isOffset(b []byte) bool {
	if len(b) == 1 {
		return b[0]|0x20 == 'z'
	}
	if len(b) != 6 || b[0] != '+' && b[0] != '-' || b[3] != ':' {
		return false
	}
	h, m := digits(b[1:], 2), digits(b[4:], 2)
	return h >= 0 && h <= 23 && m >= 0 && m <= 59
}

func isPostcode(b []byte) bool {
	for _, c := range b {
		if !isDigit(c) && !isLetter(c) && c != ' ' && c != '-' {
			return false
		}
	}
	return len(b) >= 2 && len(b) <= 12
}

func isIBAN(b []byte) bool {
	n := 0
	for _, c := range b {
		switch {
		case c == ' ':
			continue
		case n < 2 && !isLetter(c), n >= 2 && n < 4 && !isDigit(c), !isLetter(c) && !isDigit(c):
			return false
		}
		n++
	}
	return n >= 15 && n <= 34
}

func isEmail(b []byte) bool {
	at := bytes.IndexByte(b, '@')
	if at < 1 || at == len(b)-1 || len(b) > 254 || bytes.LastIndexByte(b, '@') != at {
		return false
	}
	for _, c := range b {
		if c <= ' ' || c == 0x7f {
			return false
		}
	}
	return true
}

func isIP(b []byte) bool {
	if len(b) > len("ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255") {
		return false
	}
	if _, ok := parseIPv4(b); ok {
		return true
	}
	a, err := netip.ParseAddr(string(b))
	return err == nil && a.Zone() == ""
}

// parseIPv4 reads dotted decimal without leading zeros, as netip does, without an allocation.
func parseIPv4(b []byte) (a [4]byte, ok bool) {
	octet, value, width := 0, 0, 0
	for _, c := range b {
		switch {
		case isDigit(c):
			if width > 0 && value == 0 {
				return a, false
			}
			value, width = value*10+int(c-'0'), width+1
			if value > 255 {
				return a, false
			}
		case c == '.' && width > 0 && octet < 3:
			a[octet] = byte(value)
			octet, value, width = octet+1, 0, 0
		default:
			return a, false
		}
	}
	a[3] = byte(value)
	return a, octet == 3 && width > 0
}

func isPhone(b []byte) bool {
	n := 0
	for _, c := range b {
		switch {
		case isDigit(c):
			n++
		case !bytes.ContainsRune([]byte("+().-/ "), rune(c)):
			return false
		}
	}
	return n >= 4 && n <= 17
}
