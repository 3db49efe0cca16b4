package payload

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"hash/maphash"
	"io"
	"runtime"
	"sync"
)

// DefaultBatch is how many bytes of whole records a worker gets at a time. Enough to make the hand-over cheap, and few
// enough that a few batches for each core fit into the cache.
const DefaultBatch = 256 << 10

// stream is one bulk document on its way through the workers.
type stream struct {
	plan    *Plan
	ps      Pseudonymizer
	options StreamOptions
	records recordKind
	seeds   [2]maphash.Seed

	free  chan *batch
	todo  chan *batch
	order chan *batch // in the order of the document
}

// recordKind is what differs between the formats.
type recordKind interface {
	// cut returns the length of the whole records at the front of src, 0 if there is none. final says that nothing follows.
	cut(src []byte, final bool) int
	// begin looks at the first whole records, before any worker sees them.
	begin(s *stream, b *batch) *RecordError
	// work transforms and gates the records of a batch.
	work(s *stream, b *batch)
	// empty is what stands for a value that is taken out.
	empty() string
}

// batch is a run of whole records and what became of it.
type batch struct {
	in      []byte
	skip    int // bytes of in that are no records
	chunk   Chunk
	rep     Report
	ahead   *RecordError   // found before the workers
	refused *RecordError   // line and record relative to the batch
	more    []*RecordError // those before it, if the stream goes on after each
	lines   int64
	records int64
	readErr error
	done    chan struct{}
}

func newStream(p *BulkPlan, ps Pseudonymizer, o StreamOptions) *stream {
	if o.Workers <= 0 {
		o.Workers = runtime.GOMAXPROCS(0)
	}
	if o.Batch <= 0 {
		o.Batch = DefaultBatch
	}
	s := &stream{plan: p.plan, ps: ps, options: o, seeds: [2]maphash.Seed{maphash.MakeSeed(), maphash.MakeSeed()}}
	n := 2*o.Workers + 1
	s.free, s.todo, s.order = make(chan *batch, n), make(chan *batch, n), make(chan *batch, n)
	for range n {
		s.free <- &batch{done: make(chan struct{}, 1)}
	}
	return s
}

func (s *stream) run(ctx context.Context, r io.Reader, emit func(*Chunk) error) (*Report, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	go s.read(ctx, r) // not waited for: a reader that blocks must not hold up a refusal
	var workers sync.WaitGroup
	defer workers.Wait()
	for range s.options.Workers {
		workers.Go(func() {
			for b := range s.todo {
				s.work(b)
				b.done <- struct{}{}
			}
		})
	}
	rep, err := s.collect(ctx, emit)
	cancel()
	return rep, err
}

func (s *stream) work(b *batch) {
	switch {
	case b.ahead != nil:
		b.refused = b.ahead
	case b.readErr == nil:
		s.records.work(s, b)
	}
}

