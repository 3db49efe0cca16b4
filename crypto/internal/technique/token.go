package technique

import (
	"bytes"
	"encoding/base64"
	"errors"

	"github.com/tink-crypto/tink-go/v2/daead/subtle"
	"github.com/tink-crypto/tink-go/v2/tink"
)

const (
	// TokenPrefix begins every reversible token.
	TokenPrefix = "tok_"

	sivKeySize = 64
	padding    = 16 // a padded value is a multiple of so many bytes
	padStart   = 0x80
)

// ErrToken is the condition that a text is not a token of this domain and category.
var ErrToken = errors.New("not a token of this domain and category")

// NewSIV returns AES-SIV (RFC 5297) with a key of 64 bytes, Tink's.
func NewSIV(key []byte) (tink.DeterministicAEAD, error) { return subtle.NewAESSIV(key) }

// token makes and opens the reversible tokens of one category.
type token struct{ siv tink.DeterministicAEAD }

func newToken(key []byte) *token { return &token{must(NewSIV(key))} }

func (t *token) seal(dst []byte, category string, value []byte) ([]byte, error) {
	padded := make([]byte, (len(value)/padding+1)*padding)
	padded[copy(padded, value)] = padStart
	sealed, err := t.siv.EncryptDeterministically(padded, []byte(category))
	clear(padded)
	if err != nil {
		return dst, ErrKey
	}
	dst = append(dst, TokenPrefix...)
	return base64.RawURLEncoding.AppendEncode(dst, sealed), nil
}

func (t *token) open(dst []byte, category string, text []byte) ([]byte, error) {
	encoded, ok := bytes.CutPrefix(text, []byte(TokenPrefix))
	sealed, err := base64.RawURLEncoding.Strict().AppendDecode(nil, encoded)
	if !ok || err != nil {
		return dst, ErrToken
	}
	padded, err := t.siv.DecryptDeterministically(sealed, []byte(category))
	if err != nil {
		return dst, ErrToken
	}
	end := bytes.LastIndexByte(padded, padStart)
	if len(padded)%padding != 0 || end < len(padded)-padding || len(bytes.TrimRight(padded[end+1:], "\x00")) > 0 {
		return dst, ErrToken
	}
	return append(dst, padded[:end]...), nil
}

// OpenWith opens a token under the key of its category, 64 bytes.
func OpenWith(key []byte, category string, text []byte) ([]byte, error) {
	if len(key) != sivKeySize {
		return nil, ErrKey
	}
	return newToken(key).open(nil, category, text)
}
