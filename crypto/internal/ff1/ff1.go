// Package ff1 is the format-preserving encryption FF1 of NIST SP 800-38G, with the floor of its first revision: a
// message has at least 1,000,000 possibilities.
//
// A message is a string of numerals, each below the radix. Encryption permutes the messages of one length, in a way that
// depends on key and tweak.
package ff1

import (
	"crypto/aes"
	"crypto/cipher"
	"encoding/binary"
	"errors"
	"fmt"
	"math/big"
	"math/bits"
	"sync"
)

const (
	// MinDomain is the least number of messages of one length (SP 800-38G Revision 1, section 5.1, table 2).
	MinDomain = 1_000_000
	// MaxRadix is the greatest radix of FF1.
	MaxRadix = 1 << 16

	rounds = 10
)

var (
	// ErrRadix is the condition that a radix is not 2 to 65,536.
	ErrRadix = errors.New("ff1: the radix is not 2 to 65,536")
	// ErrKey is the condition that a key is not one of AES.
	ErrKey = errors.New("ff1: the key is not of 16, 24 or 32 bytes")
	// ErrDomain is the condition that there are fewer than 1,000,000 messages of this length.
	ErrDomain = errors.New("ff1: fewer than 1,000,000 messages of this length")
	// ErrNumeral is the condition that a numeral is not below the radix.
	ErrNumeral = errors.New("ff1: a numeral is not below the radix")
)

// Cipher is FF1 with one key and radix. It is safe for concurrent use.
type Cipher struct {
	block   cipher.Block
	radix   int
	scratch sync.Pool // of *round
}

// New returns FF1 with AES under key, for numerals of 0 to radix-1. The errors are [ErrKey] and [ErrRadix].
func New(key []byte, radix int) (*Cipher, error) {
	if radix < 2 || radix > MaxRadix {
		return nil, ErrRadix
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, ErrKey
	}
	c := &Cipher{block: block, radix: radix}
	c.scratch.New = func() any { return new(round) }
	return c, nil
}

// Encrypt replaces x by its encryption. The errors are [ErrDomain] and [ErrNumeral]; x is then as it was.
func (c *Cipher) Encrypt(x []uint16, tweak []byte) error { return c.crypt(x, tweak, false) }

// Decrypt undoes Encrypt.
func (c *Cipher) Decrypt(x []uint16, tweak []byte) error { return c.crypt(x, tweak, true) }

func (c *Cipher) crypt(x []uint16, tweak []byte, back bool) error {
	if err := c.check(x); err != nil {
		return err
	}
	u := len(x) / 2
	r := c.scratch.Get().(*round)
	defer func() { r.forget(); c.scratch.Put(r) }()
	if low, high, ok := c.narrow(u, len(x)-u); ok {
		r.begin(c.block, c.radix, len(x), bytesFor(bits.Len64(high-1)), tweak)
		c.cryptNarrow(r, x, low, high, back)
		return nil
	}
	c.cryptWide(r, x, tweak, back)
	return nil
}

func (c *Cipher) check(x []uint16) error {
	possible := 1
	for _, numeral := range x {
		if int(numeral) >= c.radix {
			return ErrNumeral
		}
		possible = min(possible*c.radix, MinDomain)
	}
	if len(x) < 2 || possible < MinDomain {
		return ErrDomain
	}
	return nil
}

// narrow returns radix^u and radix^v if both fit 63 bits, so that sums of two halves fit a word.
func (c *Cipher) narrow(u, v int) (low, high uint64, ok bool) {
	power := uint64(1)
	for i := 1; i <= v; i++ {
		carry, product := bits.Mul64(power, uint64(c.radix))
		if carry != 0 || product >= 1<<63 {
			return 0, 0, false
		}
		power = product
		if i == u {
			low = power
		}
	}
	return low, power, true
}

// cryptNarrow is algorithm 7 (encryption) or 8 (decryption) on machine words.
func (c *Cipher) cryptNarrow(r *round, x []uint16, low, high uint64, back bool) {
	u := len(x) / 2
	a, b := c.number(x[:u]), c.number(x[u:])
	if back {
		for i := rounds - 1; i >= 0; i-- {
			m := modulus(i, low, high)
			y := r.wordMod(i, a, m)
			a, b = (b+m-y)%m, a
		}
	} else {
		for i := range rounds {
			m := modulus(i, low, high)
			y := r.wordMod(i, b, m)
			a, b = b, (a+y)%m
		}
	}
	c.numerals(x[:u], a)
	c.numerals(x[u:], b)
}

// modulus is radix^m of step 6v: m is u in even rounds and v in odd ones.
func modulus[T any](i int, low, high T) T {
	if i%2 == 0 {
		return low
	}
	return high
}

// number is NUM_radix (algorithm 1).
func (c *Cipher) number(x []uint16) (n uint64) {
	for _, numeral := range x {
		n = n*uint64(c.radix) + uint64(numeral)
	}
	return n
}

// numerals is STR_radix (algorithm 3).
func (c *Cipher) numerals(x []uint16, n uint64) {
	for i := len(x) - 1; i >= 0; i-- {
		x[i] = uint16(n % uint64(c.radix))
		n /= uint64(c.radix)
	}
}

