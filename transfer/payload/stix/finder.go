package stix

import (
	"bytes"
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/hex"
	"math/big"
	"net/netip"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/passavant/passavant/transfer/payload/internal/dragnet"
)

// finder searches texts for original values, in all forms in which one can be written.
type finder struct {
	folder     dragnet.Folder
	spelled    dragnet.Set       // folded values
	compact    dragnet.Set       // their letters and digits
	known      map[string]string // the values, to their category
	texts      []string          // the values, for replacing them in free text
	categories []string          // by tag
	tags       map[string]int
	computedOf map[[strength]byte]int // the fronts of digests and UUIDs, to the tag
	added      map[int]int            // how many values computedOf has, by length of what is computed
	integers   map[string]int         // addresses as integers
	folded     []byte
	packed     []byte
	turned     []byte
	hit        int // tag of what was found last
}

const (
	shortest      = 4  // characters of a value that is searched for
	shortestLoose = 8  // of one that is searched for without separators
	shortestMixed = 6  // if it holds letters and digits
	shortestCoded = 6  // of one that is searched for in an encoding, or reversed
	phoneTail     = 8  // digits: what is left of a number without its prefixes
	longest       = 64 // bytes of a value that are searched for: its end, which says most
	maxDecoding   = 3  // encodings inside one another
)

func (f *finder) prepare() {
	f.known, f.tags = make(map[string]string), make(map[string]int)
	f.computedOf, f.added, f.integers = make(map[[strength]byte]int), make(map[int]int), make(map[string]int)
}

// add notes an original value of a direct identifier.
func (f *finder) add(text, form, category string) {
	text = strings.TrimSpace(text)
	if f.known[text] != "" || utf8.RuneCountInString(text) < shortest || isCommonAccount(text) {
		return
	}
	f.known[text] = category
	f.texts = append(f.texts, text)
	tag, found := f.tags[category]
	if !found {
		tag = len(f.categories)
		f.tags[category] = tag
		f.categories = append(f.categories, category)
	}
	f.addSpellings(text, form, tag)
	if a, err := netip.ParseAddr(text); err == nil {
		f.integers[new(big.Int).SetBytes(a.AsSlice()).String()] = tag
	}
}

// addSpellings notes a value: its letters and digits alone if they are enough to know it by, since a text that holds the value
// holds them too when it is read in the same way.
func (f *finder) addSpellings(text, form string, tag int) {
	f.folded = f.folder.Fold(f.folded[:0], []byte(text))
	folded := bytes.TrimSpace(f.folded)
	f.packed = dragnet.Compact(f.packed[:0], folded)
	n := utf8.RuneCount(f.packed)
	loose := n >= shortestLoose || n >= shortestMixed && isMixed(f.packed)
	if loose {
		f.compact.Add(tail(f.packed, longest), tag)
	}
	if !loose && utf8.RuneCount(folded) >= shortest {
		f.spelled.Add(tail(folded, longest), tag)
	}
	if form == "phone" && len(f.packed) > phoneTail {
		f.compact.Add(tail(f.packed, phoneTail), tag)
	}
}

func tail(text []byte, n int) []byte { return text[max(0, len(text)-n):] }

// isMixed reports whether a compact text holds digits and something else.
func isMixed(text []byte) bool {
	n := 0
	for _, c := range text {
		if c >= '0' && c <= '9' {
			n++
		}
	}
	return n > 0 && n < len(text)
}

// uuidLength stands for UUIDs among the lengths of digests.
const uuidLength = -strength

// compute notes what can be computed from the values without a key, digests of n bytes or UUIDs. It is done when something
// of that length is met, since it costs more than everything else.
func (f *finder) compute(n int) {
	for _, text := range f.texts[f.added[n]:] {
		tag := f.tags[f.known[text]]
		last := ""
		for _, spelling := range spellings(text) {
			if spelling != last {
				f.computeOf([]byte(spelling), n, tag)
			}
			last = spelling
		}
	}
	f.added[n] = len(f.texts)
}

