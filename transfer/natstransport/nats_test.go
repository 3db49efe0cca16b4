package natstransport_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passavant/passavant/audit"
	"github.com/passavant/passavant/crypto/keyring"
	"github.com/passavant/passavant/transfer"
	"github.com/passavant/passavant/transfer/dirtransport"
	"github.com/passavant/passavant/transfer/natstransport"
	"github.com/passavant/passavant/transfer/transfertest"
)

// The test binary is also the worker that the tests kill.
func TestMain(m *testing.M) {
	if os.Getenv("PASSAVANT_WORKER") == "" {
		os.Exit(m.Run())
	}
	if err := workerProcess(context.Background()); err != nil {
		fmt.Fprintln(os.Stderr, "worker:", err)
		os.Exit(1)
	}
}

const lease = time.Second

// workerProcess is a whole recipient's worker: its own log, the party's keys, and a database that all workers share.
func workerProcess(ctx context.Context) error {
	dir := os.Getenv("PASSAVANT_DIR")
	raw, err := os.ReadFile(filepath.Join(dir, "exporter.json"))
	if err != nil {
		return err
	}
	exporter, err := keyring.ParsePublic(raw)
	if err != nil {
		return err
	}
	keys, err := keyring.Open(filepath.Join(dir, "keys"))
	if err != nil {
		return err
	}
	log, err := transfer.OpenLog(filepath.Join(dir, "log"), keys)
	if err != nil {
		return err
	}
	conn, err := nats.Connect(os.Getenv("PASSAVANT_NATS"), nats.MaxReconnects(-1), nats.ReconnectWait(50*time.Millisecond), nats.RetryOnFailedConnect(true))
	if err != nil {
		return err
	}
	x, documents, err := openWhenThere(ctx, conn)
	if err != nil {
		return err
	}
	receiver, err := transfer.NewReceiver(transfer.ReceiverConfig{
		Keys: keys, Log: log, Partners: transfer.NewPartners(exporter), Clock: transfertest.Start,
		Accept: func(ctx context.Context, h transfer.Header, document []byte) error {
			_, err := documents.Create(ctx, h.Transfer, document) // idempotent by transfer id, as Accept must be
			if errors.Is(err, jetstream.ErrKeyExists) {
				return nil
			}
			return err
		},
	})
	if err != nil {
		return err
	}
	return x.Work(ctx, natstransport.WorkerConfig{Name: os.Getenv("PASSAVANT_WORKER"), Receiver: receiver, Lease: lease})
}

// openWhenThere waits for a server that is just starting.
func openWhenThere(ctx context.Context, conn *nats.Conn) (*natstransport.Exchange, jetstream.KeyValue, error) {
	for {
		x, err := natstransport.Open(ctx, conn, natstransport.Config{})
		if err != nil {
			if ctx.Err() != nil {
				return nil, nil, err
			}
			continue
		}
		documents, err := database(ctx, conn)
		return x, documents, err
	}
}

func database(ctx context.Context, conn *nats.Conn) (jetstream.KeyValue, error) {
	js, err := jetstream.New(conn)
	if err != nil {
		return nil, err
	}
	return js.CreateOrUpdateKeyValue(ctx, jetstream.KeyValueConfig{Bucket: "documents", Storage: jetstream.FileStorage})
}

// broker is an embedded server that can be stopped and started again over the same files.
type broker struct {
	t      *testing.T
	dir    string
	port   int
	server *server.Server
}

func newBroker(t *testing.T) *broker {
	t.Helper()
	b := &broker{t: t, dir: t.TempDir(), port: -1}
	b.start()
	t.Cleanup(b.stop)
	return b
}

func (b *broker) start() {
	s, err := server.NewServer(&server.Options{Host: "127.0.0.1", Port: b.port, JetStream: true, StoreDir: b.dir, NoLog: true, NoSigs: true})
	require.NoError(b.t, err)
	s.Start()
	require.True(b.t, s.ReadyForConnections(10*time.Second))
	b.server = s
	b.port = s.Addr().(*net.TCPAddr).Port
}

func (b *broker) stop() {
	b.server.Shutdown()
	b.server.WaitForShutdown()
}

func connect(t *testing.T, b *broker) *nats.Conn {
	t.Helper()
	conn, err := nats.Connect(b.server.ClientURL(), nats.MaxReconnects(-1), nats.ReconnectWait(50*time.Millisecond))
	require.NoError(t, err)
	t.Cleanup(conn.Close)
	return conn
}

