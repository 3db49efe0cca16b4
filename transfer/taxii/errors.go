package taxii

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"
)

// The conditions under which a call fails.
var (
	// ErrInsecure is the condition that a URL is neither HTTPS nor on this machine.
	ErrInsecure = errors.New("the API root must begin with https:// (plain http is accepted only for this machine)")
	// ErrRefused is the condition that the server does not let us write or read: 401, 403, or 404, by which some servers hide
	// what one may not see.
	ErrRefused = errors.New("the server refuses")
	// ErrTooLarge is the condition that an object is larger than the server takes, alone.
	ErrTooLarge = errors.New("an object is larger than the server takes")
	// ErrAnswer is the condition that an answer is not what TAXII 2.1 says, or larger than this program reads.
	ErrAnswer = errors.New("the answer is not TAXII 2.1")
	// ErrObject is the condition that an object cannot be pushed: it is not STIX 2.1.
	ErrObject = errors.New("not a STIX 2.1 object")
	// ErrPending is the condition that the server had not taken all objects when patience ended.
	ErrPending = errors.New("the server has not yet taken all objects")
	// ErrNoAnswer is the condition that a request may have reached the server and no answer came.
	ErrNoAnswer = errors.New("no answer came")
	// ErrNoConnection is the condition that a request did not reach the server.
	ErrNoConnection = errors.New("no connection to the server")
)

// StatusError is an answer that is no success.
type StatusError struct {
	Status int
	after  time.Duration
}

func (e *StatusError) Error() string {
	return fmt.Sprintf("TAXII: the server answered %d %s", e.Status, http.StatusText(e.Status))
}

// Is reports that a status which means "you may not" is [ErrRefused], and that 413 is [ErrTooLarge].
func (e *StatusError) Is(target error) bool {
	switch e.Status {
	case http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound:
		return target == ErrRefused
	case http.StatusRequestEntityTooLarge:
		return target == ErrTooLarge
	}
	return false
}

// passing reports whether the same request may succeed later.
func (e *StatusError) passing() bool {
	switch e.Status {
	case http.StatusTooManyRequests, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return true
	}
	return false
}

// PartialError says that the server took some objects and refused others.
type PartialError struct {
	Refused []ObjectRef
}

// ObjectRef names one object.
type ObjectRef struct {
	ID      string
	Version string // as the server gives it; may be empty
}

func (e *PartialError) Error() string {
	ids := make([]string, 0, len(e.Refused))
	for _, r := range e.Refused {
		ids = append(ids, r.ID)
	}
	return fmt.Sprintf("TAXII: the server refused %d of the objects: %s", len(e.Refused), strings.Join(ids, ", "))
}
