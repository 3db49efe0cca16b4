// Package lookalike replaces an account number, card number, telephone number or other structured text by another one of
// the same form, with valid check digits, by format-preserving encryption (docs/techniques.md).
package lookalike

import (
	"math/big"
	"sync"

	"github.com/passavant/passavant/crypto/internal/ff1"
)

// Format is the form that a value has and keeps.
type Format string

// The formats.
const (
	IBAN         Format = "iban"         // country stays; length and structure by the SWIFT registry, ISO 7064 check digits
	IBANBank     Format = "iban-bank"    // the bank identifier stays too
	Card         Format = "card"         // 12 to 19 digits with a Luhn digit; the first digits may stay
	Phone        Format = "phone"        // ITU-T E.164 with "+"; the country code stays
	Digits       Format = "digits"       // digits
	Alphanumeric Format = "alphanumeric" // letters and digits each by their kind; everything else stays
)

// MaxKeep is the greatest number of leading digits of a card number that may stay: an issuer number of ISO/IEC 7812-1.
const MaxKeep = 8

const maxLength = 256 // bytes of a value; longer is text, not an identifier

// Cipher permutes the values of each format under one key. It is safe for concurrent use.
type Cipher struct {
	digits  *ff1.Cipher
	scratch sync.Pool // of *draft
}

// New returns a Cipher under an AES key of 32 bytes. The error is [ff1.ErrKey].
func New(key []byte) (*Cipher, error) {
	digits, err := ff1.New(key, 10)
	if err != nil {
		return nil, err
	}
	c := &Cipher{digits: digits}
	c.scratch.New = func() any { return new(draft) }
	return c, nil
}

// AppendEncrypted appends what value becomes. It reports false, with dst as it was, if the value does not have the form,
// its check digits are wrong, or fewer than 1,000,000 values look like it. The value is normalised: an IBAN in capitals, no
// separators. keep counts for [Card] alone.
func (c *Cipher) AppendEncrypted(dst []byte, f Format, keep int, value []byte) ([]byte, bool) {
	return c.append(dst, f, keep, value, false)
}

// AppendDecrypted undoes AppendEncrypted.
func (c *Cipher) AppendDecrypted(dst []byte, f Format, keep int, value []byte) ([]byte, bool) {
	return c.append(dst, f, keep, value, true)
}

func (c *Cipher) append(dst []byte, f Format, keep int, value []byte, back bool) ([]byte, bool) {
	if len(value) > maxLength {
		return dst, false
	}
	d := c.scratch.Get().(*draft)
	defer func() { d.forget(); c.scratch.Put(d) }()
	if !d.begin(f, keep, value) || !d.permute(c.digits, back) {
		return dst, false
	}
	switch f {
	case IBAN, IBANBank:
		setIBANCheck(d.text)
	case Card:
		d.text[len(d.text)-1] = luhnDigit(d.text[:len(d.text)-1])
	}
	return append(dst, d.text...), true
}

// The classes of the characters of a body, after the letters of the SWIFT registry.
const (
	kept      byte = 0
	digit     byte = 'n'
	nonzero   byte = 'z'
	letter    byte = 'a'
	small     byte = 'l'
	alnum     byte = 'c'
	separator byte = 0 // between format and kept part in a tweak
)

func radixOf(class byte) int64 {
	switch class {
	case digit:
		return 10
	case nonzero:
		return 9
	case letter, small:
		return 26
	}
	return 36
}

// draft is one value being permuted.
type draft struct {
	text     []byte // the value
	class    []byte // of each character of text
	tweak    []byte
	numerals []uint16
	mixed    bool // some class is not that of digits
}

// forget overwrites what came from a value.
func (d *draft) forget() {
	clear(d.text[:cap(d.text)])
	clear(d.tweak[:cap(d.tweak)])
	clear(d.numerals[:cap(d.numerals)])
}

