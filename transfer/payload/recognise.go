package payload

import (
	"bytes"
	"net/netip"
	"strings"
)

// found is a part of a text that has the form of an identifier.
type found struct {
	start, end int
	label      string
}

// The labels of identifiers that are recognised by their form.
const (
	labelIBAN     = "iban"
	labelCard     = "card"
	labelEmail    = "email"
	labelPhone    = "phone"
	labelIP       = "ip"
	labelNational = "national-id"
)

// recognise appends the identifiers in text, in their order and without overlaps. Pseudonyms are none.
func recognise(list []found, text []byte) []found {
	for i := 0; i < len(text); {
		if !startsHere(text, i) {
			i++
			continue
		}
		if n := madeToken(text[i:]); n > 0 {
			i += n
			continue
		}
		end, label := recogniseAt(text, i)
		if end == 0 {
			i++
			continue
		}
		list = append(list, found{i, end, label})
		i = end
	}
	return list
}

// startsHere reports whether an identifier can begin at i: at the beginning of a run of letters and digits, or at a plus or colon.
func startsHere(text []byte, i int) bool {
	c := text[i]
	return (isAlnum(c) || c == '+' || c == ':' || c == '(') && (i == 0 || !isAlnum(text[i-1]))
}

func isAlnum(c byte) bool { return isDigit(c) || isLetter(c) }

// endsHere reports whether an identifier can end before i.
func endsHere(text []byte, i int) bool { return i == len(text) || !isAlnum(text[i]) }

// madeToken returns the length of a pseudonym or token at the front of text, 0 if there is none.
func madeToken(text []byte) int {
	if !bytes.HasPrefix(text, []byte("psn_")) && !bytes.HasPrefix(text, []byte("tok_")) {
		return 0
	}
	n := 4
	for n < len(text) && (isAlnum(text[n]) || text[n] == '-' || text[n] == '_') {
		n++
	}
	if n < 4+16 {
		return 0
	}
	return n
}

func recogniseAt(text []byte, i int) (end int, label string) {
	rest := text[i:]
	for _, r := range []struct {
		label string
		at    func([]byte) int
	}{
		{labelEmail, emailAt}, {labelIBAN, ibanAt}, {labelIP, addressAt}, {labelNational, nationalAt}, {labelCard, cardAt}, {labelPhone, phoneAt},
	} {
		if n := r.at(rest); n > 0 && endsHere(rest, n) {
			return i + n, r.label
		}
	}
	return 0, ""
}

// emailAt reads an address from its local part on.
func emailAt(text []byte) int {
	at := 0
	for at < len(text) && (isAlnum(text[at]) || strings.IndexByte(".!#$%&'*+/=?^_`{|}~-", text[at]) >= 0 || text[at] >= 0x80) {
		at++
	}
	if at == 0 || at == len(text) || text[at] != '@' {
		return 0
	}
	end, dot := at+1, 0
	for ; end < len(text) && (isAlnum(text[end]) || text[end] == '-' || text[end] == '.' || text[end] >= 0x80); end++ {
		if text[end] == '.' && end+1 < len(text) && isAlnum(text[end+1]) {
			dot = end
		}
	}
	for end > 0 && (text[end-1] == '.' || text[end-1] == '-') {
		end--
	}
	if dot == 0 || end-dot < 3 {
		return 0
	}
	return end
}

// ibanLength is the length of an IBAN by country (ISO 13616 registry), 0 for a country that has none.
func ibanLength(country string) int {
	const lengths = "AD24AE23AL28AT20AZ28BA20BE16BG22BH22BR29BY28CH21CR22CY28CZ24DE22DK18DO28EE20EG29ES24FI18FO18FR27GB22GE22GI23GL18" +
		"GR27GT28HR21HU28IE22IL23IQ23IS26IT27JO30KW30KZ20LB28LC32LI21LT20LU20LV21LY25MC27MD24ME22MK19MR27MT31MU30NL18NO15OM23PK24" +
		"PL28PS29PT25QA29RO24RS22RU33SA24SC31SD18SE24SI19SK24SM27SO23ST25SV28TL23TN24TR26UA29VA22VG24XK20YE30"
	for i := 0; i < len(lengths); i += 4 {
		if lengths[i:i+2] == country {
			return int(lengths[i+2]-'0')*10 + int(lengths[i+3]-'0')
		}
	}
	return 0
}

