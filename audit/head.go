package audit

import (
	"bytes"
	"crypto"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// head is the content of a checkpoint (c2sp.org/tlog-checkpoint): which log, how many records, which root.
type head struct {
	origin string
	size   int64
	root   tlog.Hash
}

func (h head) text() string {
	return h.origin + "\n" + strconv.FormatInt(h.size, 10) + "\n" + h.root.String() + "\n"
}

// VerifierKey returns the verifier key of a log in the form of c2sp.org/signed-note: the origin, "+", eight
// hexadecimal digits of the key hash, "+", and base64 of the key. The origin must be non-empty and free of spaces
// and "+".
func VerifierKey(origin string, pub ed25519.PublicKey) (string, error) {
	vkey, err := note.NewEd25519VerifierKey(origin, pub)
	if err != nil {
		return "", fmt.Errorf("verifier key for origin: %w", err)
	}
	if _, err := note.NewVerifier(vkey); err != nil {
		return "", fmt.Errorf("origin %q is not a checkpoint origin: it must be non-empty, without spaces or plus", origin)
	}
	return vkey, nil
}

func newVerifier(vkey string) (note.Verifier, error) {
	v, err := note.NewVerifier(strings.TrimSpace(vkey))
	if err != nil {
		return nil, fmt.Errorf("verifier key is not of the form origin+hash+base64: %w", err)
	}
	return v, nil
}

// headSigner lets any Ed25519 crypto.Signer (a KMS, a keyring) sign notes.
type headSigner struct {
	key  crypto.Signer
	name string
	hash uint32
}

func newHeadSigner(origin string, key crypto.Signer) (headSigner, string, error) {
	if key == nil {
		return headSigner{}, "", errors.New("options name no signer")
	}
	pub, ok := key.Public().(ed25519.PublicKey)
	if !ok {
		return headSigner{}, "", errors.New("the signer is not an Ed25519 key")
	}
	vkey, err := VerifierKey(origin, pub)
	if err != nil {
		return headSigner{}, "", err
	}
	v, err := newVerifier(vkey)
	if err != nil {
		return headSigner{}, "", err
	}
	return headSigner{key: key, name: v.Name(), hash: v.KeyHash()}, vkey, nil
}

func (s headSigner) Name() string    { return s.name }
func (s headSigner) KeyHash() uint32 { return s.hash }
func (s headSigner) Sign(msg []byte) ([]byte, error) {
	return s.key.Sign(rand.Reader, msg, crypto.Hash(0))
}

func (s headSigner) sign(size int64, root tlog.Hash) ([]byte, error) {
	msg, err := note.Sign(&note.Note{Text: head{s.name, size, root}.text()}, s)
	if err != nil {
		return nil, fmt.Errorf("signing the tree head: %w", err)
	}
	return msg, nil
}

// openHead verifies the signature of a checkpoint and returns its content.
func openHead(msg []byte, v note.Verifier) (head, error) {
	n, err := note.Open(msg, note.VerifierList(v))
	if err != nil {
		return head{}, fmt.Errorf("checkpoint has no valid signature by %s: %w", v.Name(), err)
	}
	for _, sig := range append(n.Sigs, n.UnverifiedSigs...) {
		if _, err := base64.StdEncoding.Strict().DecodeString(sig.Base64); err != nil {
			return head{}, errors.New("checkpoint has a signature in non-canonical base64")
		}
	}
	h, err := parseHead(n.Text)
	if err != nil {
		return head{}, err
	}
	if h.origin != v.Name() {
		return head{}, fmt.Errorf("checkpoint belongs to origin %q, the key to %q", h.origin, v.Name())
	}
	return h, nil
}

// peekHead reads a checkpoint without looking at its signatures.
func peekHead(msg []byte) (head, error) {
	text, _, ok := bytes.Cut(msg, []byte("\n\n"))
	if !ok {
		return head{}, errors.New("checkpoint is not a signed note")
	}
	return parseHead(string(text) + "\n")
}

func parseHead(text string) (head, error) {
	lines := strings.SplitN(text, "\n", 4)
	if len(lines) != 4 || lines[0] == "" || lines[3] != "" {
		return head{}, errors.New("checkpoint is not origin, size and root on three lines")
	}
	size, err := parseIndex(lines[1])
	if err != nil {
		return head{}, errors.New("checkpoint size is not a decimal number")
	}
	root, err := tlog.ParseHash(lines[2])
	if err != nil || root.String() != lines[2] {
		return head{}, errors.New("checkpoint root is not base64 of 32 bytes")
	}
	return head{lines[0], size, root}, nil
}

// parseIndex reads a non-negative decimal without leading zeroes, as all C2SP formats require.
func parseIndex(s string) (int64, error) {
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil || n < 0 || strconv.FormatInt(n, 10) != s {
		return 0, errors.New("not a decimal number without leading zeroes")
	}
	return n, nil
}
