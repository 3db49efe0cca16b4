package httptransport_test

import (
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passavant/passavant/audit"
	"github.com/passavant/passavant/crypto/keyring"
	"github.com/passavant/passavant/transfer"
	"github.com/passavant/passavant/transfer/httptransport"
	"github.com/passavant/passavant/transfer/transfertest"
)

func TestNewClientTakesOnlySafeAddresses(t *testing.T) {
	for _, good := range []string{
		"https://partner.example/inbox", "https://192.0.2.1:8443", "http://localhost:8080/x", "http://127.0.0.1", "http://127.9.9.9:1", "http://[::1]:8080",
	} {
		_, err := httptransport.NewClient(good, nil)
		require.NoError(t, err, good)
	}
	for _, insecure := range []string{
		"http://partner.example", "http://192.0.2.1", "http://0.0.0.0", "http://[::]", "http://localhost.example", "http://127.0.0.1.example",
		"ftp://localhost/x", "file://localhost/x", "http://user@partner.example@127.0.0.1.example",
	} {
		_, err := httptransport.NewClient(insecure, nil)
		require.ErrorIs(t, err, httptransport.ErrInsecure, insecure)
	}
	for _, bad := range []string{"", "partner.example", "https://", "https://:443", "/inbox", "https://%zz", "https://a b/", "mailto:canary@partner.example"} {
		_, err := httptransport.NewClient(bad, nil)
		require.ErrorContains(t, err, "not a URL with a host", bad)
		assert.NotContains(t, err.Error(), "canary")
	}
}

func TestNewClientLeavesTheCallersClientAlone(t *testing.T) {
	own := &http.Client{}
	_, err := httptransport.NewClient("https://partner.example", own)
	require.NoError(t, err)
	assert.Nil(t, own.CheckRedirect)
}

func TestTheRequestSaysWhatItIs(t *testing.T) {
	var got *http.Request
	var body []byte
	client := serve(t, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		got = r
		body, _ = io.ReadAll(r.Body)
	}))
	e := &transfer.Envelope{Header: transfer.Header{Transfer: "5ad0c9a1"}, Sealed: []byte("sealed")}
	_, err := client.Deliver(t.Context(), e)
	require.ErrorIs(t, err, transfer.ErrReceipt, "an empty answer is not a receipt")
	assert.Equal(t, http.MethodPost, got.Method)
	assert.Equal(t, "/inbox", got.URL.Path)
	assert.Equal(t, transfer.MediaType, got.Header.Get("Content-Type"))
	assert.Equal(t, "5ad0c9a1", got.Header.Get("Idempotency-Key"))
	want, err := e.Bytes()
	require.NoError(t, err)
	assert.Equal(t, want, body)
}

// answer writes a status, a media type and a body.
func answer(status int, media, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", media)
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}

// raw writes bytes that net/http would not write.
func raw(text string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		conn, _, err := w.(http.Hijacker).Hijack()
		if err != nil {
			panic(err)
		}
		_, _ = io.WriteString(conn, text)
		_ = conn.Close()
	}
}

func flood(w http.ResponseWriter, _ *http.Request) { pour(w) }

// pour writes 128 MiB, or until the client has had enough.
func pour(w io.Writer) {
	block := make([]byte, 32<<10)
	for range 1 << 12 {
		if _, err := w.Write(block); err != nil {
			return
		}
	}
}

func bomb(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Encoding", "gzip")
	z := gzip.NewWriter(w)
	pour(z)
	_ = z.Close()
}

