package httptransport_test

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passavant/passavant/audit"
	"github.com/passavant/passavant/transfer"
	"github.com/passavant/passavant/transfer/httptransport"
	"github.com/passavant/passavant/transfer/transfertest"
)

// patience notes the pauses instead of waiting.
type patience struct{ pauses []time.Duration }

func (p *patience) policy(attempts int) httptransport.Option {
	return httptransport.WithRetry(httptransport.Retry{
		Attempts: attempts, First: time.Second, Max: 5 * time.Second,
		Sleep:  func(_ context.Context, d time.Duration) error { p.pauses = append(p.pauses, d); return nil },
		Random: func() float64 { return 1 },
	})
}

// patient starts a server and returns a client that tries again.
func patient(t *testing.T, h http.Handler, p *patience, attempts int) *httptransport.Client {
	t.Helper()
	server := quietServer(h)
	server.StartTLS()
	t.Cleanup(server.Close)
	client, err := httptransport.NewClient(server.URL, server.Client(), p.policy(attempts))
	require.NoError(t, err)
	return client
}

// In turn lets the n-th request be answered by the n-th handler; the last answers all further ones.
func inTurn(count *atomic.Int32, handlers ...http.HandlerFunc) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		n := int(count.Add(1))
		handlers[min(n, len(handlers))-1](w, r)
	})
}

// The answer to the first delivery is lost: the repetition brings the same receipt, and the recipient's program sees the
// document once.
func TestALostAnswerIsAskedForAgain(t *testing.T) {
	var taken, requests atomic.Int32
	p := transfertest.New(t, accept(func(context.Context, transfer.Header, []byte) error { taken.Add(1); return nil }))
	real := handlerOf(t, p).ServeHTTP
	lost := func(w http.ResponseWriter, r *http.Request) {
		real(httptest.NewRecorder(), r)
		raw("")(w, r)
	}
	var pauses patience
	p.Sender.Transport = patient(t, inTurn(&requests, lost, lost, real), &pauses, 5)
	sent, err := send(t, p)
	require.NoError(t, err)
	require.NotNil(t, sent.Receipt)
	assert.EqualValues(t, 1, taken.Load(), "handed over once")
	assert.EqualValues(t, 3, requests.Load())
	assert.Equal(t, []time.Duration{time.Second, 2 * time.Second}, pauses.pauses)
	assert.Equal(t, []audit.Type{audit.PolicyChange, audit.Intent, audit.Delivered, audit.Acknowledged}, records(t, p.ExporterLog))
}

func TestWhatPassesIsTriedAgainAndNothingElse(t *testing.T) {
	problem := "application/problem+json"
	busy := func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Retry-After", "4")
		answer(503, problem, `{"code":"unavailable"}`)(w, nil)
	}
	for name, tc := range map[string]struct {
		first    http.HandlerFunc
		attempts int
		pause    time.Duration
	}{
		"busy, and says until when":    {busy, 2, 4 * time.Second},
		"a recipient in maintenance":   {answer(503, "text/html", "<html>"), 2, time.Second},
		"too many requests":            {answer(429, "text/plain", ""), 2, time.Second},
		"a gateway without recipient":  {answer(502, "text/html", ""), 2, time.Second},
		"just being received":          {answer(409, problem, `{"code":"replayed"}`), 2, time.Second},
		"a broken connection":          {raw(""), 2, time.Second},
		"expired":                      {answer(422, problem, `{"code":"expired"}`), 1, 0},
		"too large":                    {answer(413, problem, `{"code":"too-large"}`), 1, 0},
		"an error page":                {answer(500, "text/html", ""), 1, 0},
		"not found":                    {answer(404, "text/html", ""), 1, 0},
		"a redirect":                   {http.RedirectHandler("/other", http.StatusTemporaryRedirect).ServeHTTP, 1, 0},
		"an answer that is no receipt": {answer(200, "application/json", "{}"), 1, 0},
		"another protocol":             {raw("220 ESMTP\r\n"), 1, 0},
		"a wait of a year": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Retry-After", "999999")
			w.WriteHeader(503)
		}, 2, 5 * time.Second},
		"a wait until a date": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Retry-After", "Fri, 31 Dec 2999 23:59:59 GMT")
			w.WriteHeader(503)
		}, 2, 5 * time.Second},
		"a wait of nonsense": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Retry-After", "soon")
			w.WriteHeader(503)
		}, 2, time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			var requests atomic.Int32
			var pauses patience
			client := patient(t, inTurn(&requests, tc.first), &pauses, 2)
			_, err := client.Deliver(t.Context(), &transfer.Envelope{})
			require.Error(t, err)
			assert.EqualValues(t, tc.attempts, requests.Load())
			if tc.pause > 0 {
				assert.Equal(t, []time.Duration{tc.pause}, pauses.pauses)
			}
		})
	}
}

