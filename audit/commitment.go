package audit

import "crypto/rand"

// commitmentDomain separates commitments from every other use of SHA-256 in the project.
const commitmentDomain = "passavant-commitment-v1\x00"

// Commit returns a hiding and binding commitment to value under name, as 64 hexadecimal digits:
//
//	SHA-256( "passavant-commitment-v1" 0x00 || uint32 big-endian length of name || name || salt || value )
//
// Whoever is given name, salt and value can recompute it; without the salt the value cannot be guessed by trying
// candidates. The salt belongs in the erasable detail of the record, never in the record: erasing it makes the
// commitment meaningless and leaves every proof intact.
func Commit(name string, salt [32]byte, value []byte) string {
	c := NewCommitter(name, salt)
	_, _ = c.Write(value)
	return c.Sum()
}

// NewSalt returns 32 random bytes. Use each salt for one commitment.
func NewSalt() (salt [32]byte) {
	rand.Read(salt[:]) // never fails since Go 1.24
	return salt
}