// ibanAt reads an IBAN of the length of its country and with good check digits (ISO 7064, mod 97-10); single spaces or
// hyphens may stand in it.
func ibanAt(text []byte) int {
	var compact []byte
	want := 34
	for i := 0; i < len(text); i++ {
		c := text[i]
		switch {
		case isAlnum(c):
			compact = append(compact, upper(c))
		case (c == ' ' || c == '-') && i+1 < len(text) && isAlnum(text[i+1]):
			continue
		default:
			return 0
		}
		n := len(compact)
		if n <= 2 != isLetter(c) && n <= 4 { // two letters, two digits
			return 0
		}
		if n == 2 {
			if want = ibanLength(string(compact)); want == 0 {
				return 0
			}
		}
		if n == want {
			if mod97(compact) != 1 {
				return 0
			}
			return i + 1
		}
	}
	return 0
}

func upper(c byte) byte {
	if c >= 'a' && c <= 'z' {
		return c - 'a' + 'A'
	}
	return c
}

// mod97 is the remainder of the check of ISO 13616: the first four characters at the end, letters as two digits.
func mod97(compact []byte) int {
	r := 0
	for i := range compact {
		c := compact[(i+4)%len(compact)]
		if isDigit(c) {
			r = (r*10 + int(c-'0')) % 97
		} else {
			r = (r*100 + int(c-'A') + 10) % 97
		}
	}
	return r
}

// addressAt reads an IPv4 or IPv6 address.
func addressAt(text []byte) int {
	n, colons := 0, 0
	for n < len(text) && n < 45 && (isDigit(text[n]) || (text[n]|0x20)-'a' <= 5 || text[n] == '.' || text[n] == ':') {
		if text[n] == ':' {
			colons++
		}
		n++
	}
	for n > 0 && text[n-1] == '.' {
		n--
	}
	for ; n >= 3; n-- { // an address and then a port, or the colon of a sentence
		if c := text[n-1]; c == ':' || c == '.' || n < len(text) && isAlnum(text[n]) {
			if c != ':' || !bytes.HasSuffix(text[:n], []byte("::")) {
				continue
			}
		}
		a, err := netip.ParseAddr(string(text[:n]))
		if err == nil && (a.Is4() || colons >= 2) {
			return n
		}
	}
	return 0
}

// group is digits with single separators between them.
type group struct {
	digits []byte
	ends   []int // ends[i] is where the text with digits[:i+1] ends
}

// digitsAt reads at most limit digits.
func digitsAt(text []byte, separators string, limit int) (g group) {
	for i := 0; i < len(text) && len(g.digits) < limit; i++ {
		switch c := text[i]; {
		case isDigit(c):
			g.digits = append(g.digits, c)
			g.ends = append(g.ends, i+1)
		case len(g.digits) > 0 && strings.IndexByte(separators, c) >= 0 && i+1 < len(text) && (isDigit(text[i+1]) || text[i+1] == '('):
		case c == '(' || c == ')':
			if strings.IndexByte(separators, c) < 0 {
				return g
			}
		default:
			return g
		}
	}
	return g
}

// cardAt reads 13 to 19 digits with a good last one (ISO/IEC 7812-1, Luhn).
func cardAt(text []byte) int {
	g := digitsAt(text, " -", 19)
	for n := len(g.digits); n >= 13; n-- {
		if endsHere(text, g.ends[n-1]) && isLuhn(g.digits[:n]) && g.digits[0] != '0' {
			return g.ends[n-1]
		}
	}
	return 0
}

func isLuhn(digits []byte) bool {
	sum := 0
	for i := range digits {
		d := int(digits[len(digits)-1-i] - '0')
		if i%2 == 1 {
			if d *= 2; d > 9 {
				d -= 9
			}
		}
		sum += d
	}
	return sum%10 == 0
}

// goesOn reports whether more digits follow on what ends at n: then it is a part of something longer.
func goesOn(text []byte, n int) bool {
	return n+1 < len(text) && strings.IndexByte(" -.", text[n]) >= 0 && isDigit(text[n+1])
}

// phoneAt reads a number that begins with + or 0, perhaps in brackets, and has 7 to 15 digits (ITU-T E.164), with a 00 two more.
func phoneAt(text []byte) int {
	plus := 0
	for plus < len(text) && plus < 2 && (text[plus] == '+' || text[plus] == '(') {
		plus++
	}
	if plus == len(text) || text[plus] != '0' && (plus == 0 || text[plus-1] != '+') {
		return 0
	}
	g := digitsAt(text[plus:], " -./()", 17)
	for n := len(g.digits); n >= 7; n-- {
		if end := g.ends[n-1] + plus; endsHere(text, end) {
			return end
		}
	}
	return 0
}
