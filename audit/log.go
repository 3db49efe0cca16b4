package audit

import (
	"context"
	"crypto"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"sync"
	"time"

	"golang.org/x/mod/sumdb/tlog"
)

// Options configure a Log. Origin and Signer are required; the zero value of everything else is sane.
type Options struct {
	// Origin is the log's identity and the first line of every checkpoint, a schema-less URL by convention, such as
	// "passavant.example/aib-ie".
	Origin string
	// Signer holds the Ed25519 key that signs tree heads, one signature per commit group.
	Signer crypto.Signer
	// Clock stamps records that carry no time. Nil means time.Now.
	Clock func() time.Time
	// SealDetail encrypts each detail before it is stored, so that only a certain reader can open it. Nil stores details as
	// they are.
	SealDetail func(transfer string, detail []byte) []byte
	// FS is where changes to the disk go. Nil means the operating system.
	FS FS

	// SegmentBytes is the size at which a journal segment is closed and another begun. Zero means 64 MiB.
	SegmentBytes int64
	// SpoolBytes is the size of the spool (docs/log-format.md): what may wait there to be copied to its place. Zero
	// means 16 MiB. A larger commit group goes past it, with two fsyncs instead of one.
	SpoolBytes int64
	// Linger is how long enqueued records wait for the company of an appended one. Zero means 2 ms.
	Linger time.Duration
	// PublishEvery is the interval of the background publisher. Zero means one second; a negative value leaves
	// publication to Publish and Close.
	PublishEvery time.Duration
}

func (o Options) withDefaults() Options {
	if o.Clock == nil {
		o.Clock = time.Now
	}
	if o.FS == nil {
		o.FS = osFS{}
	}
	if o.SegmentBytes == 0 {
		o.SegmentBytes = 64 << 20
	}
	if o.SpoolBytes == 0 {
		o.SpoolBytes = 16 << 20
	}
	if o.Linger == 0 {
		o.Linger = 2 * time.Millisecond
	}
	if o.PublishEvery == 0 {
		o.PublishEvery = time.Second
	}
	return o
}

// Log is a log open for writing. There is one per directory at any time. Its methods may be called concurrently.
type Log struct {
	dir    string
	opts   Options
	signer headSigner
	vkey   string
	lock   io.Closer

	// Owned by the committing goroutine.
	tree    tree
	journal *segmentWriter
	details *segmentWriter
	spool   *spool
	// spoolLock keeps erasure away from a group that is on its way.
	spoolLock *fileLock

	buf, detailBuf []byte

	publisher *publisher
	stopped   chan struct{} // closed when the committing goroutine has ended
	quit      chan struct{} // closed to end the publishing goroutine
	quiet     chan struct{} // closed when it has ended

	mu      sync.Mutex
	wake    *sync.Cond
	queue   []*batch // the last one is being filled
	urgent  bool     // somebody waits for the queue
	linger  *time.Timer
	closed  bool
	failure error // why the log is poisoned
	durable durable
	doubt   doubts
}

// durable is the state that survives a crash: what has been fsynced and may be shown to others.
type durable struct {
	tree tree
	head []byte
}

// Entry is a durable record: its number, its stored bytes and the proof that a signed head covers it.
type Entry struct {
	Index  int64
	Record []byte // canonical form, what the proof is about
	Proof  Proof
}

// batch is a future commit group. Everybody who put a record into it waits on the same channel.
type batch struct {
	items []*item
	bytes int
	done  chan struct{}

	err  error // set before done is closed, like the rest
	tree tree
	head []byte
}

// item is one record on its way to the disk. What can be computed outside the lock has been.
type item struct {
	frame    []byte
	leaf     tlog.Hash
	typ      Type
	transfer string
	detail   []byte // or nil
	index    int64
}

// Limits of one commit group. A group is one write, so its bytes bound what a crash can tear.
const (
	maxBatchItems = 4096
	maxBatchBytes = 4 << 20
	maxQueue      = 8 // full batches before Enqueue waits
)

// Append makes r durable and returns it with its inclusion proof. When Append returns nil the record has been fsynced
// under a signed tree head: from then on, and not before, the transport may see the envelope (no record, no transfer).
//
// r.Version and r.At are filled if empty. detail may be nil; otherwise it goes to the erasable side store under
// r.Transfer and is durable together with the record; it must not be changed after the call.
//
// If ctx ends first, Append returns its error; the record may become durable all the same. Other errors match
// ErrInvalidRecord or ErrRecordTooLarge (nothing happened), ErrClosed, or ErrPoisoned (the record may or may not be
// found by the next Open).
func (l *Log) Append(ctx context.Context, r Record, detail []byte) (Entry, error) {
	if err := ctx.Err(); err != nil {
		return Entry{}, err
	}
	it, body, err := l.prepare(r, detail)
	if err != nil {
		return Entry{}, err
	}
	b, err := l.put(it, true)
	if err != nil {
		return Entry{}, err
	}
	if err := b.wait(ctx); err != nil {
		return Entry{}, err
	}
	hashes, err := tlog.ProveRecord(b.tree.size, it.index, b.tree)
	if err != nil {
		return Entry{}, fmt.Errorf("proving record %d: %w", it.index, err)
	}
	return Entry{it.index, body, Proof{it.index, hashes, b.head}}, nil
}

