package taxii

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

// Filter says what to pull. The zero value is everything.
type Filter struct {
	AddedAfter time.Time // by the server's clock, exclusive
	Type       string    // match[type], such as "artifact"
	ID         string    // match[id]
	AllVersion bool      // all versions of an object and not the latest only
}

// Page is one answer to a pull.
type Page struct {
	Objects []json.RawMessage
	// AddedLast is when the last of the objects was added, by the server's clock; zero if it does not say. Pull from there
	// next time.
	AddedLast time.Time
}

// maxPages bounds one pull, against a server that never ends.
const maxPages = 100_000

// timeForm has microseconds: some servers refuse times without a fraction.
const timeForm = "2006-01-02T15:04:05.000000Z"

func (f Filter) query(limit int) url.Values {
	q := url.Values{"limit": {strconv.Itoa(limit)}}
	if !f.AddedAfter.IsZero() {
		q.Set("added_after", f.AddedAfter.UTC().Format(timeForm))
	}
	if f.Type != "" {
		q.Set("match[type]", f.Type)
	}
	if f.ID != "" {
		q.Set("match[id]", f.ID)
	}
	if f.AllVersion {
		q.Set("match[version]", "all")
	}
	return q
}

// Pull reads a collection page by page and gives each to handle; an error of handle ends it and is returned.
func (c *Client) Pull(ctx context.Context, collection string, f Filter, handle func(Page) error) error {
	path, err := collectionPath(collection, "objects/")
	if err != nil {
		return err
	}
	query := f.query(c.limit)
	for range maxPages {
		a, err := c.call(ctx, http.MethodGet, path, query, nil, maxAnswer)
		if err != nil {
			return err
		}
		p, err := readPage(a.body)
		if err != nil {
			return err
		}
		if last, err := time.Parse(time.RFC3339Nano, a.header.Get("X-TAXII-Date-Added-Last")); err == nil {
			p.AddedLast = last
		}
		if err := handle(p.Page); err != nil {
			return err
		}
		if !p.more {
			return nil
		}
		if p.next == "" || p.next == query.Get("next") || len(p.Objects) == 0 {
			return fmt.Errorf("TAXII: %w: there is more, and no way to it", ErrAnswer)
		}
		query = f.query(c.limit) // the limit and the filters again: some servers fail without
		query.Set("next", p.next)
	}
	return fmt.Errorf("TAXII: %w: the collection does not end", ErrAnswer)
}

type page struct {
	Page
	more bool
	next string
}

// readPage reads an envelope of section 3.7. An empty one may be {}.
func readPage(raw []byte) (page, error) {
	var e struct {
		More    bool              `json:"more"`
		Next    string            `json:"next"`
		Objects []json.RawMessage `json:"objects"`
	}
	if err := read(raw, &e); err != nil {
		return page{}, err
	}
	return page{Page{Objects: e.Objects}, e.More, e.Next}, nil
}
