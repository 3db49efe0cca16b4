package dirtransport

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passavant/passavant/transfer"
	"github.com/passavant/passavant/transfer/transfertest"
)

// The transport neither reads nor checks the sealed bytes, so any will do.
func envelope(id string, size int) *transfer.Envelope {
	return &transfer.Envelope{Header: transfer.Header{Transfer: id}, Sealed: bytes.Repeat([]byte(id[:1]), size)}
}

func newTransport(t *testing.T) *Transport {
	t.Helper()
	transport, err := New(filepath.Join(t.TempDir(), "a", "b"))
	require.NoError(t, err)
	return transport
}

// noLinks answers as a FAT file system does.
func noLinks(from, to string) error {
	return &os.LinkError{Op: "link", Old: from, New: to, Err: syscall.EPERM}
}

// roads are the two ways in which a file gets its name.
func roads(t *testing.T, test func(t *testing.T, transport *Transport)) {
	t.Helper()
	t.Run("with links", func(t *testing.T) { test(t, newTransport(t)) })
	t.Run("without links", func(t *testing.T) {
		transport := newTransport(t)
		transport.link = noLinks
		test(t, transport)
	})
}

func names(t *testing.T, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	list := []string{}
	for _, e := range entries {
		list = append(list, e.Name())
	}
	return list
}

func TestDeliverWritesTheEnvelopeAndNothingElse(t *testing.T) {
	roads(t, func(t *testing.T, transport *Transport) {
		e := envelope("0a", 5000)
		receipt, err := transport.Deliver(t.Context(), e)
		require.NoError(t, err)
		assert.Nil(t, receipt)
		assert.Equal(t, []string{"0a" + transfer.FileSuffix}, names(t, transport.dir))
		want, err := e.Bytes()
		require.NoError(t, err)
		got, err := os.ReadFile(transport.Path("0a"))
		require.NoError(t, err)
		assert.Equal(t, want, got)
		info, err := os.Stat(transport.Path("0a"))
		require.NoError(t, err)
		assert.Equal(t, fs.FileMode(0o600), info.Mode().Perm())
	})
}

func TestWhatASenderDeliversAReceiverReads(t *testing.T) {
	transport := newTransport(t)
	p := transfertest.New(t, func(s *transfer.SenderConfig, _ *transfer.ReceiverConfig) { s.Transport = transport })
	sent, err := p.Sender.Send(t.Context(), transfertest.Request(), transfertest.Report(t))
	require.NoError(t, err)
	f, err := os.Open(transport.Path(sent.Transfer))
	require.NoError(t, err)
	e, err := transfer.ParseEnvelope(f)
	require.NoError(t, errors.Join(err, f.Close()))
	received, err := p.Receiver.Receive(t.Context(), e)
	require.NoError(t, err)
	assert.Equal(t, sent.Header, received.Header)
}

func TestDeliverNeverReplaces(t *testing.T) {
	roads(t, func(t *testing.T, transport *Transport) {
		_, err := transport.Deliver(t.Context(), envelope("0a", 10))
		require.NoError(t, err)
		before, err := os.ReadFile(transport.Path("0a"))
		require.NoError(t, err)
		_, err = transport.Deliver(t.Context(), envelope("0a", 20))
		require.ErrorIs(t, err, fs.ErrExist)
		after, err := os.ReadFile(transport.Path("0a"))
		require.NoError(t, err)
		assert.Equal(t, before, after)
		assert.Len(t, names(t, transport.dir), 1)
	})
	roads(t, func(t *testing.T, transport *Transport) {
		// Another process was faster, after the first look at the name.
		link := transport.link
		transport.link = func(from, to string) error {
			require.NoError(t, os.WriteFile(to, []byte("theirs"), 0o600))
			return link(from, to)
		}
		_, err := transport.Deliver(t.Context(), envelope("0a", 20))
		require.ErrorIs(t, err, fs.ErrExist)
		got, err := os.ReadFile(transport.Path("0a"))
		require.NoError(t, err)
		assert.Equal(t, "theirs", string(got))
		assert.Len(t, names(t, transport.dir), 1)
	})
	t.Run("a dangling symbolic link is a file too", func(t *testing.T) {
		transport := newTransport(t)
		require.NoError(t, os.Symlink("nowhere", transport.Path("0a")))
		_, err := transport.Deliver(t.Context(), envelope("0a", 10))
		require.ErrorIs(t, err, fs.ErrExist)
	})
}