func TestHostileAnswers(t *testing.T) {
	const none = 0
	page := "<html><body>canary: internal error</body></html>"
	problem := "application/problem+json"
	for name, tc := range map[string]struct {
		handler http.HandlerFunc
		status  int // of the ProblemError; none means that the error is another
		code    string
		want    string // in the text of the error
	}{
		"an HTML error page":                  {answer(500, "text/html", page), 500, "http", "HTTP 500"},
		"an HTML page that claims success":    {answer(200, "text/html", page), none, "", "not a receipt"},
		"an HTML page that claims to be JSON": {answer(200, "application/json", page), none, "", "not a receipt"},
		"a conflict without a receipt":        {answer(409, problem, `{"code":"replayed"}`), 409, "replayed", "replayed"},
		"a conflict with no receipt":          {answer(409, problem, `{"code":"replayed","receipt":{"canary":1}}`), 409, "replayed", "replayed"},
		"a refusal with a receipt":            {answer(422, problem, `{"code":"expired","receipt":{"receipt":{"version":1},"signature":""}}`), 422, "expired", "expired"},
		"a problem of an unknown code":        {answer(422, problem, `{"code":"canary"}`), 422, "http", "HTTP 422"},
		"a problem with a code and more":      {answer(422, problem, `{"code":"expired","title":"canary","detail":"canary"}`), 422, "expired", "expired"},
		"a problem with a code of no text":    {answer(422, problem, `{"code":["canary"]}`), 422, "http", "HTTP 422"},
		"a problem that is cut":               {answer(422, problem, `{"code":"expired"`), 422, "http", "HTTP 422"},
		"a problem of the client's own code":  {answer(422, problem, `{"code":"http"}`), 422, "http", "HTTP 422"},
		"a problem of another media type":     {answer(409, "text/plain", `{"code":"replayed"}`), 409, "http", "HTTP 409"},
		"a problem without a media type":      {answer(409, ";", `{"code":"replayed"}`), 409, "http", "HTTP 409"},
		"another success":                     {answer(202, "application/json", `{}`), 202, "http", "HTTP 202"},
		"no content":                          {answer(204, "text/plain", ``), 204, "http", "HTTP 204"},
		"a receipt with a member more":        {answer(200, "application/json", `{"canary":1}`), none, "", "not a receipt"},
		"a receipt with a wrong member":       {answer(200, "application/json", `{"receipt":{"transfer":["canary"]}}`), none, "", "not a receipt"},
		"a receipt of another version":        {answer(200, "application/json", `{"receipt":{"version":77}}`), none, "", "not a receipt"},
		"a receipt twice":                     {answer(200, "application/json", `{}{}`), none, "", "not a receipt"},
		"a signature that is no base64":       {answer(200, "application/json", `{"receipt":{"version":1},"signature":"canary!"}`), none, "", "not a receipt"},
		"null":                                {answer(200, "application/json", `null`), none, "", "not a receipt"},
		"an endless success":                  {flood, none, "", "larger than"},
		"a compressed endless success":        {bomb, none, "", "larger than"},
		"an endless refusal": {func(w http.ResponseWriter, r *http.Request) {
			w.WriteHeader(http.StatusForbidden)
			flood(w, r)
		}, 403, "http", "HTTP 403"},
		"a Location that cannot be read":       {raw("HTTP/1.1 302 Found\r\nLocation: http://[canary\r\nContent-Length: 0\r\n\r\n"), none, "", "not HTTP"},
		"a status line that cannot be read":    {raw("HTTP/1.1 canary\r\n\r\n"), none, "", "not HTTP"},
		"a header that cannot be read":         {raw("HTTP/1.1 200 OK\r\ncanary canary\r\n\r\n"), none, "", "not HTTP"},
		"another protocol":                     {raw("220 canary ESMTP\r\n"), none, "", "not HTTP"},
		"a chunk that cannot be read":          {raw("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\ncanary\r\n"), none, "", "not HTTP"},
		"no answer":                            {raw(""), none, "", "the connection ended"},
		"an answer that ends before its end":   {raw("HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n{"), none, "", "the connection ended"},
		"a header line that ends in the midst": {raw("HTTP/1.1 200 OK\r\nX-Canary: can"), none, "", "the connection ended"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := serve(t, tc.handler).Deliver(t.Context(), &transfer.Envelope{})
			require.Error(t, err)
			assert.NotContains(t, strings.ToLower(err.Error()), "canary")
			assert.ErrorContains(t, err, tc.want)
			assert.Less(t, len(err.Error()), 200)
			assert.Equal(t, tc.code == "expired", errors.Is(err, transfer.ErrNotDelivered), "only a definite refusal is certain")
			if tc.status != none {
				requireProblem(t, err, tc.status, tc.code)
				return
			}
			var unexpected *httptransport.ProblemError
			assert.NotErrorAs(t, err, &unexpected)
		})
	}
}

