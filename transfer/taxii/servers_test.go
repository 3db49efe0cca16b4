package taxii_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/passavant/passavant/transfer/taxii"
)

// server is a TAXII 2.1 server in memory with the habits of one of two that are in the field: a Flask one (medallion 3.0.0)
// and a SQL one (OpenTAXII 0.10.0b1). What is lenient in one is strict in the other.
type server struct {
	flask      bool
	maxContent int64

	mu      sync.Mutex
	objects []stored
	posts   int
	seen    []*http.Request
}

type stored struct {
	raw   json.RawMessage
	id    string
	typ   string
	added time.Time
}

const (
	inbox    = "91a7b528-80eb-42ed-a74d-c6fbd5a26116"
	readOnly = "365fed99-08fa-fdcd-a1b3-fb247eb41d01"
)

// kinds are both habits.
func kinds() map[string]bool { return map[string]bool{"a Flask server": true, "a SQL server": false} }

func newServer(t *testing.T, flask bool, maxContent int64, options ...taxii.Option) (*server, *taxii.Client) {
	t.Helper()
	s := &server{flask: flask, maxContent: maxContent}
	web := httptest.NewTLSServer(s)
	t.Cleanup(web.Close)
	options = append([]taxii.Option{taxii.WithBasic("user", "secret"), taxii.WithRetry(3, time.Second, time.Minute, noSleep)}, options...)
	c, err := taxii.NewClient(web.URL+"/api1", web.Client(), options...)
	require.NoError(t, err)
	return s, c
}

func (s *server) fail(w http.ResponseWriter, status int, echo string) {
	w.Header().Set("Content-Type", taxii.MediaType)
	if s.flask && status == http.StatusUnauthorized {
		w.Header().Set("Content-Type", "text/html")
	}
	w.WriteHeader(status)
	if s.flask {
		_, _ = fmt.Fprintf(w, `{"title":%q,"http_status":"%d"}`, echo, status)
		return
	}
	_, _ = fmt.Fprintf(w, `{"code":%d,"name":"Bad","description":%q}`, status, echo)
}

func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.seen = append(s.seen, r)
	if user, password, ok := r.BasicAuth(); !ok || user != "user" || password != "secret" {
		s.fail(w, http.StatusUnauthorized, "<html>who are you</html>")
		return
	}
	if !strings.HasSuffix(r.URL.Path, "/") {
		if s.flask {
			http.Redirect(w, r, r.URL.Path+"/", http.StatusPermanentRedirect)
			return
		}
		s.fail(w, http.StatusNotFound, "no slash")
		return
	}
	accept := r.Header.Get("Accept")
	if accept != taxii.MediaType && (s.flask || accept != "*/*") {
		s.fail(w, http.StatusNotAcceptable, "accept")
		return
	}
	path := strings.TrimPrefix(r.URL.Path, "/api1/")
	switch {
	case path == "":
		s.reply(w, http.StatusOK, fmt.Sprintf(`{"title":"API root","versions":["application/taxii+json;version=2.1"],"max_content_length":%d}`, s.maxContent))
	case path == "collections/":
		s.reply(w, http.StatusOK, fmt.Sprintf(`{"collections":[{"id":%q,"title":"in","can_read":true,"can_write":true},{"id":%q,"title":"ro","can_read":true,"can_write":false}]}`, inbox, readOnly))
	case path == "collections/"+inbox+"/objects/" && r.Method == http.MethodPost:
		s.post(w, r)
	case path == "collections/"+inbox+"/objects/":
		s.get(w, r)
	case strings.HasPrefix(path, "collections/"+readOnly) && s.flask && r.Method == http.MethodPost:
		s.fail(w, http.StatusForbidden, "read only")
	default:
		s.fail(w, http.StatusNotFound, "unknown")
	}
}

func (s *server) reply(w http.ResponseWriter, status int, body string) {
	w.Header().Set("Content-Type", taxii.MediaType)
	w.WriteHeader(status)
	_, _ = io.WriteString(w, body)
}

