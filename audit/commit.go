package audit

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
)

// commitLoop turns batches into commit groups until the log is closed and drained. It is the only goroutine that
// touches the tree and the journal.
func (l *Log) commitLoop() {
	defer close(l.stopped)
	for {
		b := l.take()
		if b == nil {
			return
		}
		b.err = l.commit(b)
		l.mu.Lock()
		l.settle(b)
		l.mu.Unlock()
		close(b.done)
	}
}

// take waits for a batch that somebody waits for, that has lingered, or that is left at Close. It returns nil when the
// log is closed and drained.
func (l *Log) take() *batch {
	l.mu.Lock()
	defer l.mu.Unlock()
	for !l.ready() {
		if l.closed && len(l.queue) == 0 {
			return nil
		}
		l.wake.Wait()
	}
	if len(l.queue) == 1 && !l.closed {
		// Writers that the last group has just released are about to come back: let them into this one.
		l.mu.Unlock()
		runtime.Gosched()
		l.mu.Lock()
	}
	b := l.queue[0]
	l.queue = l.queue[1:]
	l.urgent = len(l.queue) > 0
	return b
}

func (l *Log) ready() bool {
	return len(l.queue) > 1 || len(l.queue) == 1 && (l.urgent || l.closed)
}

// settle publishes the outcome of a commit to the methods of Log. After a failure nothing more is written.
func (l *Log) settle(b *batch) {
	if b.err != nil {
		if l.failure == nil {
			l.failure = b.err
		}
		b.err = l.refusal()
		return
	}
	if len(b.items) == 0 {
		return
	}
	l.durable = durable{b.tree, b.head}
	for _, it := range b.items {
		l.doubt.apply(it.index, it.typ, it.transfer)
	}
}

// commit writes one group: its record frames, then the head that covers them, and their details, in one write and one
// fsync of the spool.
func (l *Log) commit(b *batch) error {
	if err := l.poison(); err != nil {
		return err
	}
	if len(b.items) == 0 {
		return nil
	}
	first := l.tree.size
	l.buf, l.detailBuf = l.buf[:0], l.detailBuf[:0]
	for _, it := range b.items {
		it.index = l.tree.size
		l.tree.add(it.leaf)
		l.buf = append(l.buf, it.frame...)
		if it.detail != nil {
			l.detailBuf = appendDetail(l.detailBuf, it.transfer, it.detail)
		}
	}
	root, err := l.tree.root(l.tree.size)
	if err != nil {
		return err
	}
	head, err := l.signer.sign(l.tree.size, root)
	if err != nil {
		return err
	}
	l.buf = appendFrame(l.buf, kindHead, headBody(len(l.buf), head))
	b.tree, b.head = l.tree, head
	return l.persist(first, l.buf, l.detailBuf)
}

// persist makes a group durable: through the spool, or in place if it is too large for that.
func (l *Log) persist(first int64, frames, details []byte) (err error) {
	if err := l.spoolLock.take(); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, l.spoolLock.release()) }()
	if err := l.makeRoom(first, len(details) > 0); err != nil {
		return err
	}
	spooled := l.spool.fits(len(frames) + len(details))
	if spooled {
		if err := l.spool.save(l.settler(), l.journal.patch(frames), l.details.patch(details)); err != nil {
			return err
		}
	}
	if err := errors.Join(l.journal.append(frames), l.details.append(details)); err != nil || spooled {
		return err
	}
	return l.settler()()
}

// makeRoom begins another file where the present one is full. Before that, what was spooled for it is settled.
func (l *Log) makeRoom(first int64, details bool) error {
	for _, w := range []*segmentWriter{l.journal, l.details} {
		if !w.full() || w == l.details && !details {
			continue
		}
		if err := errors.Join(l.spool.wait(), l.settler()()); err != nil {
			return err
		}
		if err := w.roll(first); err != nil {
			return err
		}
	}
	return nil
}

// settler returns a function that makes durable what was written to journal and side store until now.
func (l *Log) settler() func() error {
	journal, details := *l.journal, *l.details
	return func() error { return errors.Join(journal.sync(), details.sync()) }
}

// segmentWriter appends to the last file of a row of files and begins another when it is full. Files are named by
// the number of the first record that went into them.
type segmentWriter struct {
	fs    FS
	root  string // log directory
	sub   string
	ext   string
	limit int64

	file File
	name string
	size int64
}

// full reports whether the next group, which is never split, begins another file.
func (w *segmentWriter) full() bool { return w.file == nil || w.size >= w.limit }

// patch says where data will be appended.
func (w *segmentWriter) patch(data []byte) patch { return patch{w.name, w.size, data} }

func (w *segmentWriter) append(data []byte) error {
	if len(data) == 0 {
		return nil
	}
	if err := writeAll(w.file, w.name, data, w.size); err != nil {
		return err
	}
	w.size += int64(len(data))
	return nil
}

func (w *segmentWriter) sync() error {
	if w.file == nil {
		return nil
	}
	if err := w.file.Sync(); err != nil {
		return wrapSync(w.name, err)
	}
	return nil
}

func (w *segmentWriter) roll(first int64) error {
	if err := w.Close(); err != nil {
		return err
	}
	name := filepath.Join(w.sub, segmentBase(first)+w.ext)
	f, err := w.fs.OpenFile(filepath.Join(w.root, name), os.O_WRONLY|os.O_CREATE|os.O_TRUNC, segmentPerm(name))
	if err != nil {
		return err
	}
	w.file, w.name, w.size = f, name, 0
	if err := w.fs.SyncDir(filepath.Join(w.root, w.sub)); err != nil {
		return wrapSync(w.sub, err)
	}
	return nil
}

// resume continues an existing file at size.
func (w *segmentWriter) resume(name string, size int64) error {
	f, err := w.fs.OpenFile(filepath.Join(w.root, name), os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	w.file, w.name, w.size = f, name, size
	return nil
}

// Close closes the current file.
func (w *segmentWriter) Close() error {
	if w == nil || w.file == nil {
		return nil
	}
	err := w.file.Close()
	w.file = nil
	return err
}
