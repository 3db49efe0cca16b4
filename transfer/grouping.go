package transfer

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/passavant/passavant/transfer/internal/groups"
	"github.com/passavant/passavant/transfer/payload"
)

// DefaultGroupSize is how many records of a bulk document have to share their quasi-identifiers if the recipient is in a
// third country.
const DefaultGroupSize = 5

// groupSize returns k of the batch gate: what the agreement says, else the default of the recipient's country; a request can
// ask for more.
func (s *Sender) groupSize(out *outbound, o StreamOptions) int {
	k := 1
	if !inEEA(s.countryOf(out.req)) {
		k = DefaultGroupSize
	}
	if a, found := s.Engine.Agreement(out.req.Agreement); found && a.GroupSize > 0 {
		k = a.GroupSize
	}
	return max(k, o.GroupSize)
}

// inEEA reports whether a country is no third country of the GDPR: a member state or, by the EEA Agreement (Joint
// Committee Decision 154/2018), Iceland, Liechtenstein or Norway.
func inEEA(country string) bool {
	return slices.Contains([]string{
		"AT", "BE", "BG", "HR", "CY", "CZ", "DK", "EE", "FI", "FR", "DE", "GR", "HU", "IE", "IT", "LV", "LT", "LU", "MT",
		"NL", "PL", "PT", "RO", "SK", "SI", "ES", "SE", "IS", "LI", "NO",
	}, country)
}

// grouping is the batch gate of one stream: docs/bulk.md, "Groups of at least k".
type grouping struct {
	k       int
	counter *groups.Counter
	small   *groups.Set
	frame   []byte
}

// keep writes a chunk with the places of its records and quasi-identifiers, and counts its groups. In the frame every
// number is an unsigned varint: length of the data, of the header in it, number of records; for each record its length
// and its number of spans; for each span its offset in the record and its length; then the data.
func (g *grouping) keep(w io.Writer, c *payload.Chunk) error {
	f := g.frame[:0]
	for _, n := range []int{len(c.Data), c.Header, len(c.Records)} {
		f = binary.AppendUvarint(f, uint64(n))
	}
	start, span := c.Header, 0
	for _, r := range c.Records {
		if err := g.counter.Add(r.Group); err != nil {
			return err
		}
		f = binary.AppendUvarint(f, uint64(r.End-start))
		f = binary.AppendUvarint(f, uint64(r.Spans-span))
		for _, s := range c.Spans[span:r.Spans] {
			f = binary.AppendUvarint(f, uint64(s.Start-start))
			f = binary.AppendUvarint(f, uint64(s.End-s.Start))
		}
		start, span = r.End, r.Spans
	}
	g.frame = f
	if _, err := w.Write(f); err != nil {
		return err
	}
	_, err := w.Write(c.Data)
	return err
}

func (g *grouping) settle() (err error) {
	g.small, err = g.counter.Small(g.k)
	return errors.Join(err, g.counter.Close())
}

// suppressed is the number of records that do not leave: those of small groups, if together they are a small group too.
func (g *grouping) suppressed() int64 {
	if n := g.small.Count(); n < int64(g.k) {
		return n
	}
	return 0
}

// coarsened is the number of records that leave without quasi-identifiers.
func (g *grouping) coarsened() int64 { return g.small.Count() - g.suppressed() }

// reader gives what leaves of the frames that keep wrote.
func (g *grouping) reader(frames io.Reader, empty string) io.Reader {
	return &groupReader{g: g, frames: bufio.NewReaderSize(frames, 64<<10), empty: empty, suppress: g.suppressed() > 0}
}

type groupReader struct {
	g        *grouping
	frames   *bufio.Reader
	empty    string
	suppress bool
	record   int64
	marks    []int // of the frame, as they stand there
	data     []byte
	out      []byte
	rest     []byte // of out
}

func (r *groupReader) Read(p []byte) (int, error) {
	for len(r.rest) == 0 {
		if err := r.next(); err != nil {
			return 0, err
		}
	}
	n := copy(p, r.rest)
	r.rest = r.rest[n:]
	return n, nil
}

// next reads a frame and makes of it what leaves.
func (r *groupReader) next() error {
	size, err := binary.ReadUvarint(r.frames)
	if err != nil {
		return err // io.EOF between frames
	}
	header, records := r.number(), r.number()
	r.marks = r.marks[:0]
	for range records {
		length, spans := r.number(), r.number()
		r.marks = append(r.marks, length, spans)
		for range 2 * spans {
			r.marks = append(r.marks, r.number())
		}
	}
	r.data = slices.Grow(r.data[:0], int(size))[:size]
	if _, err := io.ReadFull(r.frames, r.data); err != nil {
		return fmt.Errorf("reading the reduced records: %w", err)
	}
	r.out = append(r.out[:0], r.data[:header]...)
	r.render(r.data[header:], records)
	r.rest = r.out
	return nil
}

// number reads a number of a frame. What is missing is noticed when the data that follow are.
func (r *groupReader) number() int {
	n, _ := binary.ReadUvarint(r.frames)
	return int(n)
}

func (r *groupReader) render(data []byte, records int) {
	marks := r.marks
	for range records {
		length, spans := marks[0], marks[1]
		places := marks[2 : 2+2*spans]
		marks = marks[2+2*spans:]
		record := data[:length]
		data = data[length:]
		switch small := r.g.small.Has(r.record); {
		case !small:
			r.out = append(r.out, record...)
		case !r.suppress:
			r.coarsen(record, places)
		}
		r.record++
	}
}

// coarsen writes a record without its quasi-identifiers.
func (r *groupReader) coarsen(record []byte, places []int) {
	at, start := 0, len(r.out)
	for ; len(places) > 0; places = places[2:] {
		r.out = append(append(r.out, record[at:places[0]]...), r.empty...)
		at = places[0] + places[1]
	}
	end := record[at:]
	if len(r.out) == start && len(bytes.TrimRight(end, "\r\n")) == 0 {
		r.out = append(r.out, `""`...) // a row of one empty cell, not an empty line
	}
	r.out = append(r.out, end...)
}
