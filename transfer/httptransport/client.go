// Package httptransport carries envelopes over HTTPS: [Client] is the exporter's side, [NewHandler] the recipient's.
//
// The exporter POSTs an envelope (media type [transfer.MediaType], header Idempotency-Key: the transfer's id). The
// recipient answers 200 with its signed receipt (application/json), or a problem document (RFC 9457) whose "code" is of
// a closed vocabulary:
//
//	400 malformed                    not an envelope
//	405 method                       not a POST
//	409 replayed                     received before; with the receipt, if it was the very same envelope
//	413 too-large                    larger than HandlerConfig.MaxBytes
//	415 media-type                   not sent as an envelope
//	422 the other transfer.RejectCode values
//	503 unavailable                  the data could not be taken over or recorded: send the same envelope again
//
// Redirects are not followed: an envelope is for the address that the exporter chose. Nothing that a server sends enters
// the text of an error, except a code of the vocabulary and the HTTP status.
package httptransport

import (
	"bytes"
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
	url  string
	http *http.Client
}

var _ transfer.Transport = (*Client)(nil)

// NewClient returns a client for the recipient's URL. A nil httpClient means TLS by the system's roots and 30 seconds
// for a delivery; give one with a client certificate for mutual TLS.
func NewClient(rawURL string, httpClient *http.Client) (*Client, error) {
	u, err := url.Parse(rawURL)
	if err != nil || u.Hostname() == "" {
		return nil, errors.New("HTTPS transport: not a URL with a host")
	}
	if u.Scheme != "https" && (u.Scheme != "http" || !isLoopback(u.Hostname())) {
		return nil, fmt.Errorf("HTTPS transport: %w", ErrInsecure)
	}
	client := http.Client{Timeout: defaultTimeout}
	if httpClient != nil {
		client = *httpClient
	}
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &Client{url: u.String(), http: &client}, nil
}

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || (ip != nil && ip.IsLoopback())
}

// Deliver posts the envelope and returns the recipient's receipt, whose signature the [transfer.Sender] verifies. A
// refusal by the recipient is a [*ProblemError]; an answer that is no receipt wraps [transfer.ErrReceipt]; no answer
// wraps what net/http reports.
func (c *Client) Deliver(ctx context.Context, e *transfer.Envelope) (*transfer.Receipt, error) {
	body, err := e.Bytes()
	if err != nil {
		return nil, fmt.Errorf("HTTPS transport: %w: %w", transfer.ErrNotDelivered, err)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.url, bytes.NewReader(body))
	if err != nil {
		return nil, fmt.Errorf("HTTPS transport: %w: %w", transfer.ErrNotDelivered, err)
	}
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
	problem := &ProblemError{Status: resp.StatusCode, Code: CodeHTTP}
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
