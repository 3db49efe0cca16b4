package stix

import (
	"encoding/base64"
	"encoding/hex"
	"html"
	"io"
	"mime/quotedprintable"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// found is asked about what a text decodes to; readable is whether it can be text at all.
type found func(raw []byte, readable bool) bool

// decodings calls f with everything that a text may stand for in another notation, and with what that stands for in
// turn, until f returns true.
func decodings(text string, depth int, f found) bool {
	if depth == 0 {
		return false
	}
	deeper := func(raw []byte) bool {
		if len(raw) < shortest {
			return false
		}
		readable := isReadable(raw)
		return f(raw, readable) || readable && decodings(string(raw), depth-1, f)
	}
	for _, decode := range []func(string, func([]byte) bool) bool{
		unescaped, fromBase64, fromHex, fromUTF16, fromCodes,
	} {
		if decode(text, deeper) {
			return true
		}
	}
	return false
}

// isReadable reports whether some characters of bytes stand together that text is made of, zero bytes not counted. Of
// random bytes few are.
func isReadable(raw []byte) bool {
	run := 0
	for i := 0; i < len(raw); {
		r, n := utf8.DecodeRune(raw[i:])
		i += n
		switch {
		case r == 0:
		case r == utf8.RuneError && n == 1, r < ' ' && r != '\t' && r != '\n' && r != '\r', r == 0x7f:
			run = 0
		default:
			if run += n; run >= shortestCoded {
				return true
			}
		}
	}
	return false
}

// unescaped undoes percent encoding, quoted-printable, HTML and backslash escapes.
func unescaped(text string, f func([]byte) bool) bool {
	if strings.Contains(text, "%") && f(percentDecoded(text)) {
		return true
	}
	if strings.Contains(text, "=") {
		if decoded := quotedDecoded(text); string(decoded) != text && f(decoded) {
			return true
		}
	}
	if strings.Contains(text, "&") {
		if decoded := html.UnescapeString(text); decoded != text && f([]byte(decoded)) {
			return true
		}
	}
	if strings.Contains(text, `\`) {
		if decoded := backslashDecoded(text); decoded != text && f([]byte(decoded)) {
			return true
		}
	}
	return false
}

// percentDecoded decodes what is percent-encoded and leaves the rest; a plus stands for a space.
func percentDecoded(text string) []byte {
	out := make([]byte, 0, len(text))
	for i := 0; i < len(text); i++ {
		switch {
		case text[i] == '%' && i+2 < len(text) && isHex(text[i+1:i+3]):
			c, _ := hex.DecodeString(text[i+1 : i+3])
			out = append(out, c[0])
			i += 2
		case text[i] == '+':
			out = append(out, ' ')
		default:
			out = append(out, text[i])
		}
	}
	return out
}

func quotedDecoded(text string) []byte {
	decoded, err := io.ReadAll(quotedprintable.NewReader(strings.NewReader(text)))
	if err == nil {
		return decoded
	}
	return percentDecoded(strings.ReplaceAll(strings.ReplaceAll(text, "%", ""), "=", "%"))
}

// backslashDecoded undoes \xHH and \uHHHH, and leaves out other backslashes.
func backslashDecoded(text string) string {
	var out []uint16
	for i := 0; i < len(text); i++ {
		if text[i] != '\\' || i+1 >= len(text) {
			out = append(out, utf16.Encode([]rune{rune(text[i])})...)
			continue
		}
		i++
		digits := 0
		switch text[i] {
		case 'x':
			digits = 2
		case 'u':
			digits = 4
		}
		if digits > 0 && i+digits < len(text) && isHex(text[i+1:i+1+digits]) {
			v, _ := strconv.ParseUint(text[i+1:i+1+digits], 16, 16)
			out = append(out, uint16(v))
			i += digits
		} else {
			out = append(out, uint16(text[i]))
		}
	}
	return string(utf16.Decode(out))
}

// fromBase64 decodes every run of base64 or base64url at each of its four alignments.
func fromBase64(text string, f func([]byte) bool) bool {
	return runs(text, isBase64, 8, func(run string) bool {
		if len(run)%8 == 0 && len(run) >= 32 && isHex(run) {
			return false // a digest
		}
		if strings.ContainsAny(run, "-_") {
			run = strings.ReplaceAll(strings.ReplaceAll(run, "-", "+"), "_", "/")
		}
		for shift := range min(4, len(run)) {
			part := run[shift:]
			if len(part)%4 == 1 {
				part = part[:len(part)-1]
			}
			if decoded, err := base64.RawStdEncoding.DecodeString(part); err == nil && f(decoded) {
				return true
			}
		}
		return false
	})
}

// fromEither decodes base64 or base64url without padding; it returns nil for anything else.
func fromEither(text string) []byte {
	raw, err := base64.RawStdEncoding.DecodeString(strings.ReplaceAll(strings.ReplaceAll(text, "-", "+"), "_", "/"))
	if err != nil {
		return nil
	}
	return raw
}

func isBase64(c byte) bool {
	return c|0x20 >= 'a' && c|0x20 <= 'z' || c >= '0' && c <= '9' || c == '+' || c == '/' || c == '-' || c == '_'
}

// fromHex decodes every run of hexadecimal digits at both alignments, also with separators between the bytes.
func fromHex(text string, f func([]byte) bool) bool {
	return runs(text, isHexRun, 8, func(run string) bool {
		if !isHex(run) {
			run = hexDigits(run)
		}
		for shift := range min(2, len(run)) {
			part := run[shift:]
			part = part[:len(part)&^1]
			if decoded, err := hex.DecodeString(part); err == nil && f(decoded) {
				return true
			}
		}
		return false
	})
}

// hexDigits leaves out what stands between bytes: colons, spaces, commas, hyphens, 0x and \x.
func hexDigits(run string) string {
	out := make([]byte, 0, len(run))
	for i := range len(run) {
		switch {
		case run[i] == 'x':
			if n := len(out); i > 0 && run[i-1] == '0' && n > 0 {
				out = out[:n-1]
			}
		case isHex(run[i : i+1]):
			out = append(out, run[i])
		}
	}
	return string(out)
}

func isHexRun(c byte) bool {
	return isHexOrHyphen(c) || c == ':' || c == ' ' || c == ',' || c == 'x' || c == '\\'
}

// fromUTF16 leaves the zero bytes out that a text in UTF-16 has when it is read as bytes.
func fromUTF16(text string, f func([]byte) bool) bool {
	if !strings.Contains(text, "\x00") {
		return false
	}
	return f([]byte(strings.ReplaceAll(text, "\x00", "")))
}

// fromCodes decodes lists of character codes: "74 97 110 101", "74,97,110,101".
func fromCodes(text string, f func([]byte) bool) bool {
	return runs(text, isCodeByte, 2*shortestCoded, func(run string) bool {
		var out []rune
		for _, code := range strings.FieldsFunc(run, func(r rune) bool { return r < '0' || r > '9' }) {
			if v, err := strconv.ParseUint(code, 10, 16); err == nil {
				out = append(out, rune(v))
			}
		}
		return len(out) >= shortestCoded && f([]byte(string(out)))
	})
}

func isCodeByte(c byte) bool { return c >= '0' && c <= '9' || strings.IndexByte(" ,;.", c) >= 0 }
