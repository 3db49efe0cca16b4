// Package witness lets parties watch one another's logs. A witness remembers the last checkpoint of each log that it was
// shown, and cosigns another one only after a proof that it continues the last. Whoever asks for the cosignatures of
// independent witnesses need not fear that the log's keeper shows him another history than others, or an older one.
//
// Server is a witness, an http.Handler; Client asks one; Feed asks all witnesses of a policy. The protocol is
// c2sp.org/tlog-witness with cosignatures of c2sp.org/tlog-cosignature.
package witness

import (
	"bytes"
	"crypto"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"github.com/passavant/passavant/audit"
)

const (
	maxRequestBytes = 64 << 10
	maxHashes       = 63

	// SizeMediaType is the type of the answer 409: the size that the witness knows.
	SizeMediaType = "text/x.tlog.size"
)

// Server is a witness. It is safe for concurrent use; one directory belongs to one Server.
type Server struct {
	name  string
	key   crypto.Signer
	dir   string
	logs  func(origin string) (vkey string, known bool)
	clock func() time.Time
	mu    sync.Mutex // one checkpoint at a time: compare and remember must not interleave
}

// Config is what a Server is made of. Name, Key, Dir and Logs are required.
type Config struct {
	Name string        // of the witness, as in its verifier key
	Key  crypto.Signer // Ed25519; use it for nothing else
	Dir  string        // holds the last checkpoint of each log; must outlive the process
	// Logs gives the verifier key of a log that this witness watches.
	Logs  func(origin string) (vkey string, known bool)
	Clock func() time.Time // nil means time.Now
}

// NewServer opens a witness.
func NewServer(c Config) (*Server, error) {
	pub, ok := c.Key.Public().(ed25519.PublicKey)
	if !ok || c.Logs == nil {
		return nil, errors.New("a witness needs an Ed25519 key and the keys of its logs")
	}
	if _, err := audit.CosignerKey(c.Name, pub); err != nil {
		return nil, err
	}
	if err := os.MkdirAll(c.Dir, 0o700); err != nil {
		return nil, fmt.Errorf("the witness's memory: %w", err)
	}
	if c.Clock == nil {
		c.Clock = time.Now
	}
	return &Server{name: c.Name, key: c.Key, dir: c.Dir, logs: c.Logs, clock: c.Clock}, nil
}

// ServeHTTP answers POST …/add-checkpoint.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !strings.HasSuffix(r.URL.Path, "/add-checkpoint") {
		http.NotFound(w, r)
		return
	}
	if r.Method != http.MethodPost {
		w.Header().Set("Allow", http.MethodPost)
		http.Error(w, "POST a checkpoint", http.StatusMethodNotAllowed)
		return
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxRequestBytes))
	if err != nil {
		http.Error(w, "the request is too large or was cut", http.StatusBadRequest)
		return
	}
	line, err := s.Add(body)
	var conflict *ConflictError
	switch {
	case err == nil:
		_, _ = w.Write(line)
	case errors.As(err, &conflict):
		w.Header().Set("Content-Type", SizeMediaType)
		w.WriteHeader(http.StatusConflict)
		_, _ = fmt.Fprintf(w, "%d\n", conflict.Size)
	default:
		http.Error(w, err.Error(), statusOf(err))
	}
}

func statusOf(err error) int {
	switch {
	case errors.Is(err, ErrUnknownLog):
		return http.StatusNotFound
	case errors.Is(err, ErrSignature):
		return http.StatusForbidden
	case errors.Is(err, ErrInconsistent):
		return http.StatusUnprocessableEntity
	case errors.Is(err, ErrRequest):
		return http.StatusBadRequest
	}
	return http.StatusInternalServerError
}

// What a witness answers, beside *ConflictError. The errors never quote the request.
var (
	ErrRequest      = errors.New("not a request to a witness")
	ErrUnknownLog   = errors.New("the witness does not watch this log")
	ErrSignature    = errors.New("the checkpoint is not signed by the log")
	ErrInconsistent = errors.New("the checkpoint does not continue the one that the witness knows")
)

// ConflictError says that the request starts from another size than the one that the witness knows.
type ConflictError struct{ Size int64 }

func (e *ConflictError) Error() string {
	return fmt.Sprintf("the witness knows the log at %d records", e.Size)
}

