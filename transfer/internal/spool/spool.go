// Package spool keeps what is too long for memory for as long as a transfer takes: in memory up to a limit, and beyond
// it in a temporary file that has no name where the system allows that. Nothing of a spool survives the process.
package spool

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
)

// DefaultMemory is how many bytes a spool keeps in memory.
const DefaultMemory = 1 << 20

// ErrDisk is the condition that a temporary file cannot be made, written or read.
var ErrDisk = errors.New("temporary file")

// errRead is the condition that the file does not hold what was written to it.
var errRead = errors.New("the temporary file was altered or cut")

// chunkSize is how many bytes are encrypted together.
const chunkSize = 64 << 10

// Spool is written once and then read. It is for one goroutine.
type Spool struct {
	dir    string
	limit  int
	mem    []byte // all of it, or what is not yet in the file
	file   *os.File
	size   int64
	aead   cipher.AEAD // nil for a spool that is not secret
	chunks uint64
	sealed []byte
}

// New returns a spool for bytes that may be seen by who reads the disk: ciphertext. dir is where a temporary file would be
// made; empty means the system's folder for them.
func New(dir string, memory int) *Spool { return &Spool{dir: dir, limit: memory} }

// NewSecret returns a spool whose file is encrypted (AES-256-GCM, in chunks bound to their numbers) with a key that is in
// memory only.
func NewSecret(dir string, memory int) *Spool {
	key := make([]byte, 32)
	_, _ = rand.Read(key) // never fails, see crypto/rand
	block, _ := aes.NewCipher(key)
	aead, _ := cipher.NewGCM(block) // both fail for other key and block sizes only
	clear(key)
	return &Spool{dir: dir, limit: memory, aead: aead}
}

// Write adds to the spool. An error is the disk's.
func (s *Spool) Write(p []byte) (int, error) {
	s.size += int64(len(p))
	if s.file == nil && len(s.mem)+len(p) <= s.limit {
		s.mem = append(s.mem, p...)
		return len(p), nil
	}
	if s.file == nil {
		if err := s.open(); err != nil {
			return 0, err
		}
	}
	written := len(p)
	for len(p) > 0 {
		n := min(len(p), max(chunkSize-len(s.mem), 0))
		s.mem = append(s.mem, p[:n]...)
		p = p[n:]
		if len(s.mem) >= chunkSize {
			if err := s.flush(); err != nil {
				return 0, err
			}
		}
	}
	return written, nil
}

func (s *Spool) open() error {
	f, err := os.CreateTemp(s.dir, ".passavant-spool-*")
	if err != nil {
		return fmt.Errorf("making a %w: %w", ErrDisk, err)
	}
	_ = os.Remove(f.Name()) // where an open file cannot be removed, Close does it
	s.file = f
	return nil
}

// flush writes all whole chunks that wait in memory.
func (s *Spool) flush() error {
	rest := s.mem
	for len(rest) >= chunkSize {
		if err := s.writeChunk(rest[:chunkSize]); err != nil {
			return err
		}
		rest = rest[chunkSize:]
	}
	n := copy(s.mem, rest)
	clear(s.mem[n:])
	s.mem = s.mem[:n]
	return nil
}

func (s *Spool) writeChunk(chunk []byte) error {
	if s.aead != nil {
		s.sealed = s.aead.Seal(s.sealed[:0], nonce(s.chunks), chunk, nil)
		chunk = s.sealed
	}
	s.chunks++
	if _, err := s.file.Write(chunk); err != nil {
		return fmt.Errorf("writing a %w: %w", ErrDisk, err)
	}
	return nil
}

func nonce(chunk uint64) []byte {
	var n [12]byte
	binary.BigEndian.PutUint64(n[4:], chunk)
	return n[:]
}

// Size returns how many bytes were written.
func (s *Spool) Size() int64 { return s.size }

// Bytes returns the contents if they are in memory.
func (s *Spool) Bytes() ([]byte, bool) { return s.mem, s.file == nil }

// Reader returns a reader of all that was written. Nothing may be written afterwards.
func (s *Spool) Reader() (io.Reader, error) {
	if s.file == nil {
		return &reader{plain: s.mem}, nil
	}
	if _, err := s.file.Seek(0, io.SeekStart); err != nil {
		return nil, fmt.Errorf("reading a %w: %w", ErrDisk, err)
	}
	return &reader{spool: s, left: s.chunks}, nil
}

// reader gives chunk by chunk, and at last what is still in memory.
type reader struct {
	spool *Spool
	left  uint64 // chunks
	tail  bool
	plain []byte
	buf   []byte
}

func (r *reader) Read(p []byte) (int, error) {
	for len(r.plain) == 0 {
		switch {
		case r.left > 0:
			if err := r.chunk(); err != nil {
				return 0, err
			}
		case r.spool != nil && !r.tail:
			r.tail, r.plain = true, r.spool.mem
		default:
			return 0, io.EOF
		}
	}
	n := copy(p, r.plain)
	r.plain = r.plain[n:]
	return n, nil
}

func (r *reader) chunk() error {
	s, size := r.spool, chunkSize
	if s.aead != nil {
		size += s.aead.Overhead()
	}
	if r.buf == nil {
		r.buf = make([]byte, size)
	}
	if _, err := io.ReadFull(s.file, r.buf); err != nil {
		return fmt.Errorf("reading a %w: %w", ErrDisk, err)
	}
	r.plain = r.buf
	if s.aead != nil {
		plain, err := s.aead.Open(r.buf[:0], nonce(s.chunks-r.left), r.buf, nil)
		if err != nil {
			return errRead
		}
		r.plain = plain
	}
	r.left--
	return nil
}

// File returns the contents as a file, for a spool that is not secret. Nothing may be written afterwards.
func (s *Spool) File() (io.ReaderAt, error) {
	if s.aead != nil || s.file == nil {
		return nil, errors.New("spool: secret, or not in a file")
	}
	if len(s.mem) > 0 {
		if _, err := s.file.Write(s.mem); err != nil {
			return nil, fmt.Errorf("writing a %w: %w", ErrDisk, err)
		}
		s.mem = s.mem[:0]
	}
	return s.file, nil
}

// Close forgets what was written.
func (s *Spool) Close() error {
	clear(s.mem[:cap(s.mem)])
	s.mem = nil
	if s.file == nil {
		return nil
	}
	err := s.file.Close()
	_ = os.Remove(s.file.Name()) // gone already, as a rule
	return err
}
