package taxii

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

// MediaType is the one spelling that all servers take, in Content-Type and Accept: without a space.
const MediaType = "application/taxii+json;version=2.1"

const (
	maxAnswer      = 64 << 20 // bytes of one page
	maxSmallAnswer = 1 << 20  // bytes of any other resource
	defaultLimit   = 100
	requestTime    = 60 * time.Second
	// assumedContent is taken as the server's limit if it states none that makes sense.
	assumedContent = 10 << 20
)

// Client talks to one API root. It is safe for concurrent use.
type Client struct {
	root      string // ends in a slash
	http      *http.Client
	authorize func(*http.Request)
	settings

	mu         sync.Mutex
	maxContent int64 // of one request body, as the API root says; 0 until it was asked
}

type settings struct {
	attempts  int
	first     time.Duration
	longest   time.Duration
	patience  time.Duration // for a status to become complete
	sleep     func(context.Context, time.Duration) error
	limit     int
	unversion bool
	authorize func(*http.Request)
}

// Option changes a client.
type Option func(*settings)

// WithBasic authenticates by user and password.
func WithBasic(user, password string) Option {
	return WithAuthorization(func(r *http.Request) { r.SetBasicAuth(user, password) })
}

// WithAuthorization lets f put credentials into each request.
func WithAuthorization(f func(*http.Request)) Option { return func(s *settings) { s.authorize = f } }

// WithRetry makes up to so many attempts of a request that fails for reasons that pass; the first pause is first, each
// further one twice as long, none longer than longest, also if the server asks for more. sleep may be nil.
func WithRetry(attempts int, first, longest time.Duration, sleep func(context.Context, time.Duration) error) Option {
	return func(s *settings) { s.attempts, s.first, s.longest, s.sleep = attempts, first, longest, sleep }
}

// WithPatience bounds the time that a push waits for the server to take its objects; the default is two minutes.
func WithPatience(d time.Duration) Option { return func(s *settings) { s.patience = d } }

// WithPageSize asks for so many objects a page; the default is 100.
func WithPageSize(n int) Option { return func(s *settings) { s.limit = n } }

// WithoutVersionedObjects leaves objects with a top-level "version", such as software, out of what is pushed, for servers
// that take them and then fail every reading of the collection.
func WithoutVersionedObjects() Option { return func(s *settings) { s.unversion = true } }

// NewClient returns a client for an API root, such as https://taxii.example/api1/. A nil httpClient means TLS 1.2 or later
// by the system's roots and a minute for each request; one that is given is copied.
func NewClient(apiRoot string, httpClient *http.Client, options ...Option) (*Client, error) {
	u, err := url.Parse(apiRoot)
	if err != nil || u.Hostname() == "" || u.RawQuery != "" || u.Fragment != "" || u.User != nil {
		return nil, errors.New("TAXII: the API root is not a plain URL with a host")
	}
	if u.Scheme != "https" && (u.Scheme != "http" || !isLoopback(u.Hostname())) {
		return nil, fmt.Errorf("TAXII: %w", ErrInsecure)
	}
	s := settings{attempts: 5, first: time.Second, longest: time.Minute, patience: 2 * time.Minute, limit: defaultLimit}
	for _, option := range options {
		option(&s)
	}
	if s.sleep == nil {
		s.sleep = sleep
	}
	client := http.Client{Timeout: requestTime}
	if httpClient != nil {
		client = *httpClient
	} else {
		road := http.DefaultTransport.(*http.Transport).Clone()
		road.TLSClientConfig = &tls.Config{MinVersion: tls.VersionTLS12}
		client.Transport = road
	}
	// A redirect would carry credentials and payload to whom the server names.
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &Client{root: strings.TrimSuffix(u.String(), "/") + "/", http: &client, authorize: s.authorize, settings: s}, nil
}

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || (ip != nil && ip.IsLoopback())
}

func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}

// answer is what a server said, within limits.
type answer struct {
	status int
	header http.Header
	body   []byte
}

// call makes a request and repeats it while the reason for its failure may pass. TAXII requests may all be repeated: a
// server stores an object once.
func (c *Client) call(ctx context.Context, method, path string, query url.Values, body []byte, limit int64) (answer, error) {
	pause, doubt := c.first, false
	for attempt := 1; ; attempt++ {
		a, err := c.request(ctx, method, path, query, body, limit)
		if err == nil {
			return a, nil
		}
		doubt = doubt || errors.Is(err, ErrNoAnswer)
		var status *StatusError
		isStatus := errors.As(err, &status)
		again := errors.Is(err, ErrNoAnswer) || errors.Is(err, ErrNoConnection) || (isStatus && status.passing())
		if !again || attempt >= c.attempts || ctx.Err() != nil || isReset(err) {
			return answer{}, inDoubt(err, doubt)
		}
		wait := pause
		if isStatus {
			wait = max(wait, status.after)
		}
		if err := c.sleep(ctx, min(wait, c.longest)); err != nil {
			return answer{}, inDoubt(err, doubt)
		}
		pause *= 2
	}
}

// inDoubt keeps a later failure from hiding an earlier request that may have come through.
func inDoubt(err error, doubt bool) error {
	if doubt && !errors.Is(err, ErrNoAnswer) {
		return fmt.Errorf("%w: %w", ErrNoAnswer, err)
	}
	return err
}