// Add takes the body of an add-checkpoint request and returns the witness's signature line.
func (s *Server) Add(body []byte) ([]byte, error) {
	req, err := parseRequest(body)
	if err != nil {
		return nil, err
	}
	origin, _, _ := strings.Cut(string(req.checkpoint), "\n")
	vkey, known := s.logs(origin)
	if !known {
		return nil, ErrUnknownLog
	}
	c, err := audit.OpenCheckpoint(vkey, req.checkpoint)
	if err != nil {
		return nil, ErrSignature
	}
	if c.Size < req.old {
		return nil, fmt.Errorf("%w: the old size is larger than the new one", ErrRequest)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.continues(c, req, vkey); err != nil {
		return nil, err
	}
	line, err := audit.Cosign(s.key, s.name, req.checkpoint, s.clock())
	if err != nil {
		return nil, err
	}
	// Remembered before it is told: a crash in between costs a cosignature, the other order could cost the log's unity.
	return line, s.remember(origin, req.checkpoint)
}

// continues compares a checkpoint with the last one.
func (s *Server) continues(c audit.Checkpoint, req request, vkey string) error {
	last, err := s.last(c.Origin, vkey)
	switch {
	case err != nil:
		return err
	case req.old != last.Size:
		return &ConflictError{last.Size}
	case last.Size == 0 && len(req.hashes) == 0:
		return nil
	case last.Size == c.Size:
		if last.Root != c.Root || len(req.hashes) != 0 {
			return ErrInconsistent
		}
		return nil
	case last.Size == 0:
		return fmt.Errorf("%w: a proof from nothing has no hashes", ErrInconsistent)
	}
	if tlog.CheckTree(req.hashes, c.Size, c.Root, last.Size, last.Root) != nil {
		return ErrInconsistent
	}
	return nil
}

func (s *Server) path(origin string) string {
	sum := sha256.Sum256([]byte(origin))
	return filepath.Join(s.dir, hex.EncodeToString(sum[:])+".checkpoint")
}

// last reads what the witness knows of a log; size 0 if nothing. A memory that cannot be read stops the witness: to forget is
// to let the log be rewritten.
func (s *Server) last(origin, vkey string) (audit.Checkpoint, error) {
	raw, err := os.ReadFile(s.path(origin))
	if errors.Is(err, os.ErrNotExist) {
		return audit.Checkpoint{}, nil
	}
	if err != nil {
		return audit.Checkpoint{}, fmt.Errorf("the witness's memory: %w", err)
	}
	c, err := audit.OpenCheckpoint(vkey, raw)
	if err != nil {
		return audit.Checkpoint{}, fmt.Errorf("the witness's memory of this log is damaged, or the log's key is another: %w", err)
	}
	return c, nil
}

func (s *Server) remember(origin string, checkpoint []byte) error {
	if err := ReplaceFile(s.path(origin), checkpoint); err != nil {
		return fmt.Errorf("the witness's memory: %w", err)
	}
	return nil
}

// ReplaceFile makes content durable under a name that holds the old content or the new one, never a part.
func ReplaceFile(name string, content []byte) (err error) {
	f, err := os.CreateTemp(filepath.Dir(name), ".new-*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = os.Remove(f.Name())
		}
	}()
	_, err = f.Write(content)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	if err = os.Rename(f.Name(), name); err != nil {
		return err
	}
	dir, err := os.Open(filepath.Dir(name))
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}

// request is the body of add-checkpoint: "old SIZE", the hashes of a consistency proof, an empty line, the checkpoint.
type request struct {
	old        int64
	hashes     []tlog.Hash
	checkpoint []byte
}

func parseRequest(body []byte) (request, error) {
	head, checkpoint, ok := bytes.Cut(body, []byte("\n\n"))
	lines := strings.Split(string(head), "\n")
	size, isOld := strings.CutPrefix(lines[0], "old ")
	if !ok || !isOld || len(lines)-1 > maxHashes {
		return request{}, fmt.Errorf("%w: want 'old SIZE', at most 63 hashes, an empty line and a checkpoint", ErrRequest)
	}
	r := request{checkpoint: checkpoint}
	var err error
	if r.old, err = strconv.ParseInt(size, 10, 64); err != nil || r.old < 0 || strconv.FormatInt(r.old, 10) != size {
		return request{}, fmt.Errorf("%w: the old size is not a decimal number", ErrRequest)
	}
	for i, line := range lines[1:] {
		h, err := tlog.ParseHash(line)
		if err != nil || h.String() != line {
			return request{}, fmt.Errorf("%w: line %d is not base64 of 32 bytes", ErrRequest, i+2)
		}
		r.hashes = append(r.hashes, h)
	}
	return r, nil
}

func (r request) body() []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "old %d\n", r.old)
	for _, h := range r.hashes {
		b.WriteString(h.String() + "\n")
	}
	b.WriteByte('\n')
	b.Write(r.checkpoint)
	return b.Bytes()
}
