package audit

import (
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/tlog"
)

const (
	proofMagic = "c2sp.org/tlog-proof@v1"
	maxProof   = 1 << 20 // bytes; a proof of 63 hashes with a few cosignatures stays below 16 KiB
)

// Proof shows that one record is in the tree of a signed head. It can be checked offline with the log's verifier key
// alone, see VerifyProof. Its text form is c2sp.org/tlog-proof.
type Proof struct {
	Index      int64       // number of the record, from zero
	Hashes     []tlog.Hash // RFC 6962 section 2.1.1 audit path, from the leaf's sibling to the root's child
	Checkpoint []byte      // signed tree head (c2sp.org/tlog-checkpoint)
}

// VerifyProof returns nil if vkey signed a tree that holds record at p.Index. It touches no file and no network. An
// error matches ErrInvalidProof.
func VerifyProof(vkey string, record []byte, p Proof) error {
	v, err := newVerifier(vkey)
	if err != nil {
		return err
	}
	h, err := openHead(p.Checkpoint, v)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrInvalidProof, err)
	}
	if err := tlog.CheckRecord(p.Hashes, h.size, h.root, p.Index, tlog.RecordHash(record)); err != nil {
		return fmt.Errorf("%w: record %d is not shown to be in the tree of %d records", ErrInvalidProof, p.Index, h.size)
	}
	return nil
}

// MarshalText returns the proof in the form of c2sp.org/tlog-proof@v1. It never fails.
func (p Proof) MarshalText() ([]byte, error) { return p.AppendText(nil) }

// AppendText is MarshalText behind dst.
func (p Proof) AppendText(dst []byte) ([]byte, error) {
	dst = append(append(dst, proofMagic...), "\nindex "...)
	dst = append(strconv.AppendInt(dst, p.Index, 10), '\n')
	for _, h := range p.Hashes {
		dst = append(base64.StdEncoding.AppendEncode(dst, h[:]), '\n')
	}
	dst = append(dst, '\n')
	return append(dst, p.Checkpoint...), nil
}

// UnmarshalText is ParseProof as encoding.TextUnmarshaler.
func (p *Proof) UnmarshalText(text []byte) error {
	q, err := ParseProof(text)
	if err == nil {
		*p = q
	}
	return err
}

// ParseProof reads the form of c2sp.org/tlog-proof@v1. It does not verify anything; an "extra" line is checked for
// form and dropped, because the format leaves it unauthenticated.
func ParseProof(text []byte) (Proof, error) {
	if len(text) > maxProof {
		return Proof{}, errors.New("proof is larger than 1 MiB")
	}
	proof, checkpoint, ok := strings.Cut(string(text), "\n\n")
	lines := strings.Split(proof, "\n")
	if !ok || lines[0] != proofMagic {
		return Proof{}, fmt.Errorf("proof line 1 is not %q, or the checkpoint is missing", proofMagic)
	}
	at := 1
	if len(lines) > at && strings.HasPrefix(lines[at], "extra ") {
		if _, err := base64.StdEncoding.Strict().DecodeString(lines[at][len("extra "):]); err != nil {
			return Proof{}, errors.New("proof line 2: extra data is not base64")
		}
		at++
	}
	if len(lines) <= at || !strings.HasPrefix(lines[at], "index ") {
		return Proof{}, fmt.Errorf("proof line %d does not start with %q", at+1, "index ")
	}
	index, err := parseIndex(lines[at][len("index "):])
	if err != nil {
		return Proof{}, fmt.Errorf("proof line %d: index is %w", at+1, err)
	}
	hashes, err := parseHashes(lines[at+1:], at+2)
	if err != nil {
		return Proof{}, err
	}
	if _, err := peekHead([]byte(checkpoint)); err != nil {
		return Proof{}, fmt.Errorf("proof: %w", err)
	}
	return Proof{Index: index, Hashes: hashes, Checkpoint: []byte(checkpoint)}, nil
}

func parseHashes(lines []string, firstLine int) ([]tlog.Hash, error) {
	if len(lines) > 63 {
		return nil, errors.New("proof has more than 63 hashes")
	}
	hashes := make([]tlog.Hash, len(lines))
	for i, line := range lines {
		h, err := tlog.ParseHash(line)
		if err != nil || h.String() != line {
			return nil, errors.New("proof line " + strconv.Itoa(firstLine+i) + " is not base64 of 32 bytes")
		}
		hashes[i] = h
	}
	return hashes, nil
}
