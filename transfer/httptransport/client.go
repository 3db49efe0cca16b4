// Package httptransport carries envelopes over HTTPS: [Client] is the exporter's side, [NewHandler] the recipient's.
//
// The exporter POSTs an envelope (media type [transfer.MediaType], header Idempotency-Key: the transfer's id). The
// recipient answers 200 with its signed receipt (application/json), to the very same envelope again and again, or a
// problem document (RFC 9457) whose "code" is of a closed vocabulary:
//
//	400 malformed                    not an envelope
//	405 method                       not a POST
//	409 replayed                     just being received; or another envelope of the same id was received before
//	413 too-large                    larger than HandlerConfig.MaxBytes
//	415 media-type                   not sent as an envelope
//	422 the other transfer.RejectCode values
//	503 unavailable                  busy, or the data could not be taken over or recorded: send the same envelope again
//
// GET …/health answers 200 if the recipient's log takes records, else 503. docs/transports.md describes the protocol.
//
// Redirects are not followed: an envelope is for the address that the exporter chose. Nothing that a server sends enters
// the text of an error, except a code of the vocabulary and the HTTP status.
package httptransport

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net"
	"net/http"
	"net/url"
	"time"

	"github.com/passavant/passavant/transfer"
)

const (
	maxAnswerBytes = 64 << 10
	defaultTimeout = 30 * time.Second
)

// ErrInsecure is the condition that a URL is not HTTPS and not on this machine. An envelope is sealed, but who sends to
// whom under which agreement stands in its header.
var ErrInsecure = errors.New("the URL must begin with https:// (plain http is accepted only for this machine)")

// Client delivers envelopes to one URL. It is safe for concurrent use.
type Client struct {
	url      string
	http     *http.Client
	retry    Retry
	maxBytes int64
	timed    bool // attempts have a time limit by their length; else the caller's client has its own
}

var _ transfer.Transport = (*Client)(nil)

// NewClient returns a client for the recipient's URL. A nil httpClient means TLS by the system's roots, and for an attempt
// 30 seconds and one more for each MiB; one that is given is copied, with its Timeout. Connections are TLS 1.3. What fails for reasons that pass is tried again,
// see [DefaultRetry].
func NewClient(rawURL string, httpClient *http.Client, options ...Option) (*Client, error) {
	u, err := url.Parse(rawURL)
	if err != nil || u.Hostname() == "" {
		return nil, errors.New("HTTPS transport: not a URL with a host")
	}
	if u.Scheme != "https" && (u.Scheme != "http" || !isLoopback(u.Hostname())) {
		return nil, fmt.Errorf("HTTPS transport: %w", ErrInsecure)
	}
	client, timed := http.Client{}, httpClient == nil
	if httpClient != nil {
		client = *httpClient
	}
	s := settings{retry: DefaultRetry()}
	for _, option := range options {
		option(&s)
	}
	client.Transport = s.secured(client.Transport)
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &Client{url: u.String(), http: &client, retry: s.retry, maxBytes: s.maxBytes, timed: timed}, nil
}

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || (ip != nil && ip.IsLoopback())
}

// Deliver posts the envelope and returns the recipient's receipt, whose signature the [transfer.Sender] verifies. A
// refusal by the recipient is a [*ProblemError]; an answer that is no receipt wraps [transfer.ErrReceipt]; no answer
// wraps what net/http reports. What passes is tried again; after an attempt that may have come through, no error is
// [transfer.ErrNotDelivered] any more.
func (c *Client) Deliver(ctx context.Context, e *transfer.Envelope) (*transfer.Receipt, error) {
	if n := e.Length(); c.maxBytes > 0 && n > c.maxBytes {
		return nil, fmt.Errorf("HTTPS transport: %w: the envelope has %d bytes, the recipient takes %d", transfer.ErrNotDelivered, n, c.maxBytes)
	}
	open, err := bodyOf(e)
	if err != nil {
		return nil, fmt.Errorf("HTTPS transport: %w: %w", transfer.ErrNotDelivered, err)
	}
	doubt := false
	for attempt := 1; ; attempt++ {
		receipt, err := c.attempt(ctx, e, open)
		if err == nil {
			return receipt, nil
		}
		if doubt && errors.Is(err, transfer.ErrNotDelivered) {
			err = &doubtError{err}
		}
		doubt = doubt || !errors.Is(err, transfer.ErrNotDelivered)
		if attempt >= c.retry.Attempts || !passing(err) || c.retry.sleep(ctx, c.retry.pause(attempt, err)) != nil {
			return nil, err
		}
	}
}

