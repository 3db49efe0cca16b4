package seal_test

import (
	"bytes"
	"io"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/passavant/passavant/crypto/seal"
)

// BenchmarkSealBytes compares one encapsulation per message with a session, on a 2 KB document.
func BenchmarkSealBytes(b *testing.B) {
	signer, to := signingKey(b), openingKey(b, seal.X25519).Recipient()
	session, err := seal.NewSession(seal.Limits{}, signer, to)
	require.NoError(b, err)
	header, body := []byte(`{"agreement":"ie-jp-bank-fraud"}`), bytes.Repeat([]byte{'x'}, 2048)
	for _, way := range []struct {
		name string
		seal func(dst []byte) ([]byte, error)
	}{
		{"single", func(dst []byte) ([]byte, error) { return seal.SealBytes(dst, header, body, signer, to) }},
		{"session", func(dst []byte) ([]byte, error) { return session.SealBytes(dst, header, body) }},
	} {
		b.Run(way.name, func(b *testing.B) {
			var dst []byte
			b.SetBytes(int64(len(body)))
			b.ReportAllocs()
			for b.Loop() {
				out, err := way.seal(dst[:0])
				require.NoError(b, err)
				dst = out
			}
		})
	}
}

func BenchmarkOpenBytes(b *testing.B) {
	signer, key := signingKey(b), openingKey(b, seal.X25519)
	body := bytes.Repeat([]byte{'x'}, 2048)
	msg, err := seal.SealBytes(nil, []byte(`{}`), body, signer, key.Recipient())
	require.NoError(b, err)
	b.SetBytes(int64(len(body)))
	b.ReportAllocs()
	for b.Loop() {
		_, _, err := seal.OpenBytes(msg, signer.Verify(), key)
		require.NoError(b, err)
	}
}

// BenchmarkSealStream shows the cost per byte of a long body.
func BenchmarkSealStream(b *testing.B) {
	signer, to := signingKey(b), openingKey(b, seal.X25519).Recipient()
	body := make([]byte, 16<<20)
	b.SetBytes(int64(len(body)))
	b.ReportAllocs()
	for b.Loop() {
		_, _, err := seal.Seal(io.Discard, []byte(`{}`), bytes.NewReader(body), signer, to)
		require.NoError(b, err)
	}
}
