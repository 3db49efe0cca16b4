package audit

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"golang.org/x/mod/sumdb/note"
)

// Open opens the log in dir for writing, creating it if dir is empty or absent. There is one writer: a second one, in
// this process or another, gets ErrLocked.
//
// Open reads the whole journal, recomputes the tree and compares it with every head, the signature of the last one,
// and the published checkpoint. A group that a crash cut short is removed: nobody was told that it was durable. Any
// other disagreement is a *FaultError naming the record, and the log stays closed.
func Open(dir string, o Options) (*Log, error) {
	l, err := open(dir, o.withDefaults())
	if err != nil {
		return nil, fmt.Errorf("opening log %s: %w", dir, err)
	}
	return l, nil
}

func open(dir string, o Options) (*Log, error) {
	signer, vkey, err := newHeadSigner(o.Origin, o.Signer)
	if err != nil {
		return nil, err
	}
	l := &Log{dir: dir, opts: o, signer: signer, vkey: vkey,
		stopped: make(chan struct{}), quit: make(chan struct{}), quiet: make(chan struct{})}
	l.wake = sync.NewCond(&l.mu)
	if err := makeDirs(o.FS, dir); err != nil {
		return nil, err
	}
	if l.lock, err = lockDir(dir); err != nil {
		return nil, err
	}
	if err := l.load(); err != nil {
		return nil, errors.Join(err, l.journal.Close(), l.details.Close(), l.spoolLock.Close(), l.lock.Close())
	}
	l.linger = time.AfterFunc(time.Hour, l.lingered)
	l.linger.Stop()
	go l.commitLoop()
	go l.publishLoop()
	return l, nil
}

func makeDirs(fs FS, dir string) error {
	for _, d := range []string{journalDir, tmpDir} {
		if err := fs.MkdirAll(filepath.Join(dir, d), 0o755); err != nil {
			return err
		}
	}
	for _, d := range []string{filepath.Dir(filepath.Clean(dir)), dir} {
		if err := fs.SyncDir(d); err != nil {
			return wrapSync(d, err)
		}
	}
	return nil
}

// load brings memory, journal, side store and published view to the state that the journal proves.
func (l *Log) load() error {
	verifier, err := newVerifier(l.vkey)
	if err != nil {
		return err
	}
	l.publisher = &publisher{dir: l.dir, files: atomicWriter{fs: l.opts.FS, root: l.dir}}
	if err := l.keepKey(); err != nil {
		return err
	}
	if l.details, err = openDetails(l.opts.FS, l.dir, l.opts.SegmentBytes); err != nil {
		return err
	}
	if l.spoolLock, err = openSpoolLock(l.dir); err != nil {
		return err
	}
	if err := replaySpool(l.opts.FS, l.dir); err != nil {
		return err
	}
	if err := l.recover(verifier); err != nil {
		return err
	}
	l.spool = &spool{fs: l.opts.FS, root: l.dir, half: l.opts.SpoolBytes / 2 / spoolSector * spoolSector}
	return l.publish()
}

// keepKey writes the verifier key beside the log, or checks that the log belongs to this key.
func (l *Log) keepKey() error {
	have, err := os.ReadFile(l.path(vkeyFile))
	if errors.Is(err, os.ErrNotExist) {
		if err := l.publisher.files.put(vkeyFile, []byte(l.vkey+"\n")); err != nil {
			return err
		}
		return l.publisher.files.sync()
	}
	if err != nil {
		return err
	}
	if strings.TrimSpace(string(have)) != l.vkey {
		return fmt.Errorf("the log belongs to key %s, the signer is %s", strings.TrimSpace(string(have)), l.vkey)
	}
	return nil
}