func TestRedirectsAreNotFollowed(t *testing.T) {
	elsewhere := httptest.NewTLSServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		t.Error("the envelope went to another address than the exporter chose")
	}))
	defer elsewhere.Close()
	p := newPair(t)
	for _, status := range []int{301, 302, 303, 307, 308} {
		t.Run(fmt.Sprint(status), func(t *testing.T) {
			p.Sender.Transport = serve(t, http.RedirectHandler(elsewhere.URL+"/canary", status))
			_, err := send(t, p)
			requireProblem(t, err, status, httptransport.CodeHTTP)
			assert.NotContains(t, err.Error(), "canary")
			got := records(t, p.ExporterLog)
			assert.Equal(t, audit.Intent, got[len(got)-1], "what answered so may have kept the envelope: the transfer is in doubt")
		})
	}
}

func TestNoConnection(t *testing.T) {
	gone := httptest.NewTLSServer(nil)
	gone.Close()
	client, err := httptransport.NewClient(gone.URL, gone.Client(), httptransport.WithoutRetry())
	require.NoError(t, err)
	_, err = client.Deliver(t.Context(), &transfer.Envelope{})
	require.ErrorContains(t, err, "dial tcp")
	require.ErrorIs(t, err, transfer.ErrNotDelivered)

	server := quietServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("called without trust") }))
	server.StartTLS()
	defer server.Close()
	untrusting, err := httptransport.NewClient(server.URL, nil, httptransport.WithoutRetry())
	require.NoError(t, err)
	_, err = untrusting.Deliver(t.Context(), &transfer.Envelope{})
	require.EqualError(t, err, "HTTPS transport: the recipient's certificate is signed by nobody whom this program trusts")

	otherName, err := httptransport.NewClient(strings.Replace(server.URL, "127.0.0.1", "localhost", 1), server.Client(), httptransport.WithoutRetry())
	require.NoError(t, err)
	_, err = otherName.Deliver(t.Context(), &transfer.Envelope{})
	require.EqualError(t, err, "HTTPS transport: the recipient's certificate is for another host")
	require.ErrorIs(t, err, transfer.ErrNotDelivered)

	late := server.Client()
	late.Transport.(*http.Transport).TLSClientConfig.Time = func() time.Time { return time.Unix(1<<40, 0) }
	client, err = httptransport.NewClient(server.URL, late, httptransport.WithoutRetry())
	require.NoError(t, err)
	_, err = client.Deliver(t.Context(), &transfer.Envelope{})
	require.EqualError(t, err, "HTTPS transport: the recipient's certificate has expired or is not valid yet")
}

func TestADeadlineThatHasPassed(t *testing.T) {
	client := serve(t, http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("called after the deadline") }))
	ctx, cancel := context.WithDeadline(t.Context(), time.Unix(0, 0))
	defer cancel()
	_, err := client.Deliver(ctx, &transfer.Envelope{})
	require.ErrorIs(t, err, context.DeadlineExceeded)
	require.EqualError(t, err, "HTTPS transport: no answer came in time")
}

