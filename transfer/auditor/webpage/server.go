// Package webpage shows a log to people in a browser: a time line, a table, one record with its decision in sentences, which
// data went where in which form, and what needs attention. The page verifies what it shows by itself, with the log's public key
// and a script of its own that is written from docs/log-format.md: the server need not be trusted.
//
// Everything is embedded; the page loads nothing from elsewhere. There is no login: listen on the loopback interface.
package webpage

import (
	"context"
	"embed"
	"encoding/json"
	"errors"
	"io/fs"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/passavant/passavant/audit"
	"github.com/passavant/passavant/transfer/auditor"
)

//go:embed assets
var assets embed.FS

// Config is what a page is made of. Open, Dir and VKey are required.
type Config struct {
	Party string
	Dir   string // of the log; its published files are served as they are
	VKey  string
	// Open opens the log as it is now. Each request has its own, and closes it.
	Open func() (*auditor.Auditor, error)
	// Shows reports whether the reader may see a record; nil shows all.
	Shows func(audit.Record) bool
	// Category names the data category of a path of a manifest, "" if it is not known.
	Category func(path string) string
	Clock    func() time.Time
}

type server struct {
	Config
	mu sync.Mutex // an Auditor and its engines are for one goroutine, and the page for one reader
}

// Handler serves the page. It answers only requests for this machine by name or address, so that no other page in the
// browser can read the log through a name of its own.
func Handler(c Config) http.Handler {
	if c.Shows == nil {
		c.Shows = func(audit.Record) bool { return true }
	}
	if c.Category == nil {
		c.Category = func(string) string { return "" }
	}
	if c.Clock == nil {
		c.Clock = time.Now
	}
	s := &server{Config: c}
	static, err := fs.Sub(assets, "assets")
	if err != nil {
		panic(err) // the folder is embedded
	}
	mux := http.NewServeMux()
	mux.Handle("GET /", http.FileServerFS(static))
	mux.HandleFunc("GET /api/summary", answer(s.summary))
	mux.HandleFunc("GET /api/records", answer(s.records))
	mux.HandleFunc("GET /api/record/{n}", answer(s.record))
	mux.HandleFunc("GET /log/{path...}", s.published)
	return guard(mux)
}

// guard refuses foreign names and other sites, and lets the page load only what is its own.
func guard(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		host, _, err := net.SplitHostPort(r.Host)
		if err != nil {
			host = r.Host
		}
		if ip := net.ParseIP(host); host != "localhost" && ip == nil {
			http.Error(w, "ask for this page by address or as localhost", http.StatusForbidden)
			return
		}
		if site := r.Header.Get("Sec-Fetch-Site"); site == "cross-site" || site == "same-site" {
			http.Error(w, "this page is not for other sites", http.StatusForbidden)
			return
		}
		h := w.Header()
		h.Set("Content-Security-Policy", "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "+
			"base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cache-Control", "no-store")
		next.ServeHTTP(w, r)
	})
}

var errNotFound = errors.New("no such record")

