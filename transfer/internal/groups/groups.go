// Package groups counts how many records of a stream are alike, with memory that hardly grows with the stream: a 256th of
// the records at a time, and one bit a record. See docs/bulk.md, "Counting with bounded memory".
package groups

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
)

// ErrDisk is the condition that a temporary file cannot be made, written or read.
var ErrDisk = errors.New("temporary file")

const (
	partitions = 256
	entrySize  = 16 + 8 // group, number of the record
	blockSize  = 16 << 10 / entrySize * entrySize
)

// Counter takes the groups of records one after the other. It is for one goroutine.
type Counter struct {
	dir     string
	records int64
	parts   [partitions]partition
	file    *os.File // blocks of the partitions, in the order of their filling
	blocks  int64
}

// partition holds the records whose groups begin with one byte.
type partition struct {
	buf    []byte
	blocks []int64 // in the file
}

// New returns a counter. dir is where a temporary file would be made; empty means the system's folder for them.
func New(dir string) *Counter { return &Counter{dir: dir} }

// Add counts the next record. group must be spread evenly, as a keyed hash is.
func (c *Counter) Add(group [16]byte) error {
	p := &c.parts[group[0]]
	p.buf = append(p.buf, group[:]...)
	p.buf = binary.LittleEndian.AppendUint64(p.buf, uint64(c.records))
	c.records++
	if len(p.buf) < blockSize {
		return nil
	}
	return c.spill(p)
}

func (c *Counter) spill(p *partition) error {
	if c.file == nil {
		f, err := os.CreateTemp(c.dir, ".passavant-groups-*")
		if err != nil {
			return fmt.Errorf("making a %w: %w", ErrDisk, err)
		}
		_ = os.Remove(f.Name()) // where an open file cannot be removed, Close does it
		c.file = f
	}
	if _, err := c.file.WriteAt(p.buf, c.blocks*blockSize); err != nil {
		return fmt.Errorf("writing a %w: %w", ErrDisk, err)
	}
	p.blocks = append(p.blocks, c.blocks)
	c.blocks++
	p.buf = p.buf[:0]
	return nil
}

// Records returns how many records were added.
func (c *Counter) Records() int64 { return c.records }

// Close forgets everything.
func (c *Counter) Close() error {
	if c.file == nil {
		return nil
	}
	err := c.file.Close()
	_ = os.Remove(c.file.Name()) // gone already, as a rule
	return err
}

// Set is a set of records by number, from 0.
type Set struct {
	bits  []uint64
	count int64
}

// Has reports whether a record is in the set.
func (s *Set) Has(record int64) bool { return s.bits[record/64]>>(record%64)&1 == 1 }

// Count returns how many records are in the set.
func (s *Set) Count() int64 { return s.count }

func (s *Set) add(record int64) {
	s.bits[record/64] |= 1 << (record % 64)
	s.count++
}

// Small returns the records whose group has fewer than k records.
func (c *Counter) Small(k int) (*Set, error) {
	small := &Set{bits: make([]uint64, (c.records+63)/64)}
	for i := range c.parts {
		if err := c.count(&c.parts[i], k, small); err != nil {
			return nil, err
		}
	}
	return small, nil
}

func (c *Counter) count(p *partition, k int, small *Set) error {
	sizes := make(map[[16]byte]int)
	if err := c.each(p, func(group [16]byte, _ int64) { sizes[group]++ }); err != nil {
		return err
	}
	return c.each(p, func(group [16]byte, record int64) {
		if sizes[group] < k {
			small.add(record)
		}
	})
}

// each visits the records of a partition.
func (c *Counter) each(p *partition, visit func(group [16]byte, record int64)) error {
	readers := make([]io.Reader, 0, len(p.blocks)+1)
	for _, b := range p.blocks {
		readers = append(readers, io.NewSectionReader(c.file, b*blockSize, blockSize))
	}
	all := bufio.NewReaderSize(io.MultiReader(readers...), blockSize)
	var entry [entrySize]byte
	for range len(p.blocks) * blockSize / entrySize {
		if _, err := io.ReadFull(all, entry[:]); err != nil {
			return fmt.Errorf("reading a %w: %w", ErrDisk, err)
		}
		visit([16]byte(entry[:16]), int64(binary.LittleEndian.Uint64(entry[16:])))
	}
	for buf := p.buf; len(buf) > 0; buf = buf[entrySize:] {
		visit([16]byte(buf[:16]), int64(binary.LittleEndian.Uint64(buf[16:])))
	}
	return nil
}
