package main

import (
	"context"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"passavant": main})
}

// The scripts are stories: a newcomer's first transfer, a refusal, bad input. They run the real command.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script",
		Setup: func(e *testscript.Env) error {
			examples, err := filepath.Abs("../../examples/agreements")
			e.Setenv("EXAMPLES", examples)
			return err
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exit": exitWith, "onejson": oneJSON, "replace": replace, "truncate": truncate, "flip": flip, "glob": glob, "approver": approver,
			"take": take,
		},
	})
}

// exitWith runs a command, demands its exit code, and leaves its output in the files said and complained:
// exit 3 passavant send …
func exitWith(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exit CODE passavant ARGS")
	}
	var stdout, stderr strings.Builder
	code := run(context.Background(), inDirectory(ts, args[2:]), &stdout, &stderr)
	ts.Check(os.WriteFile(ts.MkAbs("said"), []byte(stdout.String()), 0o600))
	ts.Check(os.WriteFile(ts.MkAbs("complained"), []byte(stderr.String()), 0o600))
	if got := string(rune('0' + code)); got != args[0] {
		ts.Fatalf("exit code %s, want %s\n%s%s", got, args[0], stdout.String(), stderr.String())
	}
}

// inDirectory makes the arguments that name files absolute, since run shares the directory of the test.
func inDirectory(ts *testscript.TestScript, args []string) []string {
	flags := map[string]bool{"-C": true, "--request": true, "--payload": true, "--to": true, "--envelope": true, "--out": true, "--receipt": true,
		"--cases": true, "--released": true, "--mirror": true, "--policy": true, "--approval": true, "--key": true, "--candidates": true, "--from": true}
	out := append([]string(nil), args...)
	located := false
	for i := range out {
		if i > 0 && flags[out[i-1]] && !strings.Contains(out[i], "://") {
			out[i] = ts.MkAbs(out[i])
		}
		located = located || out[i] == "-C"
	}
	if located || len(out) == 0 || out[0] == "init" {
		return out
	}
	return append([]string{"-C", ts.MkAbs(".")}, out...)
}

// oneJSON demands that a file holds one JSON document and nothing else.
func oneJSON(ts *testscript.TestScript, _ bool, args []string) {
	d := json.NewDecoder(strings.NewReader(ts.ReadFile(args[0])))
	var document map[string]any
	ts.Check(d.Decode(&document))
	if _, err := d.Token(); err != io.EOF {
		ts.Fatalf("%s holds more than one JSON document", args[0])
	}
}

// replace edits a file: replace FILE OLD NEW.
func replace(ts *testscript.TestScript, _ bool, args []string) {
	text := ts.ReadFile(args[0])
	if !strings.Contains(text, args[1]) {
		ts.Fatalf("%s does not hold %q", args[0], args[1])
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(strings.ReplaceAll(text, args[1], args[2])), 0o600))
}

// truncate cuts a file in half: truncate FROM TO.
func truncate(ts *testscript.TestScript, _ bool, args []string) {
	text := ts.ReadFile(args[0])
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), []byte(text[:len(text)/2]), 0o600))
}

// flip changes one bit in the middle of a file.
func flip(ts *testscript.TestScript, _ bool, args []string) {
	raw := []byte(ts.ReadFile(args[0]))
	raw[len(raw)/2] ^= 1
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), raw, 0o600))
}

// glob copies the only file that a pattern names: glob PATTERN TO.
func glob(ts *testscript.TestScript, _ bool, args []string) {
	names, err := filepath.Glob(ts.MkAbs(args[0]))
	ts.Check(err)
	if len(names) != 1 {
		ts.Fatalf("%s names %d files, want one", args[0], len(names))
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), []byte(ts.ReadFile(names[0])), 0o600))
}

// take sets a variable to what a pattern finds in a file, its first group: take NAME FILE PATTERN.
func take(ts *testscript.TestScript, _ bool, args []string) {
	found := regexp.MustCompile(args[2]).FindStringSubmatch(ts.ReadFile(args[1]))
	if len(found) < 2 {
		ts.Fatalf("%s holds nothing like %s", args[1], args[2])
	}
	ts.Setenv(args[0], found[1])
}

// approver writes the public half of a person's key into an agreement: approver KEY.pem AGREEMENT ROLE PARTY.
func approver(ts *testscript.TestScript, _ bool, args []string) {
	key, err := approverKey(nil, ts.MkAbs(args[0]))
	ts.Check(err)
	public := base64.StdEncoding.EncodeToString(key.Public().(ed25519.PublicKey))
	text := ts.ReadFile(args[1]) + fmt.Sprintf("approvals:\n  - {role: %s, when: always, keys: [{party: %s, holder: Head of Compliance, public_key: %q}]}\n", args[2], args[3], public)
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), []byte(text), 0o600))
}
