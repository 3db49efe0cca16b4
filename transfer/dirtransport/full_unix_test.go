//go:build unix

package dirtransport

import (
	"os/signal"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A limit on the size of files makes a write fail in its middle, as a full disk does.
func TestAWriteThatFailsLeavesNothing(t *testing.T) {
	roads(t, func(t *testing.T, transport *Transport) {
		signal.Ignore(syscall.SIGXFSZ)
		defer signal.Reset(syscall.SIGXFSZ)
		var before syscall.Rlimit
		require.NoError(t, syscall.Getrlimit(syscall.RLIMIT_FSIZE, &before))
		small := before
		small.Cur = 16 << 20 // more than the log that go test writes of a test, which obeys the limit too
		require.NoError(t, syscall.Setrlimit(syscall.RLIMIT_FSIZE, &small))
		_, err := transport.Deliver(t.Context(), envelope("0a", 17<<20))
		require.NoError(t, syscall.Setrlimit(syscall.RLIMIT_FSIZE, &before))
		require.ErrorIs(t, err, syscall.EFBIG)
		assert.Empty(t, names(t, transport.dir))

		_, err = transport.Deliver(t.Context(), envelope("0a", 17<<20))
		require.NoError(t, err, "the same transfer can be delivered when there is room again")
	})
}