// isReset is how servers answer a body that is too large: they hang up while it is being sent.
func isReset(err error) bool {
	return errors.Is(err, syscall.EPIPE) || errors.Is(err, syscall.ECONNRESET)
}

func (c *Client) request(ctx context.Context, method, path string, query url.Values, body []byte, limit int64) (answer, error) {
	target := c.root + path
	if len(query) > 0 {
		target += "?" + query.Encode()
	}
	var in io.Reader
	if body != nil {
		in = bytes.NewReader(body) // of known length, so that the request is not chunked
	}
	r, err := http.NewRequestWithContext(ctx, method, target, in)
	if err != nil {
		return answer{}, fmt.Errorf("TAXII: %w", ErrNoConnection)
	}
	r.Header["Accept"] = []string{MediaType}
	if body != nil {
		r.Header["Content-Type"] = []string{MediaType}
	}
	if c.authorize != nil {
		c.authorize(r)
	}
	resp, err := c.http.Do(r)
	if err != nil {
		return answer{}, noAnswer(err)
	}
	defer func() { _ = resp.Body.Close() }()
	raw, err := io.ReadAll(io.LimitReader(resp.Body, limit+1))
	if err != nil {
		return answer{}, noAnswer(err)
	}
	if int64(len(raw)) > limit {
		return answer{}, fmt.Errorf("TAXII: %w: larger than %d bytes", ErrAnswer, limit)
	}
	if resp.StatusCode/100 != 2 {
		return answer{}, &StatusError{Status: resp.StatusCode, after: retryAfter(resp.Header)}
	}
	return answer{resp.StatusCode, resp.Header, raw}, nil
}

// connectionError says in words of its own what net/http says: that can quote the server.
type connectionError struct{ kind, cause error }

func (e *connectionError) Error() string   { return "TAXII: " + e.kind.Error() }
func (e *connectionError) Unwrap() []error { return []error{e.kind, e.cause} }

func noAnswer(err error) error {
	var dial *net.OpError
	var certificate *tls.CertificateVerificationError
	if errors.As(err, &certificate) || (errors.As(err, &dial) && dial.Op == "dial") {
		return &connectionError{ErrNoConnection, err}
	}
	return &connectionError{ErrNoAnswer, err}
}

func retryAfter(h http.Header) time.Duration {
	text := h.Get("Retry-After")
	if seconds, err := strconv.Atoi(text); err == nil && seconds >= 0 && seconds < 1<<20 {
		return time.Duration(seconds) * time.Second
	}
	if at, err := http.ParseTime(text); err == nil {
		return max(0, time.Until(at))
	}
	return 0
}

// read decodes a resource and ignores members that it does not know: servers add their own.
func read(raw []byte, into any) error {
	if err := json.Unmarshal(raw, into); err != nil {
		return fmt.Errorf("TAXII: %w", ErrAnswer) // what encoding/json says can quote the server
	}
	return nil
}

// Root is what an API root says of itself.
type Root struct {
	Title            string   `json:"title"`
	Versions         []string `json:"versions"`
	MaxContentLength int64    `json:"max_content_length"`
}

// Root asks the API root. It must speak TAXII 2.1.
func (c *Client) Root(ctx context.Context) (Root, error) {
	a, err := c.call(ctx, http.MethodGet, "", nil, nil, maxSmallAnswer)
	if err != nil {
		return Root{}, err
	}
	var r Root
	if err := read(a.body, &r); err != nil {
		return Root{}, err
	}
	for _, v := range r.Versions {
		if v == MediaType || v == "taxii-2.1" || strings.ReplaceAll(v, " ", "") == MediaType {
			return r, nil
		}
	}
	return Root{}, fmt.Errorf("TAXII: %w: the API root does not list version 2.1", ErrAnswer)
}

// Collection is one collection of an API root.
type Collection struct {
	ID       string `json:"id"`
	Title    string `json:"title"`
	CanRead  bool   `json:"can_read"`
	CanWrite bool   `json:"can_write"`
}

// Collections lists what the server shows us.
func (c *Client) Collections(ctx context.Context) ([]Collection, error) {
	a, err := c.call(ctx, http.MethodGet, "collections/", nil, nil, maxSmallAnswer)
	if err != nil {
		return nil, err
	}
	var list struct {
		Collections []Collection `json:"collections"`
	}
	return list.Collections, read(a.body, &list)
}

// contentLimit asks the API root once how large a request may be.
func (c *Client) contentLimit(ctx context.Context) (int64, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.maxContent > 0 {
		return c.maxContent, nil
	}
	root, err := c.Root(ctx)
	if err != nil {
		return 0, err
	}
	c.maxContent = root.MaxContentLength
	if c.maxContent <= 0 {
		c.maxContent = assumedContent
	}
	return c.maxContent, nil
}

// collectionPath guards against ids that are paths.
func collectionPath(id, rest string) (string, error) {
	if id == "" || strings.Trim(id, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.") != "" || strings.HasPrefix(id, ".") {
		return "", errors.New("TAXII: not the id of a collection")
	}
	return "collections/" + id + "/" + rest, nil
}
