package audit

import (
	"crypto/sha256"
	"fmt"

	"golang.org/x/mod/sumdb/tlog"
)

// chunk is a block of stored hashes, 256 KiB.
type chunk [8192]tlog.Hash

// tree is an RFC 6962 Merkle tree under construction: its hashes in the order of tlog.StoredHashIndex. It only grows
// and never moves a hash, so a copy of the struct is an immutable snapshot that other goroutines may read.
type tree struct {
	size   int64
	stored int64
	chunks []*chunk
}

// add appends a leaf and the inner nodes it completes.
func (t *tree) add(leaf tlog.Hash) {
	t.store(leaf)
	h := leaf
	for n, level := t.size, 0; n&1 == 1; n, level = n>>1, level+1 {
		h = tlog.NodeHash(t.at(tlog.StoredHashIndex(level, n-1)), h)
		t.store(h)
	}
	t.size++
}

func (t *tree) store(h tlog.Hash) {
	i := t.stored % int64(len(chunk{}))
	if i == 0 {
		t.chunks = append(t.chunks, new(chunk))
	}
	t.chunks[len(t.chunks)-1][i] = h
	t.stored++
}

func (t tree) at(i int64) tlog.Hash {
	return t.chunks[i/int64(len(chunk{}))][i%int64(len(chunk{}))]
}

// leaf returns the hash of record i.
func (t tree) leaf(i int64) tlog.Hash { return t.at(tlog.StoredHashIndex(0, i)) }

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
		if x < 0 || x >= t.stored {
			return nil, fmt.Errorf("hash %d is not in a tree of %d records", x, t.size)
		}
		out[i] = t.at(x)
	}
	return out, nil
}

// emptyRoot is the hash of the tree without records, RFC 6962 section 2.1.
func emptyRoot() tlog.Hash { return sha256.Sum256(nil) }
