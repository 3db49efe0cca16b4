package stix

import (
	"math/big"
	"strings"
)

// mailAddresses returns what has the form of an e-mail address in a text.
func mailAddresses(text string) (found []string) {
	for i := strings.IndexByte(text, '@'); i >= 0; {
		start, end := i, i+1
		for start > 0 && isMailboxByte(text[start-1]) {
			start--
		}
		for end < len(text) && isHostByte(text[end]) {
			end++
		}
		host := strings.Trim(text[i+1:end], ".-")
		if start < i && strings.Contains(host, ".") {
			found = append(found, text[start:i+1]+host)
		}
		next := strings.IndexByte(text[i+1:], '@')
		if next < 0 {
			break
		}
		i += 1 + next
	}
	return found
}

func isMailboxByte(c byte) bool {
	return isHostByte(c) || c == '_' || c == '+' || c == '%' || c == '\''
}

func isHostByte(c byte) bool {
	return c|0x20 >= 'a' && c|0x20 <= 'z' || c >= '0' && c <= '9' || c == '.' || c == '-' || c >= 0x80
}

// ibans returns what is an IBAN by its form and check digits (ISO 13616) in a text, with or without spaces.
func ibans(text string) (found []string) {
	for i := 0; i+15 <= len(text); i++ {
		if !isUpper(text[i]) || !isUpper(text[i+1]) || !isDigit(text[i+2]) || !isDigit(text[i+3]) || i > 0 && isAlphanumeric(text[i-1]) {
			continue
		}
		end := i
		for end < len(text) && (isUpper(text[end]) || isDigit(text[end]) || text[end] == ' ') {
			end++
		}
		for ; end > i; end-- {
			if isIBAN(strings.ReplaceAll(text[i:end], " ", "")) {
				found = append(found, strings.TrimSpace(text[i:end]))
				i = end
				break
			}
		}
	}
	return found
}

func isUpper(c byte) bool { return c >= 'A' && c <= 'Z' }
func isDigit(c byte) bool { return c >= '0' && c <= '9' }
func isAlphanumeric(c byte) bool {
	return isDigit(c) || c|0x20 >= 'a' && c|0x20 <= 'z'
}

// isIBAN computes the check digits (ISO 7064, mod 97-10).
func isIBAN(text string) bool {
	if len(text) < 15 || len(text) > 34 {
		return false
	}
	var digits strings.Builder
	for _, c := range text[4:] + text[:4] {
		if c >= 'A' {
			digits.WriteString(big.NewInt(int64(c - 'A' + 10)).String())
		} else {
			digits.WriteRune(c)
		}
	}
	n, ok := new(big.Int).SetString(digits.String(), 10)
	return ok && new(big.Int).Mod(n, big.NewInt(97)).Int64() == 1
}
