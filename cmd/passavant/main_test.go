package main

import (
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passavant/passavant/internal/sample"
	"github.com/passavant/passavant/transfer"
	"github.com/passavant/passavant/transfer/transfertest"
	"github.com/passavant/passavant/transfer/workspace"
)

// command runs one command line in a workspace.
func command(dir string, args ...string) (code int, stdout, stderr string) {
	var out, complaints bytes.Buffer
	code = run(context.Background(), append([]string{"-C", dir}, args...), &out, &complaints)
	return code, out.String(), complaints.String()
}

func newWorkspace(t *testing.T) (dir string, w *workspace.Workspace) {
	t.Helper()
	dir = filepath.Join(t.TempDir(), "w")
	w, err := workspace.Create(t.Context(), dir, sample.Workspace())
	require.NoError(t, err)
	return dir, w
}

func sendArgs(dir, payload string, more ...string) []string {
	return append([]string{
		"send", "--request", filepath.Join(dir, "request.json"), "--payload", payload, "--to", filepath.Join(dir, "out"),
	}, more...)
}

// TestNoValueOfThePayloadIsEverPrinted plants a unique string in every field and reads all that the command writes.
func TestNoValueOfThePayloadIsEverPrinted(t *testing.T) {
	document, canaries := transfertest.Canary(t)
	for name, content := range map[string][]byte{
		"good": document, "cut": document[:len(document)*2/3], "trailing": append(bytes.Clone(document), '}'),
		"wrong type": bytes.Replace(document, []byte(`"canary-case-reference-01"`), []byte(`{"x": "canary-case-reference-01"}`), 1),
		"leaking":    bytes.Replace(document, []byte("canary-fraud-type-02"), []byte("Canary Holder 11"), 1),
	} {
		for _, form := range [][]string{nil, {"--json"}} {
			t.Run(name+strings.Join(form, ""), func(t *testing.T) {
				dir, w := newWorkspace(t)
				file := filepath.Join(dir, "canary.json")
				require.NoError(t, os.WriteFile(file, content, 0o600))
				code, stdout, stderr := command(dir, sendArgs(dir, file, form...)...)
				assert.Equal(t, name != "good", code != exitDone, stdout+stderr)
				transfertest.RequireNoCanary(t, "standard output", []byte(stdout), canaries)
				transfertest.RequireNoCanary(t, "standard error", []byte(stderr), canaries)
				transfertest.RequireNoCanaryUnder(t, w.Path(w.Log), canaries)
				if name == "good" {
					transfertest.RequireNoCanaryUnder(t, filepath.Join(dir, "out"), canaries)
				}
			})
		}
	}
}

func TestSecondProcessOnOneLog(t *testing.T) {
	dir, w := newWorkspace(t)
	keys, err := w.OpenKeys()
	require.NoError(t, err)
	log, err := w.OpenLog(keys)
	require.NoError(t, err)
	defer func() { require.NoError(t, log.Close()) }()

	code, _, stderr := command(dir, sendArgs(dir, filepath.Join(dir, "payload.json"))...)
	assert.Equal(t, exitFailed, code)
	assert.Contains(t, stderr, "locked by another writer")
	assert.NoDirExists(t, filepath.Join(dir, "out"))

	code, stdout, stderr := command(dir, "log", "list")
	assert.Equal(t, exitDone, code, "reading goes on beside the writer")
	assert.Contains(t, stdout, "key-event")
	assert.Contains(t, stderr, "not recorded")
}

