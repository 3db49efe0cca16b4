package payload

import "bytes"

// What the gate knows of account, card and telephone numbers. It shares nothing with the code that makes them.

// ibanLengths are the countries of the SWIFT IBAN registry with the lengths of their IBANs.
const ibanLengths = "AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BI27 BR29 BY28 CH21 CR22 CY28 CZ24 DE22 DJ27 DK18 DO28 EE20 EG29 ES24 " +
	"FI18 FK18 FO18 FR27 GB22 GE22 GI23 GL18 GR27 GT28 HN28 HR21 HU28 IE22 IL23 IQ23 IS26 IT27 JO30 KW30 KZ20 LB28 LC32 LI21 " +
	"LT20 LU20 LV21 LY25 MC27 MD24 ME22 MK19 MN20 MR27 MT31 MU30 NI28 NL18 NO15 OM23 PK24 PL28 PS29 PT25 QA29 RO24 RS22 RU33 " +
	"SA24 SC31 SD18 SE24 SI19 SK24 SM27 SO23 ST25 SV28 TL23 TN24 TR26 UA29 VA22 VG24 XK20 YE30 "

// isValidIBAN accepts an IBAN of a listed country in electronic form: its length, and the remainder 1 modulo 97 (ISO 13616-1).
func isValidIBAN(text []byte) bool {
	n := len(text)
	if n < 15 || n > 34 || !isIBAN(text) {
		return false
	}
	entry := []byte{text[0], text[1], byte('0' + n/10), byte('0' + n%10), ' '}
	if !bytes.Contains([]byte(ibanLengths), entry) {
		return false
	}
	sum := 0
	for i := range n {
		c := text[(i+4)%n]
		switch {
		case isDigit(c):
			sum = sum*10 + int(c-'0')
		case c >= 'A' && c <= 'Z':
			sum = sum*100 + int(c-'A') + 10
		default:
			return false
		}
		sum %= 97
	}
	return sum == 1 && string(text[2:4]) >= "02" && string(text[2:4]) <= "98" // other check digits are never computed
}

// isCard accepts 12 to 19 digits whose last one is right (ISO/IEC 7812-1, annex B).
func isCard(text []byte) bool {
	if len(text) < 12 || len(text) > 19 || !isDigits(text) {
		return false
	}
	sum := 0
	for i, c := range text {
		n := int(c - '0')
		if (len(text)-i)%2 == 0 {
			n *= 2
		}
		sum += n/10 + n%10
	}
	return sum%10 == 0
}

// isE164 accepts "+" and 7 to 15 digits that do not begin with 0 (ITU-T E.164).
func isE164(text []byte) bool {
	return len(text) >= 8 && len(text) <= 16 && text[0] == '+' && text[1] != '0' && isDigits(text[1:])
}

func isDigits(text []byte) bool { return len(text) > 0 && countDigits(text) == len(text) }

func hasDigitOrLetter(text []byte) bool {
	for _, c := range text {
		if isDigit(c) || isLetter(c) {
			return true
		}
	}
	return false
}
