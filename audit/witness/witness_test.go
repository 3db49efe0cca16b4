package witness_test

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passavant/passavant/audit"
	"github.com/passavant/passavant/audit/witness"
)

func key(seed byte) ed25519.PrivateKey {
	return ed25519.NewKeyFromSeed(bytes.Repeat([]byte{seed}, 32))
}

// world is a party with a log, and what watches it.
type world struct {
	dir    string
	log    *audit.Log
	now    time.Time
	origin string
}

func newWorld(t *testing.T, origin string, seed byte) *world {
	w := &world{dir: filepath.Join(t.TempDir(), "log"), now: time.Unix(1_800_000_000, 0), origin: origin}
	w.open(t, w.dir, seed)
	return w
}

func (w *world) open(t *testing.T, dir string, seed byte) {
	t.Helper()
	l, err := audit.Open(dir, audit.Options{Origin: w.origin, Signer: key(seed), PublishEvery: -1, Clock: func() time.Time { return w.now }})
	require.NoError(t, err)
	w.log = l
	t.Cleanup(func() { _ = l.Close() })
}

func (w *world) write(t *testing.T, id string) {
	t.Helper()
	_, err := w.log.Append(t.Context(), audit.Record{Type: audit.Intent, Transfer: id}, nil)
	require.NoError(t, err)
	require.NoError(t, w.log.Publish())
}

func (w *world) reader(t *testing.T) *audit.Reader {
	t.Helper()
	r, err := audit.OpenReader(w.log.Dir(), w.log.VerifierKey())
	require.NoError(t, err)
	t.Cleanup(func() { _ = r.Close() })
	return r
}

// watch starts a witness of the worlds.
func watch(t *testing.T, name string, seed byte, dir string, worlds ...*world) (*witness.Server, *httptest.Server) {
	t.Helper()
	s, err := witness.NewServer(witness.Config{
		Name: name, Key: key(seed), Dir: dir, Clock: func() time.Time { return worlds[0].now },
		Logs: func(origin string) (string, bool) {
			for _, w := range worlds {
				if w.origin == origin {
					return w.log.VerifierKey(), true
				}
			}
			return "", false
		},
	})
	require.NoError(t, err)
	h := httptest.NewServer(s)
	t.Cleanup(h.Close)
	return s, h
}

func policyOf(t *testing.T, text string) *audit.WitnessPolicy {
	t.Helper()
	p, err := audit.ParseWitnessPolicy([]byte(text))
	require.NoError(t, err)
	return p
}

func line(t *testing.T, short, name string, seed byte, url string) string {
	t.Helper()
	k, err := audit.CosignerKey(name, key(seed).Public().(ed25519.PublicKey))
	require.NoError(t, err)
	return fmt.Sprintf("witness %s %s %s\n", short, k, url)
}

// feed has the log cosigned and keeps what came back beside it.
func (w *world) feed(t *testing.T, p *audit.WitnessPolicy) error {
	t.Helper()
	cosigned, err := witness.Feed(t.Context(), w.reader(t), p, nil, w.now)
	if err == nil {
		require.NoError(t, witness.ReplaceFile(filepath.Join(w.log.Dir(), "checkpoint.cosigned"), cosigned))
	}
	return err
}

func (w *world) verify(dir string, p *audit.WitnessPolicy) (audit.Report, error) {
	return audit.Verify(context.Background(), dir, audit.VerifyOptions{VKey: w.log.VerifierKey(), Witnesses: p, Now: w.now})
}

func requireFault(t *testing.T, err error, kind audit.FaultKind) {
	t.Helper()
	var f *audit.FaultError
	require.ErrorAs(t, err, &f)
	assert.Equal(t, kind, f.Kind, f.Detail)
}

