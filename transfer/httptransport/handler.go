package httptransport

import (
	"encoding/json"
	"errors"
	"fmt"
	"mime"
	"net/http"

	"github.com/passavant/passavant/transfer"
)

const problemMediaType = "application/problem+json"

// problemJSON is RFC 9457 with two extension members.
type problemJSON struct {
	Type   string `json:"type"`
	Title  string `json:"title"`
	Status int    `json:"status"`
	Code   string `json:"code"`
	// Receipt comes with "replayed", if the very same envelope was received before.
	Receipt *transfer.Receipt `json:"receipt,omitempty"`
}

// DefaultMaxBytes is the largest envelope that a handler reads if it is not told otherwise.
const DefaultMaxBytes = 32 << 20

// HandlerConfig sets up a handler.
type HandlerConfig struct {
	// Receiver must have an Accept function: nobody else takes the payload over.
	Receiver *transfer.Receiver
	// MaxBytes limits an envelope; 0 means [DefaultMaxBytes], at most [transfer.MaxEnvelopeBytes].
	MaxBytes int64
}

type handler struct{ HandlerConfig }

// NewHandler returns the recipient's side: it receives one envelope a POST. It knows exporters by their signatures;
// whom to let connect at all, client certificates and time limits are the server's affair.
func NewHandler(c HandlerConfig) (http.Handler, error) {
	if c.Receiver == nil || !c.Receiver.Accepts() {
		return nil, errors.New("HTTPS transport: a handler needs a Receiver that has an Accept function")
	}
	if c.MaxBytes < 0 || c.MaxBytes > transfer.MaxEnvelopeBytes {
		return nil, fmt.Errorf("HTTPS transport: MaxBytes must be between 0 and %d", transfer.MaxEnvelopeBytes)
	}
	if c.MaxBytes == 0 {
		c.MaxBytes = DefaultMaxBytes
	}
	return handler{c}, nil
}

func (h handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodPost {
		w.Header().Set("Allow", http.MethodPost)
		writeProblem(w, http.StatusMethodNotAllowed, CodeMethod, "Envelopes are sent with POST.")
		return
	}
	if media, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || media != transfer.MediaType {
		writeProblem(w, http.StatusUnsupportedMediaType, CodeMediaType, "The body must be "+transfer.MediaType+".")
		return
	}
	h.receive(w, r)
}

func (h handler) receive(w http.ResponseWriter, r *http.Request) {
	envelope, err := transfer.ParseEnvelope(http.MaxBytesReader(w, r.Body, h.MaxBytes))
	if err != nil {
		writeParseProblem(w, err)
		return
	}
	received, err := h.Receiver.Receive(r.Context(), envelope)
	if err != nil {
		writeReceiveProblem(w, err)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(received.Receipt)
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
		writeProblem(w, http.StatusServiceUnavailable, CodeUnavailable, "The recipient could not take the data in or record it; try again.")
		return
	}
	status := http.StatusUnprocessableEntity
	if rejected.Code == transfer.RejectReplayed {
		status = http.StatusConflict
	}
	write(w, problemJSON{Title: rejected.Title(), Status: status, Code: string(rejected.Code), Receipt: rejected.Receipt})
}

func writeProblem(w http.ResponseWriter, status int, code, title string) {
	write(w, problemJSON{Title: title, Status: status, Code: code})
}

func write(w http.ResponseWriter, p problemJSON) {
	p.Type = "about:blank"
	w.Header().Set("Content-Type", problemMediaType)
	w.WriteHeader(p.Status)
	_ = json.NewEncoder(w).Encode(p)
}
