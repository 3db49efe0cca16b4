package seal_test

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passavant/passavant/crypto/seal"
)

func TestSealedDetails(t *testing.T) {
	for _, algorithm := range []string{seal.X25519, seal.XWing} {
		reader, err := seal.GenerateOpeningKey(algorithm)
		require.NoError(t, err)
		other, err := seal.GenerateOpeningKey(algorithm)
		require.NoError(t, err)
		sealer, err := seal.NewDetailSealer(reader.Recipient())
		require.NoError(t, err)
		opener, stranger := seal.NewDetailOpener(other, reader), seal.NewDetailOpener(other)
		for _, detail := range [][]byte{{}, []byte(`{"person":"SECRET"}`), bytes.Repeat([]byte("x"), 100_000)} {
			sealed := sealer.Seal("t1", detail)
			assert.True(t, seal.IsSealedDetail(sealed))
			assert.NotContains(t, string(sealed), "SECRET")
			got, err := opener.Open("t1", sealed)
			require.NoError(t, err)
			assert.Equal(t, len(detail), len(got))
			_, err = opener.Open("t2", sealed)
			require.ErrorIs(t, err, seal.ErrDetail, "of another transfer")
			_, err = stranger.Open("t1", sealed)
			require.ErrorIs(t, err, seal.ErrDetail)
		}
		one, two := sealer.Seal("t1", []byte("x")), sealer.Seal("t1", []byte("x"))
		assert.NotEqual(t, one, two)
		for i := range one {
			changed := bytes.Clone(one)
			changed[i] ^= 1
			_, err := opener.Open("t1", changed)
			require.ErrorIs(t, err, seal.ErrDetail, "byte %d", i)
			_, err = opener.Open("t1", one[:i])
			require.ErrorIs(t, err, seal.ErrDetail, "cut at %d", i)
		}
	}
	assert.False(t, seal.IsSealedDetail([]byte(`{"facts":null}`)))
}

func FuzzOpenDetail(f *testing.F) {
	key, err := seal.GenerateOpeningKey(seal.X25519)
	if err != nil {
		f.Fatal(err)
	}
	sealer, err := seal.NewDetailSealer(key.Recipient())
	if err != nil {
		f.Fatal(err)
	}
	good := sealer.Seal("t", []byte("x"))
	f.Add(good[:len(good)-1])
	f.Add([]byte("passavant-detail/1\n0123456789abcdef\xff\xff"))
	f.Fuzz(func(t *testing.T, sealed []byte) {
		if bytes.Equal(sealed, good) {
			return
		}
		_, err := seal.NewDetailOpener(key).Open("t", sealed)
		require.ErrorIs(t, err, seal.ErrDetail)
	})
}