// Two of three witnesses suffice; a rolled-back log and a second history find none.
func TestRollBackAndSplitViewAreRefused(t *testing.T) {
	w := newWorld(t, "log.example/a", 1)
	text := ""
	for i, name := range []string{"w1", "w2"} {
		_, h := watch(t, "witness.example/"+name, byte(10+i), t.TempDir(), w)
		text += line(t, name, "witness.example/"+name, byte(10+i), h.URL)
	}
	text += line(t, "w3", "witness.example/w3", 12, "http://127.0.0.1:1")
	p := policyOf(t, text+"group most 2 w1 w2 w3\nquorum most\nwithin 1h\n")

	w.write(t, "one")
	_, err := w.verify(w.dir, p)
	requireFault(t, err, audit.FaultUnwitnessed)
	require.Error(t, w.feed(t, p), "one witness does not answer, and Feed says so")
	cosigned, err := witness.Feed(t.Context(), w.reader(t), p, nil, w.now)
	require.NotErrorIs(t, err, audit.ErrUnwitnessed, "two did")
	keep := func(cosigned []byte) {
		require.NoError(t, os.WriteFile(filepath.Join(w.dir, "checkpoint.cosigned"), cosigned, 0o600))
	}
	keep(cosigned)
	report, err := w.verify(w.dir, p)
	require.NoError(t, err)
	assert.Len(t, report.Cosigned, 2)
	assert.EqualValues(t, 1, report.Witnessed)

	old := filepath.Join(t.TempDir(), "old")
	require.NoError(t, os.CopyFS(old, os.DirFS(w.dir)))
	w.write(t, "two")
	w.write(t, "three")
	w.now = w.now.Add(2 * time.Hour)
	cosigned, err = witness.Feed(t.Context(), w.reader(t), p, nil, w.now)
	require.NotErrorIs(t, err, audit.ErrUnwitnessed)
	keep(cosigned)
	report, err = w.verify(w.dir, p)
	require.NoError(t, err)
	assert.EqualValues(t, 3, report.Witnessed)

	// Rolled back: yesterday's directory, whole and signed, has only yesterday's cosignatures.
	_, err = w.verify(old, nil)
	require.NoError(t, err, "without witnesses nobody could tell")
	_, err = w.verify(old, p)
	requireFault(t, err, audit.FaultUnwitnessed)
	require.NoError(t, os.WriteFile(filepath.Join(old, "checkpoint.cosigned"), cosigned, 0o600))
	_, err = w.verify(old, p)
	requireFault(t, err, audit.FaultRolledBack)

	// Split view: the log's own key signs another history; no witness that knows the first one cosigns it.
	fork := &world{dir: filepath.Join(t.TempDir(), "fork"), now: w.now, origin: w.origin}
	fork.open(t, fork.dir, 1)
	for _, id := range []string{"one", "not-two", "three", "four"} {
		fork.write(t, id)
	}
	_, err = witness.Feed(t.Context(), fork.reader(t), p, nil, fork.now)
	require.ErrorIs(t, err, witness.ErrInconsistent)
	require.ErrorIs(t, err, audit.ErrUnwitnessed)
	_, err = fork.verify(fork.dir, p)
	requireFault(t, err, audit.FaultUnwitnessed)
	require.NoError(t, os.WriteFile(filepath.Join(fork.dir, "checkpoint.cosigned"), cosigned, 0o600))
	_, err = fork.verify(fork.dir, p)
	requireFault(t, err, audit.FaultForked)
}

// Two parties watch each other: neither can rewrite what the other has seen.
func TestTwoPartiesWitnessEachOther(t *testing.T) {
	a, b := newWorld(t, "passavant/emerald-bank-ie", 1), newWorld(t, "passavant/sakura-bank-jp", 2)
	_, byA := watch(t, "passavant-witness/emerald-bank-ie", 21, t.TempDir(), b)
	_, byB := watch(t, "passavant-witness/sakura-bank-jp", 22, t.TempDir(), a)
	ofA := policyOf(t, line(t, "sakura", "passavant-witness/sakura-bank-jp", 22, byB.URL)+"quorum sakura\n")
	ofB := policyOf(t, line(t, "emerald", "passavant-witness/emerald-bank-ie", 21, byA.URL)+"quorum emerald\n")
	for i := range 5 {
		a.write(t, fmt.Sprint("a", i))
		b.write(t, fmt.Sprint("b", i))
		require.NoError(t, a.feed(t, ofA))
		require.NoError(t, b.feed(t, ofB))
	}
	for w, p := range map[*world]*audit.WitnessPolicy{a: ofA, b: ofB} {
		report, err := w.verify(w.dir, p)
		require.NoError(t, err)
		assert.EqualValues(t, 5, report.Witnessed)
	}
	_, err := a.verify(a.dir, ofB)
	requireFault(t, err, audit.FaultUnwitnessed)
}

// The memory of a witness outlives it, and a witness that cannot read it cosigns nothing.
func TestAWitnessRemembers(t *testing.T) {
	w, dir := newWorld(t, "log.example/a", 1), t.TempDir()
	first, _ := watch(t, "witness.example/w", 10, dir, w)
	w.write(t, "one")
	request := func(old int) []byte { return []byte(fmt.Sprintf("old %d\n\n%s", old, w.log.Checkpoint())) }
	_, err := first.Add(request(0))
	require.NoError(t, err)
	again, _ := watch(t, "witness.example/w", 10, dir, w)
	_, err = again.Add(request(0))
	var conflict *witness.ConflictError
	require.ErrorAs(t, err, &conflict)
	assert.EqualValues(t, 1, conflict.Size)
	_, err = again.Add(request(1))
	require.NoError(t, err, "the same once more, for a fresh time")

	names, err := filepath.Glob(filepath.Join(dir, "*.checkpoint"))
	require.NoError(t, err)
	require.Len(t, names, 1)
	require.NoError(t, os.WriteFile(names[0], []byte("damaged"), 0o600))
	_, err = again.Add(request(1))
	require.ErrorContains(t, err, "memory")
	require.NoError(t, os.RemoveAll(dir))
	_, err = again.Add(request(0))
	require.Error(t, err, "what cannot be remembered is not cosigned")
}

