package httptransport_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passavant/passavant/transfer"
	"github.com/passavant/passavant/transfer/httptransport"
	"github.com/passavant/passavant/transfer/transfertest"
)

func TestNewHandlerChecksItsConfiguration(t *testing.T) {
	silent := transfertest.New(t).Receiver
	taking := newPair(t).Receiver
	for name, c := range map[string]httptransport.HandlerConfig{
		"no receiver":               {},
		"nobody takes the data":     {Receiver: silent},
		"a negative limit":          {Receiver: taking, MaxBytes: -1},
		"more than anybody parses":  {Receiver: taking, MaxBytes: transfer.MaxEnvelopeBytes + 1},
		"no receiver, but a limit":  {MaxBytes: 1},
		"nobody takes, but a limit": {Receiver: silent, MaxBytes: 1},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := httptransport.NewHandler(c)
			require.ErrorContains(t, err, "HTTPS transport: ")
		})
	}
}

func TestHandlerRefuses(t *testing.T) {
	p := newPair(t)
	whole, err := sealed(t, p).Bytes()
	require.NoError(t, err)
	changed := bytes.Clone(whole)
	changed[len(changed)-1] ^= 1
	for name, tc := range map[string]struct {
		method, media string
		body          io.Reader
		status        int
		code          string
	}{
		"GET":                     {"GET", "", nil, 405, httptransport.CodeMethod},
		"PUT":                     {"PUT", transfer.MediaType, bytes.NewReader(whole), 405, httptransport.CodeMethod},
		"no media type":           {"POST", "", bytes.NewReader(whole), 415, httptransport.CodeMediaType},
		"a form":                  {"POST", "application/x-www-form-urlencoded", bytes.NewReader(whole), 415, httptransport.CodeMediaType},
		"an unreadable type":      {"POST", ";;;", bytes.NewReader(whole), 415, httptransport.CodeMediaType},
		"one byte too many":       {"POST", transfer.MediaType, bytes.NewReader(append(bytes.Clone(whole), 'x')), 413, httptransport.CodeTooLarge},
		"endless":                 {"POST", transfer.MediaType, endless{}, 413, httptransport.CodeTooLarge},
		"nothing":                 {"POST", transfer.MediaType, nil, 400, "malformed"},
		"half":                    {"POST", transfer.MediaType, bytes.NewReader(whole[:len(whole)/2]), 400, "malformed"},
		"without its end":         {"POST", transfer.MediaType, bytes.NewReader(whole[:len(whole)-70]), 422, "unopened"},
		"half of the proof":       {"POST", transfer.MediaType, bytes.NewReader(whole[:200]), 400, "malformed"},
		"an HTML page":            {"POST", transfer.MediaType, strings.NewReader("<html>canary</html>"), 400, "malformed"},
		"a member of the proof":   {"POST", transfer.MediaType, strings.NewReader("passavant-envelope/1\n{\"canary\":1}\n"), 400, "malformed"},
		"a body that breaks":      {"POST", transfer.MediaType, io.MultiReader(bytes.NewReader(whole[:99]), broken{}), 400, "malformed"},
		"the last bit changed":    {"POST", transfer.MediaType, bytes.NewReader(changed), 422, "signature"},
		"a type with a parameter": {"POST", transfer.MediaType + "; v=1", bytes.NewReader(changed), 422, "signature"},
	} {
		t.Run(name, func(t *testing.T) {
			handler := newHandler(t, httptransport.HandlerConfig{Receiver: p.Receiver, MaxBytes: int64(len(whole))})
			r := httptest.NewRequest(tc.method, "/", tc.body)
			r.Header.Set("Content-Type", tc.media)
			w := httptest.NewRecorder()
			handler.ServeHTTP(w, r)
			requireProblemDocument(t, w, tc.status, tc.code)
			if tc.status == http.StatusMethodNotAllowed {
				assert.Equal(t, "POST", w.Header().Get("Allow"))
			}
		})
	}
	assert.Empty(t, records(t, p.RecipientLog), "what nobody signed is not recorded")
}

// post is a request with an envelope, and where its answer goes.
func post(body []byte) (*http.Request, *httptest.ResponseRecorder) {
	r := httptest.NewRequest(http.MethodPost, "/", bytes.NewReader(body))
	r.Header.Set("Content-Type", transfer.MediaType)
	return r, httptest.NewRecorder()
}

// endless is a body without an end; a handler must not try to find it.
type endless struct{}

func (endless) Read(p []byte) (int, error) { return len(p), nil }

// broken is a connection that breaks.
type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, errors.New("canary: connection reset") }

func requireProblemDocument(t *testing.T, w *httptest.ResponseRecorder, status int, code string) {
	t.Helper()
	assert.NotContains(t, w.Body.String(), "canary")
	assert.Equal(t, "application/problem+json", w.Header().Get("Content-Type"))
	var problem struct {
		Type, Title, Code string
		Status            int
	}
	require.NoError(t, json.Unmarshal(w.Body.Bytes(), &problem))
	assert.Equal(t, status, w.Code, "%s", w.Body)
	assert.Equal(t, status, problem.Status)
	assert.Equal(t, code, problem.Code)
	assert.Equal(t, "about:blank", problem.Type)
	assert.NotEmpty(t, problem.Title)
}

// An exporter must be able to tell a code from a text: everything that a handler sends, a client must know.
func TestEveryCodeOfAHandlerIsKnownToAClient(t *testing.T) {
	for _, code := range []string{
		httptransport.CodeMethod, httptransport.CodeMediaType, httptransport.CodeTooLarge, httptransport.CodeUnavailable,
		"malformed", "unknown-exporter", "not-for-us", "signature", "unopened", "expired", "from-the-future", "replayed",
		"not-logged", "agreement", "obligations", "exporter-keys",
	} {
		client := serve(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/problem+json; charset=utf-8")
			w.WriteHeader(http.StatusTeapot)
			_, _ = io.WriteString(w, `{"code":"`+code+`","title":"canary"}`)
		}))
		_, err := client.Deliver(t.Context(), &transfer.Envelope{})
		requireProblem(t, err, http.StatusTeapot, code)
		certain := code != httptransport.CodeUnavailable && code != "replayed"
		assert.Equal(t, certain, errors.Is(err, transfer.ErrNotDelivered), code)
	}
}

func TestTooLargeOverTheWire(t *testing.T) {
	p := newPair(t)
	client := serve(t, newHandler(t, httptransport.HandlerConfig{Receiver: p.Receiver, MaxBytes: 100}))
	_, err := client.Deliver(t.Context(), sealed(t, p))
	requireProblem(t, err, http.StatusRequestEntityTooLarge, httptransport.CodeTooLarge)
}
