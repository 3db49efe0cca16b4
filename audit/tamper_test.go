package audit_test

import (
	"bytes"
	"context"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/passavant/passavant/audit"
	"github.com/passavant/passavant/internal/secondreading"
)

// evidence are the files of a log that mean anything to a verifier.
func evidenceFiles(t *testing.T, dir string) (names []string) {
	t.Helper()
	require.NoError(t, filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
		rel, _ := filepath.Rel(dir, name)
		if err == nil && !d.IsDir() && (strings.HasPrefix(rel, "journal") || strings.HasPrefix(rel, "tile") || rel == "checkpoint") {
			names = append(names, rel)
		}
		return err
	}))
	return names
}

// grow writes a log of n records and returns its key, and a copy of what was there before the last one.
func grow(t *testing.T, dir string, n int) (vkey, earlier string, known []byte) {
	t.Helper()
	o := testOptions()
	o.SegmentBytes = 256 << 10
	l, err := audit.Open(dir, o)
	require.NoError(t, err)
	for i := range n - 1 {
		require.NoError(t, l.Enqueue(intent(i)))
		if i%97 == 0 {
			require.NoError(t, l.Flush(t.Context()))
		}
	}
	require.NoError(t, l.Flush(t.Context()))
	require.NoError(t, l.Close())
	earlier = filepath.Join(t.TempDir(), "earlier")
	require.NoError(t, os.CopyFS(earlier, os.DirFS(dir)))
	l, err = audit.Open(dir, o)
	require.NoError(t, err)
	_, err = l.Append(t.Context(), intent(n), nil)
	require.NoError(t, err)
	known = l.Checkpoint()
	require.NoError(t, l.Close())
	return l.VerifierKey(), earlier, known
}

// tampering is one thing that somebody does to the files of a log, and undoes.
type tampering struct {
	name string
	undo func()
}

// isSpare reports whether a wider tile holds all that this one does: the log may remove it itself.
func isSpare(name string, names []string) bool {
	base, width, partial := strings.Cut(name, ".p/")
	w, _ := strconv.Atoi(width)
	return partial && slices.ContainsFunc(names, func(other string) bool {
		theirs, partial := strings.CutPrefix(other, base+".p/")
		n, _ := strconv.Atoi(theirs)
		return other == base || partial && n > w
	})
}

func tamper(t *testing.T, rnd *rand.Rand, dir string, names []string) tampering {
	t.Helper()
	var saved []func()
	read := func(name string) []byte {
		content, err := os.ReadFile(filepath.Join(dir, name))
		require.NoError(t, err)
		saved = append(saved, func() { require.NoError(t, os.WriteFile(filepath.Join(dir, name), content, 0o644)) })
		return bytes.Clone(content)
	}
	write := func(name string, content []byte) {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), content, 0o644))
	}
	name := names[rnd.IntN(len(names))]
	content := read(name)
	kind := []string{"flip", "cut", "swap", "delete", "reorder", "append"}[rnd.IntN(6)]
	at := rnd.IntN(len(content))
	if kind == "delete" && isSpare(name, names) {
		kind = "flip"
	}
	switch kind {
	case "flip":
		content[at] ^= 1 << rnd.IntN(8)
	case "cut":
		content = content[:at]
	case "delete":
		require.NoError(t, os.Remove(filepath.Join(dir, name)))
	case "reorder": // two stretches of the file change places
		half := len(content) / 2
		content = slices.Concat(content[half:], content[:half])
	case "append": // something that was signed once more: the whole file, again
		content = slices.Concat(content, content)
	case "swap": // two files change places
		other := names[rnd.IntN(len(names))]
		theirs := read(other)
		if bytes.Equal(theirs, content) {
			content[at] ^= 1
			break
		}
		write(other, content)
		content = theirs
	}
	if kind != "delete" {
		write(name, content)
	}
	return tampering{fmt.Sprintf("%s of %s at %d", kind, name, at), func() {
		for _, undo := range slices.Backward(saved) {
			undo()
		}
	}}
}

// Whatever is done to a log's files, both verifiers refuse it: the one of this package, and one that was written from the
// documentation and shares no code with it. PASSAVANT_TAMPERINGS sets how many are tried on the large log.
func TestEveryTamperingIsRefused(t *testing.T) {
	large := 8
	if n, err := strconv.Atoi(os.Getenv("PASSAVANT_TAMPERINGS")); err == nil {
		large = n
	}
	for _, n := range []int{1, 2, 255, 256, 257, 700, 70_000} {
		t.Run(strconv.Itoa(n), func(t *testing.T) {
			tries := 200
			if n == 70_000 {
				tries = large
			}
			if testing.Short() {
				tries = min(tries, 5)
			}
			dir := filepath.Join(t.TempDir(), "log")
			vkey, earlier, known := grow(t, dir, n)
			first := func(dir string) error {
				_, err := audit.Verify(context.Background(), dir, audit.VerifyOptions{VKey: vkey, Known: known})
				return err
			}
			second := func(dir string) error { return secondreading.Verify(dir, vkey, known) }
			require.NoError(t, first(dir))
			require.NoError(t, second(dir))
			rnd, names := rand.New(rand.NewPCG(uint64(n), 1)), evidenceFiles(t, dir)
			for range tries {
				x := tamper(t, rnd, dir, names)
				require.Error(t, first(dir), x.name)
				require.Error(t, second(dir), "%s: %v", x.name, first(dir))
				x.undo()
			}
			require.NoError(t, first(dir), "everything was put back")
			// Rolled back: an earlier state of the log, whole and signed.
			var f *audit.FaultError
			require.ErrorAs(t, first(earlier), &f)
			require.Error(t, second(earlier))
			_, err := audit.Verify(context.Background(), earlier, audit.VerifyOptions{VKey: vkey})
			require.NoError(t, err, "nothing but the known checkpoint tells")
			require.NoError(t, secondreading.Verify(earlier, vkey, nil))
		})
	}
}
