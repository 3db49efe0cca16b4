package main

import (
	"context"
	"crypto/ed25519"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/stretchr/testify/require"

	"github.com/passavant/passavant/audit"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"passavant-verify": main})
}

// TestScripts runs the stories in testdata. Each begins with a log of four records in $WORK/log, its key in key.txt,
// the checkpoint after two records in early, record 1 with its proof, and the
// published evidence pack.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir: "testdata",
		Setup: func(env *testscript.Env) error {
			makeLog(t, env.WorkDir)
			return os.CopyFS(filepath.Join(env.WorkDir, "evidence"), os.DirFS("../../testdata/evidence"))
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"flip":   flip,
			"json":   checkJSON,
			"status": status,
		},
	})
}

func makeLog(t *testing.T, dir string) {
	l, err := audit.Open(filepath.Join(dir, "log"), audit.Options{
		Origin: "log.example/test", Signer: ed25519.NewKeyFromSeed(make([]byte, 32)), PublishEvery: -1,
		Clock: func() time.Time { return time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC) },
	})
	require.NoError(t, err)
	add := func(typ audit.Type, id string) audit.Entry {
		e, err := l.Append(context.Background(), audit.Record{Type: typ, Transfer: id}, nil)
		require.NoError(t, err)
		return e
	}
	write := func(name string, data []byte) {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), data, 0o644))
	}
	add(audit.Intent, "transfer-one")
	e := add(audit.Intent, "transfer-two")
	write("early", l.Checkpoint())
	write("key.txt", []byte(l.VerifierKey()+"\n"))
	write("record.json", e.Record)
	proof, err := e.Proof.MarshalText()
	require.NoError(t, err)
	write("record.tlog-proof", proof)
	add(audit.Delivered, "transfer-one")
	add(audit.Refused, "transfer-three")
	require.NoError(t, l.Close())
}

// flip FILE OFFSET changes one bit.
func flip(ts *testscript.TestScript, _ bool, args []string) {
	path := ts.MkAbs(args[0])
	data, err := os.ReadFile(path)
	ts.Check(err)
	var off int
	ts.Check(json.Unmarshal([]byte(args[1]), &off))
	data[off] ^= 1
	ts.Check(os.WriteFile(path, data, 0o644))
}

// status N COMMAND...: the command ends with status N.
func status(ts *testscript.TestScript, _ bool, args []string) {
	err := ts.Exec(args[1], args[2:]...)
	var exit *exec.ExitError
	got := "0"
	if errors.As(err, &exit) {
		got = strconv.Itoa(exit.ExitCode())
	}
	if got != args[0] {
		ts.Fatalf("%v ended with status %s, want %s", args[1:], got, args[0])
	}
}

// json FILE: the file is exactly one JSON document.
func checkJSON(ts *testscript.TestScript, _ bool, args []string) {
	if !json.Valid([]byte(ts.ReadFile(args[0]))) {
		ts.Fatalf("%s is not one JSON document", args[0])
	}
}

// TestLinksNothingButAudit keeps the verifier small enough to be read by whoever must trust it.
func TestLinksNothingButAudit(t *testing.T) {
	out, err := exec.Command("go", "list", "-deps", "-f", "{{if not .Standard}}{{.ImportPath}}{{end}}", ".").CombinedOutput()
	require.NoError(t, err, string(out))
	for _, path := range strings.Fields(string(out)) {
		switch {
		case path == "github.com/passavant/passavant/cmd/passavant-verify", path == "github.com/passavant/passavant/audit", path == "github.com/passavant/passavant/audit/evidence":
		case strings.HasPrefix(path, "golang.org/x/mod/"):
		default:
			t.Errorf("passavant-verify links %s", path)
		}
	}
}