// spellings are those of a value that somebody would compute a digest of: small, capital, without separators, and account
// numbers in groups of four.
func spellings(text string) []string {
	all := []string{text, strings.ToLower(text), strings.ToUpper(text)}
	dense := strings.NewReplacer(" ", "", "-", "").Replace(text)
	if dense != text {
		all = append(all, dense, strings.ToLower(dense), strings.ToUpper(dense))
	}
	if len(dense) >= 12 && len(dense) <= 34 && isDigit(dense[len(dense)-1]) && strings.Trim(dense, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ") == "" {
		groups := ""
		for i := 0; i < len(dense); i += 4 {
			groups += " " + dense[i:min(i+4, len(dense))]
		}
		all = append(all, groups[1:])
	}
	return all
}

func (f *finder) computeOf(raw []byte, n, tag int) {
	var front [strength]byte
	switch n {
	case uuidLength:
		f.computedOf[sumV5(raw)] = tag
		front = sumV5(append(appendString([]byte(`{"value":`), string(raw)), '}'))
	case md5.Size:
		front = md5.Sum(raw)
	case sha1.Size:
		sum := sha1.Sum(raw)
		front = [strength]byte(sum[:])
	case sha256.Size224:
		sum := sha256.Sum224(raw)
		front = [strength]byte(sum[:])
	case sha256.Size:
		sum := sha256.Sum256(raw)
		front = [strength]byte(sum[:])
	case sha512.Size384:
		sum := sha512.Sum384(raw)
		front = [strength]byte(sum[:])
	case sha512.Size:
		sum := sha512.Sum512(raw)
		front = [strength]byte(sum[:])
	default:
		return
	}
	f.computedOf[front] = tag
}

// addMailbox notes the local part of an e-mail address that is somebody's name by its form.
func (f *finder) addMailbox(text, category string) {
	local, _, found := strings.Cut(text, "@")
	if found && len(local) >= shortestCoded && strings.ContainsAny(local, "._-0123456789") {
		f.add(local, "text", category)
	}
}

// addRecognised notes the e-mail addresses and IBANs in a text that nobody has named: what is not named is dropped, and must
// not come back elsewhere.
func (f *finder) addRecognised(text string) {
	for _, found := range mailAddresses(text) {
		f.add(strings.ToLower(found), "email", "email")
	}
	for _, found := range ibans(text) {
		f.add(found, "iban", "iban")
	}
}

// holds reports whether an original value stands in a text of the given form, or something that is an identifier by its
// own form.
func (f *finder) holds(text, form string) bool {
	if recognises(text, form) || strings.Contains(text, "%") && recognises(string(percentDecoded(text)), form) {
		return true
	}
	return f.findsIn(text)
}

func recognises(text, form string) bool {
	return form != "email" && len(mailAddresses(text)) > 0 || form != "iban" && form != "digest" && len(ibans(text)) > 0
}

// note remembers what was found.
func (f *finder) note(tag int, found bool) bool {
	if found {
		f.hit = tag
	}
	return found
}

// findsIn searches a text and what it decodes to.
func (f *finder) findsIn(text string) bool {
	if len(f.texts) == 0 || len(text) < shortest {
		return false
	}
	if f.plain([]byte(text), 0) || f.computed(text) {
		return true
	}
	return f.digestInBase64(text) || decodings(text, maxDecoding, f.decoded)
}

// digestInBase64 looks for digests behind each character that can be a separator: in a path a slash is one, and a digit of base64 too.
func (f *finder) digestInBase64(text string) bool {
	return runs(text, isBase64, 22, func(run string) bool {
		for i := range run {
			if i > 0 && isAlphanumeric(run[i-1]) {
				continue
			}
			for _, n := range []int{22, 27, 38, 43, 64, 86} { // of the digests of finder.compute, without padding
				if i+n <= len(run) && f.isDigest(fromEither(run[i:i+n])) {
					return true
				}
			}
		}
		return false
	})
}

