package lookalike

import "strings"

// registry is the SWIFT IBAN registry: country, how many characters at the beginning of the BBAN identify the bank, and the
// structure of the BBAN: n digits, a capital letters, c both. Neighbouring parts of one class are joined. Where a national
// check letter goes before the bank identifier (IT, SM), it counts with it.
const registry = `
AD 4 8n12c
AE 3 19n
AL 8 8n16c
AT 5 16n
AZ 4 4a20c
BA 3 16n
BE 3 12n
BG 4 4a6n8c
BH 4 4a14c
BI 5 23n
BR 8 23n1a1c
BY 4 4c4n16c
CH 5 5n12c
CR 4 18n
CY 3 8n16c
CZ 4 20n
DE 8 18n
DJ 5 23n
DK 4 14n
DO 4 4c20n
EE 2 16n
EG 4 25n
ES 4 20n
FI 3 14n
FK 2 2a12n
FO 4 14n
FR 5 10n11c2n
GB 4 4a14n
GE 2 2a16n
GI 4 4a15c
GL 4 14n
GR 3 7n16c
GT 4 24c
HN 4 4a20n
HR 7 17n
HU 3 24n
IE 4 4a14n
IL 3 19n
IQ 4 4a15n
IS 4 22n
IT 6 1a10n12c
JO 4 4a4n18c
KW 4 4a22c
KZ 3 3n13c
LB 4 4n20c
LC 4 4a24c
LI 5 5n12c
LT 5 16n
LU 3 3n13c
LV 4 4a13c
LY 3 21n
MC 5 10n11c2n
MD 2 20c
ME 3 18n
MK 3 3n10c2n
MN 4 16n
MR 5 23n
MT 4 4a5n18c
MU 6 4a19n3a
NI 4 4a20n
NL 4 4a10n
NO 4 11n
OM 3 3n16c
PK 4 4a16c
PL 8 24n
PS 4 4a21c
PT 4 21n
QA 4 4a21c
RO 4 4a16c
RS 3 18n
RU 9 14n15c
SA 2 2n18c
SC 6 4a20n3a
SD 2 14n
SE 3 20n
SI 5 15n
SK 4 20n
SM 6 1a10n12c
SO 4 19n
ST 4 21n
SV 4 4a20n
TL 3 19n
TN 2 20n
TR 5 6n16c
UA 6 6n19c
VA 3 18n
VG 4 4a16n
XK 4 16n
YE 4 4a4n18c
`

// entryOf returns the structure of a country's BBAN and the length of its bank identifier.
func entryOf(country []byte) (structure string, bank int, ok bool) {
	at := strings.Index(registry, "\n"+string(country)+" ")
	if at < 0 {
		return "", 0, false
	}
	line := registry[at+4:]
	line = line[:strings.IndexByte(line, '\n')]
	return line[2:], int(line[0] - '0'), true
}

// Countries returns the countries of the registry.
func Countries() []string {
	var out []string
	for line := range strings.Lines(strings.TrimSpace(registry)) {
		out = append(out, line[:2])
	}
	return out
}

// iban gives each character of a BBAN its class.
func (d *draft) iban(keepBank bool) bool {
	if len(d.text) < 5 {
		return false
	}
	structure, bank, ok := entryOf(d.text[:2])
	if !ok {
		return false
	}
	d.rest(kept, 4)
	d.expand(structure)
	if len(d.class) != len(d.text) || !d.fits() || !checked(d.text) {
		return false
	}
	d.tweak = append(d.tweak, d.text[:2]...)
	if keepBank {
		d.tweak = append(d.tweak, d.text[4:4+bank]...)
		clear(d.class[4 : 4+bank])
	}
	return true
}

// expand appends the classes that a structure such as "4a14n" writes.
func (d *draft) expand(structure string) {
	count := 0
	for _, c := range []byte(structure) {
		if c >= '0' && c <= '9' {
			count = 10*count + int(c-'0')
			continue
		}
		d.rest(c, count)
		count = 0
	}
}

// remainder is the number that an IBAN stands for, its first four characters at the end and letters as 10 to 35, modulo 97
// (ISO 13616-1, ISO 7064). It is 1 for a valid one.
func remainder(iban []byte) int {
	r := 0
	for _, part := range [2][]byte{iban[4:], iban[:4]} {
		for _, c := range part {
			if c >= '0' && c <= '9' {
				r = (10*r + int(c-'0')) % 97
				continue
			}
			r = (100*r + int(c-'A') + 10) % 97
		}
	}
	return r
}

// checked reports whether the check digits are right. They are 02 to 98: 00, 01 and 99 would have the same remainder as 97,
// 98 and 02, and two IBANs would be one account.
func checked(iban []byte) bool {
	digits := string(iban[2:4])
	return allDigits(iban[2:4]) && digits >= "02" && digits <= "98" && remainder(iban) == 1
}

func setIBANCheck(iban []byte) {
	iban[2], iban[3] = '0', '0'
	check := 98 - remainder(iban)
	iban[2], iban[3] = byte('0'+check/10), byte('0'+check%10)
}

// luhnDigit is the check digit of ISO/IEC 7812-1, annex B, for the digits before it.
func luhnDigit(digits []byte) byte {
	sum, double := 0, true
	for i := len(digits) - 1; i >= 0; i-- {
		n := int(digits[i] - '0')
		if double {
			if n *= 2; n > 9 {
				n -= 9
			}
		}
		sum, double = sum+n, !double
	}
	return byte('0' + (10-sum%10)%10)
}