// After an attempt that may have come through, a later refusal or a missing connection is no proof that the recipient has
// nothing: the transfer is in doubt, and not failed.
func TestAnEarlierAttemptKeepsTheTransferInDoubt(t *testing.T) {
	refusal := answer(422, "application/problem+json", `{"code":"unknown-exporter"}`)
	var requests atomic.Int32
	var pauses patience
	p := newPair(t)
	p.Sender.Transport = patient(t, inTurn(&requests, raw(""), refusal), &pauses, 5)
	_, err := send(t, p)
	var failed *transfer.DeliveryError
	require.ErrorAs(t, err, &failed)
	assert.True(t, failed.InDoubt)
	require.NotErrorIs(t, err, transfer.ErrNotDelivered)
	requireProblem(t, err, 422, "unknown-exporter")
	assert.ErrorContains(t, err, "an earlier attempt may have come through")
	assert.Equal(t, []string{failed.Transfer}, p.ExporterLog.InDoubt())

	alone := newPair(t)
	requests.Store(0)
	alone.Sender.Transport = patient(t, inTurn(&requests, refusal), &pauses, 5)
	_, err = send(t, alone)
	require.ErrorIs(t, err, transfer.ErrNotDelivered, "without an earlier attempt it is certain")
}

// HTTP/2 breaks off one stream and keeps the connection.
func TestABrokenStreamIsTriedAgain(t *testing.T) {
	p := newPair(t)
	var requests atomic.Int32
	real := handlerOf(t, p).ServeHTTP
	server := quietServer(inTurn(&requests, func(w http.ResponseWriter, r *http.Request) {
		assert.Equal(t, 2, r.ProtoMajor)
		real(httptest.NewRecorder(), r)
		panic(http.ErrAbortHandler)
	}, real))
	server.EnableHTTP2 = true
	server.StartTLS()
	defer server.Close()
	var pauses patience
	client, err := httptransport.NewClient(server.URL, server.Client(), pauses.policy(2))
	require.NoError(t, err)
	p.Sender.Transport = client
	sent, err := send(t, p)
	require.NoError(t, err)
	assert.NotNil(t, sent.Receipt)
}

func TestPausesGrowAndEnd(t *testing.T) {
	var requests atomic.Int32
	var pauses patience
	client := patient(t, inTurn(&requests, answer(503, "text/plain", "")), &pauses, 6)
	_, err := client.Deliver(t.Context(), &transfer.Envelope{})
	require.Error(t, err)
	assert.EqualValues(t, 6, requests.Load())
	second := time.Second
	assert.Equal(t, []time.Duration{second, 2 * second, 4 * second, 5 * second, 5 * second}, pauses.pauses)
}

func TestACancelledWaitEndsTheDelivery(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	var requests atomic.Int32
	server := quietServer(inTurn(&requests, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(503); cancel() }))
	server.StartTLS()
	defer server.Close()
	client, err := httptransport.NewClient(server.URL, server.Client(), httptransport.WithRetry(httptransport.Retry{Attempts: 9, First: time.Hour, Max: time.Hour}))
	require.NoError(t, err)
	_, err = client.Deliver(ctx, &transfer.Envelope{})
	require.Error(t, err)
	assert.EqualValues(t, 1, requests.Load())
}

