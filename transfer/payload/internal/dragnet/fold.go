package dragnet

import (
	"encoding/binary"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Folder brings texts into forms in which spellings of the same thing are equal. The zero value is ready for use; a
// Folder may not be used by two goroutines at once.
type Folder struct{ parts norm.Iter }

// Fold appends text without what people leave out or write differently: letters become small, accents, ligatures,
// full-width forms and characters without width go (Unicode NFKD, UAX #15, then the marks and format characters are
// removed), and letters that do not decompose become what stands for them in payment messages (ß as ss, ø as o).
func (f *Folder) Fold(dst, text []byte) []byte {
	start := len(dst)
	dst = append(dst, text...)
	small := dst[start:]
	for len(small) >= 8 {
		w := binary.LittleEndian.Uint64(small)
		if w&highs != 0 {
			break
		}
		binary.LittleEndian.PutUint64(small, toLower(w))
		small = small[8:]
	}
	for i, c := range small {
		if c >= utf8.RuneSelf {
			done := len(dst) - len(small) + i
			return f.foldUnicode(dst[:done], text[done-start:])
		}
		small[i] = byte(toLower(uint64(c)))
	}
	return dst
}

const (
	ones  = 0x0101010101010101
	highs = 0x8080808080808080
)

// toLower makes eight ASCII letters small: the two sums carry into the high bit of each byte from 'A' and from '['
// on, and a letter is where only the first does.
func toLower(w uint64) uint64 {
	capital := ((w + ones*(0x80-'A')) ^ (w + ones*(0x80-'['))) & highs
	return w | capital>>2
}

func (f *Folder) foldUnicode(dst, text []byte) []byte {
	for f.parts.Init(norm.NFKD, text); !f.parts.Done(); {
		for part := f.parts.Next(); len(part) > 0; {
			r, n := utf8.DecodeRune(part)
			part = part[n:]
			dst = foldRune(dst, r)
		}
	}
	f.parts.Init(norm.NFKD, nil) // forget the text
	return dst
}

func foldRune(dst []byte, r rune) []byte {
	if unicode.In(r, unicode.Mn, unicode.Cf) {
		return dst
	}
	r = unicode.ToLower(r)
	if s := spelledOut(r); s != "" {
		return append(dst, s...)
	}
	return utf8.AppendRune(dst, r)
}

func spelledOut(r rune) string {
	switch r {
	case 'ß':
		return "ss"
	case 'æ':
		return "ae"
	case 'œ':
		return "oe"
	case 'ø':
		return "o"
	case 'ł':
		return "l"
	case 'đ', 'ð':
		return "d"
	case 'þ':
		return "th"
	case 'ı':
		return "i"
	case 'ς':
		return "σ"
	}
	return ""
}

// Compact appends the letters and digits of a folded text.
func Compact(dst, folded []byte) []byte {
	start := len(dst)
	dst = append(dst, folded...)
	n := start
	for i, c := range folded {
		if c >= utf8.RuneSelf {
			return compactUnicode(dst[:n], folded[i:])
		}
		dst[n] = c
		n += alphanumeric(c)
	}
	return dst[:n]
}

// alphanumeric returns 1 for a letter or digit and 0 for any other ASCII character, without a branch.
func alphanumeric(c byte) int {
	const digits, letters = 0x03ff_0000_0000_0000, 0x07ff_fffe_07ff_fffe
	return int((uint64(digits)>>c | uint64(letters)>>(c-64)) & 1)
}

func compactUnicode(dst, folded []byte) []byte {
	for len(folded) > 0 {
		r, n := utf8.DecodeRune(folded)
		if unicode.IsLetter(r) || unicode.IsNumber(r) {
			dst = append(dst, folded[:n]...)
		}
		folded = folded[n:]
	}
	return dst
}

// runeLen returns the length of the character at the front of text, 1 for a byte that is none.
func runeLen(text []byte) int {
	_, n := utf8.DecodeRune(text)
	return n
}
