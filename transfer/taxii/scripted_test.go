package taxii_test

import (
	"context"
	"encoding/json"
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

	"github.com/passavant/passavant/transfer"
	"github.com/passavant/passavant/transfer/taxii"
)

// What neither server in the field shows: pending and partial states, limits of rate, hostile answers.

// scripted answers the API root, and everything else in turn; the last answer is repeated.
type scripted struct {
	calls   atomic.Int32
	answers []http.HandlerFunc
	pauses  []time.Duration
}

func script(t *testing.T, answers ...http.HandlerFunc) (*scripted, *taxii.Client) {
	t.Helper()
	s := &scripted{answers: answers}
	web := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/root/") {
			_, _ = io.WriteString(w, `{"title":"r","versions":["application/taxii+json;version=2.1"],"max_content_length":0}`)
			return
		}
		_, _ = io.Copy(io.Discard, r.Body)
		s.answers[min(int(s.calls.Add(1)), len(s.answers))-1](w, r)
	}))
	t.Cleanup(web.Close)
	c, err := taxii.NewClient(web.URL+"/root/", web.Client(), taxii.WithBasic("user", "secret"), taxii.WithPatience(time.Minute),
		taxii.WithRetry(4, time.Second, 20*time.Second, func(_ context.Context, d time.Duration) error { s.pauses = append(s.pauses, d); return nil }))
	require.NoError(t, err)
	return s, c
}

func say(status int, body string, headers ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		for i := 0; i+1 < len(headers); i += 2 {
			w.Header().Set(headers[i], headers[i+1])
		}
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}

func hangUp(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }

const statusID = "2d086da7-4bdc-4f91-900e-d77486753710"

func status(state string, success, failure, pending int, failures ...string) string {
	details := []string{}
	for _, f := range failures {
		details = append(details, fmt.Sprintf(`{"id":%q,"version":"2026-11-23T09:30:00.000Z","message":"canary: it was {\"name\":\"Aoife\"}"}`, f))
	}
	return fmt.Sprintf(`{"id":%q,"status":%q,"total_count":%d,"success_count":%d,"failure_count":%d,"pending_count":%d,"failures":[%s]}`,
		statusID, state, success+failure+pending, success, failure, pending, strings.Join(details, ","))
}

func TestPendingIsAwaited(t *testing.T) {
	s, c := script(t, say(202, status("pending", 0, 0, 2)), say(200, status("pending", 1, 0, 1)), say(200, status("complete", 2, 0, 0)))
	_, err := c.Push(t.Context(), inbox, objects(2))
	require.NoError(t, err)
	assert.EqualValues(t, 3, s.calls.Load())
	assert.Equal(t, []time.Duration{time.Second, 2 * time.Second}, s.pauses)
}

func TestPendingForEverEnds(t *testing.T) {
	s, c := script(t, say(202, status("pending", 0, 0, 2)))
	_, err := c.Push(t.Context(), inbox, objects(2))
	require.ErrorIs(t, err, taxii.ErrPending)
	assert.Less(t, s.calls.Load(), int32(20))
}

// A failure inside a 202 is no success, and the objects are named.
func TestPartialFailureIsNamed(t *testing.T) {
	refused := "ipv4-addr--00000000-0000-5000-8000-000000000001"
	_, c := script(t, say(202, status("complete", 1, 2, 0, refused, "canary <script>")))
	_, err := c.Push(t.Context(), inbox, objects(3))
	var partial *taxii.PartialError
	require.ErrorAs(t, err, &partial)
	require.Len(t, partial.Refused, 2)
	assert.Equal(t, refused, partial.Refused[0].ID)
	assert.ErrorContains(t, err, refused)
	assert.NotContains(t, err.Error(), "canary", "what is no id is not repeated")
	assert.NotContains(t, err.Error(), "Aoife", "nor is the server's message")
}

