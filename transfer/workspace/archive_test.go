package workspace_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passavant/passavant/policy"
	"github.com/passavant/passavant/transfer"
	"github.com/passavant/passavant/transfer/workspace"
)

func openSender(t *testing.T, w *workspace.Workspace) string {
	t.Helper()
	s, log, err := w.Sender(t.Context(), transfer.TransportFunc(nil))
	require.NoError(t, err)
	require.NoError(t, log.Close())
	return s.Engine.Revision()
}

// Whoever opens a Sender leaves behind what its decisions can be repeated on.
func TestSenderKeepsAnArchive(t *testing.T) {
	w := create(t)
	_, err := w.ReadArchive("sha256:" + strings.Repeat("0", 64))
	require.ErrorIs(t, err, workspace.ErrNoArchive)
	_, err = w.ReadArchive("../../etc/passwd")
	require.ErrorIs(t, err, workspace.ErrNoArchive)

	revision := openSender(t, w)
	a, err := w.ReadArchive(revision)
	require.NoError(t, err)
	assert.Equal(t, revision, a.Revision())
	assert.Len(t, a.Signatures, 2, "of exporter and recipient")

	names, err := filepath.Glob(w.Path("archive/*"))
	require.NoError(t, err)
	require.Len(t, names, 1)
	before, err := os.Stat(names[0])
	require.NoError(t, err)
	openSender(t, w)
	after, err := os.Stat(names[0])
	require.NoError(t, err)
	assert.True(t, os.SameFile(before, after), "what is there is left alone")
}

// A damaged archive is named, and mended by the next Sender.
func TestDamagedArchive(t *testing.T) {
	w := create(t)
	revision := openSender(t, w)
	name := w.Path("archive/" + strings.TrimPrefix(revision, "sha256:") + ".zip")
	raw, err := os.ReadFile(name)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(name, raw[:len(raw)/2], 0o600))
	_, err = w.ReadArchive(revision)
	require.ErrorIs(t, err, policy.ErrArchive)
	assert.Contains(t, err.Error(), name)

	other := w.Path("archive/" + strings.Repeat("0", 64) + ".zip")
	require.NoError(t, os.WriteFile(other, raw, 0o600))
	_, err = w.ReadArchive("sha256:" + strings.Repeat("0", 64))
	require.ErrorIs(t, err, policy.ErrArchive, "under a wrong name")

	openSender(t, w)
	_, err = w.ReadArchive(revision)
	require.NoError(t, err)
}
