package httptransport_test

import (
	"bytes"
	"context"
	"crypto/aes"
	"crypto/cipher"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passavant/passavant/transfer"
	"github.com/passavant/passavant/transfer/httptransport"
	"github.com/passavant/passavant/transfer/payload"
	"github.com/passavant/passavant/transfer/transfertest"
)

// bulkPair sends tables through files.
func bulkPair(t *testing.T, spool string) *transfertest.Pair {
	t.Helper()
	raw, err := os.ReadFile("../../testdata/bulk/transactions-csv.yaml")
	require.NoError(t, err)
	catalogue, err := payload.ParseCatalogue("transactions-csv.yaml", raw)
	require.NoError(t, err)
	return transfertest.New(t, func(s *transfer.SenderConfig, _ *transfer.ReceiverConfig) {
		s.Catalogues, s.SpoolDir = append(s.Catalogues, catalogue), spool
	})
}

// table is a table of at least n bytes, made as it is read.
func table(t *testing.T, n int64) io.Reader {
	t.Helper()
	raw, err := os.ReadFile("../../testdata/bulk/transactions.csv")
	require.NoError(t, err)
	head, rows, _ := strings.Cut(string(raw), "\r\n")
	block := []byte(strings.Repeat(rows, 64))
	return io.MultiReader(strings.NewReader(head+"\r\n"), &repeated{block: block, left: n/int64(len(block)) + 1})
}

type repeated struct {
	block []byte
	at    int
	left  int64
}

func (r *repeated) Read(p []byte) (int, error) {
	if r.left == 0 {
		return 0, io.EOF
	}
	n := copy(p, r.block[r.at:])
	if r.at += n; r.at == len(r.block) {
		r.at, r.left = 0, r.left-1
	}
	return n, nil
}

// longRoad serves a folder and returns a client for it.
func longRoad(t *testing.T, p *transfertest.Pair, folder string, acceptFile func(context.Context, transfer.Header, string) error) *httptransport.Client {
	t.Helper()
	server := quietServer(newHandler(t, httptransport.HandlerConfig{Receiver: p.Receiver, Folder: folder, AcceptFile: acceptFile, MaxBytes: 1 << 40}))
	server.StartTLS()
	t.Cleanup(server.Close)
	client, err := httptransport.NewClient(server.URL, nil, httptransport.WithRoots(server.Client().Transport.(*http.Transport).TLSClientConfig.RootCAs))
	require.NoError(t, err)
	return client
}

// peak is the most memory that this process ever had, in bytes; 0 where the system does not say.
func peak() int64 {
	raw, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(raw)) {
		if text, found := strings.CutPrefix(line, "VmHWM:"); found {
			kib, _ := strconv.ParseInt(strings.Fields(text)[0], 10, 64)
			return kib << 10
		}
	}
	return 0
}

// TestLongEnvelopes sends and receives, in one process, what fits into no memory. PASSAVANT_LONG=10737418240 sends 10 GiB.
func TestLongEnvelopes(t *testing.T) {
	size := int64(96 << 20)
	if text := os.Getenv("PASSAVANT_LONG"); text != "" {
		var err error
		size, err = strconv.ParseInt(text, 10, 64)
		require.NoError(t, err)
	}
	if testing.Short() {
		size = 8 << 20
	}
	spool, folder, kept := t.TempDir(), t.TempDir(), filepath.Join(t.TempDir(), "document")
	p := bulkPair(t, spool)
	p.Sender.Transport = longRoad(t, p, folder, func(_ context.Context, _ transfer.Header, name string) error { return os.Rename(name, kept) })
	req := transfertest.Request()
	req.Type = "transactions-csv"
	before := peak()
	start := time.Now()
	sent, err := p.Sender.SendStream(t.Context(), req, table(t, size), transfer.StreamOptions{})
	require.NoError(t, err)
	require.NotNil(t, sent.Receipt)
	info, err := os.Stat(kept)
	require.NoError(t, err)
	assert.EqualValues(t, sent.Report.BytesOut, info.Size())
	for _, dir := range []string{spool, folder} {
		left, err := os.ReadDir(dir)
		require.NoError(t, err)
		assert.Empty(t, left, "nothing temporary is left")
	}
	grown := peak() - before
	took := time.Since(start)
	t.Logf("%d MiB of table, %d MiB delivered in %s: %.0f MB/s; memory of both sides together grew by %d MiB; AES-256-GCM alone %.0f MB/s",
		size>>20, info.Size()>>20, took.Round(time.Millisecond), float64(size)/1e6/took.Seconds(), grown>>20, aeadRate())
	assert.Less(t, grown, int64(128<<20), "64 MiB for each side")
}

