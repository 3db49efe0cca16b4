package audit

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

const journalDir = "journal"

// place is where a record's canonical bytes lie.
type place struct {
	file string // relative to the log directory
	off  int64
	size int
}

// group is a commit group as read back: records that became durable together and the head that covers them. Bundles
// are read as groups too; all but the last have no head. The slices are valid until the next group is read.
type group struct {
	first     int64 // number of the first record
	records   [][]byte
	places    []place
	head      []byte
	headPlace place
	start     place // first byte of the group; size is its length in bytes
}

// cursor returns the position before the group.
func (g *group) cursor() cursor { return cursor{g.start.file, g.start.off, g.first} }

// source yields the groups of a log in order and ends with io.EOF.
type source interface {
	next() (*group, error)
	Close() error
}

// cursor is a position between two frames of the journal.
type cursor struct {
	segment string // relative path
	off     int64
	index   int64 // number of the next record
}

func segmentName(first int64) string {
	return filepath.Join(journalDir, segmentBase(first)+".wal")
}

func segmentBase(first int64) string { return fmt.Sprintf("%020d", first) }

// segments lists the journal files in order, relative to dir.
func segments(dir string) ([]string, error) {
	return listSegments(dir, journalDir, ".wal")
}

func listSegments(dir, sub, suffix string) ([]string, error) {
	entries, err := os.ReadDir(filepath.Join(dir, sub))
	if err != nil {
		return nil, err
	}
	var names []string
	for _, e := range entries {
		if strings.HasSuffix(e.Name(), suffix) {
			names = append(names, filepath.Join(sub, e.Name()))
		}
	}
	slices.Sort(names)
	return names, nil
}

func segmentFirst(name string) (int64, error) {
	base := strings.TrimSuffix(filepath.Base(name), filepath.Ext(name))
	n, err := strconv.ParseInt(base, 10, 64)
	if err != nil || len(base) != 20 || n < 0 {
		return 0, fmt.Errorf("%s is not named by the number of its first record", name)
	}
	return n, nil
}

// tornTail is the remainder of a group that a crash cut short. Its records were never acknowledged.
type tornTail struct {
	file  string
	good  int64 // where the last whole group ends
	bytes int64
}

// journalSource reads a journal. It separates what a crash leaves behind (torn, the end of the log) from damage (a
// FaultError). The rule is in docs/log-format.md, section "Torn or corrupt".
type journalSource struct {
	dir   string
	names []string // segments not yet opened
	index int64    // number of the next record

	file  *os.File
	name  string
	in    *bufio.Reader
	off   int64 // end of the last whole frame
	arena []byte
	group group
	torn  *tornTail
}

// newJournalSource opens the journal at its beginning.
func newJournalSource(dir string) (*journalSource, error) {
	names, err := segments(dir)
	if err != nil {
		return nil, err
	}
	s := &journalSource{dir: dir, names: names}
	if len(names) > 0 && names[0] != segmentName(0) {
		return nil, &FaultError{Kind: FaultMissing, File: segmentName(0), Detail: "the first journal segment is missing"}
	}
	return s, nil
}

// newJournalSourceAt opens the journal at a cursor that an earlier reading has noted; the zero cursor is the beginning.
func newJournalSourceAt(dir string, at cursor) (*journalSource, error) {
	if at == (cursor{}) {
		return newJournalSource(dir)
	}
	names, err := segments(dir)
	if err != nil {
		return nil, err
	}
	i, found := slices.BinarySearch(names, at.segment)
	if !found {
		return nil, fmt.Errorf("journal segment %s is missing", at.segment)
	}
	s := &journalSource{dir: dir, names: names[i:], index: at.index}
	if err := s.open(); err != nil {
		return nil, err
	}
	if _, err := s.file.Seek(at.off, io.SeekStart); err != nil {
		return nil, err
	}
	s.in.Reset(s.file)
	s.off = at.off
	return s, nil
}