// answer writes what f returns as JSON.
func answer(f func(*http.Request) (any, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		v, err := f(r)
		switch {
		case errors.Is(err, errNotFound):
			http.Error(w, err.Error(), http.StatusNotFound)
			return
		case errors.Is(err, auditor.ErrFilter):
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		case err != nil:
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
		e := json.NewEncoder(w)
		e.SetEscapeHTML(false)
		_ = e.Encode(v) // a closed connection is the reader's wish
	}
}

// with gives one request its own view of the log.
func (s *server) with(use func(*auditor.Auditor) error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	a, err := s.Open()
	if err != nil {
		return err
	}
	return errors.Join(use(a), a.Reader.Close())
}

// shown is one record with its number, and its stored bytes, so that the page can compare them with what was published.
type shown struct {
	Index   int64        `json:"index"`
	Record  audit.Record `json:"record"`
	Outcome string       `json:"outcome,omitempty"`
}

const maxRows = 2000

// records lists the newest first; more says that older ones were left out.
func (s *server) records(r *http.Request) (any, error) {
	q := r.URL.Query()
	f := auditor.Filter{
		Type: audit.Type(q.Get("type")), Transfer: q.Get("transfer"), Agreement: q.Get("agreement"), Party: q.Get("party"),
		Country: strings.ToUpper(q.Get("country")), Purpose: q.Get("purpose"), Category: q.Get("category"), Outcome: q.Get("outcome"),
		Since: dayOf(q.Get("since")), Until: dayOf(q.Get("until")),
	}
	if err := f.Check(); err != nil {
		return nil, err
	}
	var out struct {
		Records  []shown `json:"records"`
		Total    int     `json:"total"`
		Withheld int     `json:"withheld"`
	}
	err := s.with(func(a *auditor.Auditor) error {
		outcomes := a.Outcomes()
		var all []shown
		for i, rec := range a.Select(f) {
			if !s.Shows(rec) {
				out.Withheld++
				continue
			}
			all = append(all, shown{i, rec, outcomes[rec.Transfer]})
		}
		out.Total = len(all)
		for i := len(all) - 1; i >= 0 && len(out.Records) < maxRows; i-- {
			out.Records = append(out.Records, all[i])
		}
		return a.Err()
	})
	return out, err
}

func dayOf(text string) time.Time {
	t, _ := time.Parse(time.DateOnly, text) // nonsense is no bound
	return t
}

// record shows one record, its decision in sentences, and its stored bytes.
func (s *server) record(r *http.Request) (any, error) {
	n, err := strconv.ParseInt(r.PathValue("n"), 10, 64)
	if err != nil {
		return nil, errNotFound
	}
	var out struct {
		shown
		Raw       string         `json:"raw"`
		Sentences []auditor.Part `json:"sentences"`
		Siblings  []shown        `json:"siblings"`
	}
	err = s.with(func(a *auditor.Auditor) error {
		if n < 0 || n >= a.Reader.Size() {
			return errNotFound
		}
		rec, raw, err := a.Reader.Record(n)
		if err != nil {
			return err
		}
		if !s.Shows(rec) {
			return errNotFound
		}
		out.shown, out.Raw = shown{n, rec, ""}, string(raw)
		if out.Sentences, err = a.Sentences(r.Context(), n); err != nil {
			return err
		}
		if rec.Transfer != "" {
			for i, sibling := range a.Select(auditor.Filter{Transfer: rec.Transfer}) {
				out.Siblings = append(out.Siblings, shown{i, sibling, ""})
			}
		}
		return a.Err()
	})
	return out, err
}

func (s *server) summary(r *http.Request) (any, error) {
	var out overview
	err := s.with(func(a *auditor.Auditor) error {
		var err error
		out, err = s.overview(r.Context(), a)
		return err
	})
	return out, err
}

// published serves the files that a mirror would hold, byte by byte, and nothing else of the folder.
func (s *server) published(w http.ResponseWriter, r *http.Request) {
	name := r.PathValue("path")
	if name != "checkpoint" && name != "checkpoint.cosigned" && !strings.HasPrefix(name, "tile/") || !fs.ValidPath(name) {
		http.NotFound(w, r)
		return
	}
	content, err := os.ReadFile(filepath.Join(s.Dir, filepath.FromSlash(name)))
	if err != nil {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", "application/octet-stream")
	_, _ = w.Write(content)
}

// overview is what stands above the table.
type overview struct {
	Party   string           `json:"party"`
	Origin  string           `json:"origin"`
	VKey    string           `json:"vkey"`
	Records int64            `json:"records"`
	Days    []dayCount       `json:"days"`
	Flows   []flow           `json:"flows"`
	Alarms  []alarm          `json:"alarms"`
	Values  map[string][]any `json:"values"` // what can be chosen in the filters
}

type dayCount struct {
	Day       string `json:"day"`
	Left      int    `json:"left"`
	Refused   int    `json:"refused"`
	Received  int    `json:"received"`
	Otherwise int    `json:"otherwise"`
}

// flow counts the values of one category that went to one recipient in one form.
type flow struct {
	Category  string `json:"category"`
	Technique string `json:"technique"`
	Recipient string `json:"recipient"`
	Country   string `json:"country"`
	Values    int64  `json:"values"`
}

// alarm is something that somebody should look at.
type alarm struct {
	Kind    string  `json:"kind"`
	Text    string  `json:"text"`
	Records []int64 `json:"records"`
}

func (s *server) overview(ctx context.Context, a *auditor.Auditor) (overview, error) {
	origin, _, _ := strings.Cut(s.VKey, "+")
	o := overview{Party: s.Party, Origin: origin, VKey: s.VKey, Records: a.Reader.Size()}
	c := newCounter(s.Category, a.Outcomes(), s.Clock())
	for i, r := range a.Reader.All(0) {
		if err := ctx.Err(); err != nil {
			return o, err
		}
		if s.Shows(r) {
			c.add(i, r)
		}
	}
	if err := a.Err(); err != nil {
		return o, err
	}
	o.Days, o.Flows, o.Values = c.days(), c.flows(), c.values()
	o.Alarms = append(c.alarms(), witnessAlarms(s.Dir, s.VKey, a.Reader)...)
	return o, nil
}
