package payload

import (
	"bytes"
	"strings"
)

// nationalAt reads a national identifier of the table in docs/bulk.md. Every form has its own check, where the issuing
// State defines one, so that few other numbers are taken for one.
func nationalAt(text []byte) int {
	n := 0
	for n < len(text) && n <= 20 && (isAlnum(text[n]) || n > 0 && strings.IndexByte("-+. ", text[n]) >= 0) {
		n++
	}
	for ; n >= 8; n-- {
		if !isAlnum(text[n-1]) || !endsHere(text, n) || goesOn(text, n) {
			continue
		}
		if bytes.IndexByte(text[:n], '.') >= 0 && bytes.IndexByte(text[:n], '-') < 0 { // an address, an amount
			continue
		}
		if isNational(text[:n]) {
			return n
		}
	}
	return 0
}

func isNational(text []byte) bool {
	if isHyphenated(text) {
		return true
	}
	compact := make([]byte, 0, 20)
	for _, c := range text {
		if isAlnum(c) {
			compact = append(compact, upper(c))
		}
	}
	form := shapeOf(compact)
	for _, id := range nationalForms() {
		if id.form == form && id.check(compact) {
			return true
		}
	}
	return false
}

// shapeOf writes 9 for a digit and A for a letter.
func shapeOf(compact []byte) string {
	shape := bytes.Clone(compact)
	for i, c := range shape {
		shape[i] = 'A'
		if isDigit(c) {
			shape[i] = '9'
		}
	}
	return string(shape)
}

type nationalForm struct {
	form  string
	check func(compact []byte) bool
}

func nationalForms() []nationalForm {
	eleven := func(check func([]byte) bool) nationalForm { return nationalForm{"99999999999", check} }
	return []nationalForm{
		{"9999999A", isPPS}, {"9999999AA", isPPS}, // Ireland
		{"AA999999A", isNINO},                 // United Kingdom
		eleven(isSteuerID),                    // Germany
		{"999999999999999", isNIR},            // France
		{"99999999A", isDNI},                  // Spain
		{"A9999999A", isDNI},                  // Spain, foreigners
		{"AAAAAA99A99A999A", isCodiceFiscale}, // Italy
		{"999999999", isBSN},                  // Netherlands
		eleven(isRijksregister),               // Belgium
		eleven(isPESEL),                       // Poland
		eleven(isBaltic),                      // Lithuania, Estonia
		{"999999999999", isMyNumber},          // Japan
	}
}

// isHyphenated are forms that mean something only with their sign: Sweden, Finland, United States.
func isHyphenated(text []byte) bool {
	switch {
	case len(text) == 11 && (text[6] == '-' || text[6] == '+') && allDigits(text[:6]) && allDigits(text[7:]):
		return isLuhn(append(bytes.Clone(text[:6]), text[7:]...))
	case len(text) == 13 && (text[8] == '-' || text[8] == '+') && allDigits(text[:8]) && allDigits(text[9:]):
		return isLuhn(append(bytes.Clone(text[2:8]), text[9:]...))
	case len(text) == 11 && allDigits(text[:6]) && strings.IndexByte("-+A", upper(text[6])) >= 0 && allDigits(text[7:10]):
		return "0123456789ABCDEFHJKLMNPRSTUVWXY"[(number(text[:6])*1000+number(text[7:10]))%31] == upper(text[10])
	case len(text) == 11 && text[3] == '-' && text[6] == '-' && allDigits(text[:3]) && allDigits(text[4:6]) && allDigits(text[7:]):
		area := number(text[:3])
		return area > 0 && area != 666 && area < 900 && number(text[4:6]) > 0 && number(text[7:]) > 0
	}
	return false
}

func allDigits(text []byte) bool {
	for _, c := range text {
		if !isDigit(c) {
			return false
		}
	}
	return true
}

func number(digits []byte) (n int) {
	for _, c := range digits {
		n = n*10 + int(c-'0')
	}
	return n
}

// weighted is the sum of digits times weights.
func weighted(digits []byte, weights ...int) (sum int) {
	for i, w := range weights {
		sum += w * int(digits[i]-'0')
	}
	return sum
}

func isPPS(c []byte) bool {
	sum := weighted(c, 8, 7, 6, 5, 4, 3, 2)
	if len(c) == 9 && c[8] != 'W' {
		sum += 9 * int(c[8]-'A'+1)
	}
	return "WABCDEFGHIJKLMNOPQRSTUV"[sum%23] == c[7]
}

func isNINO(c []byte) bool {
	return !strings.ContainsAny(string(c[:2]), "DFIQUV") && c[1] != 'O' && c[8] <= 'D' &&
		!strings.Contains("BG GB KN NK NT TN ZZ", string(c[:2]))
}

func isSteuerID(c []byte) bool { // ISO 7064, mod 11,10
	p := 10
	for _, d := range c[:10] {
		s := (int(d-'0') + p) % 10
		if s == 0 {
			s = 10
		}
		p = 2 * s % 11
	}
	return c[0] != '0' && (11-p)%10 == int(c[10]-'0')
}

func isNIR(c []byte) bool {
	return (c[0] == '1' || c[0] == '2') && 97-number(c[:13])%97 == number(c[13:])
}

func isDNI(c []byte) bool {
	digits := bytes.Clone(c[:8])
	if isLetter(c[0]) {
		if c[0] < 'X' {
			return false
		}
		digits[0] = c[0] - 'X' + '0'
	}
	return "TRWAGMYFPDXBNJZSQVHLCKE"[number(digits)%23] == c[8]
}

func isCodiceFiscale(c []byte) bool { return strings.IndexByte("ABCDEHLMPRST", c[8]) >= 0 }

func isBSN(c []byte) bool {
	return number(c) > 0 && weighted(c, 9, 8, 7, 6, 5, 4, 3, 2, -1)%11 == 0
}

func isRijksregister(c []byte) bool {
	body, check := number(c[:9]), number(c[9:])
	return 97-body%97 == check || 97-(2_000_000_000+body)%97 == check
}

func isPESEL(c []byte) bool {
	month := number(c[2:4]) % 20
	return month >= 1 && month <= 12 && weighted(c, 1, 3, 7, 9, 1, 3, 7, 9, 1, 3, 1)%10 == 0
}

func isBaltic(c []byte) bool {
	check := weighted(c, 1, 2, 3, 4, 5, 6, 7, 8, 9, 1) % 11
	if check == 10 {
		check = weighted(c, 3, 4, 5, 6, 7, 8, 9, 1, 2, 3) % 11 % 10
	}
	month := number(c[3:5])
	return c[0] >= '1' && c[0] <= '8' && month >= 1 && month <= 12 && check == int(c[10]-'0')
}

func isMyNumber(c []byte) bool {
	check := weighted(c, 6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2) % 11
	if check > 1 {
		return 11-check == int(c[11]-'0')
	}
	return c[11] == '0'
}