func open(t *testing.T, b *broker, c natstransport.Config) *natstransport.Exchange {
	t.Helper()
	x, err := natstransport.Open(t.Context(), connect(t, b), c)
	require.NoError(t, err)
	return x
}

// workers runs worker processes and kills them.
type workers struct {
	t    *testing.T
	url  string
	dirs []string
	mu   sync.Mutex
	cmds []*exec.Cmd
}

// newWorkers gives each worker the recipient's keys with a log key of its own.
func newWorkers(t *testing.T, p *transfertest.Pair, url string, n int) *workers {
	w := &workers{t: t, url: url, cmds: make([]*exec.Cmd, n)}
	shared := filepath.Join(filepath.Dir(p.RecipientLog.Dir()), "keys")
	document, err := json.Marshal(p.ExporterKeys.Public())
	require.NoError(t, err)
	for i := range n {
		dir := t.TempDir()
		require.NoError(t, os.WriteFile(filepath.Join(dir, "exporter.json"), document, 0o600))
		own := filepath.Join(dir, "keys")
		_, err := keyring.Create(own, transfertest.Recipient)
		require.NoError(t, err)
		for _, name := range []string{"seal.json", "sign.json", "pseudonym.json"} {
			raw, err := os.ReadFile(filepath.Join(shared, name))
			require.NoError(t, err)
			require.NoError(t, os.WriteFile(filepath.Join(own, name), raw, 0o600))
		}
		w.dirs = append(w.dirs, dir)
		w.start(i)
	}
	t.Cleanup(func() {
		for i := range w.cmds {
			w.kill(i)
		}
	})
	return w
}

func (w *workers) start(i int) {
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), fmt.Sprintf("PASSAVANT_WORKER=worker-%d", i), "PASSAVANT_DIR="+w.dirs[i], "PASSAVANT_NATS="+w.url)
	cmd.Stderr = os.Stderr
	require.NoError(w.t, cmd.Start())
	w.mu.Lock()
	defer w.mu.Unlock()
	w.cmds[i] = cmd
}

// kill ends a process without letting it do anything more.
func (w *workers) kill(i int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.cmds[i] != nil {
		_ = w.cmds[i].Process.Kill()
		_ = w.cmds[i].Wait()
		w.cmds[i] = nil
	}
}

// TestNothingIsLostOrDoneTwice kills workers again and again, and the server once, while three of them share the work.
func TestNothingIsLostOrDoneTwice(t *testing.T) {
	const envelopes = 45
	b := newBroker(t)
	x := open(t, b, natstransport.Config{})
	documents, err := database(t.Context(), connect(t, b))
	require.NoError(t, err)
	p := transfertest.New(t)
	p.Sender.Transport = x.Transport()
	ids := map[string]bool{}
	for range envelopes {
		sent, err := p.Sender.Send(t.Context(), transfertest.Request(), transfertest.Report(t))
		require.NoError(t, err)
		ids[sent.Transfer] = true
	}
	w := newWorkers(t, p, b.server.ClientURL(), 3)

	ctx, done := context.WithTimeout(t.Context(), 2*time.Minute)
	defer done()
	receipts := map[string]int{}
	var mu sync.Mutex
	require.NoError(t, x.Receipts(ctx, transfertest.Exporter, func(r *transfer.Receipt) error {
		mu.Lock()
		defer mu.Unlock()
		if err := p.Sender.Acknowledge(r); err != nil {
			return err
		}
		receipts[r.Statement.Transfer]++
		switch n := len(receipts); {
		case n == envelopes:
			done()
		case n == 20:
			go func() { b.stop(); b.start() }()
		case n%5 == 0:
			w.kill(n / 5 % 3)
			w.start(n / 5 % 3)
		}
		return nil
	}))
	assert.Len(t, receipts, envelopes, "every envelope was received and answered")
	for id := range ids {
		assert.Positive(t, receipts[id], "a receipt for %s", id)
		_, err := documents.Get(t.Context(), id)
		require.NoError(t, err, "the document of %s is with the recipient", id)
	}
	keys, err := documents.Keys(t.Context())
	require.NoError(t, err)
	assert.Len(t, keys, envelopes)
	assert.Empty(t, p.ExporterLog.InDoubt())
}