// decoded searches what a text decodes to: unreadable bytes may be a digest, readable ones may hold a value.
func (f *finder) decoded(raw []byte, readable bool) bool {
	return f.isDigest(raw) || readable && f.plain(raw, shortestCoded)
}

// plain searches a text as it stands, and from its end.
func (f *finder) plain(text []byte, least int) bool {
	f.folded = f.folder.Fold(f.folded[:0], text)
	f.packed = dragnet.Compact(f.packed[:0], f.folded)
	if f.search(f.folded, f.packed, least) {
		return true
	}
	f.turned = turn(f.turned[:0], f.folded)
	f.packed = dragnet.Compact(f.packed[:0], f.turned)
	return f.search(f.turned, f.packed, shortestCoded)
}

func (f *finder) search(folded, packed []byte, least int) bool {
	tag, found := f.spelled.Find(folded, least)
	if !found {
		tag, found = f.compact.Find(packed, least)
	}
	return f.note(tag, found)
}

// turn appends the characters of a text from the last to the first.
func turn(dst, text []byte) []byte {
	for len(text) > 0 {
		_, n := utf8.DecodeLastRune(text)
		dst = append(dst, text[len(text)-n:]...)
		text = text[:len(text)-n]
	}
	return dst
}

// isDigest reports whether bytes are a digest of a value.
func (f *finder) isDigest(raw []byte) bool {
	switch len(raw) {
	case md5.Size, sha1.Size, sha256.Size224, sha256.Size, sha512.Size384, sha512.Size:
		f.compute(len(raw))
		tag, found := f.computedOf[[strength]byte(raw[:strength])]
		return f.note(tag, found)
	}
	return false
}

// computed searches a text for digests, UUIDs and integers made of the values.
func (f *finder) computed(text string) bool {
	return runs(text, isHexOrHyphen, 8, func(run string) bool {
		for i := 0; i+36 <= len(run); i++ {
			if run[i+8] == '-' && isUUID(run[i:i+36]) && f.isUUIDOf(run[i:i+36]) {
				return true
			}
		}
		return runs(run, func(c byte) bool { return c != '-' }, 8, func(digits string) bool {
			return f.isHexDigest(digits) || f.isInteger(digits)
		})
	})
}

func (f *finder) isInteger(digits string) bool {
	tag, found := f.integers[digits]
	return f.note(tag, found)
}

func (f *finder) isHexDigest(digits string) bool {
	if len(digits) < 2*md5.Size || len(digits) > 2*sha512.Size {
		return false
	}
	raw, err := hex.DecodeString(digits)
	return err == nil && f.isDigest(raw)
}

func (f *finder) isUUIDOf(uuid string) bool {
	raw, err := hex.DecodeString(strings.ReplaceAll(uuid, "-", ""))
	if err != nil || len(raw) != strength {
		return false
	}
	f.compute(uuidLength)
	tag, found := f.computedOf[[strength]byte(raw)]
	return f.note(tag, found)
}

func isHexOrHyphen(c byte) bool {
	return c >= '0' && c <= '9' || c|0x20 >= 'a' && c|0x20 <= 'f' || c == '-'
}

// runs calls f for each run of at least n bytes of a class, until it returns true.
func runs(text string, class func(byte) bool, n int, f func(string) bool) bool {
	for i := 0; i < len(text); {
		j := i
		for j < len(text) && class(text[j]) {
			j++
		}
		if j-i >= n && f(text[i:j]) {
			return true
		}
		i = max(j, i+1)
	}
	return false
}

// longestFirst returns the originals so that one that contains another comes before it.
func (f *finder) longestFirst() []string {
	all := slices.Clone(f.texts)
	slices.SortStableFunc(all, func(a, b string) int { return len(b) - len(a) })
	return all
}

func (f *finder) categoryOf(text string) string { return f.known[text] }
