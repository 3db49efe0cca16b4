package transfer

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/passavant/passavant/audit"
	"github.com/passavant/passavant/crypto/seal"
	"github.com/passavant/passavant/internal/canonical"
)

// MediaType is the media type of an envelope on HTTP and in mail.
const MediaType = "application/vnd.passavant.envelope"

// FileSuffix is the suffix that a directory transport gives an envelope's file.
const FileSuffix = ".passavant"

const (
	envelopeMagic  = "passavant-envelope/1\n"
	maxStapleBytes = 256 << 10
)

// MaxEnvelopeBytes is the largest envelope that [ParseEnvelope] reads.
const MaxEnvelopeBytes = 64 << 20

// ErrEnvelope is the condition that bytes are not an envelope of a version that this package reads.
var ErrEnvelope = errors.New("not a passavant envelope")

// Envelope is what travels: a sealed message and, stapled in front of it, the proof that its intent stands in the
// exporter's log. An envelope has no plaintext to give; its header is readable and, before [Receiver.Receive] has
// verified it, only a claim.
type Envelope struct {
	Header Header
	// Sealed is the sealed message, header included (docs/envelope-format.md).
	Sealed []byte
	// Staple proves the intent; nil in an envelope without one.
	Staple *Staple

	long *longMessage // in place of Sealed, of an envelope that is too long for memory
}

// Staple is the exporter's intent record with its proof of inclusion.
type Staple struct {
	Record []byte      // the record's canonical bytes, the leaf of the log
	Proof  audit.Proof // inclusion in the tree of a signed head
}

// Transport takes an envelope to its recipient. Implementations get ciphertext only.
//
// Deliver returns when the recipient, or a store that the recipient reads, has the envelope; a nil error means that the
// outcome is recorded as delivered. An error that wraps [ErrNotDelivered] is recorded as failed; after any other error
// the transfer is in doubt. The receipt is the recipient's signed answer where the road brings one back at
// once, else nil ([Sender.Acknowledge] takes a receipt that comes later).
type Transport interface {
	Deliver(ctx context.Context, e *Envelope) (*Receipt, error)
}

// TransportFunc makes a Transport of a function.
type TransportFunc func(ctx context.Context, e *Envelope) (*Receipt, error)

// Deliver calls f.
func (f TransportFunc) Deliver(ctx context.Context, e *Envelope) (*Receipt, error) { return f(ctx, e) }

// Digest returns "sha256:" and the SHA-256 of the sealed message, by which the log names the envelope. The staple is
// outside of it.
func (e *Envelope) Digest() string {
	if e.long != nil {
		return e.long.digest
	}
	return sealedDigest(e.Sealed)
}

func sealedDigest(sealed []byte) string {
	return digestText(sha256.Sum256(sealed))
}

func digestText(sum [sha256.Size]byte) string { return "sha256:" + hex.EncodeToString(sum[:]) }

// Bytes returns the envelope as it travels.
func (e *Envelope) Bytes() ([]byte, error) {
	var b bytes.Buffer
	b.Grow(len(envelopeMagic) + 4096 + len(e.Sealed))
	_, err := e.WriteTo(&b)
	return b.Bytes(), err
}

// WriteTo writes the envelope as it travels.
func (e *Envelope) WriteTo(w io.Writer) (int64, error) {
	var written int64
	for _, part := range append(e.Staple.parts(), []byte("\n"), e.Sealed) {
		n, err := w.Write(part)
		written += int64(n)
		if err != nil {
			return written, fmt.Errorf("writing the envelope: %w", err)
		}
	}
	if e.long == nil {
		return written, nil
	}
	n, err := io.Copy(w, e.long.reader())
	if written += n; err != nil {
		return written, fmt.Errorf("writing the envelope: %w", err)
	}
	return written, nil
}

// ParseEnvelope reads an envelope of at most [MaxEnvelopeBytes]. It checks the form and nothing else: who sent it, and whether
// anybody altered it, is known when [Receiver.Receive] returns.
func ParseEnvelope(r io.Reader) (*Envelope, error) {
	raw, err := io.ReadAll(io.LimitReader(r, MaxEnvelopeBytes+1))
	if err != nil {
		return nil, fmt.Errorf("reading the envelope: %w", err)
	}
	if len(raw) > MaxEnvelopeBytes {
		return nil, fmt.Errorf("%w: larger than %d bytes", ErrEnvelope, MaxEnvelopeBytes)
	}
	rest, found := bytes.CutPrefix(raw, []byte(envelopeMagic))
	if !found {
		return nil, fmt.Errorf("%w: the first line is not %q", ErrEnvelope, envelopeMagic[:len(envelopeMagic)-1])
	}
	line, sealed, found := bytes.Cut(rest, []byte("\n"))
	if !found || len(line) > maxStapleBytes {
		return nil, fmt.Errorf("%w: the second line, the proof, is cut or too long", ErrEnvelope)
	}
	staple, err := parseStaple(line)
	if err != nil {
		return nil, err
	}
	header, err := readHeader(sealed)
	if err != nil {
		return nil, err
	}
	return &Envelope{Header: header, Sealed: sealed, Staple: staple}, nil
}

func readHeader(sealed []byte) (Header, error) { return readHeaderFrom(bytes.NewReader(sealed)) }

func readHeaderFrom(sealed io.Reader) (Header, error) {
	message, err := seal.ReadHeader(sealed)
	if err != nil {
		return Header{}, fmt.Errorf("%w: %w", ErrEnvelope, err)
	}
	return parseHeader(message.Header)
}

type stapleJSON struct {
	Proof  string          `json:"proof,omitempty"`  // C2SP tlog-proof
	Record json.RawMessage `json:"record,omitempty"` // the record's own bytes
}

// parts are what stands before the sealed message, but for the newline: the record is not copied.
func (s *Staple) parts() [][]byte {
	front := append(make([]byte, 0, 2048), envelopeMagic...)
	if s == nil {
		return [][]byte{append(front, "{}"...)}
	}
	proof, _ := s.Proof.AppendText(make([]byte, 0, 1024)) // never fails
	front = canonical.AppendText(append(front, `{"proof":`...), string(proof))
	// The record is canonical already, and its bytes must travel as they are: they are the leaf of the log.
	return [][]byte{append(front, `,"record":`...), s.Record, []byte("}")}
}

// line returns the proof line.
func (s *Staple) line() []byte {
	return slices.Concat(s.parts()...)[len(envelopeMagic):]
}

// parseStaple accepts one spelling of each staple, as it is with the rest of the envelope: the bytes of an envelope
// follow from what it says.
func parseStaple(line []byte) (*Staple, error) {
	staple, err := readStaple(line)
	if err != nil {
		return nil, err
	}
	if !bytes.Equal(staple.line(), line) {
		return nil, fmt.Errorf("%w: the proof line is not in canonical form", ErrEnvelope)
	}
	return staple, nil
}

func readStaple(line []byte) (*Staple, error) {
	var s stapleJSON
	if err := canonical.Unmarshal(line, &s); err != nil {
		return nil, fmt.Errorf("%w: the proof line: %w", ErrEnvelope, err)
	}
	if s.Proof == "" && s.Record == nil {
		return nil, nil
	}
	proof, err := audit.ParseProof([]byte(s.Proof))
	if err != nil {
		return nil, fmt.Errorf("%w: the proof line: %w", ErrEnvelope, err)
	}
	return &Staple{Record: s.Record, Proof: proof}, nil
}