// TestLogWithoutWritePermission runs the real program as somebody who may not write, since root may do everything.
func TestLogWithoutWritePermission(t *testing.T) {
	dir, w := newWorkspace(t)
	child := exec.Command(os.Args[0], append([]string{"-C", dir}, sendArgs(dir, filepath.Join(dir, "payload.json"))...)...)
	log := w.Path(w.Log)
	if os.Geteuid() == 0 {
		const nobody = 65534
		require.NoError(t, filepath.WalkDir(filepath.Dir(dir), func(path string, _ os.DirEntry, err error) error {
			if err != nil || strings.HasPrefix(path, log) {
				return err
			}
			return os.Chown(path, nobody, nobody)
		}))
		require.NoError(t, os.Chmod(filepath.Dir(filepath.Dir(dir)), 0o755))
		child.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
		child.Path = copyProgram(t, filepath.Dir(dir))
		child.Args[0] = child.Path
	}
	require.NoError(t, os.Chmod(log, 0o500))
	t.Cleanup(func() { _ = os.Chmod(log, 0o700) })

	said, err := child.CombinedOutput()
	var exit *exec.ExitError
	require.ErrorAs(t, err, &exit)
	assert.Equal(t, exitFailed, exit.ExitCode(), string(said))
	assert.Contains(t, string(said), "permission denied")
	assert.Contains(t, string(said), log)
	assert.NoDirExists(t, filepath.Join(dir, "out"))
}

// copyProgram copies the test binary, under the name that testscript knows as the command, to where anybody can run it.
func copyProgram(t *testing.T, dir string) string {
	t.Helper()
	program, err := os.ReadFile(os.Args[0])
	require.NoError(t, err)
	name := filepath.Join(dir, "passavant")
	require.NoError(t, os.WriteFile(name, program, 0o755))
	return name
}

func TestFullDisk(t *testing.T) {
	dir, w := newWorkspace(t)
	small := t.TempDir()
	if err := syscall.Mount("tmpfs", small, "tmpfs", 0, "size=64k"); err != nil {
		t.Skipf("no small disk to be had (%v); transfer tests the same with an injected fault", err)
	}
	defer func() { require.NoError(t, syscall.Unmount(small, 0)) }()
	config, err := os.ReadFile(filepath.Join(dir, workspace.ConfigName))
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(dir, workspace.ConfigName), bytes.Replace(config, []byte("log: log"), []byte("log: "+small+"/log"), 1), 0o600))
	require.NoError(t, os.Mkdir(small+"/log", 0o700))

	sent, code, stderr := 0, exitDone, ""
	for code == exitDone {
		code, _, stderr = command(dir, sendArgs(dir, filepath.Join(dir, "payload.json"))...)
		sent++
		require.Less(t, sent, 1000, "the disk never filled up")
	}
	assert.Equal(t, exitFailed, code)
	assert.Contains(t, stderr, "no space left on device")
	envelopes, err := filepath.Glob(filepath.Join(dir, "out", "*"+transfer.FileSuffix))
	require.NoError(t, err)
	require.NoError(t, syscall.Mount("tmpfs", small, "tmpfs", syscall.MS_REMOUNT, "size=8m"))
	code, stdout, stderr := command(dir, "log", "verify")
	assert.Equal(t, exitDone, code, stderr)
	assert.Contains(t, stdout, "good")
	intents := 0
	_, listed, _ := command(dir, "log", "list")
	intents = strings.Count(listed, "  intent ")
	assert.GreaterOrEqual(t, intents, len(envelopes), "no envelope without an intent")
	assert.Equal(t, w.Party, "emerald-bank-ie")
}

func TestALogThatIsGoneIsNotBegunAnew(t *testing.T) {
	dir, w := newWorkspace(t)
	require.NoError(t, os.RemoveAll(w.Path(w.Log)))
	code, _, stderr := command(dir, sendArgs(dir, filepath.Join(dir, "payload.json"))...)
	assert.Equal(t, exitFailed, code)
	assert.Contains(t, stderr, "the log is gone")
	assert.NoDirExists(t, filepath.Join(dir, "out"))
	code, stdout, _ := command(dir, "check")
	assert.Equal(t, exitFailed, code)
	assert.Contains(t, stdout, "the log is gone")
}

