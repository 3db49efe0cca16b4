package httptransport

import (
	"context"
	"errors"
	"math/rand/v2"
	"net/http"
	"strconv"
	"time"

	"github.com/passavant/passavant/transfer"
)

// Retry says how a [Client] tries again. The recipient recognises an envelope by its transfer id and takes it once, so a
// repetition is safe: it brings the receipt of the first.
type Retry struct {
	Attempts int           // in all; 1 means that nothing is tried again
	First    time.Duration // the longest pause before the second attempt; doubled for each further one
	Max      time.Duration // the longest pause, also of one that the recipient asks for (Retry-After)
	// Sleep waits, or returns the context's error. Nil means by the clock.
	Sleep func(ctx context.Context, d time.Duration) error
	// Random gives a number in [0,1), by which a pause is shortened, so that many clients do not come back at once. Nil
	// means at random.
	Random func() float64
}

// DefaultRetry makes five attempts within about ten seconds, if the recipient does not ask for more patience.
func DefaultRetry() Retry {
	return Retry{Attempts: 5, First: 500 * time.Millisecond, Max: 30 * time.Second}
}

// pause is the time to wait after an attempt that failed, counted from one.
func (r Retry) pause(attempt int, err error) time.Duration {
	longest := r.First
	for range attempt - 1 {
		longest = min(2*longest, r.Max)
	}
	random := r.Random
	if random == nil {
		random = rand.Float64
	}
	wait := time.Duration((0.5 + random()/2) * float64(longest))
	var problem *ProblemError
	if errors.As(err, &problem) {
		wait = max(wait, min(problem.after, r.Max))
	}
	return wait
}

func (r Retry) sleep(ctx context.Context, d time.Duration) error {
	if r.Sleep != nil {
		return r.Sleep(ctx, d)
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}

// passing reports whether another attempt may end otherwise.
func passing(err error) bool {
	var problem *ProblemError
	var connection *connectionError
	switch {
	case errors.Is(err, context.Canceled):
		return false
	case errors.As(err, &problem):
		return problem.passing()
	case errors.As(err, &connection):
		return connection.passing
	}
	return false
}

// passing is true of a recipient that is busy, that is just receiving the same envelope, or that a server on the way
// cannot reach.
func (e *ProblemError) passing() bool {
	switch e.Code {
	case CodeUnavailable, string(transfer.RejectReplayed):
		return true
	case CodeHTTP:
		switch e.Status {
		case http.StatusTooManyRequests, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
			return true
		}
	}
	return false
}

// doubtError is the failure of a last attempt after an earlier one that may have come through. It keeps the last one from
// passing for certainty: that a later attempt found no connection says nothing about the first.
type doubtError struct{ last error }

func (e *doubtError) Error() string {
	return e.last.Error() + " (an earlier attempt may have come through)"
}

func (e *doubtError) Is(target error) bool {
	return target != transfer.ErrNotDelivered && errors.Is(e.last, target)
}

func (e *doubtError) As(target any) bool { return errors.As(e.last, target) }

// retryAfter reads the header of that name: seconds, or a date, of which only the distance counts.
func retryAfter(header http.Header, now time.Time) time.Duration {
	text := header.Get("Retry-After")
	if seconds, err := strconv.Atoi(text); err == nil && seconds >= 0 && seconds < 1<<20 {
		return time.Duration(seconds) * time.Second
	}
	if at, err := http.ParseTime(text); err == nil {
		return max(0, at.Sub(now))
	}
	return 0
}