// aeadRate is how fast this machine encrypts and decrypts 4 KiB segments, in MB/s: the limit of any such road.
func aeadRate() float64 {
	block, _ := aes.NewCipher(make([]byte, 32))
	gcm, _ := cipher.NewGCM(block)
	plain, nonce := make([]byte, 4080), make([]byte, 12)
	sealed := gcm.Seal(nil, nonce, plain, nil)
	start, rounds := time.Now(), 20_000
	for range rounds {
		sealed = gcm.Seal(sealed[:0], nonce, plain, nil)
		_, _ = gcm.Open(plain[:0], nonce, sealed, nil)
	}
	return float64(rounds*len(plain)) / 1e6 / time.Since(start).Seconds()
}

// Short and long envelopes take the same road; what is refused leaves nothing behind.
func TestAFolderTakesShortEnvelopesToo(t *testing.T) {
	folder := t.TempDir()
	p := transfertest.New(t)
	var got []byte
	client := longRoad(t, p, folder, func(_ context.Context, _ transfer.Header, name string) error {
		var err error
		got, err = os.ReadFile(name)
		return err
	})
	p.Sender.Transport = client
	sent, err := send(t, p)
	require.NoError(t, err)
	require.NotNil(t, sent.Receipt)
	assert.Contains(t, string(got), "psn_")
	again, err := client.Deliver(t.Context(), sent.Envelope)
	require.NoError(t, err)
	assert.Equal(t, sent.Receipt, again, "a repetition brings the same receipt")

	whole, err := sealed(t, p).Bytes()
	require.NoError(t, err)
	for name, tc := range map[string]struct {
		body   []byte
		status int
		code   string
	}{
		"an HTML page":    {[]byte("<html>canary</html>"), 400, "malformed"},
		"cut":             {whole[:len(whole)-70], 422, ""},
		"a changed bit":   {append(bytes.Clone(whole[:len(whole)-1]), whole[len(whole)-1]^1), 422, "signature"},
		"received before": {nil, 200, ""},
	} {
		t.Run(name, func(t *testing.T) {
			if tc.body == nil {
				return
			}
			h := newHandler(t, httptransport.HandlerConfig{Receiver: p.Receiver, Folder: folder, AcceptFile: func(context.Context, transfer.Header, string) error {
				return fmt.Errorf("it was let in")
			}})
			r, w := post(tc.body)
			h.ServeHTTP(w, r)
			assert.Equal(t, tc.status, w.Code, "%s", w.Body)
			assert.Contains(t, w.Body.String(), tc.code)
			assert.NotContains(t, w.Body.String(), "canary")
			left, err := os.ReadDir(folder)
			require.NoError(t, err)
			assert.Empty(t, left)
		})
	}
}

func TestFolderAndAcceptFileBelongTogether(t *testing.T) {
	p := newPair(t)
	takeFile := func(context.Context, transfer.Header, string) error { return nil }
	for name, c := range map[string]httptransport.HandlerConfig{
		"folder alone":     {Receiver: p.Receiver, Folder: t.TempDir()},
		"function alone":   {Receiver: p.Receiver, AcceptFile: takeFile},
		"folder is absent": {Receiver: p.Receiver, AcceptFile: takeFile, Folder: filepath.Join(t.TempDir(), "absent")},
	} {
		_, err := httptransport.NewHandler(c)
		require.Error(t, err, name)
	}
}
