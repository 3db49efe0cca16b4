// Package cryptopan is Crypto-PAn, the prefix-preserving pseudonymisation of network addresses of Xu, Fan, Ammar and Moon
// (ICNP 2002), for IPv4 and IPv6: two addresses that share their first n bits, and no more, become two addresses that share
// their first n bits, and no more.
package cryptopan

import (
	"crypto/aes"
	"crypto/cipher"
	"errors"
	"net/netip"
	"sync"
)

// KeySize is the length of a key in bytes: an AES-128 key, and the block whose encryption is the pad.
const KeySize = 32

// ErrKey is the condition that a key is not of [KeySize] bytes.
var ErrKey = errors.New("cryptopan: the key is not of 32 bytes")

// Cipher maps addresses under one key. It is safe for concurrent use.
type Cipher struct {
	block   cipher.Block
	pad     [aes.BlockSize]byte
	scratch sync.Pool // of *blocks
}

// blocks are what one mapping works on; behind the interface of a block cipher local arrays would be allocated.
type blocks struct{ in, out [aes.BlockSize]byte }

// New returns Crypto-PAn under key.
func New(key []byte) (*Cipher, error) {
	if len(key) != KeySize {
		return nil, ErrKey
	}
	block, err := aes.NewCipher(key[:16])
	if err != nil {
		return nil, ErrKey
	}
	c := &Cipher{block: block}
	block.Encrypt(c.pad[:], key[16:])
	c.scratch.New = func() any { return new(blocks) }
	return c, nil
}

// Encrypt maps an address to one of the same family. A zone is dropped.
func (c *Cipher) Encrypt(a netip.Addr) netip.Addr { return c.mapped(a, false) }

// Decrypt undoes Encrypt.
func (c *Cipher) Decrypt(a netip.Addr) netip.Addr { return c.mapped(a, true) }

func (c *Cipher) mapped(a netip.Addr, back bool) netip.Addr {
	if a.Is4() {
		bits := a.As4()
		c.flip(bits[:], back)
		return netip.AddrFrom4(bits)
	}
	bits := a.As16()
	c.flip(bits[:], back)
	return netip.AddrFrom16(bits)
}

// flip works in place, bit by bit. The block that is encrypted begins with the bits of the original that went before, which
// are the input when encrypting and the output so far when decrypting, and goes on with the pad.
func (c *Cipher) flip(address []byte, back bool) {
	s := c.scratch.Get().(*blocks)
	s.in = c.pad
	for i := range 8 * len(address) {
		at, bit := i/8, byte(0x80)>>(i%8)
		c.block.Encrypt(s.out[:], s.in[:])
		before := address[at] & bit
		if s.out[0]&0x80 != 0 {
			address[at] ^= bit
		}
		original := before
		if back {
			original = address[at] & bit
		}
		s.in[at] = s.in[at]&^bit | original
	}
	*s = blocks{}
	c.scratch.Put(s)
}