// The exporter dies between record and publication: the outbox has the envelope, and is forwarded twice without effect.
func TestTheOutboxIsForwardedOnce(t *testing.T) {
	b := newBroker(t)
	x := open(t, b, natstransport.Config{})
	p := transfertest.New(t)
	outbox := t.TempDir()
	road, err := dirtransport.New(outbox)
	require.NoError(t, err)
	p.Sender.Transport = road
	for range 5 {
		_, err := p.Sender.Send(t.Context(), transfertest.Request(), transfertest.Report(t))
		require.NoError(t, err)
	}
	again := t.TempDir()
	require.NoError(t, os.CopyFS(filepath.Join(again, "copy"), os.DirFS(outbox)))
	n, err := x.Forward(t.Context(), outbox)
	require.NoError(t, err)
	assert.Equal(t, 5, n)
	left, err := os.ReadDir(outbox)
	require.NoError(t, err)
	assert.Empty(t, left)
	n, err = x.Forward(t.Context(), filepath.Join(again, "copy")) // as if it had died before it removed them
	require.NoError(t, err)
	assert.Equal(t, 5, n)
	js, err := jetstream.New(connect(t, b))
	require.NoError(t, err)
	stream, err := js.Stream(t.Context(), "passavant")
	require.NoError(t, err)
	info, err := stream.Info(t.Context())
	require.NoError(t, err)
	assert.EqualValues(t, 5, info.State.Msgs)
}

// A recipient that does not come is noticed by the exporter, and not by a full disk.
func TestAFullStreamIsBackPressure(t *testing.T) {
	b := newBroker(t)
	x := open(t, b, natstransport.Config{MaxBytes: 20 << 10})
	p := transfertest.New(t)
	p.Sender.Transport = x.Transport()
	for range 20 {
		_, err := p.Sender.Send(t.Context(), transfertest.Request(), transfertest.Report(t))
		if err != nil {
			require.ErrorIs(t, err, natstransport.ErrFull)
			require.ErrorIs(t, err, transfer.ErrNotDelivered)
			return
		}
	}
	t.Fatal("the stream never filled up")
}

func TestRefusedEnvelopesAreNotTriedForEver(t *testing.T) {
	b := newBroker(t)
	x := open(t, b, natstransport.Config{})
	p := transfertest.New(t, func(_ *transfer.SenderConfig, r *transfer.ReceiverConfig) { r.Honoured = []string{} })
	p.Sender.Transport = x.Transport()
	for range 3 {
		_, err := p.Sender.Send(t.Context(), transfertest.Request(), transfertest.Report(t))
		require.NoError(t, err)
	}
	js, err := jetstream.New(connect(t, b))
	require.NoError(t, err)
	_, err = js.Publish(t.Context(), "passavant.envelope.sakura-bank-jp", []byte("canary"))
	require.NoError(t, err)
	ctx, stop := context.WithTimeout(t.Context(), time.Minute)
	defer stop()
	var refused atomic.Int32
	require.NoError(t, x.Work(ctx, natstransport.WorkerConfig{Name: "w", Receiver: p.Receiver, Refused: func(_ transfer.Header, err error) {
		assert.NotContains(t, err.Error(), "canary")
		if refused.Add(1) == 4 {
			stop()
		}
	}}))
	assert.EqualValues(t, 4, refused.Load())
	stream, err := js.Stream(t.Context(), "passavant")
	require.NoError(t, err)
	info, err := stream.Info(t.Context())
	require.NoError(t, err)
	assert.Zero(t, info.State.Msgs, "nothing is left to be tried")
	reader, err := audit.OpenReader(p.RecipientLog.Dir(), p.RecipientLog.VerifierKey())
	require.NoError(t, err)
	defer func() { _ = reader.Close() }()
	n := 0
	for _, r := range reader.All(0) {
		if r.Type == audit.Rejected {
			n++
		}
	}
	assert.Equal(t, 3, n, "each refusal is on record")
}

func TestWhatATransportKnows(t *testing.T) {
	b := newBroker(t)
	x := open(t, b, natstransport.Config{})
	big := &transfer.Envelope{Header: transfer.Header{Recipient: "sakura-bank-jp"}, Sealed: make([]byte, 2<<20)}
	_, err := x.Transport().Deliver(t.Context(), big)
	require.ErrorIs(t, err, transfer.ErrNotDelivered)
	assert.ErrorContains(t, err, "the server takes")

	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = x.Transport().Deliver(ctx, &transfer.Envelope{Header: transfer.Header{Recipient: "sakura-bank-jp"}})
	require.Error(t, err)
	require.NotErrorIs(t, err, transfer.ErrNotDelivered, "it may have been sent")

	require.Error(t, x.Work(t.Context(), natstransport.WorkerConfig{}))
}
