package dragnet

import (
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Folder brings texts into forms in which spellings of the same thing are equal. The zero value is ready for use; a
// Folder may not be used by two goroutines at once.
type Folder struct{ decomposed []byte }

// Fold appends text without what people leave out or write differently: letters become small, accents, ligatures,
// full-width forms and characters without width go (Unicode NFKD, UAX #15, then the marks and format characters are
// removed), and letters that do not decompose become what stands for them in payment messages (ß as ss, ø as o).
func (f *Folder) Fold(dst, text []byte) []byte {
	for i, c := range text {
		if c >= utf8.RuneSelf {
			return f.foldUnicode(dst, text[i:])
		}
		if c-'A' <= 'Z'-'A' {
			c += 'a' - 'A'
		}
		dst = append(dst, c)
	}
	return dst
}

func (f *Folder) foldUnicode(dst, text []byte) []byte {
	f.decomposed = norm.NFKD.Append(f.decomposed[:0], text...)
	for rest := f.decomposed; len(rest) > 0; {
		r, n := utf8.DecodeRune(rest)
		rest = rest[n:]
		if unicode.In(r, unicode.Mn, unicode.Cf) {
			continue
		}
		r = unicode.ToLower(r)
		if s := spelledOut(r); s != "" {
			dst = append(dst, s...)
			continue
		}
		dst = utf8.AppendRune(dst, r)
	}
	clear(f.decomposed)
	return dst
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
	for i := 0; i < len(folded); {
		c := folded[i]
		if c < utf8.RuneSelf {
			if c-'a' <= 'z'-'a' || c-'0' <= 9 || c-'A' <= 'Z'-'A' {
				dst = append(dst, c)
			}
			i++
			continue
		}
		r, n := utf8.DecodeRune(folded[i:])
		if unicode.IsLetter(r) || unicode.IsNumber(r) {
			dst = append(dst, folded[i:i+n]...)
		}
		i += n
	}
	return dst
}
