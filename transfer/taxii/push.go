package taxii

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"
)

// Pushed says what became of objects that were pushed.
type Pushed struct {
	Taken   []ObjectRef // as the server says, also what it had already
	Omitted []string    // ids left out on purpose, see [WithoutVersionedObjects]
}

// Push adds STIX objects to a collection, in as many requests as the server's limit asks for, and waits until the server
// has taken them. It returns nil only if it took all: refused ones are named in a [*PartialError]. Objects are checked
// before anything is sent; a fault is [ErrObject] or [ErrTooLarge]. Errors that are [ErrNoAnswer] or [ErrPending] leave it
// open what the server has; pushing the same objects again is harmless.
func (c *Client) Push(ctx context.Context, collection string, objects []json.RawMessage) (Pushed, error) {
	path, err := collectionPath(collection, "objects/")
	if err != nil {
		return Pushed{}, err
	}
	limit, err := c.contentLimit(ctx)
	if err != nil {
		return Pushed{}, err
	}
	objects, omitted, err := c.prepare(objects)
	if err != nil {
		return Pushed{}, err
	}
	batches, err := split(objects, limit)
	if err != nil {
		return Pushed{}, err
	}
	all := Pushed{Omitted: omitted}
	var refused []ObjectRef
	for _, batch := range batches {
		status, err := c.pushBatch(ctx, path, batch)
		if err != nil {
			return all, err
		}
		all.Taken = append(all.Taken, refs(status.Successes)...)
		refused = append(refused, refs(status.Failures)...)
	}
	if len(refused) > 0 {
		return all, &PartialError{refused}
	}
	return all, nil
}

// prepare checks the objects and leaves out what the server cannot bear.
func (c *Client) prepare(objects []json.RawMessage) (kept []json.RawMessage, omitted []string, err error) {
	for i, raw := range objects {
		id, versioned, err := checkObject(raw)
		if err != nil {
			return nil, nil, fmt.Errorf("TAXII: object %d: %w", i, err)
		}
		if versioned && c.unversion {
			omitted = append(omitted, id)
			continue
		}
		kept = append(kept, raw)
	}
	return kept, omitted, nil
}

const uuidLength = 36

// isID reports whether id has the form of section 2.9 of STIX 2.1: a type, two hyphens, and a UUID of RFC 4122.
func isID(id string) bool {
	typ, uuid := "", id
	if cut := len(id) - uuidLength - 2; cut > 0 {
		typ, uuid = id[:cut], id[cut+2:]
	}
	if len(typ) < 3 || len(typ) > 250 || id[len(typ):len(typ)+2] != "--" || len(uuid) != uuidLength {
		return false
	}
	if strings.Trim(typ, "abcdefghijklmnopqrstuvwxyz0123456789-") != "" {
		return false
	}
	for i, c := range []byte(uuid) {
		hyphen := i == 8 || i == 13 || i == 18 || i == 23
		if hyphen != (c == '-') || (!hyphen && !strings.ContainsRune("0123456789abcdef", rune(c))) {
			return false
		}
	}
	return strings.ContainsRune("89ab", rune(uuid[19])) // the variant
}

func checkObject(raw json.RawMessage) (id string, versioned bool, err error) {
	var o struct {
		Type        string          `json:"type"`
		ID          string          `json:"id"`
		SpecVersion string          `json:"spec_version"`
		Version     json.RawMessage `json:"version"`
	}
	if json.Unmarshal(raw, &o) != nil {
		return "", false, fmt.Errorf("%w: not a JSON object with text for type, id and spec_version", ErrObject)
	}
	switch {
	case o.Type == "bundle":
		return "", false, fmt.Errorf("%w: push the objects of a bundle, not the bundle", ErrObject)
	case !isID(o.ID) || o.ID[:len(o.ID)-uuidLength-2] != o.Type:
		return "", false, fmt.Errorf("%w: /id is not the type, two hyphens and a UUID", ErrObject)
	case o.SpecVersion != "" && o.SpecVersion != "2.1":
		return "", false, fmt.Errorf("%w: /spec_version is not 2.1", ErrObject)
	}
	return o.ID, o.Version != nil, nil
}

const (
	envelopeStart = `{"objects":[`
	envelopeEnd   = `]}`
)

// split makes request bodies of at most limit bytes, in order.
func split(objects []json.RawMessage, limit int64) (batches [][]json.RawMessage, err error) {
	size, batch := int64(len(envelopeStart)+len(envelopeEnd)), []json.RawMessage(nil)
	empty := size
	for i, o := range objects {
		n := int64(len(o)) + 1
		if empty+n > limit {
			return nil, fmt.Errorf("TAXII: object %d: %w: %d bytes, it takes %d", i, ErrTooLarge, len(o), limit)
		}
		if size+n > limit {
			batches, batch, size = append(batches, batch), nil, empty
		}
		batch, size = append(batch, o), size+n
	}
	if len(batch) > 0 {
		batches = append(batches, batch)
	}
	return batches, nil
}

