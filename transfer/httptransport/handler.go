package httptransport

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"path"

	"github.com/passavant/passavant/transfer"
)

const problemMediaType = "application/problem+json"

// problemJSON is RFC 9457 with one extension member.
type problemJSON struct {
	Type   string `json:"type"`
	Title  string `json:"title"`
	Status int    `json:"status"`
	Code   string `json:"code"`
}

// DefaultMaxBytes is the largest envelope that a handler reads if it is not told otherwise.
const DefaultMaxBytes = 32 << 20

// HandlerConfig sets up a handler.
type HandlerConfig struct {
	// Receiver must have an Accept function, unless there is AcceptFile: somebody must take the payload over.
	Receiver *transfer.Receiver
	// MaxBytes limits an envelope; 0 means [DefaultMaxBytes]. It is at most [transfer.MaxEnvelopeBytes] without a Folder, and
	// what the disk bears with one.
	MaxBytes int64
	// Folder lets envelopes of any length in: they go through temporary files there, and memory does not grow with them. The
	// files are removed, also after an error; only a crash leaves some, with names that begin with ".passavant-".
	Folder string
	// AcceptFile takes a payload over that was opened into a file of that name in Folder, after everything was verified and
	// before it is recorded. Give the file another name to keep it. As with [transfer.ReceiverConfig.Accept], an error means
	// that nothing is recorded, and it must be idempotent by transfer id. It is required with Folder, and takes the place of
	// Accept.
	AcceptFile func(ctx context.Context, h transfer.Header, name string) error
	// MaxConcurrent limits the envelopes that are received at one time, and so the memory; what comes above is told to come
	// back. 0 means [DefaultMaxConcurrent].
	MaxConcurrent int
}

// DefaultMaxConcurrent is the number of envelopes that a handler receives at one time if it is not told otherwise.
const DefaultMaxConcurrent = 64

// busySeconds is for how long a client is asked to stay away.
const busySeconds = "2"

type handler struct {
	HandlerConfig
	places chan struct{}
}

// NewHandler returns the recipient's side: it receives one envelope a POST. It knows exporters by their signatures;
// whom to let connect at all, client certificates and time limits are the server's affair.
func NewHandler(c HandlerConfig) (http.Handler, error) {
	if c.Receiver == nil || (!c.Receiver.Accepts() && c.AcceptFile == nil) {
		return nil, errors.New("HTTPS transport: a handler needs a Receiver that has an Accept function, or AcceptFile")
	}
	if (c.Folder == "") != (c.AcceptFile == nil) {
		return nil, errors.New("HTTPS transport: Folder and AcceptFile belong together")
	}
	if c.Folder != "" {
		if err := (files{c.Folder}).check(); err != nil {
			return nil, err
		}
	}
	if c.MaxBytes < 0 || (c.Folder == "" && c.MaxBytes > transfer.MaxEnvelopeBytes) {
		return nil, fmt.Errorf("HTTPS transport: MaxBytes must be between 0 and %d", transfer.MaxEnvelopeBytes)
	}
	if c.MaxBytes == 0 {
		c.MaxBytes = DefaultMaxBytes
	}
	if c.MaxConcurrent <= 0 {
		c.MaxConcurrent = DefaultMaxConcurrent
	}
	return handler{c, make(chan struct{}, c.MaxConcurrent)}, nil
}

func (h handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if (r.Method == http.MethodGet || r.Method == http.MethodHead) && path.Base(r.URL.Path) == "health" {
		h.health(w, r)
		return
	}
	if r.Method != http.MethodPost {
		w.Header().Set("Allow", http.MethodPost)
		writeProblem(w, http.StatusMethodNotAllowed, CodeMethod, "Envelopes are sent with POST.")
		return
	}
	if media, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || media != transfer.MediaType {
		writeProblem(w, http.StatusUnsupportedMediaType, CodeMediaType, "The body must be "+transfer.MediaType+".")
		return
	}
	select {
	case h.places <- struct{}{}:
		defer func() { <-h.places }()
		h.receive(w, r)
	default:
		writeUnavailable(w, "The recipient is busy; try again.")
	}
}

// health says whether an envelope would be recorded. It tells nothing else.
func (h handler) health(w http.ResponseWriter, r *http.Request) {
	if err := h.Receiver.Log.Flush(r.Context()); err != nil {
		writeUnavailable(w, "The recipient's log takes no records.")
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = io.WriteString(w, `{"status":"pass"}`+"\n")
}

func writeUnavailable(w http.ResponseWriter, title string) {
	w.Header().Set("Retry-After", busySeconds)
	writeProblem(w, http.StatusServiceUnavailable, CodeUnavailable, title)
}

func (h handler) receive(w http.ResponseWriter, r *http.Request) {
	if h.Folder != "" {
		h.receiveFile(w, r)
		return
	}
	envelope, err := transfer.ParseEnvelope(http.MaxBytesReader(w, r.Body, h.MaxBytes))
	if err != nil {
		writeParseProblem(w, err)
		return
	}
	received, err := h.Receiver.Receive(r.Context(), envelope)
	h.answer(w, received, err)
}

func (h handler) answer(w http.ResponseWriter, received *transfer.Received, err error) {
	if err != nil {
		writeReceiveProblem(w, err)
		return
	}
	writeReceipt(w, received.Receipt)
}

func writeReceipt(w http.ResponseWriter, r *transfer.Receipt) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(r)
}

func writeParseProblem(w http.ResponseWriter, err error) {
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) {
		writeProblem(w, http.StatusRequestEntityTooLarge, CodeTooLarge, "The envelope is larger than this recipient reads.")
		return
	}
	writeProblem(w, http.StatusBadRequest, string(transfer.RejectMalformed), "The body is not an envelope.")
}

func writeReceiveProblem(w http.ResponseWriter, err error) {
	var rejected *transfer.RejectedError
	if !errors.As(err, &rejected) {
		writeUnavailable(w, "The recipient could not take the data in or record it; try again.")
		return
	}
	if rejected.Code == transfer.RejectReplayed && rejected.Receipt != nil {
		w.Header().Set("Idempotent-Replayed", "true")
		writeReceipt(w, rejected.Receipt)
		return
	}
	status := http.StatusUnprocessableEntity
	if rejected.Code == transfer.RejectReplayed {
		status = http.StatusConflict
	}
	writeProblem(w, status, string(rejected.Code), rejected.Title())
}

func writeProblem(w http.ResponseWriter, status int, code, title string) {
	w.Header().Set("Content-Type", problemMediaType)
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(problemJSON{Type: "about:blank", Title: title, Status: status, Code: code})
}
