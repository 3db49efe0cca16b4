package audit

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"

	"golang.org/x/mod/sumdb/tlog"
)

const (
	// saltDomain separates the derivation of salts from every other use of SHA-256 in the project.
	saltDomain = "passavant-field-salt-v1\x00"

	maxFieldName = 2048 // bytes
)

// ErrNoField is the condition that a set of fields has none of the name.
var ErrNoField = errors.New("no such field")

// ErrInvalidOpening is the condition that an opening does not lead to the commitment.
var ErrInvalidOpening = errors.New("invalid opening of a field")

// FieldValue is one thing to commit to: a name, and a value as JSON text.
type FieldValue struct {
	Name  string
	Value []byte
}

// CommitFields commits to many values with one hash, so that each can be shown later without the others: the root of an
// RFC 6962 tree over a salted commitment for each field, as 64 hexadecimal digits. It sorts fields by name in place. The
// seed belongs in the erasable detail of the record; use a new one for each record (NewSalt). Names must be unique and
// not longer than 2,048 bytes. No fields give the empty string.
func CommitFields(seed [32]byte, fields []FieldValue) (string, error) {
	hashes, err := fieldLeaves(seed, fields)
	if err != nil || len(hashes) == 0 {
		return "", err
	}
	for len(hashes) > 1 {
		pairs := len(hashes) / 2
		for i := range pairs {
			hashes[i] = nodeHash(&hashes[2*i], &hashes[2*i+1])
		}
		if len(hashes)%2 == 1 { // the odd one moves up: the split of RFC 6962 at the largest power of two
			hashes[pairs] = hashes[len(hashes)-1]
			pairs++
		}
		hashes = hashes[:pairs]
	}
	return hex.EncodeToString(hashes[0][:]), nil
}

// fieldLeaves sorts fields and hashes each.
func fieldLeaves(seed [32]byte, fields []FieldValue) ([]tlog.Hash, error) {
	slices.SortFunc(fields, func(a, b FieldValue) int { return strings.Compare(a.Name, b.Name) })
	leaves := make([]tlog.Hash, len(fields))
	var buf []byte
	for i, f := range fields {
		if len(f.Name) > maxFieldName || i > 0 && fields[i-1].Name == f.Name {
			return nil, invalid("field %d of a commitment has a name that is too long or not unique", i)
		}
		leaves[i], buf = fieldLeaf(buf, f.Name, fieldSalt(seed, f.Name), f.Value)
	}
	return leaves, nil
}

// fieldSalt gives a field its own salt. The seed stands before a length and the name, so no salt can be computed from
// another one.
func fieldSalt(seed [32]byte, name string) [32]byte {
	var scratch [256]byte
	b := append(append(scratch[:0], saltDomain...), seed[:]...)
	b = binary.BigEndian.AppendUint32(b, uint32(len(name)))
	return sha256.Sum256(append(b, name...))
}

func fieldLeaf(buf []byte, name string, salt [32]byte, value []byte) (tlog.Hash, []byte) {
	buf = append(buf[:0], commitmentDomain...)
	buf = binary.BigEndian.AppendUint32(buf, uint32(len(name)))
	buf = append(append(append(buf, name...), salt[:]...), value...)
	leaf := [1 + sha256.Size]byte{} // 00 and the commitment, RFC 6962 section 2.1
	commitment := sha256.Sum256(buf)
	copy(leaf[1:], commitment[:])
	return sha256.Sum256(leaf[:]), buf
}

// nodeHash is tlog.NodeHash without a hash.Hash on the heap: a transfer makes some forty of them.
func nodeHash(left, right *tlog.Hash) tlog.Hash {
	node := [1 + 2*sha256.Size]byte{1}
	copy(node[1:], left[:])
	copy(node[1+sha256.Size:], right[:])
	return sha256.Sum256(node[:])
}

// Opening shows one field of a commitment made by CommitFields, and nothing of the others.
type Opening struct {
	Name   string   `json:"name"`
	Value  string   `json:"value"` // as JSON text
	Salt   string   `json:"salt"`  // 64 hexadecimal digits
	Index  int64    `json:"index"`
	Of     int64    `json:"of"`               // number of fields
	Hashes []string `json:"hashes,omitempty"` // RFC 6962 section 2.1.1 audit path, standard base64
}

// OpenField opens one of the fields that were committed to with seed. All of them are needed, with their values. An error
// matches ErrNoField if none has the name.
func OpenField(seed [32]byte, fields []FieldValue, name string) (Opening, error) {
	leaves, err := fieldLeaves(seed, fields)
	if err != nil {
		return Opening{}, err
	}
	at, found := slices.BinarySearchFunc(fields, name, func(f FieldValue, name string) int { return strings.Compare(f.Name, name) })
	if !found {
		return Opening{}, fmt.Errorf("%w: %q", ErrNoField, name)
	}
	var t tree
	for _, leaf := range leaves {
		t.add(leaf)
	}
	path, err := tlog.ProveRecord(t.size, int64(at), t)
	if err != nil {
		return Opening{}, err
	}
	salt := fieldSalt(seed, name)
	o := Opening{Name: name, Value: string(fields[at].Value), Salt: hex.EncodeToString(salt[:]), Index: int64(at), Of: t.size}
	for _, h := range path {
		o.Hashes = append(o.Hashes, h.String())
	}
	return o, nil
}

// Verify returns nil if the field is one of those that root commits to. An error matches ErrInvalidOpening.
func (o Opening) Verify(root string) error {
	salt, err := hex.DecodeString(o.Salt)
	if err != nil || len(salt) != 32 || !isHexHash(o.Salt) || !isHexHash(root) {
		return fmt.Errorf("%w: salt or root is not 64 hexadecimal digits", ErrInvalidOpening)
	}
	if len(o.Hashes) > 63 || o.Index < 0 || o.Index >= o.Of || len(o.Name) > maxFieldName {
		return fmt.Errorf("%w: number, path or name is out of range", ErrInvalidOpening)
	}
	path := make(tlog.RecordProof, len(o.Hashes))
	for i, text := range o.Hashes {
		h, err := base64.StdEncoding.Strict().DecodeString(text)
		if err != nil || len(h) != tlog.HashSize {
			return fmt.Errorf("%w: hash %d is not base64 of 32 bytes", ErrInvalidOpening, i)
		}
		path[i] = tlog.Hash(h)
	}
	var want tlog.Hash
	_, _ = hex.Decode(want[:], []byte(root)) // checked above
	leaf, _ := fieldLeaf(nil, o.Name, [32]byte(salt), []byte(o.Value))
	if tlog.CheckRecord(path, o.Of, want, o.Index, leaf) != nil {
		return fmt.Errorf("%w: it is not among the fields of the record", ErrInvalidOpening)
	}
	return nil
}