// If the connection breaks after the envelope went out, nobody knows whether it came through. To try again without
// being told would hide the first try behind the outcome of the second.
func TestABrokenConnectionIsNotTriedAgain(t *testing.T) {
	var tries atomic.Int32
	client := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		if tries.Add(1) > 1 {
			raw("")(w, r)
		}
	}))
	e := &transfer.Envelope{Header: transfer.Header{Transfer: "5ad0c9a1"}}
	_, err := client.Deliver(t.Context(), e)
	require.ErrorIs(t, err, transfer.ErrReceipt, "the first answer is empty, and its connection is kept")
	_, err = client.Deliver(t.Context(), e)
	require.EqualError(t, err, "HTTPS transport: the connection ended before the answer did")
	require.NotErrorIs(t, err, transfer.ErrNotDelivered)
	assert.EqualValues(t, 2, tries.Load())
}

// A recipient, or who poses as one, answers with a receipt that is not the one for the envelope.
func TestReceiptsThatDoNotFit(t *testing.T) {
	other, err := keyring.Create(t.TempDir()+"/keys", transfertest.Recipient)
	require.NoError(t, err)
	p := transfertest.New(t)
	for name, spoil := range map[string]func(t *testing.T, p *transfertest.Pair, r *transfer.Receipt) *transfer.Receipt{
		"of another transfer": func(t *testing.T, p *transfertest.Pair, _ *transfer.Receipt) *transfer.Receipt {
			another, err := p.Receiver.Receive(t.Context(), sealed(t, p))
			require.NoError(t, err)
			return another.Receipt
		},
		"with another digest": func(_ *testing.T, _ *transfertest.Pair, r *transfer.Receipt) *transfer.Receipt {
			r.Statement.EnvelopeDigest = (&transfer.Envelope{}).Digest()
			return r
		},
		"with a changed statement": func(_ *testing.T, _ *transfertest.Pair, r *transfer.Receipt) *transfer.Receipt {
			r.Statement.Duties = nil
			return r
		},
		"with a changed signature": func(_ *testing.T, _ *transfertest.Pair, r *transfer.Receipt) *transfer.Receipt {
			r.Signature[0] ^= 1
			return r
		},
		"without a signature": func(_ *testing.T, _ *transfertest.Pair, r *transfer.Receipt) *transfer.Receipt {
			r.Signature = nil
			return r
		},
		"of a key that is not the recipient's": func(_ *testing.T, _ *transfertest.Pair, r *transfer.Receipt) *transfer.Receipt {
			r.Key = other.Sealer().ID()
			return r
		},
		"for another exporter": func(_ *testing.T, _ *transfertest.Pair, r *transfer.Receipt) *transfer.Receipt {
			r.Statement.Exporter = "canary-bank"
			return r
		},
		"by another recipient": func(_ *testing.T, _ *transfertest.Pair, r *transfer.Receipt) *transfer.Receipt {
			r.Statement.Recipient = "canary-bank"
			return r
		},
	} {
		t.Run(name, func(t *testing.T) {
			p.Sender.Transport = serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				e, err := transfer.ParseEnvelope(r.Body)
				if !assert.NoError(t, err) {
					return
				}
				received, err := p.Receiver.Receive(r.Context(), e)
				if !assert.NoError(t, err) {
					return
				}
				quiet := &transfertest.Transport{}
				road := p.Sender.Transport
				p.Sender.Transport = quiet
				spoilt := spoil(t, p, received.Receipt)
				p.Sender.Transport = road
				text, err := spoilt.MarshalJSON()
				assert.NoError(t, err)
				_, _ = w.Write(text)
			}))
			sent, err := send(t, p)
			require.ErrorIs(t, err, transfer.ErrReceipt)
			assert.NotContains(t, err.Error(), "canary")
			require.NotNil(t, sent, "the envelope was delivered all the same")
			assert.Nil(t, sent.Receipt)
			got := records(t, p.ExporterLog)
			assert.Equal(t, audit.Delivered, got[len(got)-1])
			assert.NotContains(t, got, audit.Acknowledged)
		})
	}
}
