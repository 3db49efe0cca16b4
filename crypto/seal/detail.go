package seal

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hpke"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"sync"
)

// Details of a log are small and many, and are read by few: one encapsulation to the reader's key serves all that a process
// writes. Their form (docs/log-format.md, "Sealed details"):
//
//	"passavant-detail/1" LF | 16 characters key id | uint16 length of enc | enc | 12 bytes nonce | AES-256-GCM
const (
	detailMagic   = "passavant-detail/1\n"
	detailKeySize = 32
	detailNonce   = 12
	keyIDLength   = 16
)

// ErrDetail is the condition that a sealed detail cannot be opened: it is damaged, of another record, or for another key.
var ErrDetail = errors.New("seal: a sealed detail that does not open")

// DetailSealer seals details to one reader. It is safe for concurrent use.
type DetailSealer struct {
	prefix []byte
	aead   cipher.AEAD
}

// NewDetailSealer makes the encapsulation (RFC 9180, base mode, HKDF-SHA256, AES-256-GCM) and exports the key under
// "passavant-detail/1".
func NewDetailSealer(to *RecipientKey) (*DetailSealer, error) {
	enc, sender, err := hpke.NewSender(to.public, hpke.HKDFSHA256(), hpke.AES256GCM(), []byte(detailMagic))
	if err != nil {
		return nil, fmt.Errorf("%w: encapsulating", ErrKey)
	}
	key, err := sender.Export(detailMagic, detailKeySize)
	if err != nil {
		return nil, fmt.Errorf("%w: exporting", ErrKey)
	}
	aead, err := newDetailAEAD(key)
	if err != nil {
		return nil, err
	}
	prefix := binary.BigEndian.AppendUint16([]byte(detailMagic+to.ID()), uint16(len(enc)))
	return &DetailSealer{prefix: append(prefix, enc...), aead: aead}, nil
}

func newDetailAEAD(key []byte) (cipher.AEAD, error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrKey, err)
	}
	return cipher.NewGCM(block)
}

// Seal returns the sealed form of a detail, bound to the transfer that it belongs to. Nonces are random; a sealer must not seal
// more than 2³² details.
func (s *DetailSealer) Seal(transfer string, detail []byte) []byte {
	var nonce [detailNonce]byte
	_, _ = rand.Read(nonce[:]) // never fails since Go 1.24
	out := make([]byte, 0, len(s.prefix)+detailNonce+len(detail)+s.aead.Overhead())
	out = append(append(out, s.prefix...), nonce[:]...)
	return s.aead.Seal(out, nonce[:], detail, []byte(transfer))
}

// DetailOpener opens details with the keys of their reader, and remembers the encapsulations that it has met. It is safe for
// concurrent use.
type DetailOpener struct {
	keys []*OpeningKey
	mu   sync.Mutex
	met  map[string]cipher.AEAD // by key id and enc
}

// NewDetailOpener returns an opener that has these keys.
func NewDetailOpener(keys ...*OpeningKey) *DetailOpener {
	return &DetailOpener{keys: keys, met: map[string]cipher.AEAD{}}
}

// IsSealedDetail reports whether a detail is in the form of DetailSealer.
func IsSealedDetail(detail []byte) bool { return bytes.HasPrefix(detail, []byte(detailMagic)) }

// Open returns the detail of a transfer. Errors are ErrDetail.
func (o *DetailOpener) Open(transfer string, sealed []byte) ([]byte, error) {
	rest, ok := bytes.CutPrefix(sealed, []byte(detailMagic))
	if !ok || len(rest) < keyIDLength+2 {
		return nil, ErrDetail
	}
	n := int(binary.BigEndian.Uint16(rest[keyIDLength:]))
	if len(rest) < keyIDLength+2+n+detailNonce {
		return nil, ErrDetail
	}
	aead, err := o.session(string(rest[:keyIDLength]), rest[keyIDLength+2:keyIDLength+2+n])
	if err != nil {
		return nil, err
	}
	rest = rest[keyIDLength+2+n:]
	out, err := aead.Open(nil, rest[:detailNonce], rest[detailNonce:], []byte(transfer))
	if err != nil {
		return nil, ErrDetail
	}
	return out, nil
}

func (o *DetailOpener) session(id string, enc []byte) (cipher.AEAD, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if aead, met := o.met[id+string(enc)]; met {
		return aead, nil
	}
	for _, k := range o.keys {
		if k.ID() != id {
			continue
		}
		recipient, err := hpke.NewRecipient(enc, k.private, hpke.HKDFSHA256(), hpke.AES256GCM(), []byte(detailMagic))
		if err != nil {
			return nil, ErrDetail
		}
		key, err := recipient.Export(detailMagic, detailKeySize)
		if err != nil {
			return nil, ErrDetail
		}
		aead, err := newDetailAEAD(key)
		if err == nil {
			o.met[id+string(enc)] = aead
		}
		return aead, err
	}
	return nil, fmt.Errorf("%w: it is sealed to key %s", ErrDetail, printableID(id))
}

// printableID keeps a damaged id out of messages.
func printableID(id string) string {
	if isKeyID(id) {
		return id
	}
	return "?"
}
