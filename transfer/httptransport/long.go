package httptransport

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"time"

	"github.com/passavant/passavant/transfer"
)

// bodyOf returns how an envelope is read for one attempt: from memory, or from its file as it is sent.
func bodyOf(e *transfer.Envelope) (func() io.ReadCloser, error) {
	if !e.Long() {
		whole, err := e.Bytes()
		return func() io.ReadCloser { return io.NopCloser(bytes.NewReader(whole)) }, err
	}
	return func() io.ReadCloser {
		r, w := io.Pipe()
		go func() {
			_, err := e.WriteTo(w)
			_ = w.CloseWithError(err)
		}()
		return r // closing it ends the writer
	}, nil
}

// timeFor is the longest that an attempt may take.
func timeFor(length int64) time.Duration {
	return defaultTimeout + time.Duration(length>>20)*time.Second
}

// files receives envelopes of any length: into one temporary file as they arrive, and opened into another.
type files struct{ folder string }

// check finds out at the start that nothing could be written.
func (f files) check() error {
	file, err := os.CreateTemp(f.folder, ".passavant-*")
	if err != nil {
		return fmt.Errorf("HTTPS transport: %w", err)
	}
	return errors.Join(file.Close(), os.Remove(file.Name()))
}

// temporary makes a file that is removed by done, unless somebody has given it another name.
func (f files) temporary() (file *os.File, done func(), err error) {
	if file, err = os.CreateTemp(f.folder, ".passavant-*"); err != nil {
		return nil, nil, err
	}
	return file, func() { _, _ = file.Close(), os.Remove(file.Name()) }, nil
}

// receiveFile receives an envelope without holding it in memory.
func (h handler) receiveFile(w http.ResponseWriter, r *http.Request) {
	arrived, done, err := files{h.Folder}.temporary()
	if err != nil {
		writeUnavailable(w, "The recipient could not take the data in; try again.")
		return
	}
	defer done()
	n, err := io.Copy(arrived, http.MaxBytesReader(w, r.Body, h.MaxBytes))
	var full *os.PathError
	if errors.As(err, &full) {
		writeUnavailable(w, "The recipient could not take the data in; try again.")
		return
	}
	if err != nil {
		writeParseProblem(w, err)
		return
	}
	envelope, err := transfer.OpenEnvelope(arrived, n)
	if err != nil {
		writeParseProblem(w, err)
		return
	}
	document, done, err := files{h.Folder}.temporary()
	if err != nil {
		writeUnavailable(w, "The recipient could not take the data in; try again.")
		return
	}
	defer done()
	received, err := h.Receiver.ReceiveStream(r.Context(), envelope, document, func(ctx context.Context, header transfer.Header) error {
		if err := document.Sync(); err != nil {
			return err
		}
		return h.AcceptFile(ctx, header, document.Name())
	})
	h.answer(w, received, err)
}