func TestStatusesThatDoNotAddUp(t *testing.T) {
	for name, body := range map[string]string{
		"another state":           status("done", 1, 0, 0),
		"failures without a name": status("complete", 0, 3, 0),
		"a name without a count":  status("complete", 1, 0, 0, "ipv4-addr--00000000-0000-5000-8000-000000000001"),
		"complete and pending":    status("complete", 0, 0, 1),
		"negative":                status("complete", 0, -1, 0),
		"empty":                   ``,
		"not JSON":                `<html>canary</html>`,
		"cut":                     status("complete", 1, 0, 0)[:40],
		"a list":                  `["canary"]`,
		"a path for an id":        strings.Replace(status("pending", 0, 0, 1), statusID, "../../canary", 1),
	} {
		t.Run(name, func(t *testing.T) {
			_, c := script(t, say(202, body))
			_, err := c.Push(t.Context(), inbox, objects(1))
			require.ErrorIs(t, err, taxii.ErrAnswer)
			assert.NotContains(t, err.Error(), "canary")
		})
	}
	_, c := script(t, say(202, status("pending", 0, 0, 1)), say(200, strings.Replace(status("complete", 1, 0, 0), statusID, "00000000-0000-4000-8000-000000000000", 1)))
	_, err := c.Push(t.Context(), inbox, objects(1))
	require.ErrorIs(t, err, taxii.ErrAnswer, "the status of another request")
}

func TestRateLimitsAreObeyed(t *testing.T) {
	s, c := script(t, say(429, "", "Retry-After", "7"), say(503, "<html>", "Retry-After", "3600"), hangUp, say(202, status("complete", 1, 0, 0)))
	_, err := c.Push(t.Context(), inbox, objects(1))
	require.NoError(t, err)
	assert.Equal(t, []time.Duration{7 * time.Second, 20 * time.Second, 4 * time.Second}, s.pauses)
}

func TestWhatDoesNotPassIsNotTriedAgain(t *testing.T) {
	for _, code := range []int{400, 401, 403, 404, 406, 413, 415, 422, 500} {
		s, c := script(t, say(code, `{"title":"canary","description":"canary","http_status":"400"}`))
		_, err := c.Push(t.Context(), inbox, objects(1))
		var refused *taxii.StatusError
		require.ErrorAs(t, err, &refused, "%d", code)
		assert.Equal(t, code, refused.Status)
		assert.EqualValues(t, 1, s.calls.Load(), "%d", code)
		assert.NotContains(t, err.Error(), "canary")
	}
}

// A redirect would carry the password, or the payload, to whom the server names.
func TestRedirectsAreNotFollowed(t *testing.T) {
	elsewhere := httptest.NewTLSServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("the redirect was followed") }))
	defer elsewhere.Close()
	for _, code := range []int{301, 302, 303, 307, 308} {
		_, c := script(t, say(code, "", "Location", elsewhere.URL+"/canary"))
		_, err := c.Push(t.Context(), inbox, objects(1))
		require.Error(t, err)
		require.Error(t, c.Pull(t.Context(), inbox, taxii.Filter{}, func(taxii.Page) error { return nil }))
		assert.NotContains(t, err.Error(), "canary")
	}
}

