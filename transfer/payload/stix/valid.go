package stix

import (
	"net/mail"
	"net/netip"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"time"
)

// expressions keeps the regular expressions that were compiled so far. They describe codes of a fixed form; whatever
// nests is read by a parser.
type expressions struct{ compiled sync.Map }

func (e *expressions) expression(text string) *regexp.Regexp {
	re, found := e.compiled.Load(text)
	if !found {
		re, _ = e.compiled.LoadOrStore(text, regexp.MustCompile(text))
	}
	return re.(*regexp.Regexp)
}

func (e *expressions) matches(expression, text string) bool {
	return e.expression(expression).MatchString(text)
}

// valid reports whether a text may stand in a property of a form. arg is the vocabulary, or the algorithm of a digest.
func (s *standard) valid(form, arg, text string) bool {
	switch form {
	case "text", "foreign", "postcode":
		return true
	case "path":
		return !strings.ContainsAny(text, "\n\r")
	case "registry":
		return !s.isShortHive(text)
	case "term":
		return s.terms[arg][text]
	case "ipv4", "ipv6", "ip":
		return isAddress(form, text)
	case "mac":
		return s.matches(`^([0-9a-f]{2}:){5}[0-9a-f]{2}$`, text)
	case "domain":
		return len(text) <= 253 && s.matches(`^([a-z0-9_]([a-z0-9_-]*[a-z0-9_])?\.)+[a-z0-9-]{2,63}$|^xn--|^[^\x00-\x7f]`, text) && !strings.ContainsAny(text, " /@:")
	case "email":
		a, err := mail.ParseAddress(text)
		return err == nil && a.Address == text && a.Name == ""
	case "url":
		u, err := url.Parse(text)
		return err == nil && u.Scheme != "" && (u.Host != "" || u.Opaque != "" || u.Path != "")
	case "digest":
		if n := digestLength(arg); n > 0 {
			return len(text) == n && isHex(text)
		}
		return arg == "SSDEEP" && s.matches(`^[0-9]{1,12}:[a-zA-Z0-9/+]{1,64}:[a-zA-Z0-9/+]{1,48}$`, text) ||
			arg == "TLSH" && s.matches(`^(T1)?[a-fA-F0-9]{68,70}$`, text)
	case "imphash":
		return len(text) == digestLength("MD5") && isHex(text)
	case "hex":
		return len(text) <= 16 && len(text)%2 == 0 && isHex(text)
	}
	return s.validCode(form, text)
}

// validCode is valid for forms that are short codes of other standards.
func (s *standard) validCode(form, text string) bool {
	switch form {
	case "cpe":
		return len(text) < 300 && s.matches(`^cpe:2\.3:[aho*-](:[^\s:]([^\s:]|\\:)*){10}$`, text)
	case "version":
		return s.matches(`^[vV]?[0-9]{1,6}([._-]([0-9]{1,6}|(alpha|beta|rc|sp|p|r|build)[0-9]{0,3})){0,5}$`, text)
	case "mime":
		typ, charset, _ := strings.Cut(text, ";")
		name, found := strings.CutPrefix(strings.TrimSpace(charset), "charset=")
		return s.terms["mime"][typ] && (charset == "" || found && s.terms["charset"][strings.Trim(name, `"`)])
	case "charset":
		return s.terms["charset"][text]
	case "language":
		return s.matches(`^[a-z]{2,3}(-[A-Z][a-z]{3})?(-([A-Z]{2}|[0-9]{3}))?$`, text)
	case "country":
		return s.matches(`^[A-Z]{2}$`, text)
	case "country3", "currency":
		return s.matches(`^[A-Z]{3}$`, text)
	case "bic":
		return s.matches(`^[A-Z]{6}[A-Z0-9]{2}([A-Z0-9]{3})?$`, text)
	case "iban":
		return s.matches(`^[A-Z]{2}[0-9]{2}[A-Z0-9 ]{11,40}$`, strings.ToUpper(text))
	case "card":
		return s.matches(`^[0-9][0-9 -]{10,22}[0-9]$`, text)
	case "phone":
		return s.matches(`^\+?[0-9][0-9 ()./-]{3,24}$`, text)
	case "wallet":
		return s.matches(`^[A-Za-z0-9:_-]{4,128}$`, text)
	case "asn":
		_, err := strconv.ParseUint(text, 10, 32)
		return err == nil
	}
	return false
}

func isAddress(form, text string) bool {
	a, err := netip.ParseAddr(text)
	if err != nil {
		p, err := netip.ParsePrefix(text)
		if err != nil || p != p.Masked() {
			return false
		}
		a = p.Addr()
	}
	return a.Zone() == "" && (form == "ip" || a.Is4() == (form == "ipv4"))
}

// isShortHive reports whether a registry key uses the short name of a hive, which the standard forbids. The schemas of
// OASIS forbid most of them anywhere in the key.
func (s *standard) isShortHive(text string) bool {
	return s.matches(`^HKLM|HKCC|HKCR|HKCU|HKU|hklm|hkcc|hkcr|hkcu|hku`, text)
}

func isHex(text string) bool {
	for i := range len(text) {
		c := text[i]
		if (c < '0' || c > '9') && (c|0x20 < 'a' || c|0x20 > 'f') {
			return false
		}
	}
	return text != ""
}

const milliseconds = "2006-01-02T15:04:05.000Z"

// noTime stands for a timestamp that may not leave.
const noTime = "1970-01-01T00:00:00.000Z"

// timestamp turns what a treatment made of a timestamp into one of STIX: RFC 3339 in UTC, a coarser one filled up. It
// keeps the digits of a fraction, since finer than milliseconds is allowed.
func timestamp(text string) (string, bool) {
	for _, layout := range []string{"2006", "2006-01", time.DateOnly} {
		if len(text) != len(layout) {
			continue
		}
		if t, err := time.Parse(layout, text); err == nil {
			return t.Format(milliseconds), true
		}
	}
	t, err := time.Parse(time.RFC3339Nano, text)
	if err != nil || t.Year() < 1000 {
		return "", false
	}
	if digits := strings.LastIndexByte(text, 'Z') - strings.IndexByte(text, '.') - 1; strings.Contains(text, ".") && digits >= 3 && digits <= 9 {
		return text, true
	}
	return t.UTC().Format(milliseconds), true
}

// timeOf reads a timestamp that this package has written.
func timeOf(text string) time.Time {
	t, _ := time.Parse(time.RFC3339Nano, text)
	return t
}
