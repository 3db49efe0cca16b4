package pseudonym

import (
	"bytes"
	"net/netip"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// form is the way in which the values of a category are spelled.
type form int

const (
	asWritten form = iota
	compact
	telephone
	mailbox
	domainName
	address
	locator
)

func formOf(category string) form {
	switch category {
	case "iban", "bic", "account_number", "card_number", "national_id", "passport_number", "tax_id":
		return compact
	case "phone":
		return telephone
	case "email", "file_hash":
		return mailbox
	case "domain", "domain_name":
		return domainName
	case "ip_address":
		return address
	case "url", "indicator":
		return locator
	}
	return asWritten
}

// spellingOf is the form of a category, or that of a kind of field if the category has none of its own: an agreement may
// have explained the category itself, and an IBAN is one under any name.
func spellingOf(category, kind string) form {
	if f := formOf(category); f != asWritten {
		return f
	}
	switch kind {
	case "iban", "card":
		return compact
	case "phone":
		return telephone
	case "email":
		return mailbox
	case "ip":
		return address
	}
	return asWritten
}

// Normalize appends to dst the spelling of value over which a pseudonym is computed. All values are put into Unicode
// Normalization Form C (UAX #15). What else is done depends on the category:
//
//	iban, bic, account_number, card_number,     spaces and dashes removed, ASCII letters in upper case
//	national_id, passport_number, tax_id
//	phone                                       spaces, dashes and . ( ) / removed
//	email, file_hash                            refanged, spaces around removed, lower case
//	domain, domain_name                         as email, final dots removed
//	ip_address                                  refanged, spaces around removed; IPv6 as RFC 5952 writes it, an
//	                                            IPv4-mapped address as IPv4 (RFC 4291, section 2.5.5.2)
//	url, indicator                              refanged, spaces around removed, scheme and host in lower case
//	any other                                   nothing
//
// Refanging undoes what analysts do to make an indicator harmless: [.] (.) {.} and the like become the character
// inside, and hxxp at the start becomes http. Bytes that are not UTF-8 are kept. Normalize(Normalize(v)) = Normalize(v).
func Normalize(dst []byte, category string, value []byte) []byte {
	return appendSpelled(dst, formOf(category), value)
}

func appendSpelled(dst []byte, f form, value []byte) []byte {
	start := len(dst)
	dst = appendNFC(dst, value)
	v := dst[start:]
	switch f {
	case compact:
		v = upperASCII(removeRunes(v, isSeparator))
	case telephone:
		v = removeRunes(v, isPhoneSeparator)
	case mailbox:
		v = lower(bytes.TrimSpace(refang(v)))
	case domainName:
		v = bytes.TrimRightFunc(lower(bytes.TrimSpace(refang(v))), isDotOrSpace)
	case address:
		v = canonicalAddress(bytes.TrimSpace(refang(v)))
	case locator:
		v = lowerAuthority(httpFromHxxp(bytes.TrimSpace(refang(v))))
	}
	if !isASCII(v) {
		v = norm.NFC.Bytes(v) // what was removed may have kept two characters from composing
	}
	return append(dst[:start], v...)
}

// appendNFC normalises value apart from dst: appended in place, a combining character at its start would merge with
// the last character of dst.
func appendNFC(dst, value []byte) []byte {
	if isASCII(value) {
		return append(dst, value...)
	}
	tail := norm.NFC.Append(dst[len(dst):], value...)
	return append(dst, tail...)
}

func isASCII(b []byte) bool {
	for _, c := range b {
		if c >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

func isSeparator(r rune) bool {
	if r < utf8.RuneSelf {
		return r == ' ' || r == '-' || '\t' <= r && r <= '\r'
	}
	return unicode.IsSpace(r) || unicode.In(r, unicode.Zs, unicode.Pd)
}

func isPhoneSeparator(r rune) bool {
	return isSeparator(r) || r == '.' || r == '(' || r == ')' || r == '/'
}

func isDotOrSpace(r rune) bool { return r == '.' || unicode.IsSpace(r) }

// removeRunes works in place.
func removeRunes(v []byte, drop func(rune) bool) []byte {
	out := v[:0]
	for i := 0; i < len(v); {
		r, n := utf8.DecodeRune(v[i:])
		if !drop(r) {
			out = append(out, v[i:i+n]...)
		}
		i += n
	}
	return out
}

func upperASCII(v []byte) []byte {
	for i, c := range v {
		if 'a' <= c && c <= 'z' {
			v[i] = c - ('a' - 'A')
		}
	}
	return v
}

func lowerASCII(v []byte) []byte {
	for i, c := range v {
		if 'A' <= c && c <= 'Z' {
			v[i] = c + ('a' - 'A')
		}
	}
	return v
}

// lower works in place on ASCII. Other text may grow.
func lower(v []byte) []byte {
	if isASCII(v) {
		return lowerASCII(v)
	}
	return bytes.ToLower(v)
}

// refang works in place and in one pass. It looks back whenever a bracket closes, so that nested brackets go too.
func refang(v []byte) []byte {
	out := v[:0]
	for _, c := range v {
		if inner := bracketed(out, c); inner > 0 {
			at := len(out) - inner - 1
			out = append(out[:at], out[at+1:]...)
			continue
		}
		out = append(out, c)
	}
	return out
}

// bracketed returns the length of the defanged text at the end of out that closing would complete, or 0.
func bracketed(out []byte, closing byte) int {
	var opening byte
	switch closing {
	case ']':
		opening = '['
	case ')':
		opening = '('
	case '}':
		opening = '{'
	default:
		return 0
	}
	for _, text := range []string{".", ":", "@", "://"} {
		at := len(out) - len(text) - 1
		if at >= 0 && out[at] == opening && string(out[at+1:]) == text {
			return len(text)
		}
	}
	return 0
}

func httpFromHxxp(v []byte) []byte {
	if len(v) >= 4 && bytes.EqualFold(v[:4], []byte("hxxp")) {
		copy(v, "http")
	}
	return v
}

// canonicalAddress leaves IPv4 and whatever is no address alone.
func canonicalAddress(v []byte) []byte {
	if bytes.IndexByte(v, ':') < 0 {
		return v
	}
	addr, err := netip.ParseAddr(string(v))
	if err != nil {
		return v
	}
	return addr.Unmap().AppendTo(nil)
}

// lowerAuthority lowers scheme and host in place; user information, path, query and fragment keep their case.
func lowerAuthority(v []byte) []byte {
	scheme, rest, ok := bytes.Cut(v, []byte("://"))
	if !ok {
		return v
	}
	lowerASCII(scheme)
	authority := rest
	if end := bytes.IndexAny(rest, "/?#"); end >= 0 {
		authority = rest[:end]
	}
	lowerASCII(authority[bytes.LastIndexByte(authority, '@')+1:])
	return v
}