// collect takes the batches in the order of the document.
func (s *stream) collect(ctx context.Context, emit func(*Chunk) error) (*Report, error) {
	total := new(Report)
	total.reset(s.plan)
	lines := int64(0)
	unlisted := make([]int64, len(s.plan.places))
	for b := range s.order {
		<-b.done
		if err := errors.Join(ctx.Err(), b.readErr); err != nil {
			return nil, err
		}
		for _, refused := range b.more {
			if !s.options.Refused(refused.after(lines, total.Records)) {
				return nil, refused
			}
		}
		if b.refused != nil {
			refused := b.refused.after(lines, total.Records)
			if s.options.Refused == nil || b.ahead != nil || !s.options.Refused(refused) {
				return nil, refused
			}
		}
		lines += b.lines
		total.add(&b.rep, b.records, unlisted)
		if err := emit(&b.chunk); err != nil {
			return nil, err
		}
		if s.options.Progress != nil {
			s.options.Progress(Progress{total.Records, total.BytesIn, total.BytesOut})
		}
		s.free <- b
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	total.finish(s.plan, unlisted)
	return total, nil
}

// after places a refusal behind the lines and records of the batches before.
func (e *RecordError) after(lines, records int64) *RecordError {
	if e.Line > 0 {
		e.Line += lines
	}
	if e.Record > 0 {
		e.Record += records
	}
	return e
}

// goesOn reports whether the batch goes on behind a refused record.
func (s *stream) goesOn(b *batch) bool {
	if s.options.Refused == nil {
		return false
	}
	b.more = append(b.more, b.refused)
	b.refused = nil
	return true
}

// read cuts the document into batches. It ends when the document does, or ctx.
func (s *stream) read(ctx context.Context, r io.Reader) {
	defer close(s.todo)
	defer close(s.order)
	var rest []byte // what the last batch left over
	first := true
	for {
		var b *batch
		select {
		case b = <-s.free:
		case <-ctx.Done():
			return
		}
		b.reset()
		b.chunk.Empty = s.records.empty()
		var final bool
		rest, final = s.fill(ctx, b, r, rest)
		if first && b.readErr == nil {
			b.ahead = s.records.begin(s, b)
		}
		first = false
		s.order <- b // never blocks: there are no more batches than places
		s.todo <- b
		if final || b.readErr != nil || b.ahead != nil {
			return
		}
	}
}

func (b *batch) reset() {
	clear(b.in)
	clear(b.chunk.Data)
	b.in, b.skip = b.in[:0], 0
	b.chunk = Chunk{Data: b.chunk.Data[:0], Records: b.chunk.Records[:0], Spans: b.chunk.Spans[:0]}
	b.more = nil
	b.ahead, b.refused, b.readErr, b.lines, b.records = nil, nil, nil, 0, 0
}

// fill reads whole records into b, after what the batch before left over, and returns what it leaves over itself.
func (s *stream) fill(ctx context.Context, b *batch, r io.Reader, rest []byte) (left []byte, final bool) {
	b.in = append(b.in, rest...)
	limit := s.plan.catalogue.Limits.Bytes
	for want := s.options.Batch; ; want = 2 * len(b.in) {
		err := readTo(ctx, b, r, want)
		final = errors.Is(err, io.EOF)
		if err != nil && !final {
			b.readErr = fmt.Errorf("reading the payload: %w", err)
			return nil, true
		}
		n := s.records.cut(b.in, final)
		if n == 0 && !final && len(b.in) <= limit+s.options.Batch {
			continue // a record longer than a batch
		}
		if n == 0 { // longer than the limit as well: let the worker say so
			n = len(b.in)
		}
		left = append(rest[:0], b.in[n:]...)
		clear(b.in[n:])
		b.in = b.in[:n]
		return left, final
	}
}

// readTo reads until b holds want bytes.
func readTo(ctx context.Context, b *batch, r io.Reader, want int) error {
	if cap(b.in) < want {
		b.in = append(make([]byte, 0, want), b.in...)
	}
	for len(b.in) < want {
		if err := ctx.Err(); err != nil {
			return err
		}
		n, err := r.Read(b.in[len(b.in):want])
		b.in = b.in[:len(b.in)+n]
		if err != nil {
			return err
		}
	}
	return nil
}

// add adds the counts of a batch.
func (r *Report) add(b *Report, records int64, unlisted []int64) {
	for i := range r.Fields {
		r.Fields[i].Count += b.Fields[i].Count
	}
	for i, n := range b.byPlace {
		unlisted[i] += n
	}
	r.Records += records
	r.BytesIn += b.BytesIn
	r.BytesOut += b.BytesOut
}

// mark notes the end of a record and its group: a hash over its quasi-identifiers.
func (s *stream) mark(c *Chunk, spans []fieldSpan, scratch []byte) []byte {
	if !s.options.Groups {
		return scratch
	}
	scratch = scratch[:0]
	for _, v := range spans {
		scratch = append(scratch, byte(v.field), byte(v.field>>8), byte(v.field>>16))
		scratch = append(scratch, c.Data[v.Start:v.End]...)
		scratch = append(scratch, 0) // occurs in no result
		c.Spans = append(c.Spans, v.Span)
	}
	m := Mark{End: len(c.Data), Spans: len(c.Spans)}
	for i, seed := range s.seeds {
		h := maphash.Bytes(seed, scratch)
		for j := range 8 {
			m.Group[8*i+j] = byte(h >> (8 * j))
		}
	}
	c.Records = append(c.Records, m)
	return scratch
}

// fieldSpan is a value of a quasi-identifier in a result.
type fieldSpan struct {
	Span
	field int
}

// ndjsonRecords reads one JSON document a line.
type ndjsonRecords struct{}

func (ndjsonRecords) cut(src []byte, final bool) int {
	if final {
		return len(src)
	}
	return bytes.LastIndexByte(src, '\n') + 1
}

func (ndjsonRecords) begin(*stream, *batch) *RecordError { return nil }

func (ndjsonRecords) empty() string { return "null" }

func (ndjsonRecords) work(s *stream, b *batch) {
	w, g := s.plan.walkers.Get().(*walker), s.plan.gates.Get().(*gate)
	defer w.release()
	defer g.release()
	w.start(b.chunk.Data, s.ps, &b.rep, &g.originals)
	w.grouping = s.options.Groups
	var scratch []byte
	for rest := b.in; len(rest) > 0; {
		line := rest
		if n := bytes.IndexByte(rest, '\n'); n >= 0 {
			line, rest = rest[:n], rest[n+1:]
		} else {
			rest = nil
		}
		b.lines++
		b.records++
		start := len(w.out)
		if err := w.record(g, line); err != nil {
			b.refused = &RecordError{Line: b.lines, Record: b.records, Err: err}
			w.out = w.out[:start]
			if s.goesOn(b) {
				continue
			}
			break
		}
		b.chunk.Data = w.out
		scratch = s.mark(&b.chunk, w.spans, scratch)
	}
	b.chunk.Data = w.out
	b.rep.byPlace = append(b.rep.byPlace[:0], w.unlisted...)
	b.rep.BytesIn, b.rep.BytesOut = int64(len(b.in)), int64(len(w.out))
}

// record transforms and gates one line.
func (w *walker) record(g *gate, line []byte) error {
	start := len(w.out)
	g.renew()
	w.spans = w.spans[:0]
	if err := w.document(line); err != nil {
		return err
	}
	if err := g.check(w.out[start:]); err != nil {
		return err
	}
	w.out = append(w.out, '\n')
	return nil
}