func TestNothingBelowTLS13(t *testing.T) {
	server := quietServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("called over TLS 1.2") }))
	server.TLS = &tls.Config{MaxVersion: tls.VersionTLS12}
	server.StartTLS()
	defer server.Close()
	client, err := httptransport.NewClient(server.URL, server.Client(), httptransport.WithoutRetry())
	require.NoError(t, err)
	_, err = client.Deliver(t.Context(), &transfer.Envelope{})
	require.ErrorContains(t, err, "protocol version")

	modern := quietServer(http.NotFoundHandler())
	modern.TLS = httptransport.ServerTLS(tls.Certificate{}, nil)
	modern.TLS.Certificates = nil // httptest has one of its own
	modern.StartTLS()
	defer modern.Close()
	old := modern.Client()
	old.Transport.(*http.Transport).TLSClientConfig.MaxVersion = tls.VersionTLS12
	_, err = old.Get(modern.URL)
	require.Error(t, err)
}

func TestOptionsOfTheClient(t *testing.T) {
	p := newPair(t)
	certificate, pool := clientCertificate(t)
	server := quietServer(handlerOf(t, p))
	server.TLS = httptransport.ServerTLS(certificate, pool)
	server.TLS.Certificates = nil
	server.StartTLS()
	defer server.Close()
	client, err := httptransport.NewClient(server.URL, nil, httptransport.WithCertificate(certificate),
		httptransport.WithRoots(server.Client().Transport.(*http.Transport).TLSClientConfig.RootCAs))
	require.NoError(t, err)
	p.Sender.Transport = client
	sent, err := send(t, p)
	require.NoError(t, err)
	assert.NotNil(t, sent.Receipt)

	small, err := httptransport.NewClient(server.URL, nil, httptransport.WithMaxBytes(100))
	require.NoError(t, err)
	_, err = small.Deliver(t.Context(), sent.Envelope)
	require.ErrorIs(t, err, transfer.ErrNotDelivered)
	assert.ErrorContains(t, err, "the recipient takes 100")
}

func TestABusyRecipientAsksForPatience(t *testing.T) {
	inside, goOn := make(chan struct{}), make(chan struct{})
	p := transfertest.New(t, accept(func(context.Context, transfer.Header, []byte) error {
		inside <- struct{}{}
		<-goOn
		return nil
	}))
	h := newHandler(t, httptransport.HandlerConfig{Receiver: p.Receiver, MaxConcurrent: 1})
	client := serve(t, h)
	first, second := sealed(t, p), sealed(t, p)
	done := make(chan error, 1)
	go func() {
		_, err := client.Deliver(t.Context(), first)
		done <- err
	}()
	<-inside
	_, err := client.Deliver(t.Context(), second)
	requireProblem(t, err, http.StatusServiceUnavailable, httptransport.CodeUnavailable)
	close(goOn)
	require.NoError(t, <-done)
	go func() { <-inside }()
	_, err = client.Deliver(t.Context(), second)
	require.NoError(t, err)
}

func TestHealth(t *testing.T) {
	p := newPair(t)
	h := handlerOf(t, p)
	for _, method := range []string{"GET", "HEAD"} {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest(method, "/inbox/health", nil))
		assert.Equal(t, http.StatusOK, w.Code)
	}
	require.NoError(t, p.RecipientLog.Close())
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest("GET", "/inbox/health", nil))
	assert.Equal(t, http.StatusServiceUnavailable, w.Code)
	assert.NotEmpty(t, w.Header().Get("Retry-After"))
	body, err := io.ReadAll(w.Body)
	require.NoError(t, err)
	assert.NotContains(t, string(body), p.RecipientLog.Dir())
}

func TestNewServerHasLimits(t *testing.T) {
	s := httptransport.NewServer("127.0.0.1:0", http.NotFoundHandler(), nil)
	assert.Positive(t, s.ReadHeaderTimeout)
	assert.Positive(t, s.IdleTimeout)
	assert.Positive(t, s.MaxHeaderBytes)
	require.NoError(t, s.Shutdown(t.Context()))
	require.True(t, errors.Is(s.ListenAndServe(), http.ErrServerClosed))
}
