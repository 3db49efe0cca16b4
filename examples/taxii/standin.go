package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/passavant/passavant/transfer/taxii"
)

// standIn is a TAXII 2.1 server in memory, so that the example needs none. It knows what the example asks.
type standIn struct {
	mu          sync.Mutex
	collections map[string]*collection // by path
	clock       int64
}

type collection struct {
	objects []json.RawMessage
	added   []time.Time
}

func newStandIn() *standIn { return &standIn{collections: map[string]*collection{}} }

// at returns the collection of a path, made when it is first named.
func (s *standIn) at(path string) *collection {
	if s.collections[path] == nil {
		s.collections[path] = new(collection)
	}
	return s.collections[path]
}

func (s *standIn) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	w.Header().Set("Content-Type", taxii.MediaType)
	switch {
	case r.Header.Get("Accept") != taxii.MediaType:
		w.WriteHeader(http.StatusNotAcceptable)
	case strings.HasSuffix(r.URL.Path, "/objects/") && r.Method == http.MethodPost:
		s.store(w, r)
	case strings.HasSuffix(r.URL.Path, "/objects/"):
		s.page(w, r)
	default:
		_, _ = io.WriteString(w, `{"title":"fraud exchange","versions":["application/taxii+json;version=2.1"],"max_content_length":1048576}`)
	}
}

func (s *standIn) store(w http.ResponseWriter, r *http.Request) {
	var in struct {
		Objects []json.RawMessage `json:"objects"`
	}
	if err := json.NewDecoder(r.Body).Decode(&in); err != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	c := s.at(r.URL.Path)
	for _, o := range in.Objects {
		s.clock++
		c.objects, c.added = append(c.objects, o), append(c.added, time.UnixMicro(s.clock))
	}
	w.WriteHeader(http.StatusAccepted)
	_, _ = fmt.Fprintf(w, `{"id":"1","status":"complete","total_count":%d,"success_count":%[1]d,"failure_count":0,"pending_count":0}`, len(in.Objects))
}

func (s *standIn) page(w http.ResponseWriter, r *http.Request) {
	after, _ := time.Parse(time.RFC3339Nano, r.URL.Query().Get("added_after"))
	limit, _ := strconv.Atoi(r.URL.Query().Get("limit"))
	start, _ := strconv.Atoi(r.URL.Query().Get("next"))
	var out struct {
		More    bool              `json:"more,omitempty"`
		Next    string            `json:"next,omitempty"`
		Objects []json.RawMessage `json:"objects,omitempty"`
	}
	c := s.at(r.URL.Path)
	for i := start; i < len(c.objects); i++ {
		if !c.added[i].After(after) {
			continue
		}
		if len(out.Objects) == limit {
			out.More, out.Next = true, strconv.Itoa(i)
			break
		}
		out.Objects = append(out.Objects, c.objects[i])
		w.Header().Set("X-TAXII-Date-Added-Last", c.added[i].UTC().Format("2006-01-02T15:04:05.000000Z"))
	}
	_ = json.NewEncoder(w).Encode(out)
}
