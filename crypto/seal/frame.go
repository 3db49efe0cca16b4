package seal

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"hash"
	"io"
)

// frameSize is the number of body bytes in every frame but the last, which may be shorter.
const frameSize = 64 << 10

// digester passes bytes on and keeps their hash and number.
type digester struct {
	w io.Writer
	h hash.Hash
	n int64
}

func (d *digester) Write(p []byte) (int, error) {
	n, err := d.w.Write(p)
	d.h.Write(p[:n])
	d.n += int64(n)
	return n, err
}

// frameWriter cuts the body into frames, so that a reader knows where it ends without seeking.
type frameWriter struct {
	w   io.Writer
	buf []byte // the length field and what is waiting behind it
}

const lengthSize = 4

// newFrameWriter expects a body of about size bytes; below zero, any.
func newFrameWriter(w io.Writer, size int) *frameWriter {
	if size < 0 || size > frameSize {
		size = frameSize
	}
	return &frameWriter{w: w, buf: make([]byte, lengthSize, lengthSize+size)}
}

func (f *frameWriter) Write(p []byte) (int, error) {
	written := 0
	for written < len(p) {
		if len(f.buf) == lengthSize+frameSize {
			if err := f.flush(); err != nil {
				return written, err
			}
		}
		n := min(len(p)-written, lengthSize+frameSize-len(f.buf))
		f.buf = append(f.buf, p[written:written+n]...)
		written += n
	}
	return written, nil
}

func (f *frameWriter) flush() error {
	binary.BigEndian.PutUint32(f.buf, uint32(len(f.buf)-lengthSize))
	_, err := f.w.Write(f.buf)
	f.buf = f.buf[:lengthSize]
	return err
}

// Close writes the last frame and the length zero that ends the body.
func (f *frameWriter) Close() error {
	if len(f.buf) > lengthSize {
		if err := f.flush(); err != nil {
			return err
		}
	}
	return f.flush()
}

// source reads the parts of a message and hashes what it has read.
type source struct {
	r *bufio.Reader
	h hash.Hash
}

// line reads one line of at most limit bytes and returns it without its newline.
func (s *source) line(part string, limit int) ([]byte, error) {
	var line []byte
	for {
		piece, err := s.r.ReadSlice('\n')
		s.h.Write(piece)
		line = append(line, piece...)
		switch {
		case err == nil && len(line) <= limit+1:
			return line[:len(line)-1], nil
		case len(line) > limit:
			return nil, fmt.Errorf("%w: %s is too long", ErrMalformed, part)
		case !errors.Is(err, bufio.ErrBufferFull):
			return nil, cut(err, part)
		}
	}
}

// full fills p.
func (s *source) full(p []byte, part string) error {
	n, err := io.ReadFull(s.r, p)
	s.h.Write(p[:n])
	if err != nil {
		return cut(err, part)
	}
	return nil
}

// cut turns an early end into ErrTruncated and lets other errors of the reader through.
func cut(err error, part string) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return fmt.Errorf("%w: in the %s", ErrTruncated, part)
	}
	return fmt.Errorf("seal: reading the %s: %w", part, err)
}

// frameReader gives the body back. It keeps its own error, because the decrypting reader above it hides errors.
type frameReader struct {
	s    *source
	left int  // bytes left in the current frame
	last bool // the current frame was short, so none may follow
	err  error
}

func (f *frameReader) Read(p []byte) (int, error) {
	if f.left == 0 && f.err == nil {
		f.err = f.next()
	}
	if f.err != nil {
		return 0, f.err
	}
	p = p[:min(len(p), f.left)]
	if err := f.s.full(p, "body"); err != nil {
		f.err = err
		return 0, err
	}
	f.left -= len(p)
	return len(p), nil
}

// next reads a length field. Framing has one spelling only: full frames, then at most one shorter one, then zero.
func (f *frameReader) next() error {
	var field [lengthSize]byte
	if err := f.s.full(field[:], "body"); err != nil {
		return err
	}
	n := binary.BigEndian.Uint32(field[:])
	switch {
	case n == 0:
		return io.EOF
	case n > frameSize || f.last:
		return fmt.Errorf("%w: body, frame", ErrMalformed)
	}
	f.left, f.last = int(n), n < frameSize
	return nil
}

// finish skips what is left of the body and reports the first fault of the framing.
func (f *frameReader) finish() error {
	if _, err := io.Copy(io.Discard, f); err != nil {
		return err
	}
	return nil
}