// The protocol's answers, c2sp.org/tlog-witness.
func TestAnswers(t *testing.T) {
	w := newWorld(t, "log.example/a", 1)
	other := newWorld(t, "log.example/other", 2)
	forged := newWorld(t, "log.example/a", 3)
	_, h := watch(t, "witness.example/w", 10, t.TempDir(), w)
	for _, x := range []*world{w, other, forged} {
		x.write(t, "one")
	}
	post := func(path, body string) (int, string, string) {
		answer, err := http.Post(h.URL+path, "text/plain", strings.NewReader(body))
		require.NoError(t, err)
		defer func() { _ = answer.Body.Close() }()
		var b bytes.Buffer
		_, err = b.ReadFrom(answer.Body)
		require.NoError(t, err)
		return answer.StatusCode, answer.Header.Get("Content-Type"), b.String()
	}
	good := "old 0\n\n" + string(w.log.Checkpoint())
	for name, tc := range map[string]struct {
		path, body string
		want       int
	}{
		"not a path":         {"/", good, 404},
		"no body":            {"/add-checkpoint", "", 400},
		"no old":             {"/add-checkpoint", "\n\n" + string(w.log.Checkpoint()), 400},
		"old is no number":   {"/add-checkpoint", strings.Replace(good, "old 0", "old 00", 1), 400},
		"old is too large":   {"/add-checkpoint", strings.Replace(good, "old 0", "old 2", 1), 400},
		"a hash is none":     {"/add-checkpoint", strings.Replace(good, "old 0\n", "old 0\nAAAA\n", 1), 400},
		"an unknown log":     {"/add-checkpoint", "old 0\n\n" + string(other.log.Checkpoint()), 404},
		"another's key":      {"/add-checkpoint", "old 0\n\n" + string(forged.log.Checkpoint()), 403},
		"a proof of nothing": {"/add-checkpoint", strings.Replace(good, "old 0\n", "old 0\n"+strings.Repeat("A", 43)+"=\n", 1), 422},
		"too large":          {"/add-checkpoint", "old 0\n" + strings.Repeat("A", 70_000), 400},
	} {
		code, _, _ := post(tc.path, tc.body)
		assert.Equal(t, tc.want, code, name)
	}
	answer, err := http.Get(h.URL + "/add-checkpoint")
	require.NoError(t, err)
	assert.Equal(t, 405, answer.StatusCode)
	require.NoError(t, answer.Body.Close())

	code, _, body := post("/add-checkpoint", good)
	assert.Equal(t, 200, code)
	assert.True(t, strings.HasPrefix(body, "— witness.example/w "), body)
	w.write(t, "two")
	code, typ, body := post("/add-checkpoint", "old 0\n\n"+string(w.log.Checkpoint()))
	assert.Equal(t, []any{409, witness.SizeMediaType, "1\n"}, []any{code, typ, body})
	code, _, _ = post("/add-checkpoint", "old 1\n\n"+string(w.log.Checkpoint()))
	assert.Equal(t, 422, code, "without the proof")
}

// What a client hears from a bad witness is an error, never a cosignature.
func TestBadWitnesses(t *testing.T) {
	w := newWorld(t, "log.example/a", 1)
	w.write(t, "one")
	for name, answer := range map[string]http.HandlerFunc{
		"nonsense":         func(rw http.ResponseWriter, _ *http.Request) { _, _ = rw.Write([]byte("hello\n")) },
		"a conflict":       func(rw http.ResponseWriter, _ *http.Request) { rw.WriteHeader(409) },
		"endless conflict": func(rw http.ResponseWriter, _ *http.Request) { rw.WriteHeader(409); _, _ = rw.Write([]byte("1\n")) },
		"more than we have": func(rw http.ResponseWriter, _ *http.Request) {
			rw.WriteHeader(409)
			_, _ = rw.Write([]byte("99\n"))
		},
		"an error": func(rw http.ResponseWriter, _ *http.Request) { rw.WriteHeader(500) },
		"another's cosignature": func(rw http.ResponseWriter, _ *http.Request) {
			line, _ := audit.Cosign(key(99), "witness.example/w", w.log.Checkpoint(), w.now)
			_, _ = rw.Write(line)
		},
	} {
		h := httptest.NewServer(answer)
		p := policyOf(t, line(t, "w", "witness.example/w", 10, h.URL)+"quorum w\n")
		_, err := witness.Feed(t.Context(), w.reader(t), p, nil, w.now)
		require.ErrorIs(t, err, audit.ErrUnwitnessed, name)
		h.Close()
	}
}

func FuzzAdd(f *testing.F) {
	f.Add([]byte("old 0\n\nlog.example/a\n1\nqtTHd1O7M7MxXKvUnQG9tbuGEZ7yGFYoO1AYb4qSYHQ=\n\n— log.example/a AAAA\n"))
	f.Add([]byte("old 1\nqtTHd1O7M7MxXKvUnQG9tbuGEZ7yGFYoO1AYb4qSYHQ=\n\nx"))
	vkey, err := audit.VerifierKey("log.example/a", key(1).Public().(ed25519.PublicKey))
	if err != nil {
		f.Fatal(err)
	}
	s, err := witness.NewServer(witness.Config{Name: "w", Key: key(2), Dir: f.TempDir(), Logs: func(string) (string, bool) { return vkey, true }})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		_, err := s.Add(body)
		require.Error(t, err, "nobody signed it")
	})
}