func TestHostilePages(t *testing.T) {
	endless := func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, `{"objects":["`)
		for {
			if _, err := io.WriteString(w, strings.Repeat("x", 1<<20)); err != nil {
				return
			}
		}
	}
	more := func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, `{"more":true,"next":"same","objects":[{"type":"x"}]}`)
	}
	for name, tc := range map[string]struct {
		answer http.HandlerFunc
		want   error
	}{
		"an HTML page":                {say(200, "<html>canary</html>"), taxii.ErrAnswer},
		"cut in the middle":           {say(200, `{"objects":[{"type":"canary"`), taxii.ErrAnswer},
		"shorter than it says":        {say(200, `{"objects":[]}`, "Content-Length", "900"), taxii.ErrNoAnswer},
		"endless":                     {endless, taxii.ErrAnswer},
		"always the same next":        {more, taxii.ErrAnswer},
		"more without next":           {say(200, `{"more":true,"objects":[{"type":"x"}]}`), taxii.ErrAnswer},
		"more without objects":        {say(200, `{"more":true,"next":"1"}`), taxii.ErrAnswer},
		"objects that are no list":    {say(200, `{"objects":"canary"}`), taxii.ErrAnswer},
		"more that is no truth value": {say(200, `{"more":"canary"}`), taxii.ErrAnswer},
		"nested for ever":             {say(200, `{"objects":[`+strings.Repeat("[", 20_000)), taxii.ErrAnswer},
		"hangs up":                    {hangUp, taxii.ErrNoAnswer},
		"too many requests, for ever": {say(429, ""), (*taxii.StatusError)(nil)},
	} {
		t.Run(name, func(t *testing.T) {
			_, c := script(t, tc.answer)
			err := c.Pull(t.Context(), inbox, taxii.Filter{}, func(taxii.Page) error { return nil })
			require.Error(t, err)
			if tc.want != error((*taxii.StatusError)(nil)) {
				require.ErrorIs(t, err, tc.want)
			}
			assert.NotContains(t, err.Error(), "canary")
		})
	}
}

// If the server hangs up while it is being sent to, the body may have been too large: halves are tried, and one object
// alone that it does not bear is said to be in doubt.
func TestAResetMayMeanTooLarge(t *testing.T) {
	var sizes []int
	s, c := script(t, func(w http.ResponseWriter, _ *http.Request) {})
	s.answers = []http.HandlerFunc{func(w http.ResponseWriter, r *http.Request) {
		sizes = append(sizes, int(r.ContentLength))
		if r.ContentLength > 300 {
			w.WriteHeader(http.StatusRequestEntityTooLarge)
			return
		}
		_, _ = io.WriteString(w, status("complete", 1, 0, 0))
	}}
	_, err := c.Push(t.Context(), inbox, objects(4))
	require.NoError(t, err)
	assert.Len(t, sizes, 3, "whole, then two halves: %v", sizes)
	_, err = c.Push(t.Context(), inbox, []json.RawMessage{json.RawMessage(`{"type":"ipv4-addr","id":"ipv4-addr--00000000-0000-5000-8000-000000000000","value":"` + strings.Repeat("x", 400) + `"}`)})
	require.ErrorIs(t, err, taxii.ErrTooLarge)
}

func TestWhatATransportKnowsOfAFailure(t *testing.T) {
	e := envelope(t)
	for name, tc := range map[string]struct {
		answers []http.HandlerFunc
		certain bool
	}{
		"refused":               {[]http.HandlerFunc{say(403, "")}, true},
		"refused by a status":   {[]http.HandlerFunc{say(202, status("complete", 0, 1, 0, "artifact--00000000-0000-5000-8000-000000000001"))}, true},
		"too large":             {[]http.HandlerFunc{say(413, "")}, true},
		"hung up":               {[]http.HandlerFunc{hangUp}, false},
		"hung up, then refused": {[]http.HandlerFunc{hangUp, say(403, "")}, false},
		"a fault of the server": {[]http.HandlerFunc{say(500, "")}, false},
		"pending for ever":      {[]http.HandlerFunc{say(202, status("pending", 0, 0, 1))}, false},
		"nonsense":              {[]http.HandlerFunc{say(202, "<html>")}, false},
	} {
		t.Run(name, func(t *testing.T) {
			_, c := script(t, tc.answers...)
			road, err := taxii.NewTransport(c, inbox)
			require.NoError(t, err)
			_, err = road.Deliver(t.Context(), e)
			require.Error(t, err)
			if tc.certain {
				require.ErrorIs(t, err, transfer.ErrNotDelivered)
			} else {
				require.NotErrorIs(t, err, transfer.ErrNotDelivered)
			}
		})
	}
	gone := httptest.NewTLSServer(nil)
	gone.Close()
	c, err := taxii.NewClient(gone.URL, gone.Client(), taxii.WithRetry(2, 0, 0, noSleep))
	require.NoError(t, err)
	road, err := taxii.NewTransport(c, inbox)
	require.NoError(t, err)
	_, err = road.Deliver(t.Context(), e)
	require.ErrorIs(t, err, transfer.ErrNotDelivered, "nobody was there")
}