// Enqueue accepts r without waiting for the disk: it becomes durable with the next group, or after Options.Linger if
// no group comes. Use it for outcomes, whose loss in a crash shows as an intent in doubt. When the disk falls far
// behind, Enqueue waits rather than dropping a record.
func (l *Log) Enqueue(r Record) error {
	it, _, err := l.prepare(r, nil)
	if err != nil {
		return err
	}
	_, err = l.put(it, false)
	return err
}

// Flush waits until everything accepted so far is durable.
func (l *Log) Flush(ctx context.Context) error {
	b, err := l.put(nil, true)
	if err != nil {
		return err
	}
	return b.wait(ctx)
}

func (b *batch) wait(ctx context.Context) error {
	select {
	case <-b.done:
		return b.err
	default:
	}
	select {
	case <-b.done:
		return b.err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// prepare does the work that needs no lock: encoding, hashing, framing.
func (l *Log) prepare(r Record, detail []byte) (*item, []byte, error) {
	if r.Version == 0 {
		r.Version = Version
	}
	if r.At == "" {
		r.At = l.opts.Clock().UTC().Format("2006-01-02T15:04:05.000Z")
	}
	if detail != nil && l.opts.SealDetail != nil {
		detail = l.opts.SealDetail(r.Transfer, detail)
	}
	if detail != nil {
		if err := checkDetail(r.Transfer, detail); err != nil {
			return nil, nil, err
		}
	}
	const usual = 5 << 10 // a record with the manifest of three dozen fields
	frame, err := r.encode(make([]byte, frameHeader, usual))
	if err != nil {
		return nil, nil, err
	}
	closeFrame(frame, kindRecord)
	body := frame[frameHeader:]
	return &item{frame: frame, leaf: tlog.RecordHash(body), typ: r.Type, transfer: r.Transfer, detail: detail}, body, nil
}

// put adds an item to the batch being filled. A nil item only marks a place to wait for.
func (l *Log) put(it *item, urgent bool) (*batch, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for !urgent && len(l.queue) > maxQueue && l.refusal() == nil {
		oldest := l.queue[0]
		l.mu.Unlock()
		<-oldest.done
		l.mu.Lock()
	}
	if err := l.refusal(); err != nil {
		return nil, err
	}
	b := l.filling(it)
	if it != nil {
		b.items, b.bytes = append(b.items, it), b.bytes+len(it.frame)
	}
	switch {
	case urgent:
		l.urgent = true
		l.wake.Signal()
	case len(b.items) == 1:
		l.linger.Reset(l.opts.Linger)
	}
	return b, nil
}

func (l *Log) refusal() error {
	switch {
	case l.failure != nil:
		return fmt.Errorf("%w: %w", ErrPoisoned, l.failure)
	case l.closed:
		return ErrClosed
	}
	return nil
}

// filling returns the batch that takes it.
func (l *Log) filling(it *item) *batch {
	if n := len(l.queue); n > 0 {
		b := l.queue[n-1]
		if it == nil || len(b.items) < maxBatchItems && b.bytes+len(it.frame) <= maxBatchBytes {
			return b
		}
	}
	b := &batch{done: make(chan struct{})}
	l.queue = append(l.queue, b)
	return b
}

// Close makes everything accepted durable, publishes it and releases the directory. It may be called again.
func (l *Log) Close() error {
	l.mu.Lock()
	if l.closed {
		l.mu.Unlock()
		<-l.stopped
		return nil
	}
	l.closed = true
	l.linger.Stop()
	l.wake.Signal()
	l.mu.Unlock()

	<-l.stopped
	close(l.quit)
	<-l.quiet
	err := l.poison()
	if err == nil {
		err = errors.Join(l.spool.close(l.settler()), l.publish())
	} else {
		l.spool.abandon()
	}
	return errors.Join(err, l.journal.Close(), l.details.Close(), l.spoolLock.Close(), l.lock.Close())
}

func (l *Log) poison() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.failure == nil {
		return nil
	}
	return fmt.Errorf("%w: %w", ErrPoisoned, l.failure)
}

// InDoubt lists the transfers whose intent has no outcome yet, oldest first. After a crash it is the list to
// reconcile: each of these envelopes may or may not have left.
func (l *Log) InDoubt() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.doubt.list()
}

// Size returns the number of durable records.
func (l *Log) Size() int64 { return l.state().tree.size }

// Checkpoint returns the signed head of the durable log (c2sp.org/tlog-checkpoint).
func (l *Log) Checkpoint() []byte { return append([]byte(nil), l.state().head...) }

// VerifierKey returns the key that checkpoints and proofs of this log verify with. Give it to partners and auditors by
// a way that does not pass through the log directory.
func (l *Log) VerifierKey() string { return l.vkey }

// Dir returns the log directory.
func (l *Log) Dir() string { return l.dir }

func (l *Log) state() durable {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.durable
}

func (l *Log) path(rel string) string { return filepath.Join(l.dir, rel) }