func body(batch []json.RawMessage) []byte {
	var b bytes.Buffer
	b.WriteString(envelopeStart)
	for i, o := range batch {
		if i > 0 {
			b.WriteByte(',')
		}
		b.Write(o)
	}
	b.WriteString(envelopeEnd)
	return b.Bytes()
}

// pushBatch posts one body. A connection that is reset while it is sent may mean "too large": then it tries halves.
func (c *Client) pushBatch(ctx context.Context, path string, batch []json.RawMessage) (statusResource, error) {
	a, err := c.call(ctx, http.MethodPost, path, nil, body(batch), maxAnswer)
	tooLarge := errors.Is(err, ErrTooLarge) || isReset(err)
	if tooLarge && len(batch) > 1 {
		left, err := c.pushBatch(ctx, path, batch[:len(batch)/2])
		if err != nil {
			return left, err
		}
		right, err := c.pushBatch(ctx, path, batch[len(batch)/2:])
		return left.plus(right), err
	}
	if err != nil {
		return statusResource{}, err
	}
	if a.status != http.StatusAccepted && a.status != http.StatusOK {
		return statusResource{}, fmt.Errorf("TAXII: %w: a push was answered %d", ErrAnswer, a.status)
	}
	var status statusResource
	if err := read(a.body, &status); err != nil {
		return statusResource{}, err
	}
	return c.await(ctx, status)
}

// await polls until a status is complete.
func (c *Client) await(ctx context.Context, status statusResource) (statusResource, error) {
	var waited time.Duration
	for pause := c.first; status.Status != statusComplete; pause = min(2*pause, c.longest) {
		if status.Status != statusPending {
			return status, fmt.Errorf("TAXII: %w: a status is neither pending nor complete", ErrAnswer)
		}
		path, err := statusPath(status.ID)
		if err != nil {
			return status, err
		}
		if waited += pause; waited > c.patience {
			return status, fmt.Errorf("TAXII: %w: %d are pending", ErrPending, status.PendingCount)
		}
		if err := c.sleep(ctx, pause); err != nil {
			return status, fmt.Errorf("TAXII: %w: %w", ErrPending, err)
		}
		a, err := c.call(ctx, http.MethodGet, path, nil, nil, maxAnswer)
		if err != nil {
			return status, fmt.Errorf("TAXII: %w: %w", ErrPending, err)
		}
		id := status.ID
		status = statusResource{}
		if err := read(a.body, &status); err != nil {
			return status, err
		}
		if status.ID != id {
			return status, fmt.Errorf("TAXII: %w: the status is of another request", ErrAnswer)
		}
	}
	return status, status.check()
}

const (
	statusComplete = "complete"
	statusPending  = "pending"
)

// statusResource is section 4.3.1 of TAXII 2.1. Messages are not kept: they can echo objects.
type statusResource struct {
	ID           string         `json:"id"`
	Status       string         `json:"status"`
	TotalCount   int            `json:"total_count"`
	SuccessCount int            `json:"success_count"`
	FailureCount int            `json:"failure_count"`
	PendingCount int            `json:"pending_count"`
	Successes    []statusDetail `json:"successes"`
	Failures     []statusDetail `json:"failures"`
}

type statusDetail struct {
	ID      string `json:"id"`
	Version string `json:"version"`
}

func statusPath(id string) (string, error) {
	path, err := collectionPath(id, "")
	if err != nil {
		return "", fmt.Errorf("TAXII: %w: the status has no id", ErrAnswer)
	}
	return "status/" + path[len("collections/"):], nil
}

// check refuses a complete status that does not add up: failures must have names, and nothing may be pending.
func (s statusResource) check() error {
	if s.PendingCount != 0 || s.FailureCount < 0 || s.FailureCount > len(s.Failures) || (s.FailureCount == 0 && len(s.Failures) > 0) {
		return fmt.Errorf("TAXII: %w: a complete status does not add up", ErrAnswer)
	}
	return nil
}

func (s statusResource) plus(t statusResource) statusResource {
	s.Successes, s.Failures = append(s.Successes, t.Successes...), append(s.Failures, t.Failures...)
	return s
}

// refs keeps ids that are ids: everything else could be an echo of what we sent.
func refs(details []statusDetail) []ObjectRef {
	all := make([]ObjectRef, 0, len(details))
	for _, d := range details {
		ref := ObjectRef{ID: "(unreadable id)"}
		if isID(d.ID) {
			ref.ID = d.ID
		}
		if _, err := time.Parse(time.RFC3339, d.Version); err == nil {
			ref.Version = d.Version
		}
		all = append(all, ref)
	}
	return all
}
