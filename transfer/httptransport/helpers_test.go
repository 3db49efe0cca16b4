package httptransport_test

import (
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passavant/passavant/audit"
	"github.com/passavant/passavant/transfer"
	"github.com/passavant/passavant/transfer/httptransport"
	"github.com/passavant/passavant/transfer/transfertest"
)

// accept makes the recipient take payloads over with f.
func accept(f acceptFunc) transfertest.Option {
	return func(_ *transfer.SenderConfig, r *transfer.ReceiverConfig) { r.Accept = f }
}

// newPair has a recipient that takes over everything.
func newPair(t *testing.T) *transfertest.Pair {
	t.Helper()
	return transfertest.New(t, accept(takeAll))
}

// serve starts a TLS server on this machine that knows only what it is told, and returns a client that trusts it.
func serve(t *testing.T, h http.Handler) *httptransport.Client {
	t.Helper()
	server := quietServer(h)
	server.StartTLS()
	t.Cleanup(server.Close)
	client, err := httptransport.NewClient(server.URL+"/inbox", server.Client(), httptransport.WithoutRetry())
	require.NoError(t, err)
	return client
}

// quietServer keeps what a test provokes out of the test's output.
func quietServer(h http.Handler) *httptest.Server {
	server := httptest.NewUnstartedServer(h)
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	return server
}

func newHandler(t *testing.T, c httptransport.HandlerConfig) http.Handler {
	t.Helper()
	h, err := httptransport.NewHandler(c)
	require.NoError(t, err)
	return h
}

func handlerOf(t *testing.T, p *transfertest.Pair) http.Handler {
	t.Helper()
	return newHandler(t, httptransport.HandlerConfig{Receiver: p.Receiver})
}

func send(t *testing.T, p *transfertest.Pair) (*transfer.Result, error) {
	t.Helper()
	return p.Sender.Send(t.Context(), transfertest.Request(), transfertest.Report(t))
}

// sealed returns an envelope that was recorded, and delivered nowhere.
func sealed(t *testing.T, p *transfertest.Pair) *transfer.Envelope {
	t.Helper()
	sent, err := send(t, p)
	require.NoError(t, err)
	return sent.Envelope
}

func requireProblem(t *testing.T, err error, status int, code string) {
	t.Helper()
	var problem *httptransport.ProblemError
	require.ErrorAs(t, err, &problem)
	assert.Equal(t, status, problem.Status)
	assert.Equal(t, code, problem.Code)
}

// records returns the types of a log's records, oldest first.
func records(t *testing.T, log *audit.Log) []audit.Type {
	t.Helper()
	require.NoError(t, log.Flush(t.Context()))
	reader, err := audit.OpenReader(log.Dir(), log.VerifierKey())
	require.NoError(t, err)
	defer func() { _ = reader.Close() }()
	var all []audit.Type
	for _, r := range reader.All(0) {
		all = append(all, r.Type)
	}
	require.NoError(t, reader.Err())
	return all
}