// What may travel unsealed is pushed object by object; what is no bundle was never sent.
func TestAClearRoad(t *testing.T) {
	_, c := newServer(t, true, 10_000)
	road, err := taxii.NewClearRoad(c, inbox)
	require.NoError(t, err)
	raw, err := json.Marshal(map[string]any{"type": "bundle", "id": "bundle--00000000-0000-4000-8000-000000000000", "objects": objects(3)})
	require.NoError(t, err)
	require.NoError(t, road(t.Context(), transfer.Cleared{Document: raw}))
	assert.Len(t, pull(t, c, taxii.Filter{}), 3)
	for _, bad := range []string{`{"canary":1}`, `{"type":"bundle","objects":{}}`, `{"type":"bundle","objects":[{"type":"canary"}]}`} {
		err = road(t.Context(), transfer.Cleared{Document: []byte(bad)})
		require.ErrorIs(t, err, taxii.ErrObject, bad)
		require.ErrorIs(t, err, transfer.ErrNotDelivered, bad)
		assert.NotContains(t, err.Error(), "canary")
	}
	_, err = taxii.NewClearRoad(c, "../x")
	require.Error(t, err)
}

func TestOnlySafeAddresses(t *testing.T) {
	for _, good := range []string{"https://taxii.example/api1/", "https://taxii.example/api1", "http://127.0.0.1:5000/x/", "http://localhost/x/"} {
		_, err := taxii.NewClient(good, nil)
		require.NoError(t, err, good)
	}
	for _, bad := range []string{"http://taxii.example/", "ftp://localhost/", "", "taxii.example", "https://user:canary@taxii.example/", "https://taxii.example/?a=1"} {
		_, err := taxii.NewClient(bad, nil)
		require.Error(t, err, bad)
		assert.NotContains(t, err.Error(), "canary")
	}
	_, c := script(t, say(200, "{}"))
	for _, id := range []string{"", "../status", "a/b", ".hidden", "a b", "a?b"} {
		_, err := c.Push(t.Context(), id, objects(1))
		require.ErrorContains(t, err, "not the id of a collection", id)
		_, err = taxii.NewTransport(c, id)
		require.Error(t, err)
	}
}

func TestAnAPIRootOfAnotherVersion(t *testing.T) {
	web := httptest.NewTLSServer(say(200, `{"title":"canary","versions":["taxii-2.0"],"max_content_length":9}`))
	defer web.Close()
	c, err := taxii.NewClient(web.URL, web.Client())
	require.NoError(t, err)
	_, err = c.Push(t.Context(), inbox, objects(1))
	require.ErrorIs(t, err, taxii.ErrAnswer)
	assert.NotContains(t, err.Error(), "canary")
}

func FuzzAnswers(f *testing.F) {
	f.Add([]byte(`{"more":true,"next":"2","objects":[{"type":"x"}]}`))
	f.Add([]byte(status("complete", 1, 1, 0, "ipv4-addr--00000000-0000-5000-8000-000000000001")))
	f.Add([]byte(`{"title":"r","versions":["application/taxii+json;version=2.1"],"max_content_length":1e3}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		if err := taxii.Answers(raw); err != nil {
			require.ErrorIs(t, err, taxii.ErrAnswer)
			require.Less(t, len(err.Error()), 200, "nothing of an answer enters an error")
		}
	})
}

func FuzzReadArtifact(f *testing.F) {
	e := envelope(f)
	raw, err := taxii.Artifact(e)
	require.NoError(f, err)
	f.Add([]byte(raw))
	f.Add([]byte(`{"type":"artifact","mime_type":"application/vnd.passavant.receipt+json","payload_bin":"e30="}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		item, err := taxii.ReadArtifact(raw)
		if err == nil {
			require.True(t, (item.Envelope == nil) != (item.Receipt == nil), "one of the two")
		}
	})
}