func (s *journalSource) open() error {
	if s.file != nil {
		s.file.Close()
	}
	s.name, s.names, s.off = s.names[0], s.names[1:], 0
	f, err := os.Open(filepath.Join(s.dir, s.name))
	if err != nil {
		return err
	}
	s.file = f
	if s.in == nil {
		s.in = bufio.NewReaderSize(f, 256<<10)
	}
	s.in.Reset(f)
	return nil
}

// Close closes the open segment.
func (s *journalSource) Close() error {
	if s.file == nil {
		return nil
	}
	return s.file.Close()
}

// next returns the next whole group. After io.EOF, s.torn tells whether a torn tail follows.
func (s *journalSource) next() (*group, error) {
	if s.torn != nil {
		return nil, io.EOF
	}
	for s.file == nil || s.atEnd() {
		if len(s.names) == 0 {
			return nil, io.EOF
		}
		if err := s.openNext(); err != nil {
			return nil, err
		}
	}
	g := &s.group
	*g = group{first: s.index, records: g.records[:0], places: g.places[:0], start: place{s.name, s.off, 0}}
	s.arena = s.arena[:0]
	for {
		at := s.off
		kind, arena, err := readFrame(s.in, s.arena)
		if err != nil {
			return nil, s.broken(g, err)
		}
		body := arena[len(s.arena):]
		s.arena = arena
		where := place{s.name, at + frameHeader, len(body)}
		s.off = where.off + int64(len(body))
		if kind == kindRecord {
			g.records, g.places = append(g.records, body), append(g.places, where)
			continue
		}
		return g, s.close(g, body, where)
	}
}

// close ends a group with its head.
func (s *journalSource) close(g *group, body []byte, where place) error {
	span, checkpoint, ok := splitHead(body)
	if !ok || span != where.off-frameHeader-g.start.off || span == 0 {
		return &FaultError{Index: g.first, Kind: FaultHead, File: s.name, Offset: where.off, Detail: "the head does not belong to the records before it"}
	}
	g.head, g.headPlace = checkpoint, where
	g.start.size = int(s.off - g.start.off)
	s.index += int64(len(g.records))
	return nil
}

func (s *journalSource) atEnd() bool {
	_, err := s.in.Peek(1)
	return err == io.EOF
}

func (s *journalSource) openNext() error {
	first, err := segmentFirst(s.names[0])
	if err != nil || first != s.index {
		return &FaultError{Index: s.index, Kind: FaultMissing, File: segmentName(s.index),
			Detail: "no journal segment continues the one before"}
	}
	return s.open()
}

// broken decides what a group that cannot be read whole means.
func (s *journalSource) broken(g *group, cause error) error {
	if cause != io.EOF && !errors.Is(cause, errCut) && !errors.Is(cause, errChecksum) {
		return fmt.Errorf("reading %s: %w", s.name, cause)
	}
	fault := &FaultError{Index: g.first + int64(len(g.records)), Kind: FaultFrame, File: s.name, Offset: s.off, Detail: errCut.Error()}
	if errors.Is(cause, errChecksum) {
		fault.Detail = cause.Error()
	}
	if len(s.names) > 0 {
		return fault
	}
	tail, err := readTail(filepath.Join(s.dir, s.name), g.start.off)
	if err != nil {
		return err
	}
	if errors.Is(cause, errChecksum) && !unfilled(tail, g.start.off) {
		return fault
	}
	s.torn = &tornTail{s.name, g.start.off, int64(len(tail))}
	return io.EOF
}

func readTail(path string, from int64) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	if _, err := f.Seek(from, io.SeekStart); err != nil {
		return nil, err
	}
	return io.ReadAll(f)
}

// unfilled reports whether a damaged tail is one group whose write was interrupted by loss of power: it has a sector
// that was never filled, and no group was written behind it.
func unfilled(tail []byte, off int64) bool { return hasHole(tail, off) && oneGroup(tail) }