func TestOfManyTransportsOneDelivers(t *testing.T) {
	roads(t, func(t *testing.T, transport *Transport) {
		for round := range 20 {
			id := fmt.Sprintf("%02d", round)
			errs := make([]error, 8)
			var wait sync.WaitGroup
			for i := range errs {
				other := &Transport{dir: transport.dir, link: transport.link}
				wait.Go(func() { _, errs[i] = other.Deliver(t.Context(), envelope(id, 100+i)) })
			}
			wait.Wait()
			won := -1
			for i, err := range errs {
				if err == nil {
					require.Equal(t, -1, won, "two transports say that they delivered one transfer")
					won = i
					continue
				}
				require.ErrorIs(t, err, fs.ErrExist)
			}
			require.NotEqual(t, -1, won)
			want, err := envelope(id, 100+won).Bytes()
			require.NoError(t, err)
			got, err := os.ReadFile(transport.Path(id))
			require.NoError(t, err)
			require.Equal(t, want, got, "what is there is what the winner delivered")
		}
		assert.Len(t, names(t, transport.dir), 20, "no temporary file and no claim is left")
	})
}

func TestAFileAppearsWhole(t *testing.T) {
	roads(t, func(t *testing.T, transport *Transport) {
		const size, count = 256 << 10, 60
		whole, err := envelope("00", size).Bytes()
		require.NoError(t, err)
		done := make(chan struct{})
		seen := 0
		var reader sync.WaitGroup
		reader.Go(func() {
			for last := false; !last; {
				select {
				case <-done:
					last = true // one look more, so that there is something to see
				default:
				}
				files, _ := filepath.Glob(filepath.Join(transport.dir, "*"+transfer.FileSuffix))
				for _, name := range files {
					info, err := os.Stat(name)
					if assert.NoError(t, err) {
						assert.EqualValues(t, len(whole), info.Size(), name)
						seen++
					}
				}
			}
		})
		for i := range count {
			_, err := transport.Deliver(t.Context(), envelope(fmt.Sprintf("0%d", i), size))
			require.NoError(t, err)
		}
		close(done)
		reader.Wait()
		assert.GreaterOrEqual(t, seen, count)
	})
}

func TestDeliverWhenTheDirectoryIsUnusable(t *testing.T) {
	for name, spoil := range map[string]func(t *testing.T, dir string){
		"gone":        func(t *testing.T, dir string) { require.NoError(t, os.Remove(dir)) },
		"now a file":  func(t *testing.T, dir string) { require.NoError(t, os.Remove(dir)); touch(t, dir) },
		"not ours":    func(t *testing.T, dir string) { chmod(t, dir, 0o500) },
		"not visible": func(t *testing.T, dir string) { chmod(t, dir, 0) },
	} {
		t.Run(name, func(t *testing.T) {
			transport := newTransport(t)
			spoil(t, transport.dir)
			_, err := transport.Deliver(t.Context(), envelope("0a", 10))
			require.Error(t, err)
			assert.NotErrorIs(t, err, fs.ErrExist, "the file is not there")
			assert.True(t, strings.HasPrefix(err.Error(), "directory transport: "), "%v", err)
			_, err = os.Lstat(transport.Path("0a"))
			require.Error(t, err)
		})
	}
}

func touch(t *testing.T, name string) {
	t.Helper()
	require.NoError(t, os.WriteFile(name, nil, 0o600))
}

func chmod(t *testing.T, dir string, mode fs.FileMode) {
	t.Helper()
	if os.Geteuid() == 0 {
		t.Skip("modes do not bind the superuser")
	}
	require.NoError(t, os.Chmod(dir, mode))
	t.Cleanup(func() { _ = os.Chmod(dir, 0o700) })
}

func TestNewNeedsADirectory(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	touch(t, file)
	for _, dir := range []string{file, filepath.Join(file, "below"), ""} {
		_, err := New(dir)
		require.Error(t, err, "%q", dir)
	}
	dir := t.TempDir()
	_, err := New(dir)
	require.NoError(t, err, "an existing directory is taken as it is")
}

func TestDeliverAfterTheContextEnded(t *testing.T) {
	transport := newTransport(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := transport.Deliver(ctx, envelope("0a", 10))
	require.ErrorIs(t, err, context.Canceled)
	assert.Empty(t, names(t, transport.dir))
}

func TestDeliverStaysInItsDirectory(t *testing.T) {
	for _, id := range []string{"", ".", "..", "../out", "a/b", "/etc/x", ".hidden", "a/../../b"} {
		t.Run(id, func(t *testing.T) {
			transport := newTransport(t)
			e := envelope("x", 10)
			e.Header.Transfer = id
			_, err := transport.Deliver(t.Context(), e)
			require.ErrorIs(t, err, errName)
			assert.Empty(t, names(t, transport.dir))
			assert.Equal(t, []string{"b"}, names(t, filepath.Dir(transport.dir)))
		})
	}
}
