package audit

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"

	"golang.org/x/mod/sumdb/tlog"
)

// The published view is c2sp.org/tlog-tiles: tiles of 256 hashes, bundles of 256 entries, and the checkpoint, which
// is replaced last. It is derived from the journal and never ahead of it.
const (
	tileHeight     = 8
	tileWidth      = 1 << tileHeight
	checkpointFile = "checkpoint"
	vkeyFile       = "log.vkey"
)

// tilePath returns the path of a tile, or of an entry bundle for level -1; w below 256 makes it partial.
func tilePath(level int, n int64, w int) string {
	name := fmt.Sprintf("%03d", n%1000)
	for n >= 1000 {
		n /= 1000
		name = fmt.Sprintf("x%03d/%s", n%1000, name)
	}
	dir := "entries"
	if level >= 0 {
		dir = strconv.Itoa(level)
	}
	path := "tile/" + dir + "/" + name
	if w < tileWidth {
		path += ".p/" + strconv.Itoa(w)
	}
	return filepath.FromSlash(path)
}

// parseTilePath is the inverse of tilePath; it accepts no other spelling.
func parseTilePath(path string) (level int, n int64, w int, ok bool) {
	slash := filepath.ToSlash(path)
	rest, found := strings.CutPrefix(slash, "tile/")
	dir, rest, found2 := strings.Cut(rest, "/")
	if !found || !found2 {
		return 0, 0, 0, false
	}
	w, level = tileWidth, -1
	if dir != "entries" {
		l, err := parseIndex(dir)
		if err != nil || l > 63 {
			return 0, 0, 0, false
		}
		level = int(l)
	}
	if name, width, partial := strings.Cut(rest, ".p/"); partial {
		v, err := parseIndex(width)
		if err != nil || v < 1 || v >= tileWidth {
			return 0, 0, 0, false
		}
		rest, w = name, int(v)
	}
	n, err := strconv.ParseInt(strings.ReplaceAll(strings.ReplaceAll(rest, "/", ""), "x", ""), 10, 64)
	if err != nil || n < 0 || filepath.ToSlash(tilePath(level, n, w)) != slash {
		return 0, 0, 0, false
	}
	return level, n, w, true
}

// appendEntry adds a record to an entry bundle.
func appendEntry(bundle, record []byte) []byte {
	return append(binary.BigEndian.AppendUint16(bundle, uint16(len(record))), record...)
}

// publisher brings the published view up to the journal.
type publisher struct {
	mu    sync.Mutex // one publication at a time
	dir   string
	files atomicWriter
	size  int64  // records covered by the published checkpoint; -1 if there is none
	at    cursor // position of a group at or before the first record of the bundle being filled
}

// publishLoop publishes from time to time, so that readers of the tiles lag little and the disk is not kept busy.
func (l *Log) publishLoop() {
	defer close(l.quiet)
	if l.opts.PublishEvery < 0 {
		return
	}
	tick := time.NewTicker(l.opts.PublishEvery)
	defer tick.Stop()
	for {
		select {
		case <-l.quit:
			return
		case <-tick.C:
			_ = l.publish() // tried again with the next tick, and reported by Publish and Close
		}
	}
}

// Publish brings the published view up to the durable log and returns when it is durable itself. The log publishes on
// its own; call this before handing the directory to somebody, or to learn why publication fails. A failure does not
// concern the journal.
func (l *Log) Publish() error {
	if err := l.poison(); err != nil {
		return err
	}
	return l.publish()
}

func (l *Log) publish() error {
	p := l.publisher
	p.mu.Lock()
	defer p.mu.Unlock()
	state := l.state()
	if state.tree.size == p.size {
		return nil
	}
	if err := p.advance(state); err != nil {
		return fmt.Errorf("publishing the log: %w", err)
	}
	return nil
}

// advance writes what the state has and the view has not: bundles, tiles, then the checkpoint. Each step is durable
// before the next.
func (p *publisher) advance(state durable) error {
	old := max(p.size, 0)
	at, err := p.bundles(old, state.tree.size)
	if err != nil {
		return err
	}
	if err := p.tiles(old, state.tree); err != nil {
		return err
	}
	if err := p.files.sync(); err != nil {
		return err
	}
	if err := p.files.put(checkpointFile, state.head); err != nil {
		return err
	}
	if err := p.files.sync(); err != nil {
		return err
	}
	p.prune(old, state.tree.size)
	p.size, p.at = state.tree.size, at
	return nil
}

func (p *publisher) tiles(old int64, t tree) error {
	for _, tile := range tlog.NewTiles(tileHeight, old, t.size) {
		data, err := tlog.ReadTileData(tile, t)
		if err != nil {
			return err
		}
		if err := p.files.put(tilePath(tile.L, tile.N, tile.W), data); err != nil {
			return err
		}
	}
	return nil
}

// bundles writes the entry bundles from the one that old falls into. It reads the records from the journal again and
// returns the cursor to continue from: the last group that begins at or before the bundle that is still to be filled.
func (p *publisher) bundles(old, size int64) (cursor, error) {
	src, err := newJournalSourceAt(p.dir, p.at)
	if err != nil {
		return cursor{}, err
	}
	defer src.Close()
	at, unfilled := p.at, size/tileWidth*tileWidth
	b := bundler{next: old / tileWidth * tileWidth, size: size, put: p.files.put}
	for b.next < size {
		g, err := src.next()
		if err == io.EOF {
			return cursor{}, fmt.Errorf("the journal ends at record %d of %d", b.next, size)
		}
		if err != nil {
			return cursor{}, err
		}
		if g.first <= unfilled {
			at = g.cursor()
		}
		for i, rec := range g.records {
			if err := b.add(g.first+int64(i), rec); err != nil {
				return cursor{}, err
			}
		}
	}
	return at, nil
}

// bundler collects records into bundles and puts each one that is full, and the last.
type bundler struct {
	next, size int64
	data       []byte
	put        func(path string, data []byte) error
}

func (b *bundler) add(index int64, record []byte) error {
	if index != b.next || index >= b.size {
		return nil
	}
	b.data = appendEntry(b.data, record)
	b.next++
	if b.next%tileWidth != 0 && b.next != b.size {
		return nil
	}
	w := int(index%tileWidth) + 1
	err := b.put(tilePath(-1, index/tileWidth, w), b.data)
	b.data = b.data[:0]
	return err
}

// prune removes the partial tiles and bundles that a full one has replaced, as tlog-tiles allows. Failure is
// harmless: they stay correct.
func (p *publisher) prune(old, size int64) {
	for level := -1; ; level++ {
		shift := uint(tileHeight * (max(level, 0) + 1))
		from, to := old>>shift, size>>shift
		for n := from; n < to; n++ {
			_ = p.files.fs.RemoveAll(filepath.Join(p.dir, tilePath(level, n, tileWidth)+".p"))
		}
		if to == 0 && level >= 0 {
			return
		}
	}
}

// readCheckpoint returns the published checkpoint or nil if there is none.
func readCheckpoint(dir string) ([]byte, error) {
	data, err := os.ReadFile(filepath.Join(dir, checkpointFile))
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	return data, err
}
