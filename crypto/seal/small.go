package seal

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"slices"
)

// Most messages are a few kilobytes and in memory. For these the whole message is put together in one buffer; the bytes
// are those that [material.seal] would write. Only the encryption of the body is written again here: Tink's streaming
// writer takes five times as long to set up as to encrypt such a body.
const (
	tagSize         = 16
	noncePrefixSize = 7
	prologueSize    = 1 + secretSize + noncePrefixSize
)

// isSmall reports whether the ciphertext of a body fits into one frame.
func isSmall(body int) bool { return body < frameSize/2 }

// sealSmall appends a message with a small body to dst.
func (m *material) sealSmall(dst, header, body []byte) ([]byte, error) {
	if fault := headerFault(header); fault != "" {
		return dst, fmt.Errorf("%w: %s", ErrSeal, fault)
	}
	start, sealed := len(dst), ciphertextSize(len(body))
	out := slices.Grow(dst, len(Version)+len(header)+len(m.line)+3+sealed+2*lengthSize+signatureSize)
	out = append(append(out, Version...), '\n')
	out = append(append(out, header...), '\n')
	out = append(append(out, m.line...), '\n')
	bound := sha256.Sum256(out[start:])
	field := len(out)
	out = append(out, 0, 0, 0, 0)
	out, err := appendBody(out, m.secret, bound[:], body)
	if err != nil {
		return dst, err
	}
	binary.BigEndian.PutUint32(out[field:], uint32(len(out)-field-lengthSize))
	out = append(out, 0, 0, 0, 0)
	hash := sha256.Sum256(out[start:])
	signature, err := m.signer.sign(signed(hash[:]))
	if err != nil || len(signature) != signatureSize {
		return dst, fmt.Errorf("%w: signing failed", ErrSeal)
	}
	return append(out, signature...), nil
}

// appendBody encrypts body in Tink's AES-GCM-HKDF streaming format: header length, salt and nonce prefix, then segments of
// segmentSize bytes of ciphertext, the first one shorter by what stands before it. A segment's nonce is the prefix, the
// segment's number, and 1 for the last segment or 0.
func appendBody(dst, secret, bound, body []byte) ([]byte, error) {
	prologue := len(dst)
	dst = append(dst, prologueSize)
	dst = append(dst, make([]byte, prologueSize-1)...)
	_, _ = rand.Read(dst[prologue+1:]) // never fails, see crypto/rand
	salt, prefix := dst[prologue+1:prologue+1+secretSize], dst[prologue+1+secretSize:]
	key, err := hkdf.Key(sha256.New, secret, salt, string(bound), secretSize)
	if err != nil {
		return nil, fmt.Errorf("%w: body cipher", ErrSeal)
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, fmt.Errorf("%w: body cipher", ErrSeal)
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		return nil, fmt.Errorf("%w: body cipher", ErrSeal)
	}
	var nonce [noncePrefixSize + 5]byte
	copy(nonce[:], prefix)
	room := segmentSize - tagSize - prologueSize
	for number := uint32(0); ; number++ {
		binary.BigEndian.PutUint32(nonce[noncePrefixSize:], number)
		if len(body) <= room {
			nonce[len(nonce)-1] = 1
			return aead.Seal(dst, nonce[:], body, nil), nil
		}
		dst = aead.Seal(dst, nonce[:], body[:room], nil)
		body, room = body[room:], segmentSize-tagSize
	}
}