func (s *server) post(w http.ResponseWriter, r *http.Request) {
	s.posts++
	media := r.Header.Get("Content-Type")
	switch {
	case media != taxii.MediaType && (!s.flask || media != "application/taxii+json; version=2.1"):
		s.fail(w, http.StatusUnsupportedMediaType, "media type")
		return
	case r.ContentLength < 0 && s.flask:
		s.fail(w, http.StatusBadRequest, "chunked")
		return
	case r.Header.Get("Content-Encoding") != "":
		s.fail(w, http.StatusInternalServerError, "compressed")
		return
	case r.ContentLength > s.maxContent:
		panic(http.ErrAbortHandler) // the connection is reset while the body is sent
	}
	raw, _ := io.ReadAll(r.Body)
	var envelope struct {
		Type    string            `json:"type"`
		Objects []json.RawMessage `json:"objects"`
	}
	if json.Unmarshal(raw, &envelope) != nil || envelope.Type != "" {
		s.fail(w, http.StatusBadRequest, string(raw))
		return
	}
	var done []string
	for _, o := range envelope.Objects {
		id, refused := s.store(o)
		if refused {
			s.fail(w, http.StatusBadRequest, string(raw)) // it echoes the whole object
			return
		}
		done = append(done, fmt.Sprintf(`{"id":%q,"version":"2026-11-23T09:30:00.000Z","message":"Object already added"}`, id))
	}
	s.reply(w, http.StatusAccepted, fmt.Sprintf(`{"id":"2d086da7-4bdc-4f91-900e-d77486753710","status":"complete","total_count":%d,"success_count":%d,"failure_count":0,"pending_count":0,"successes":[%s]}`,
		len(done), len(done), strings.Join(done, ",")))
}

func (s *server) store(raw json.RawMessage) (id string, refused bool) {
	var o struct{ Type, ID string }
	_ = json.Unmarshal(raw, &o)
	if !s.flask && !strings.HasPrefix(o.ID, o.Type+"--") {
		return o.ID, true
	}
	if !slices.ContainsFunc(s.objects, func(x stored) bool { return x.id == o.ID }) {
		added := time.Date(2026, 11, 23, 9, 30, 0, 0, time.UTC).Add(time.Duration(len(s.objects)) * time.Millisecond)
		s.objects = append(s.objects, stored{bytes.Clone(raw), o.ID, o.Type, added})
	}
	return o.ID, false
}

func (s *server) get(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	limit, err := strconv.Atoi(q.Get("limit"))
	if q.Get("next") != "" && err != nil && s.flask {
		s.fail(w, http.StatusInternalServerError, "KeyError: limit")
		return
	}
	if err != nil {
		limit = 1000
	}
	var after time.Time
	if text := q.Get("added_after"); text != "" {
		if after, err = time.Parse("2006-01-02T15:04:05.999999Z", text); err != nil || (!s.flask && !strings.Contains(text, ".")) {
			s.fail(w, http.StatusBadRequest, text)
			return
		}
	}
	start, _ := strconv.Atoi(q.Get("next"))
	var page []string
	var first, last time.Time
	more, index := false, 0
	for _, o := range s.objects {
		var versioned struct {
			Version json.RawMessage `json:"version"`
		}
		if _ = json.Unmarshal(o.raw, &versioned); versioned.Version != nil && s.flask {
			s.fail(w, http.StatusInternalServerError, "find_att")
			return
		}
		if !o.added.After(after) || (q.Get("match[type]") != "" && q.Get("match[type]") != o.typ) || (q.Get("match[id]") != "" && q.Get("match[id]") != o.id) {
			continue
		}
		if index++; index <= start {
			continue
		}
		if len(page) == limit {
			more = true
			break
		}
		page = append(page, string(o.raw))
		if first.IsZero() {
			first = o.added
		}
		last = o.added
	}
	if len(page) == 0 {
		s.reply(w, http.StatusOK, "{}")
		return
	}
	w.Header().Set("X-TAXII-Date-Added-First", first.Format("2006-01-02T15:04:05.000000Z"))
	w.Header().Set("X-TAXII-Date-Added-Last", last.Format("2006-01-02T15:04:05.000000Z"))
	body := `{"objects":[` + strings.Join(page, ",") + `]`
	if more {
		body += `,"more":true,"next":"` + strconv.Itoa(start+len(page)) + `"`
	}
	s.reply(w, http.StatusOK, body+"}")
}
