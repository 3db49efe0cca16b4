package audit

import (
	"bytes"
	"crypto"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// Checkpoint is what a signed head says (c2sp.org/tlog-checkpoint).
type Checkpoint struct {
	Origin string
	Size   int64 // number of records
	Root   tlog.Hash
}

// OpenCheckpoint verifies the log's own signature of a checkpoint and returns its content.
func OpenCheckpoint(vkey string, msg []byte) (Checkpoint, error) {
	v, err := newVerifier(vkey)
	if err != nil {
		return Checkpoint{}, err
	}
	h, err := openHead(msg, v)
	return Checkpoint{h.origin, h.size, h.root}, err
}

const (
	algCosignature  = 4 // of c2sp.org/signed-note: timestamped Ed25519 witness cosignature
	cosignatureSize = 8 + ed25519.SignatureSize
)

// cosignedMessage is what a witness signs: c2sp.org/tlog-cosignature, "cosignature/v1".
func cosignedMessage(checkpointText string, at int64) []byte {
	return []byte("cosignature/v1\ntime " + strconv.FormatInt(at, 10) + "\n" + checkpointText)
}

// CosignerKey is the verifier key of a witness in the form of c2sp.org/signed-note, for cosignature/v1. The name must be
// non-empty and free of white space and "+".
func CosignerKey(name string, pub ed25519.PublicKey) (string, error) {
	if name == "" || strings.ContainsAny(name, "+ \t\r\n") || len(pub) != ed25519.PublicKeySize {
		return "", errors.New("a witness needs a name without white space or plus, and an Ed25519 key")
	}
	key := append([]byte{algCosignature}, pub...)
	return fmt.Sprintf("%s+%08x+%s", name, cosignerHash(name, key), base64.StdEncoding.EncodeToString(key)), nil
}

func cosignerHash(name string, key []byte) uint32 {
	sum := sha256.Sum256(append([]byte(name+"\n"), key...))
	return binary.BigEndian.Uint32(sum[:])
}

// cosigner verifies the cosignatures of one witness.
type cosigner struct {
	name string
	hash uint32
	key  ed25519.PublicKey
}

func parseCosigner(vkey string) (cosigner, error) {
	parts := strings.SplitN(vkey, "+", 3)
	if len(parts) != 3 {
		return cosigner{}, errors.New("the key of a witness is not of the form name+hash+base64")
	}
	key, err := base64.StdEncoding.Strict().DecodeString(parts[2])
	if err != nil || len(key) != 1+ed25519.PublicKeySize || key[0] != algCosignature {
		return cosigner{}, errors.New("the key of a witness is not one for cosignature/v1")
	}
	c := cosigner{parts[0], cosignerHash(parts[0], key), key[1:]}
	if canonical, err := CosignerKey(c.name, c.key); err != nil || canonical != vkey {
		return cosigner{}, errors.New("the key of a witness does not match its hash")
	}
	return c, nil
}

// verified returns when the witness cosigned, if it did.
func (c cosigner) verified(text string, sigs []note.Signature) (time.Time, bool) {
	for _, s := range sigs {
		raw, err := base64.StdEncoding.Strict().DecodeString(s.Base64)
		if err != nil || s.Name != c.name || s.Hash != c.hash || len(raw) != 4+cosignatureSize {
			continue
		}
		at := binary.BigEndian.Uint64(raw[4:])
		if at < 1<<62 && ed25519.Verify(c.key, cosignedMessage(text, int64(at)), raw[12:]) {
			return time.Unix(int64(at), 0), true
		}
	}
	return time.Time{}, false
}

// Cosign returns the signature line by which a witness of the name vouches at a time for having seen a checkpoint, and that it
// continues every checkpoint of the log that it has vouched for before. Whether it does is for the witness to know
// (package witness).
func Cosign(key crypto.Signer, name string, checkpoint []byte, at time.Time) ([]byte, error) {
	pub, ok := key.Public().(ed25519.PublicKey)
	if !ok {
		return nil, errors.New("a witness needs an Ed25519 key")
	}
	if _, err := CosignerKey(name, pub); err != nil {
		return nil, err
	}
	text, _, ok := bytes.Cut(checkpoint, []byte("\n\n"))
	if !ok {
		return nil, errors.New("the checkpoint is not a signed note")
	}
	sig, err := key.Sign(rand.Reader, cosignedMessage(string(text)+"\n", at.Unix()), crypto.Hash(0))
	if err != nil {
		return nil, fmt.Errorf("cosigning: %w", err)
	}
	raw := binary.BigEndian.AppendUint32(nil, cosignerHash(name, append([]byte{algCosignature}, pub...)))
	raw = binary.BigEndian.AppendUint64(raw, uint64(at.Unix()))
	return []byte("— " + name + " " + base64.StdEncoding.EncodeToString(append(raw, sig...)) + "\n"), nil
}

// WithCosignatures adds signature lines to a checkpoint. A line that is there already is not added again.
func WithCosignatures(checkpoint []byte, lines ...[]byte) ([]byte, error) {
	out := bytes.Clone(checkpoint)
	for _, line := range lines {
		if !bytes.HasPrefix(line, []byte("— ")) || !bytes.HasSuffix(line, []byte("\n")) {
			return nil, errors.New("a cosignature is not a signature line")
		}
		if !bytes.Contains(out, line) {
			out = append(out, line...)
		}
	}
	return out, nil
}

// noteOf splits a checkpoint into its text and all of its signatures, verified or not.
func noteOf(msg []byte) (text string, sigs []note.Signature, err error) {
	n, err := note.Open(msg, note.VerifierList())
	var unverified *note.UnverifiedNoteError
	if errors.As(err, &unverified) {
		n, err = unverified.Note, nil
	}
	if err != nil {
		return "", nil, errors.New("the checkpoint is not a signed note")
	}
	return n.Text, append(n.Sigs, n.UnverifiedSigs...), nil
}