// begin finds the classes of the characters. It reports false if the value does not have the form.
func (d *draft) begin(f Format, keep int, value []byte) bool {
	d.text, d.class = append(d.text[:0], value...), d.class[:0]
	d.tweak = append(append(d.tweak[:0], f...), separator)
	ok := false
	switch f {
	case IBAN, IBANBank:
		ok = d.iban(f == IBANBank)
	case Card:
		ok = d.card(keep)
	case Phone:
		ok = d.phone()
	case Digits:
		ok = d.digitsOnly()
	case Alphanumeric:
		ok = d.pattern()
	}
	if !ok {
		return false
	}
	d.mixed = false
	for _, class := range d.class {
		d.mixed = d.mixed || class != kept && class != digit
	}
	return d.fits()
}

// fits reports whether every character belongs to its class.
func (d *draft) fits() bool {
	for i, class := range d.class {
		if class != kept && valueOf(class, d.text[i]) < 0 {
			return false
		}
	}
	return true
}

// keepFirst keeps the first n characters and puts them into the tweak.
func (d *draft) keepFirst(n int) {
	for range n {
		d.class = append(d.class, kept)
	}
	d.tweak = append(d.tweak, d.text[:n]...)
}

func (d *draft) rest(class byte, n int) {
	for range n {
		d.class = append(d.class, class)
	}
}

func (d *draft) card(keep int) bool {
	n := len(d.text)
	if n < 12 || n > 19 || keep < 0 || keep > MaxKeep || !allDigits(d.text) || d.text[n-1] != luhnDigit(d.text[:n-1]) {
		return false
	}
	d.keepFirst(keep)
	d.rest(digit, n-keep-1)
	d.class = append(d.class, kept) // the check digit, computed anew
	return true
}

func (d *draft) phone() bool {
	n := len(d.text)
	if n < 2 || n > 16 || d.text[0] != '+' || !allDigits(d.text[1:]) {
		return false
	}
	lead := 1 + countryCode(d.text[1:])
	if lead == 1 {
		return false
	}
	for lead < n && d.text[lead] == '0' { // Italy writes the zero of its areas abroad too
		lead++
	}
	if lead == n {
		return false
	}
	d.keepFirst(lead)
	d.class = append(d.class, nonzero)
	d.rest(digit, n-lead-1)
	return true
}

// countryCode returns the length of the country code that a number begins with (ITU-T E.164, list of assigned codes): one
// digit for zones 1 and 7, two digits as listed, three digits otherwise.
func countryCode(number []byte) int {
	if len(number) < 3 || number[0] == '0' {
		return 0
	}
	switch string(number[:2]) {
	case "20", "27", "30", "31", "32", "33", "34", "36", "39", "40", "41", "43", "44", "45", "46", "47", "48", "49",
		"51", "52", "53", "54", "55", "56", "57", "58", "60", "61", "62", "63", "64", "65", "66",
		"81", "82", "84", "86", "90", "91", "92", "93", "94", "95", "98":
		return 2
	}
	if number[0] == '1' || number[0] == '7' {
		return 1
	}
	return 3
}

func (d *draft) digitsOnly() bool {
	d.rest(digit, len(d.text))
	return true
}

// pattern gives each letter and digit its class, and puts the pattern into the tweak.
func (d *draft) pattern() bool {
	for _, c := range d.text {
		class, sign := kept, c
		switch {
		case c >= '0' && c <= '9':
			class, sign = digit, '0'
		case c >= 'A' && c <= 'Z':
			class, sign = letter, 'A'
		case c >= 'a' && c <= 'z':
			class, sign = small, 'a'
		case c < ' ' || c > '~':
			return false
		}
		d.class, d.tweak = append(d.class, class), append(d.tweak, sign)
	}
	return true
}

func allDigits(b []byte) bool {
	for _, c := range b {
		if c < '0' || c > '9' {
			return false
		}
	}
	return true
}