// attempt posts the envelope once.
func (c *Client) attempt(ctx context.Context, e *transfer.Envelope, open func() io.ReadCloser) (*transfer.Receipt, error) {
	if c.timed {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, timeFor(e.Length()))
		defer cancel()
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.url, open())
	if err != nil {
		return nil, fmt.Errorf("HTTPS transport: %w: %w", transfer.ErrNotDelivered, err)
	}
	req.ContentLength = e.Length()
	req.Header.Set("Content-Type", transfer.MediaType)
	req.Header.Set("Accept", "application/json, application/problem+json")
	// In lower case, which is the same on the wire: net/http repeats a request that has the header in its own spelling when
	// the connection breaks, and a repetition that fails would pass for a delivery that never was.
	req.Header["idempotency-key"] = []string{e.Header.Transfer}
	resp, err := c.http.Do(req)
	if err != nil {
		return nil, noAnswer(err)
	}
	defer func() { _ = resp.Body.Close() }()
	answer, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswerBytes+1))
	if err != nil {
		return nil, noAnswer(err)
	}
	return readAnswer(resp, answer)
}

func readAnswer(resp *http.Response, answer []byte) (*transfer.Receipt, error) {
	if resp.StatusCode != http.StatusOK {
		return parseProblem(resp, answer)
	}
	if len(answer) > maxAnswerBytes {
		return nil, fmt.Errorf("HTTPS transport: %w: the answer is larger than %d bytes", transfer.ErrReceipt, maxAnswerBytes)
	}
	receipt, err := transfer.ParseReceipt(answer)
	if err != nil {
		// What ParseReceipt says can name members of the answer.
		return nil, fmt.Errorf("HTTPS transport: %w: the answer is not a receipt that this program reads", transfer.ErrReceipt)
	}
	return receipt, nil
}

// ProblemError is the recipient's refusal of an envelope.
type ProblemError struct {
	Status int // HTTP status
	// Code is a [transfer.RejectCode], or CodeMethod, CodeMediaType, CodeTooLarge, CodeUnavailable, or CodeHTTP.
	Code string

	after time.Duration // how long the recipient asks to wait
}

func (e *ProblemError) Error() string {
	return fmt.Sprintf("HTTPS transport: the recipient refused the envelope: %s (HTTP %d)", e.Code, e.Status)
}

// Is reports that a definite refusal is [transfer.ErrNotDelivered]. An envelope that was received before is with the
// recipient; one that could not be taken over, or that a server on the way answered for, may be.
func (e *ProblemError) Is(target error) bool {
	switch e.Code {
	case CodeHTTP, CodeUnavailable, string(transfer.RejectReplayed):
		return false
	}
	return target == transfer.ErrNotDelivered
}

// parseProblem reads a refusal. The receipt that comes with "replayed" is an answer like any other: the first one was lost.
func parseProblem(resp *http.Response, answer []byte) (*transfer.Receipt, error) {
	problem := &ProblemError{Status: resp.StatusCode, Code: CodeHTTP, after: retryAfter(resp.Header, time.Now())}
	media, _, err := mime.ParseMediaType(resp.Header.Get("Content-Type"))
	if err != nil || media != problemMediaType {
		return nil, problem
	}
	var p struct {
		Code    string          `json:"code"`
		Receipt json.RawMessage `json:"receipt"`
	}
	if json.Unmarshal(answer, &p) != nil || !isCode(p.Code) {
		return nil, problem
	}
	problem.Code = p.Code
	if receipt, err := transfer.ParseReceipt(p.Receipt); err == nil && p.Code == string(transfer.RejectReplayed) {
		return receipt, nil
	}
	return nil, problem
}
