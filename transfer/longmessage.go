package transfer

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"strings"

	"github.com/passavant/passavant/transfer/internal/spool"
)

// longMessage is a sealed message in a file.
type longMessage struct {
	at     io.ReaderAt
	offset int64
	size   int64
	digest string
}

func (m *longMessage) reader() io.Reader { return io.NewSectionReader(m.at, m.offset, m.size) }

// Size returns the length of the sealed message in bytes.
func (e *Envelope) Size() int64 {
	if e.long != nil {
		return e.long.size
	}
	return int64(len(e.Sealed))
}

// Length returns the length of the envelope as it travels, in bytes: what [Envelope.WriteTo] writes.
func (e *Envelope) Length() int64 {
	n := e.Size() + 1
	for _, part := range e.Staple.parts() {
		n += int64(len(part))
	}
	return n
}

// Long reports whether the sealed message lies in a file and not in memory.
func (e *Envelope) Long() bool { return e.long != nil }

// sealedReader reads the sealed message from its beginning.
func (e *Envelope) sealedReader() io.Reader {
	if e.long != nil {
		return e.long.reader()
	}
	return bytes.NewReader(e.Sealed)
}

// newLongMessage takes what was sealed into a spool: into memory if it is there, else as the file.
func newLongMessage(s *spool.Spool, digest string) (sealed []byte, long *longMessage, err error) {
	if in, whole := s.Bytes(); whole {
		return bytes.Clone(in), nil, nil
	}
	file, err := s.File()
	if err != nil {
		return nil, nil, err
	}
	return nil, &longMessage{at: file, size: s.Size(), digest: digest}, nil
}

// OpenEnvelope reads an envelope of any length from a file of size bytes. It reads the header only; what is sealed stays in
// the file, which the caller closes when the envelope was received. As with [ParseEnvelope], nothing is verified.
// The envelope is for [Receiver.ReceiveStream].
func OpenEnvelope(file io.ReaderAt, size int64) (*Envelope, error) {
	all := bufio.NewReaderSize(io.NewSectionReader(file, 0, size), 64<<10)
	magic := make([]byte, len(envelopeMagic))
	if _, err := io.ReadFull(all, magic); err != nil && err != io.EOF && err != io.ErrUnexpectedEOF {
		return nil, fmt.Errorf("reading the envelope: %w", err)
	}
	if string(magic) != envelopeMagic {
		return nil, fmt.Errorf("%w: the first line is not %q", ErrEnvelope, strings.TrimSpace(envelopeMagic))
	}
	line, err := readLine(all, maxStapleBytes)
	if err != nil {
		return nil, err
	}
	staple, err := parseStaple(line)
	if err != nil {
		return nil, err
	}
	offset := int64(len(envelopeMagic) + len(line) + 1)
	long := &longMessage{at: file, offset: offset, size: size - offset}
	header, err := readHeaderFrom(long.reader())
	if err != nil {
		return nil, err
	}
	return &Envelope{Header: header, Staple: staple, long: long}, nil
}

// readLine reads a line of at most limit bytes, without its end.
func readLine(r *bufio.Reader, limit int) ([]byte, error) {
	var line []byte
	for {
		piece, err := r.ReadSlice('\n')
		line = append(line, piece...)
		switch {
		case err == nil && len(line) <= limit+1:
			return line[:len(line)-1], nil
		case err == bufio.ErrBufferFull && len(line) <= limit:
		case err == nil, err == bufio.ErrBufferFull, err == io.EOF:
			return nil, fmt.Errorf("%w: the second line, the proof, is cut or too long", ErrEnvelope)
		default:
			return nil, fmt.Errorf("reading the envelope: %w", err)
		}
	}
}
