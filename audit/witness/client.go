package witness

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"github.com/passavant/passavant/audit"
)

// Prover proves that a log continues itself; *audit.Reader is one.
type Prover interface {
	// Checkpoint is the signed head to be cosigned.
	Checkpoint() []byte
	// ProveConsistency returns the RFC 6962 section 2.1.2 proof that the tree of the checkpoint continues that of its first old
	// records.
	ProveConsistency(old int64) ([]tlog.Hash, error)
}

// Client asks one witness.
type Client struct {
	URL  string       // prefix; "/add-checkpoint" is added
	HTTP *http.Client // nil means one with a time limit of 10 seconds
}

// maxAnswerBytes bounds what is read of an answer.
const maxAnswerBytes = 64 << 10

// Cosign asks the witness to cosign the prover's checkpoint and returns the signature lines of the answer. It does not
// verify them. old is a guess at the size that the witness knows; if it is another, the witness says so, and is asked once more.
func (c Client) Cosign(ctx context.Context, p Prover, old int64) ([]byte, error) {
	line, err := c.ask(ctx, p, old)
	var conflict *ConflictError
	if errors.As(err, &conflict) && conflict.Size != old {
		line, err = c.ask(ctx, p, conflict.Size)
	}
	if err != nil {
		return nil, fmt.Errorf("witness %s: %w", c.URL, err)
	}
	return line, nil
}

func (c Client) ask(ctx context.Context, p Prover, old int64) ([]byte, error) {
	r := request{old: old, checkpoint: p.Checkpoint()}
	if old > 0 {
		var err error
		if r.hashes, err = p.ProveConsistency(old); err != nil {
			return nil, fmt.Errorf("%w: it knows %d records, and the log has fewer: the log was rolled back, or the witness is in error", ErrInconsistent, old)
		}
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, strings.TrimSuffix(c.URL, "/")+"/add-checkpoint", bytes.NewReader(r.body()))
	if err != nil {
		return nil, errors.New("its address is not a URL")
	}
	client := c.HTTP
	if client == nil {
		client = &http.Client{Timeout: 10 * time.Second}
	}
	answer, err := client.Do(req)
	if err != nil {
		return nil, err
	}
	defer func() { _ = answer.Body.Close() }()
	body, err := io.ReadAll(io.LimitReader(answer.Body, maxAnswerBytes))
	if err != nil {
		return nil, err
	}
	return answered(answer, body)
}

func answered(answer *http.Response, body []byte) ([]byte, error) {
	switch answer.StatusCode {
	case http.StatusOK:
		return body, nil
	case http.StatusConflict:
		size, err := strconv.ParseInt(strings.TrimSpace(string(body)), 10, 64)
		if err != nil || size < 0 {
			return nil, errors.New("it answered a conflict without a size")
		}
		return nil, &ConflictError{size}
	case http.StatusNotFound:
		return nil, ErrUnknownLog
	case http.StatusForbidden:
		return nil, ErrSignature
	case http.StatusUnprocessableEntity:
		return nil, ErrInconsistent
	}
	return nil, fmt.Errorf("it answered %s", answer.Status)
}

// Feed asks all witnesses of a policy at once and returns the checkpoint with the cosignatures that verify. The error says
// which witnesses did not answer as they should; if it matches audit.ErrUnwitnessed, those that did are too few.
func Feed(ctx context.Context, p Prover, policy *audit.WitnessPolicy, client *http.Client, now time.Time) ([]byte, error) {
	witnesses := policy.Witnesses()
	lines, errs := make([][]byte, len(witnesses)), make([]error, len(witnesses))
	var wait sync.WaitGroup
	for i, w := range witnesses {
		if w.URL == "" {
			continue
		}
		wait.Go(func() { lines[i], errs[i] = Client{w.URL, client}.Cosign(ctx, p, 0) })
	}
	wait.Wait()
	cosigned := p.Checkpoint()
	for i, line := range lines {
		if errs[i] != nil || len(line) == 0 {
			continue
		}
		for one := range bytes.Lines(line) {
			with, err := audit.WithCosignatures(cosigned, one)
			if err != nil {
				errs[i] = fmt.Errorf("witness %s: %w", witnesses[i].URL, err)
				break
			}
			cosigned = with
		}
	}
	_, err := policy.Check(cosigned, now)
	return cosigned, errors.Join(append(errs, err)...)
}
