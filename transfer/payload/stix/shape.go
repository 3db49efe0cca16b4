package stix

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"net/netip"
	"strconv"
	"strings"
)

// strength is what a result draws from a pseudonym, in bytes.
const strength = 16

// essence returns the 128 bits of a pseudonym: those that "psn_" and 22 characters of base64url spell, or the front of
// its SHA-256.
func essence(token string) (bits [strength]byte) {
	if text, found := strings.CutPrefix(token, "psn_"); found {
		if raw, err := base64.RawURLEncoding.DecodeString(text); err == nil && len(raw) == strength {
			return [strength]byte(raw)
		}
	}
	sum := sha256.Sum256([]byte(token))
	return [strength]byte(sum[:strength])
}

// shaped returns what stands for a value in a property of a form, made from its pseudonym. It reports false for forms
// that have no room for a pseudonym.
func shaped(form, arg, token string) (string, bool) {
	bits := essence(token)
	label := "x" + hex.EncodeToString(bits[:])
	switch form {
	case "text", "path", "iban", "bic", "card", "wallet", "postcode", "foreign":
		return token, true
	case "ipv4":
		return reservedIPv4(binary.BigEndian.Uint32(bits[:])), true
	case "ipv6":
		address := [16]byte{0: 0x01}
		copy(address[8:], bits[:8])
		return netip.AddrFrom16(address).String(), true
	case "mac":
		return localMAC(bits[:6]), true
	case "domain":
		return label + ".invalid", true
	case "email":
		return label + "@pseudonym.invalid", true
	case "url":
		return "https://" + label + ".invalid/", true
	case "registry":
		return label, true
	case "asn":
		return strconv.FormatUint(firstPrivateAS+uint64(binary.BigEndian.Uint32(bits[:]))%privateASes, 10), true
	case "phone":
		return "999" + strconv.FormatUint(1e11+binary.BigEndian.Uint64(bits[:])%9e11, 10), true
	case "digest":
		return digestOf(token, digestLength(arg))
	case "imphash":
		return digestOf(token, digestLength("MD5"))
	}
	return "", false
}

// reservedIPv4 maps 28 bits into 240.0.0.0/4 (RFC 1112 section 4), which is never routed, without the broadcast address.
func reservedIPv4(n uint32) string {
	n |= 0xf0000000
	if n == 0xffffffff {
		n = 0xf0000000
	}
	return netip.AddrFrom4([4]byte(binary.BigEndian.AppendUint32(nil, n))).String()
}

// nextIPv4 is the address behind one of reservedIPv4.
func nextIPv4(text string) string {
	a := netip.MustParseAddr(text).As4()
	return reservedIPv4((binary.BigEndian.Uint32(a[:]) + 1) & 0x0fffffff)
}

// localMAC makes an address locally administered and unicast (IEEE 802 section 8.4).
func localMAC(bits []byte) string {
	bits[0] = bits[0]&^3 | 2
	parts := make([]string, len(bits))
	for i, b := range bits {
		parts[i] = hex.EncodeToString([]byte{b})
	}
	return strings.Join(parts, ":")
}

// Private AS numbers (RFC 6996).
const (
	firstPrivateAS = 4_200_000_000
	privateASes    = 94_967_295
)

// digestLength is the length in hexadecimal digits of the digests that can be replaced, 0 for all others.
func digestLength(algorithm string) int {
	switch algorithm {
	case "MD5":
		return 32
	case "SHA-1":
		return 40
	case "SHA-224", "SHA3-224":
		return 56
	case "SHA-256", "SHA3-256":
		return 64
	case "SHA-384", "SHA3-384":
		return 96
	case "SHA-512", "SHA3-512":
		return 128
	}
	return 0
}

// digestOf stretches a pseudonym to n hexadecimal digits.
func digestOf(token string, n int) (string, bool) {
	var out []byte
	for i := byte(0); len(out) < n; i++ {
		sum := sha256.Sum256(append([]byte{i}, token...))
		out = append(out, hex.EncodeToString(sum[:])...)
	}
	return string(out[:n]), n > 0
}

// canonical brings a value into the spelling over which it is treated, so that spellings of one value are one.
func canonicalValue(form, text string) string {
	switch form {
	case "ipv4", "ipv6", "ip":
		text = refang(strings.TrimSpace(text))
		if p, err := netip.ParsePrefix(text); err == nil {
			if p.IsSingleIP() {
				return p.Addr().String()
			}
			return p.String()
		}
		if a, err := netip.ParseAddr(text); err == nil {
			return a.String()
		}
	case "mac":
		return strings.ToLower(strings.ReplaceAll(strings.TrimSpace(text), "-", ":"))
	case "domain":
		return strings.TrimRight(strings.ToLower(refang(strings.TrimSpace(text))), ".")
	case "email":
		return strings.ToLower(refang(strings.TrimSpace(text)))
	case "url":
		text = refang(strings.TrimSpace(text))
		if len(text) > 4 && strings.EqualFold(text[:4], "hxxp") {
			text = "http" + text[4:]
		}
		return lowerAuthority(text)
	case "digest", "imphash":
		if isHex(text) {
			return strings.ToLower(text)
		}
	}
	return text
}

// refang takes the brackets away that make an indicator harmless.
func refang(text string) string {
	if !strings.ContainsAny(text, "[({") {
		return text
	}
	for _, pair := range [][2]string{
		{"[.]", "."}, {"(.)", "."}, {"{.}", "."}, {"[:]", ":"}, {"[@]", "@"}, {"(@)", "@"}, {"[://]", "://"},
		{"[dot]", "."}, {"(dot)", "."}, {"[at]", "@"}, {"(at)", "@"},
	} {
		text = strings.ReplaceAll(text, pair[0], pair[1])
	}
	return text
}

// lowerAuthority writes scheme and host of a URL in small letters (RFC 3986 section 6.2.2.1).
func lowerAuthority(text string) string {
	start := strings.Index(text, "://")
	if start < 0 {
		return text
	}
	end := start + 3
	for end < len(text) && !strings.ContainsRune("/?#", rune(text[end])) {
		end++
	}
	if at := strings.LastIndexByte(text[start+3:end], '@'); at >= 0 {
		return strings.ToLower(text[:start+3]) + text[start+3:start+4+at] + strings.ToLower(text[start+4+at:end]) + text[end:]
	}
	return strings.ToLower(text[:end]) + text[end:]
}
