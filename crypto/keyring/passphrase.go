package keyring

import (
	"crypto/rand"
	"fmt"
	"path/filepath"

	"github.com/tink-crypto/tink-go/v2/aead/subtle"
	"golang.org/x/crypto/argon2"
)

// stretch is the member "passphrase" of keyring.json: how the master key follows from a passphrase (RFC 9106). It is not
// authenticated; who changes it makes the keyring unreadable and learns nothing.
type stretch struct {
	Algorithm string `json:"algorithm"` // "argon2id"
	Memory    uint32 `json:"memory"`    // KiB
	Passes    uint32 `json:"passes"`
	Salt      []byte `json:"salt"`
	Threads   uint8  `json:"threads"`
}

// The parameters of new keyrings are the second recommendation of RFC 9106, section 4. The bounds keep a file from
// making this program use up the machine.
const (
	argon2id      = "argon2id"
	stretchMemory = 64 << 10
	stretchPasses = 3
	stretchLanes  = 4
	saltSize      = 16

	minPassphrase = 12 // bytes
	maxMemory     = 1 << 20
	maxPasses     = 16
	maxLanes      = 16
	maxSalt       = 64
)

func newStretch() *stretch {
	s := &stretch{Algorithm: argon2id, Memory: stretchMemory, Passes: stretchPasses, Threads: stretchLanes, Salt: make([]byte, saltSize)}
	_, _ = rand.Read(s.Salt) // never fails since Go 1.24; it ends the program instead
	return s
}

// WithPassphrase encrypts the keysets at rest under a key that Argon2id derives from a passphrase of at least 12 bytes.
// Derivation takes 64 MiB and some tenths of a second, once for each Create and Open. The slice is not kept beyond that.
func WithPassphrase(passphrase []byte) Option {
	return func(o *options) { o.passphrase = passphrase }
}

// NeedsPassphrase reports whether a keyring was made with [WithPassphrase]. Errors are those of [Open].
func NeedsPassphrase(dir string) (bool, error) {
	book, err := readManifest(filepath.Join(dir, manifestName))
	if err != nil {
		return false, err
	}
	return book.Passphrase != nil, nil
}

// unlock turns a passphrase into the master key.
func (o *options) unlock(s *stretch) error {
	switch {
	case o.passphrase == nil && (s == nil || o.master != nil):
		return nil // no passphrase, or already derived
	case o.passphrase == nil:
		return fmt.Errorf("%w: the keyring is locked with a passphrase", ErrMasterKey)
	case s == nil:
		return fmt.Errorf("%w: a passphrase was given, but the keyring is not locked with one", ErrMasterKey)
	case !s.usable():
		return fmt.Errorf("%w: /passphrase", ErrCorrupt)
	case len(o.passphrase) < minPassphrase:
		return fmt.Errorf("%w: the passphrase is shorter than %d bytes", ErrMasterKey, minPassphrase)
	}
	key := argon2.IDKey(o.passphrase, s.Salt, s.Passes, s.Memory, s.Threads, 32)
	aead, err := subtle.NewAESGCM(key)
	if err != nil {
		return fmt.Errorf("%w: deriving it failed", ErrMasterKey)
	}
	clear(key)
	o.master, o.passphrase = local{aead}, nil
	return nil
}

func (s *stretch) usable() bool {
	return s.Algorithm == argon2id && len(s.Salt) >= saltSize && len(s.Salt) <= maxSalt &&
		s.Passes >= 1 && s.Passes <= maxPasses && s.Threads >= 1 && s.Threads <= maxLanes &&
		s.Memory >= 8*uint32(s.Threads) && s.Memory <= maxMemory
}
