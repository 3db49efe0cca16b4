package seal_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/passavant/passavant/crypto/seal"
	"github.com/passavant/passavant/internal/canonical"
)

func addVectors(f *testing.F) {
	files, err := filepath.Glob(filepath.Join(vectorDir, "*.sealed"))
	require.NoError(f, err)
	require.NotEmpty(f, files)
	for _, file := range files {
		msg, err := os.ReadFile(file)
		require.NoError(f, err)
		if len(msg) < 4096 {
			f.Add(msg)
		}
	}
}

// FuzzReadHeader: whatever is read without error is one line of text and a seal line in canonical form.
func FuzzReadHeader(f *testing.F) {
	addVectors(f)
	f.Fuzz(func(t *testing.T, msg []byte) {
		info, err := seal.ReadHeader(bytes.NewReader(msg))
		if err != nil {
			require.True(t, isRefusal(err), "%v", err)
			return
		}
		require.NotContains(t, string(info.Header), "\n")
		require.NotEmpty(t, info.Recipients)
		line := bytes.SplitN(msg, []byte("\n"), 4)[2]
		want, err := canonical.Transform(line)
		require.NoError(t, err)
		require.Equal(t, string(want), string(line))
	})
}

// FuzzOpenBytes signs whatever the fuzzer makes, so that it gets behind the signature. Nothing but the vectors may
// open, and what opens must be what the second implementation reads.
func FuzzOpenBytes(f *testing.F) {
	addVectors(f)
	f.Fuzz(func(t *testing.T, msg []byte) {
		signer, key := fixedSigningKey(t, "sender"), fixedOpeningKey(t, "recipient")
		for _, msg := range [][]byte{msg, resign(append(bytes.Clone(msg), make([]byte, 64)...), fixedSigner("sender"))} {
			header, body, err := seal.OpenBytes(msg, signer.Verify(), key)
			if err != nil {
				require.True(t, isRefusal(err), "%v", err)
				require.Nil(t, body)
				continue
			}
			wantHeader, wantBody, err := readIndependently(msg, signer.Verify().Public(), fixedPrivate(t, "recipient"))
			require.NoError(t, err)
			require.Equal(t, wantHeader, string(header))
			require.True(t, bytes.Equal(wantBody, body))
		}
	})
}