// cryptWide is cryptNarrow for halves of any length.
func (c *Cipher) cryptWide(r *round, x []uint16, tweak []byte, back bool) {
	u := len(x) / 2
	radix := big.NewInt(int64(c.radix))
	low := new(big.Int).Exp(radix, big.NewInt(int64(u)), nil)
	high := new(big.Int).Exp(radix, big.NewInt(int64(len(x)-u)), nil)
	r.begin(c.block, c.radix, len(x), bytesFor(new(big.Int).Sub(high, big.NewInt(1)).BitLen()), tweak)
	a, b := c.wideNumber(x[:u], radix), c.wideNumber(x[u:], radix)
	y := new(big.Int)
	for step := range rounds {
		i := step
		if back {
			i = rounds - 1 - step
			y.SetBytes(r.bytes(i, a))
			a, b = b.Mod(b.Sub(b, y), modulus(i, low, high)), a
			continue
		}
		y.SetBytes(r.bytes(i, b))
		a, b = b, a.Mod(a.Add(a, y), modulus(i, low, high))
	}
	c.wideNumerals(x[:u], a, radix)
	c.wideNumerals(x[u:], b, radix)
}

func (c *Cipher) wideNumber(x []uint16, radix *big.Int) *big.Int {
	n, digit := new(big.Int), new(big.Int)
	for _, numeral := range x {
		n.Add(n.Mul(n, radix), digit.SetInt64(int64(numeral)))
	}
	return n
}

func (c *Cipher) wideNumerals(x []uint16, n, radix *big.Int) {
	n, digit := new(big.Int).Set(n), new(big.Int)
	for i := len(x) - 1; i >= 0; i-- {
		n.DivMod(n, radix, digit)
		x[i] = uint16(digit.Int64())
	}
}

// bytesFor is b of step 3: the bytes that a half of so many bits takes.
func bytesFor(bitLen int) int { return (bitLen + 7) / 8 }

// round computes the round function of step 6 for one message: S, the first d bytes that PRF(P || Q) yields.
type round struct {
	block  cipher.Block
	b, d   int
	start  [aes.BlockSize]byte // CBC-MAC over P and the whole blocks of the tweak
	q      []byte              // what is left of Q: rest of the tweak, zeros, round number, the half as b bytes
	mac    [aes.BlockSize]byte
	stream []byte // S, when d is more than a block
}

// begin is steps 4 and 5, and the part of Q that stays the same.
func (r *round) begin(block cipher.Block, radix, n, b int, tweak []byte) {
	r.block, r.b, r.d = block, b, 4*((b+3)/4)+4
	u := n / 2
	r.start = [aes.BlockSize]byte{1, 2, 1, byte(radix >> 16), byte(radix >> 8), byte(radix), rounds, byte(u)}
	binary.BigEndian.PutUint32(r.start[8:], uint32(n))
	binary.BigEndian.PutUint32(r.start[12:], uint32(len(tweak)))
	block.Encrypt(r.start[:], r.start[:])
	whole := len(tweak) / aes.BlockSize * aes.BlockSize
	r.absorb(&r.start, tweak[:whole])
	r.q = append(r.q[:0], tweak[whole:]...)
	for (len(r.q)+1+b)%aes.BlockSize != 0 {
		r.q = append(r.q, 0)
	}
	r.q = append(r.q, make([]byte, 1+b)...)
}

func (r *round) absorb(mac *[aes.BlockSize]byte, text []byte) {
	for ; len(text) > 0; text = text[aes.BlockSize:] {
		for i := range mac {
			mac[i] ^= text[i]
		}
		r.block.Encrypt(mac[:], mac[:])
	}
}

// compute returns S for a round; the half stands in the last b bytes of q.
func (r *round) compute(i int) []byte {
	r.q[len(r.q)-r.b-1] = byte(i)
	r.mac = r.start
	r.absorb(&r.mac, r.q)
	if r.d <= aes.BlockSize {
		return r.mac[:r.d]
	}
	return r.extend()
}

// extend appends CIPH(R xor [1]), CIPH(R xor [2]) and so on until there are d bytes (step 6iii).
func (r *round) extend() []byte {
	r.stream = append(r.stream[:0], r.mac[:]...)
	for j := uint64(1); len(r.stream) < r.d; j++ {
		block := r.mac
		tail := binary.BigEndian.Uint64(block[8:]) ^ j
		binary.BigEndian.PutUint64(block[8:], tail)
		end := len(r.stream)
		r.stream = append(r.stream, block[:]...)
		r.block.Encrypt(r.stream[end:], r.stream[end:])
	}
	return r.stream[:r.d]
}

// wordMod is y mod m for a half that fits a word. There S has 8 or 12 bytes.
func (r *round) wordMod(i int, half, m uint64) uint64 {
	var wide [8]byte
	binary.BigEndian.PutUint64(wide[:], half)
	copy(r.q[len(r.q)-r.b:], wide[8-r.b:])
	s := r.compute(i)
	rest := uint64(0)
	if len(s) > 8 {
		rest = uint64(binary.BigEndian.Uint32(s)) % m
		s = s[4:]
	}
	return bits.Rem64(rest, binary.BigEndian.Uint64(s), m)
}

// bytes is S for a half of any length.
func (r *round) bytes(i int, half *big.Int) []byte {
	half.FillBytes(r.q[len(r.q)-r.b:])
	return r.compute(i)
}

// forget overwrites what came from a message.
func (r *round) forget() {
	clear(r.q[:cap(r.q)])
	clear(r.stream[:cap(r.stream)])
	r.mac, r.start = [aes.BlockSize]byte{}, [aes.BlockSize]byte{}
}

// String names the cipher and never shows its key.
func (c *Cipher) String() string { return fmt.Sprintf("FF1 with radix %d", c.radix) }
