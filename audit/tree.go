package audit

import (
	"crypto/sha256"
	"fmt"

	"golang.org/x/mod/sumdb/tlog"
)

// tree is an RFC 6962 Merkle tree under construction: its hashes in the order of tlog.StoredHashIndex. It only grows,
// so a copy of the struct is an immutable snapshot that other goroutines may read.
type tree struct {
	size   int64
	hashes []tlog.Hash
}

// add appends a leaf and the inner nodes it completes.
func (t *tree) add(leaf tlog.Hash) {
	t.hashes = append(t.hashes, leaf)
	h := leaf
	for n, level := t.size, 0; n&1 == 1; n, level = n>>1, level+1 {
		h = tlog.NodeHash(t.hashes[tlog.StoredHashIndex(level, n-1)], h)
		t.hashes = append(t.hashes, h)
	}
	t.size++
}

// root returns the tree hash of the first n leaves.
func (t tree) root(n int64) (tlog.Hash, error) {
	if n < 0 || n > t.size {
		return tlog.Hash{}, fmt.Errorf("tree of %d records has no root at %d", t.size, n)
	}
	return tlog.TreeHash(n, t)
}

// ReadHashes implements tlog.HashReader.
func (t tree) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	out := make([]tlog.Hash, len(indexes))
	for i, x := range indexes {
		if x < 0 || x >= int64(len(t.hashes)) {
			return nil, fmt.Errorf("hash %d is not in a tree of %d records", x, t.size)
		}
		out[i] = t.hashes[x]
	}
	return out, nil
}

// emptyRoot is the hash of the tree without records, RFC 6962 section 2.1.
func emptyRoot() tlog.Hash { return sha256.Sum256(nil) }
