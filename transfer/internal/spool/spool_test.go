package spool

import (
	"bytes"
	"io"
	"os"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestSpoolGivesBackWhatWasWritten(t *testing.T) {
	dir := t.TempDir()
	rapid.Check(t, func(t *rapid.T) {
		secret := rapid.Bool().Draw(t, "secret")
		memory := rapid.IntRange(0, 3*chunkSize).Draw(t, "memory")
		s := New(dir, memory)
		if secret {
			s = NewSecret(dir, memory)
		}
		defer func() { require.NoError(t, s.Close()) }()
		var want bytes.Buffer
		for i := range rapid.IntRange(0, 8).Draw(t, "pieces") {
			piece := bytes.Repeat([]byte{byte('a' + i)}, rapid.IntRange(0, 2*chunkSize).Draw(t, "length"))
			n, err := s.Write(piece)
			require.NoError(t, err)
			require.Equal(t, len(piece), n)
			want.Write(piece)
		}
		require.EqualValues(t, want.Len(), s.Size())
		for range 2 {
			r, err := s.Reader()
			require.NoError(t, err)
			got, err := io.ReadAll(r)
			require.NoError(t, err)
			require.True(t, bytes.Equal(want.Bytes(), got))
		}
		if mem, whole := s.Bytes(); whole {
			require.True(t, bytes.Equal(want.Bytes(), mem))
		} else if !secret {
			f, err := s.File()
			require.NoError(t, err)
			got, err := io.ReadAll(io.NewSectionReader(f, 0, s.Size()))
			require.NoError(t, err)
			require.True(t, bytes.Equal(want.Bytes(), got))
		}
	})
	left, err := os.ReadDir(dir)
	require.NoError(t, err)
	assert.Empty(t, left, "nothing stays behind")
}

func TestSecretSpoolIsNotReadable(t *testing.T) {
	s := NewSecret(t.TempDir(), 10)
	defer func() { _ = s.Close() }()
	secret := bytes.Repeat([]byte("Ada Byron "), 20000)
	_, err := s.Write(secret)
	require.NoError(t, err)
	_, err = s.File()
	require.Error(t, err)
	raw, err := io.ReadAll(io.NewSectionReader(s.file, 0, 1<<20))
	require.NoError(t, err)
	assert.Greater(t, len(raw), chunkSize)
	assert.NotContains(t, string(raw), "Byron")

	_, err = s.file.WriteAt([]byte("altered"), 100)
	require.NoError(t, err)
	r, err := s.Reader()
	require.NoError(t, err)
	_, err = io.ReadAll(r)
	assert.ErrorIs(t, err, errRead)
}

func TestSpoolWithoutAPlace(t *testing.T) {
	s := New(t.TempDir()+"/absent", 1)
	_, err := s.Write([]byte("too long"))
	assert.ErrorContains(t, err, "temporary file")
	require.NoError(t, s.Close())
}