func TestTheRecipientComparesAgreements(t *testing.T) {
	dir, w := newWorkspace(t)
	code, _, stderr := command(dir, sendArgs(dir, filepath.Join(dir, "payload.json"))...)
	require.Equal(t, exitDone, code, stderr)
	envelopes, err := filepath.Glob(filepath.Join(dir, "out", "*"+transfer.FileSuffix))
	require.NoError(t, err)
	require.Len(t, envelopes, 1)
	theirs := filepath.Join(w.Path(w.Practice), "agreements")
	kept := filepath.Join(t.TempDir(), "kept")
	require.NoError(t, os.Rename(filepath.Join(theirs, "ie-jp-bank-fraud"), kept))
	another := filepath.Join(theirs, "another")
	require.NoError(t, os.MkdirAll(another, 0o755))
	text, err := os.ReadFile(filepath.Join(kept, "agreement.yaml"))
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(another, "agreement.yaml"), bytes.Replace(text, []byte("id: ie-jp-bank-fraud"), []byte("id: another"), 1), 0o600))
	code, _, stderr = command(dir, "receive", "--envelope", envelopes[0])
	assert.Equal(t, exitFailed, code)
	assert.Contains(t, stderr, "another version of the agreement")

	require.NoError(t, os.RemoveAll(another))
	require.NoError(t, os.Rename(kept, filepath.Join(theirs, "ie-jp-bank-fraud")))
	code, _, stderr = command(dir, "receive", "--envelope", envelopes[0])
	assert.Equal(t, exitDone, code, stderr)
}

func TestReconcileSettlesWhatIsInDoubt(t *testing.T) {
	dir, w := newWorkspace(t)
	sender, log, err := w.Sender(t.Context(), transfer.TransportFunc(func(context.Context, *transfer.Envelope) (*transfer.Receipt, error) {
		return nil, errors.New("the answer was lost")
	}))
	require.NoError(t, err)
	_, err = sender.Send(t.Context(), transfertest.Request(), transfertest.Report(t))
	var doubt *transfer.DeliveryError
	require.ErrorAs(t, err, &doubt)
	require.NoError(t, log.Close())

	_, stdout, _ := command(dir, "log", "verify")
	assert.Contains(t, stdout, doubt.Transfer)
	_, stdout, _ = command(dir, "check")
	assert.Contains(t, stdout, "warning: transfer "+doubt.Transfer+" is in doubt")
	code, _, _ := command(dir, "log", "reconcile", doubt.Transfer, "--outcome", "perhaps")
	assert.Equal(t, exitUsage, code)
	code, stdout, stderr := command(dir, "log", "reconcile", doubt.Transfer, "--outcome", "delivered", "--why", "asked by telephone")
	assert.Equal(t, exitDone, code, stderr)
	assert.Contains(t, stdout, "reconciled")
	code, _, stderr = command(dir, "log", "reconcile", doubt.Transfer, "--outcome", "delivered")
	assert.Equal(t, exitFailed, code)
	assert.Contains(t, stderr, "not in doubt")
	_, stdout, _ = command(dir, "log", "verify")
	assert.NotContains(t, stdout, "in doubt")
}

func TestHelpTeaches(t *testing.T) {
	for _, args := range [][]string{
		nil, {"init"}, {"check"}, {"decide"}, {"explain"}, {"test"}, {"docs"}, {"new"}, {"new", "agreement"}, {"protect"}, {"send"}, {"receive"}, {"acknowledge"},
		{"log"}, {"log", "verify"}, {"log", "list"}, {"log", "show"}, {"log", "reconcile"}, {"keys"}, {"keys", "new"}, {"keys", "list"}, {"keys", "public"},
	} {
		code, stdout, stderr := command(t.TempDir(), append(args, "--help")...)
		assert.Equal(t, exitDone, code)
		assert.Empty(t, stderr)
		assert.Contains(t, stdout, "Usage:", "%v", args)
		assert.Greater(t, len(stdout), 300, "%v", args)
	}
	code, stdout, _ := command(t.TempDir())
	assert.Equal(t, exitDone, code)
	assert.Contains(t, stdout, "Exit codes: 0 done, 1 failed, 2 wrong usage, 3 refused by policy.")
}