// recover replays the journal, checks the end of it and makes it ready to be continued.
func (l *Log) recover(v note.Verifier) error {
	published, err := openCheckpoint(l.dir, v)
	if err != nil {
		return err
	}
	src, err := newJournalSource(l.dir)
	if err != nil {
		return err
	}
	defer src.Close()
	unfilled := published.size / tileWidth * tileWidth
	r := replay{onGroup: func(g *group) error {
		if g.first <= unfilled {
			l.publisher.at = g.cursor()
		}
		return nil
	}}
	if err := r.run(src); err != nil {
		return err
	}
	if err := r.checkEnd(v, published); err != nil {
		return err
	}
	if err := l.resume(src, r.start); err != nil {
		return err
	}
	if r.head == nil {
		if r.head, err = l.signer.sign(0, emptyRoot()); err != nil {
			return err
		}
	}
	l.publisher.size = published.size
	l.tree, l.doubt, l.durable = r.tree, r.doubt, durable{r.tree, r.head}
	return nil
}

// openCheckpoint verifies the published checkpoint; its size is -1 if there is none.
func openCheckpoint(dir string, v note.Verifier) (head, error) {
	msg, err := readCheckpoint(dir)
	if err != nil || msg == nil {
		return head{size: -1}, err
	}
	h, err := openHead(msg, v)
	if err != nil {
		return head{}, &FaultError{Kind: FaultCheckpoint, File: checkpointFile, Detail: err.Error()}
	}
	return h, nil
}

// checkEnd compares a replayed journal with the two signatures that vouch for its end.
func (r *replay) checkEnd(v note.Verifier, published head) error {
	if r.head != nil {
		if _, err := openHead(r.head, v); err != nil {
			return &FaultError{Index: r.tree.size - 1, Kind: FaultHead, File: r.start.file,
				Offset: r.start.off, Detail: err.Error()}
		}
	}
	return r.checkPublished(published)
}

func (r *replay) checkPublished(published head) error {
	if published.size < 0 {
		return nil
	}
	if published.size > r.tree.size {
		return &FaultError{Index: r.tree.size, Kind: FaultTruncated, File: journalDir,
			Detail: fmt.Sprintf("the journal ends after %d records, %d were published", r.tree.size, published.size)}
	}
	root, err := r.tree.root(published.size)
	if err != nil {
		return err
	}
	if root != published.root {
		return &FaultError{Kind: FaultCheckpoint, File: checkpointFile,
			Detail: fmt.Sprintf("the first %d records are not the ones that were published", published.size)}
	}
	return nil
}

// resume cuts off a torn tail and opens the journal behind the last whole group.
//
// The last group is written once more. If the process before us ended with a failed fsync, the kernel may hold that
// group in memory as clean although it never reached the disk; reading it back proves nothing. Rewriting makes the
// pages dirty again, so the fsync covers them.
func (l *Log) resume(src *journalSource, last place) error {
	l.journal = &segmentWriter{fs: l.opts.FS, root: l.dir, sub: journalDir, ext: ".wal", limit: l.opts.SegmentBytes}
	if src.name == "" {
		return nil
	}
	end := src.off
	if src.torn != nil {
		end = src.torn.good
	}
	if last.file != "" {
		if err := l.rewrite(last); err != nil {
			return err
		}
	}
	if err := l.journal.resume(src.name, end); err != nil {
		return err
	}
	if err := l.journal.file.Truncate(end); err != nil {
		return fmt.Errorf("removing the torn tail of %s: %w", src.name, err)
	}
	if err := l.journal.file.Sync(); err != nil {
		return wrapSync(src.name, err)
	}
	return nil
}

func (l *Log) rewrite(at place) error {
	data := make([]byte, at.size)
	if err := readAt(l.path(at.file), data, at.off); err != nil {
		return err
	}
	f, err := l.opts.FS.OpenFile(l.path(at.file), os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	defer f.Close()
	if err := writeAll(f, at.file, data, at.off); err != nil {
		return err
	}
	if err := f.Sync(); err != nil {
		return wrapSync(at.file, err)
	}
	return nil
}

func readAt(path string, data []byte, off int64) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	if _, err := f.ReadAt(data, off); err != nil {
		return fmt.Errorf("reading %s: %w", path, err)
	}
	return nil
}

// lingered ends the wait of enqueued records.
func (l *Log) lingered() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.urgent = l.urgent || len(l.queue) > 0
	l.wake.Signal()
}
