package audit

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"

	"golang.org/x/mod/sumdb/tlog"
)

const maxFieldName = 2048 // bytes

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
// RFC 6962 tree over a salted commitment for each field, in the order given, as 64 hexadecimal digits. The seed belongs in
// the erasable detail of the record; use a new one for each record (NewSalt). Names are at most 2,048 bytes long; of two
// fields with one name only the first can be opened. No fields give the empty string.
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

func fieldLeaves(seed [32]byte, fields []FieldValue) ([]tlog.Hash, error) {
	leaves, salts := make([]tlog.Hash, len(fields)), fieldSalts(seed, len(fields))
	buf := make([]byte, 0, 512)
	for i, f := range fields {
		if len(f.Name) > maxFieldName {
			return nil, invalid("field %d of a commitment has a name that is too long", i)
		}
		leaves[i], buf = fieldLeaf(buf, f.Name, salts[i], f.Value)
	}
	return leaves, nil
}

// fieldSalts gives each of n fields its own salt: 32 bytes of the key stream of AES-256 in counter mode (NIST SP 800-38A,
// section 6.5) with the seed as key, from the counter block zero. From one of them no other can be computed.
func fieldSalts(seed [32]byte, n int) [][32]byte {
	block, err := aes.NewCipher(seed[:])
	if err != nil {
		panic(err) // a key of 32 bytes is a key
	}
	stream := make([]byte, 32*n)
	cipher.NewCTR(block, make([]byte, aes.BlockSize)).XORKeyStream(stream, stream)
	salts := make([][32]byte, n)
	for i := range salts {
		salts[i] = [32]byte(stream[32*i:])
	}
	return salts
}

// fieldLeaf hashes a commitment as a leaf of RFC 6962, section 2.1: with the byte 00 before it.
func fieldLeaf(buf []byte, name string, salt [32]byte, value []byte) (tlog.Hash, []byte) {
	buf = append(append(buf[:0], 0), commitmentDomain...)
	buf = binary.BigEndian.AppendUint32(buf, uint32(len(name)))
	buf = append(append(append(buf, name...), salt[:]...), value...)
	return sha256.Sum256(buf), buf
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
	at := slices.IndexFunc(fields, func(f FieldValue) bool { return f.Name == name })
	if at < 0 {
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
	salt := fieldSalts(seed, len(fields))[at]
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
