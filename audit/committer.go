package audit

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"hash"
)

// Committer computes the commitment of [Commit] to a value that comes in pieces.
type Committer struct{ h hash.Hash }

// NewCommitter returns a Committer under a name and a salt.
func NewCommitter(name string, salt [32]byte) *Committer {
	h := sha256.New()
	h.Write([]byte(commitmentDomain))
	h.Write(binary.BigEndian.AppendUint32(nil, uint32(len(name))))
	h.Write([]byte(name))
	h.Write(salt[:])
	return &Committer{h}
}

// Write adds to the value. It never fails.
func (c *Committer) Write(p []byte) (int, error) { return c.h.Write(p) }

// Sum returns the commitment to what was written so far.
func (c *Committer) Sum() string { return hex.EncodeToString(c.h.Sum(nil)) }
