package stix_test

import (
	"bytes"
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"math/big"
	"mime/quotedprintable"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"
)

// written returns the ways in which a value can be written, each with a name. They are computed here on their own, without
// the code under test.
func written(value string) map[string]string {
	forms := map[string]string{
		"plain":        value,
		"reversed":     reverse(value),
		"percent":      percentAll(value),
		"query":        url.QueryEscape(value),
		"quoted":       quoted(value),
		"hex":          hex.EncodeToString([]byte(value)),
		"spaced":       strings.Join(strings.Split(value, ""), " "),
		"uuid5":        uuid5(value),
		"uuid5 value":  uuid5(fmt.Sprintf(`{"value":%q}`, value)),
		"utf-16le":     string(utf16Bytes(value, binary.LittleEndian)),
		"utf-16be":     string(utf16Bytes(value, binary.BigEndian)),
		"utf-16le hex": hex.EncodeToString(utf16Bytes(value, binary.LittleEndian)),
	}
	for name, raw := range map[string][]byte{"": []byte(value), " of utf-16": utf16Bytes(value, binary.LittleEndian)} {
		for shift := range 3 {
			forms[fmt.Sprintf("base64/%d%s", shift, name)] = aligned(base64.StdEncoding, raw, shift)
			forms[fmt.Sprintf("base64url/%d%s", shift, name)] = aligned(base64.URLEncoding, raw, shift)
		}
	}
	for _, v := range []string{value, strings.ToLower(value), strings.ToUpper(value)} {
		m, s1, s256, s512 := md5.Sum([]byte(v)), sha1.Sum([]byte(v)), sha256.Sum256([]byte(v)), sha512.Sum512([]byte(v))
		for name, sum := range map[string][]byte{"md5": m[:], "sha1": s1[:], "sha256": s256[:], "sha512": s512[:]} {
			forms[name+" of "+v] = hex.EncodeToString(sum)
			forms[name+" base64 of "+v] = strings.TrimRight(base64.StdEncoding.EncodeToString(sum), "=")
		}
	}
	if a, err := netip.ParseAddr(value); err == nil {
		forms["integer"] = new(big.Int).SetBytes(a.AsSlice()).String()
	}
	return forms
}

func reverse(s string) string {
	r := []rune(s)
	slices.Reverse(r)
	return string(r)
}

func percentAll(s string) string {
	var b strings.Builder
	for _, c := range []byte(s) {
		fmt.Fprintf(&b, "%%%02X", c)
	}
	return b.String()
}

func quoted(s string) string {
	var b bytes.Buffer
	w := quotedprintable.NewWriter(&b)
	_, _ = w.Write([]byte(s))
	_ = w.Close()
	return b.String()
}

func utf16Bytes(s string, order binary.AppendByteOrder) (out []byte) {
	for _, u := range utf16.Encode([]rune(s)) {
		out = order.AppendUint16(out, u)
	}
	return out
}

// aligned is the part of the base64 of something that stands behind shift other bytes which depends on raw alone.
func aligned(enc *base64.Encoding, raw []byte, shift int) string {
	text := enc.EncodeToString(append(make([]byte, shift), raw...))
	start := []int{0, 2, 3}[shift]
	end := (shift + len(raw)) / 3 * 4
	return text[start:max(start, end)]
}

func uuid5(name string) string {
	ns, _ := hex.DecodeString("00abedb4aa42466c9c01fed23315a9b7")
	sum := sha1.Sum(append(ns, name...))
	sum[6], sum[8] = sum[6]&0x0f|0x50, sum[8]&0x3f|0x80
	h := hex.EncodeToString(sum[:16])
	return h[:8] + "-" + h[8:12] + "-" + h[12:16] + "-" + h[16:20] + "-" + h[20:]
}

// searcher holds a text in the states in which forms are looked for: as it is, in small letters, without spaces.
type searcher struct{ states []string }

func newSearcher(text []byte) *searcher {
	plain := string(text)
	unescaped := strings.NewReplacer(`\/`, "/", `\"`, `"`, `\\`, `\`, `\u0000`, "\x00").Replace(plain)
	s := &searcher{}
	for _, t := range []string{plain, unescaped} {
		lower := strings.ToLower(t)
		s.states = append(s.states, t, lower, strings.ReplaceAll(lower, " ", ""))
	}
	return s
}

const window = 6 // bytes by which needles are looked up; no canary is shorter

// needle is one written form of a canary.
type needle struct{ canary, form string }

// needles finds many texts in one pass: by their first bytes.
type needles map[[window]byte]map[string]needle

func newNeedles(canaries []string) needles {
	n := make(needles)
	for _, canary := range canaries {
		for form, text := range written(canary) {
			n.put(text, needle{canary, form})
			if !strings.HasPrefix(form, "base64") {
				n.put(strings.ToLower(text), needle{canary, form})
			}
		}
	}
	return n
}

func (n needles) put(text string, what needle) {
	if len(text) < window {
		return
	}
	front := [window]byte([]byte(text))
	if n[front] == nil {
		n[front] = make(map[string]needle)
	}
	n[front][text] = what
}

// in returns what stands in a text.
func (n needles) in(text string) (found []needle) {
	for i := 0; i+window <= len(text); i++ {
		for candidate, what := range n[[window]byte([]byte(text[i:i+window]))] {
			if strings.HasPrefix(text[i:], candidate) {
				found = append(found, what)
			}
		}
	}
	return found
}

func requireNone(t testing.TB, where string, text []byte, canaries []string) {
	t.Helper()
	newNeedles(canaries).requireNone(t, where, text)
}

func (n needles) requireNone(t testing.TB, where string, text []byte) {
	t.Helper()
	said := make(map[needle]bool)
	for _, state := range newSearcher(text).states {
		for _, found := range n.in(state) {
			if !said[found] && len(said) < 20 {
				t.Errorf("%s holds %q, written as %s", where, found.canary, found.form)
			}
			said[found] = true
		}
	}
}
