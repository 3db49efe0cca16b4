package audit

import (
	"errors"
	"fmt"
	"iter"
	"os"
	"path/filepath"

	"golang.org/x/mod/sumdb/tlog"
)

// Reader is a log as it stood when it was opened for reading. It takes no lock and changes nothing, so it may run
// beside the writer; it sees the records up to the last complete head. It also reads a mirror that holds only the
// published files. A Reader is for one goroutine.
type Reader struct {
	dir    string
	tree   tree
	head   []byte
	doubt  doubts
	files  []string
	places []packedPlace
	open   *os.File // the file read last
	name   string
	err    error
}

// packedPlace is a place with the file by number: a reader holds one per record.
type packedPlace struct {
	off  int64
	file int32
	size int32
}

// OpenReader opens the log in dir for reading. It replays the log and checks the tree against every head and the
// signature of the last one with vkey, so every record it returns is authenticated by that signature.
func OpenReader(dir, vkey string) (*Reader, error) {
	r, err := openReader(dir, vkey)
	if err != nil {
		return nil, fmt.Errorf("reading log %s: %w", dir, err)
	}
	return r, nil
}

func openReader(dir, vkey string) (*Reader, error) {
	v, err := newVerifier(vkey)
	if err != nil {
		return nil, err
	}
	published, err := openCheckpoint(dir, v)
	if err != nil {
		return nil, err
	}
	src, err := openSource(dir, published)
	if err != nil {
		return nil, err
	}
	defer src.Close()
	r := &Reader{dir: dir}
	p := replay{onRecord: func(_ int64, _ summary, at place) error {
		r.note(at)
		return nil
	}}
	if err := p.run(src); err != nil {
		return nil, err
	}
	if err := p.checkEnd(v, published); err != nil {
		return nil, err
	}
	r.tree, r.head, r.doubt = p.tree, p.head, p.doubt
	return r, nil
}

// openSource opens the journal, or what was published if the directory is a mirror without journal.
func openSource(dir string, published head) (source, error) {
	src, err := newJournalSource(dir)
	switch {
	case err == nil:
		return src, nil
	case !errors.Is(err, os.ErrNotExist):
		return nil, err
	case published.size < 0:
		return nil, errors.New("the directory holds neither a journal nor a checkpoint")
	}
	return &bundleSource{dir: dir, size: published.size}, nil
}

func (r *Reader) note(at place) {
	n := len(r.files)
	if n == 0 || r.files[n-1] != at.file {
		r.files, n = append(r.files, at.file), n+1
	}
	r.places = append(r.places, packedPlace{at.off, int32(n - 1), int32(at.size)})
}

// Size returns the number of records.
func (r *Reader) Size() int64 { return r.tree.size }

// Checkpoint returns the signed head that the reader stands on, nil for a log without records.
func (r *Reader) Checkpoint() []byte { return append([]byte(nil), r.head...) }

// InDoubt lists the transfers whose intent has no outcome, oldest first.
func (r *Reader) InDoubt() []string { return r.doubt.list() }

// Record returns record i and its stored bytes. The bytes are compared with the tree once more, so a change after
// OpenReader is noticed.
func (r *Reader) Record(i int64) (Record, []byte, error) {
	if i < 0 || i >= r.tree.size {
		return Record{}, nil, fmt.Errorf("the log has no record %d: it has %d", i, r.tree.size)
	}
	at := r.places[i]
	raw := make([]byte, at.size)
	f, err := r.file(r.files[at.file])
	if err != nil {
		return Record{}, nil, err
	}
	if _, err := f.ReadAt(raw, at.off); err != nil {
		return Record{}, nil, fmt.Errorf("reading record %d: %w", i, err)
	}
	if tlog.RecordHash(raw) != r.tree.leaf(i) {
		return Record{}, nil, &FaultError{Index: i, Kind: FaultRecord, File: r.files[at.file], Offset: at.off,
			Detail: "the record changed while it was being read"}
	}
	rec, err := ParseRecord(raw)
	if err != nil {
		return Record{}, nil, &FaultError{Index: i, Kind: FaultRecord, File: r.files[at.file], Offset: at.off, Detail: err.Error()}
	}
	return rec, raw, nil
}

func (r *Reader) file(name string) (*os.File, error) {
	if r.name == name {
		return r.open, nil
	}
	f, err := os.Open(filepath.Join(r.dir, name))
	if err != nil {
		return nil, err
	}
	r.Close()
	r.open, r.name = f, name
	return f, nil
}

// All returns the records from number from on. After the loop, Err tells whether it ended early.
func (r *Reader) All(from int64) iter.Seq2[int64, Record] {
	return func(yield func(int64, Record) bool) {
		r.err = nil
		for i := max(from, 0); i < r.tree.size; i++ {
			rec, _, err := r.Record(i)
			if err != nil {
				r.err = err
				return
			}
			if !yield(i, rec) {
				return
			}
		}
	}
}

// Err returns the error that ended the last All, nil if it ran to the end or was left.
func (r *Reader) Err() error { return r.err }

// Prove returns the inclusion proof of record i in the head that the reader stands on.
func (r *Reader) Prove(i int64) (Proof, error) {
	hashes, err := tlog.ProveRecord(r.tree.size, i, r.tree)
	if err != nil {
		return Proof{}, fmt.Errorf("the log has no record %d: it has %d", i, r.tree.size)
	}
	return Proof{Index: i, Hashes: hashes, Checkpoint: r.Checkpoint()}, nil
}

// Close releases the file that was read last.
func (r *Reader) Close() error {
	if r.open == nil {
		return nil
	}
	f := r.open
	r.open, r.name = nil, ""
	return f.Close()
}

// ProveConsistency returns the RFC 6962 section 2.1.2 proof that the tree of the reader's checkpoint continues the tree of
// its first old records.
func (r *Reader) ProveConsistency(old int64) ([]tlog.Hash, error) {
	if old < 1 || old > r.tree.size {
		return nil, fmt.Errorf("the log has %d records, none to prove from at %d", r.tree.size, old)
	}
	return tlog.ProveTree(r.tree.size, old, r.tree)
}
