package seal_test

import (
	"io"
	"runtime"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passavant/passavant/crypto/seal"
)

// zeros is an endless body that takes no memory.
type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}

// allocated returns the bytes that f allocates in all, kept or not.
func allocated(f func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

// Sealing and opening 32 MiB through a pipe allocates less than 4 MiB in all, most of it one nonce for each segment: so
// no part of the way keeps the body.
func TestMemoryDoesNotGrowWithTheBody(t *testing.T) {
	const size = 32 << 20
	signer, key := signingKey(t), openingKey(t, seal.X25519)
	total := allocated(func() {
		r, w := io.Pipe()
		sealed := make(chan error, 1)
		go func() {
			_, _, err := seal.Seal(w, []byte(`{}`), io.LimitReader(zeros{}, size), signer, key.Recipient())
			_ = w.CloseWithError(err)
			sealed <- err
		}()
		_, err := seal.Open(io.Discard, r, signer.Verify(), key)
		require.NoError(t, err)
		require.NoError(t, <-sealed)
	})
	assert.Less(t, total, uint64(4<<20))
}
