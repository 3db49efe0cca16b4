package audit

import (
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

// commit writes one group: its record frames, then the head that covers them, in one write and one fsync. Details
// are fsynced beside the journal, before anybody is told.
func (l *Log) commit(b *batch) error {
	if err := l.poison(); err != nil {
		return err
	}
	if len(b.items) == 0 {
		return nil
	}
	first := l.tree.size
	l.buf = l.buf[:0]
	var details []byte
	for _, it := range b.items {
		it.index = l.tree.size
		l.tree.add(it.leaf)
		l.buf = append(l.buf, it.frame...)
		details = append(details, it.detail...)
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
	return l.persist(first, l.buf, details)
}

func (l *Log) persist(first int64, frames, details []byte) error {
	if len(details) == 0 {
		return l.journal.write(first, frames)
	}
	saved := make(chan error, 1)
	go func() { saved <- l.details.write(first, details) }()
	err := l.journal.write(first, frames)
	if detailErr := <-saved; err == nil {
		err = detailErr
	}
	return err
}

// segmentWriter appends to the last file of a row of files and begins another when it is full. Files are named by
// the number of the first record that went into them.
type segmentWriter struct {
	fs    FS
	root  string // log directory
	sub   string
	ext   string
	perm  os.FileMode
	limit int64

	file File
	name string
	size int64
}

// write appends one group and fsyncs it. A group is never split over two files.
func (w *segmentWriter) write(first int64, data []byte) error {
	if w.file == nil || w.size >= w.limit {
		if err := w.roll(first); err != nil {
			return err
		}
	}
	if err := writeAll(w.file, w.name, data, w.size); err != nil {
		return err
	}
	if err := w.file.Sync(); err != nil {
		return wrapSync(w.name, err)
	}
	w.size += int64(len(data))
	return nil
}

func (w *segmentWriter) roll(first int64) error {
	if err := w.Close(); err != nil {
		return err
	}
	name := filepath.Join(w.sub, segmentBase(first)+w.ext)
	f, err := w.fs.OpenFile(filepath.Join(w.root, name), os.O_WRONLY|os.O_CREATE|os.O_TRUNC, w.perm)
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
	f, err := w.fs.OpenFile(filepath.Join(w.root, name), os.O_WRONLY, w.perm)
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