// valueOf returns the value of a character in its class, -1 if it does not belong to it.
func valueOf(class, c byte) int {
	isDigit, isLetter := c >= '0' && c <= '9', c >= 'A' && c <= 'Z'
	switch {
	case isDigit && (class == digit || class == alnum):
		return int(c - '0')
	case isDigit && class == nonzero:
		return int(c) - '1' // -1 for zero
	case isLetter && class == letter:
		return int(c - 'A')
	case isLetter && class == alnum:
		return int(c-'A') + 10
	case class == small && c >= 'a' && c <= 'z':
		return int(c - 'a')
	}
	return -1
}

func characterOf(class byte, value int64) byte {
	switch {
	case class == nonzero:
		return byte('1' + value)
	case class == letter:
		return byte('A' + value)
	case class == small:
		return byte('a' + value)
	case value > 9:
		return byte('A' + value - 10)
	}
	return byte('0' + value)
}

func (d *draft) permute(c *ff1.Cipher, back bool) bool {
	if d.mixed {
		return d.permuteMixed(c, back)
	}
	d.numerals = d.numerals[:0]
	for i, class := range d.class {
		if class != kept {
			d.numerals = append(d.numerals, uint16(d.text[i]-'0'))
		}
	}
	if crypt(c, d.numerals, d.tweak, back) != nil {
		return false
	}
	next := 0
	for i, class := range d.class {
		if class != kept {
			d.text[i] = byte('0' + d.numerals[next])
			next++
		}
	}
	return true
}

func crypt(c *ff1.Cipher, x []uint16, tweak []byte, back bool) error {
	if back {
		return c.Decrypt(x, tweak)
	}
	return c.Encrypt(x, tweak)
}

// permuteMixed reads the body as one number, enciphers its decimal digits, and does so again until the result is below the
// number of bodies (cycle walking). FF1 permutes the numbers of that many digits, so the walk ends and can be walked back.
func (d *draft) permuteMixed(c *ff1.Cipher, back bool) bool {
	rank, size := d.rank()
	if size.Cmp(big.NewInt(ff1.MinDomain)) < 0 {
		return false
	}
	width := len(new(big.Int).Sub(size, big.NewInt(1)).Text(10))
	for {
		d.spell(rank, width)
		if crypt(c, d.numerals, d.tweak, back) != nil {
			return false
		}
		if d.read(rank); rank.Cmp(size) < 0 {
			break
		}
	}
	d.unrank(rank)
	return true
}

// rank is the body as a number in mixed radix, and how many bodies there are.
func (d *draft) rank() (rank, size *big.Int) {
	rank, size = new(big.Int), big.NewInt(1)
	var radix, value big.Int
	for i, class := range d.class {
		if class != kept {
			radix.SetInt64(radixOf(class))
			value.SetInt64(int64(valueOf(class, d.text[i])))
			rank.Add(rank.Mul(rank, &radix), &value)
			size.Mul(size, &radix)
		}
	}
	return rank, size
}

func (d *draft) unrank(rank *big.Int) {
	var radix, value big.Int
	for i := len(d.class) - 1; i >= 0; i-- {
		if class := d.class[i]; class != kept {
			rank.DivMod(rank, radix.SetInt64(radixOf(class)), &value)
			d.text[i] = characterOf(class, value.Int64())
		}
	}
}

// spell writes a number as width decimal numerals.
func (d *draft) spell(n *big.Int, width int) {
	text := n.Text(10)
	d.numerals = d.numerals[:0]
	for range width - len(text) {
		d.numerals = append(d.numerals, 0)
	}
	for _, c := range []byte(text) {
		d.numerals = append(d.numerals, uint16(c-'0'))
	}
}

func (d *draft) read(n *big.Int) {
	n.SetInt64(0)
	var value big.Int
	ten := big.NewInt(10)
	for _, numeral := range d.numerals {
		n.Add(n.Mul(n, ten), value.SetInt64(int64(numeral)))
	}
}
