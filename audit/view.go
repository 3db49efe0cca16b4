package audit

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"golang.org/x/mod/sumdb/tlog"
)

// checkView compares the published files with the records: that the checkpoint's tiles and bundles are all there, and
// that every tile and bundle lying there is right, wider and narrower ones included, because other clients stand on
// other checkpoints. Files beyond the last record and files with foreign names are not part of the log.
func (c *checker) checkView(published int64) error {
	if published < 0 && exists(filepath.Join(c.dir, "tile")) {
		return &FaultError{Kind: FaultMissing, File: checkpointFile, Detail: "there are published tiles, and the checkpoint that " +
			"covers them is missing (after a crash in the very first publication, open the log once for writing)"}
	}
	if published < 0 {
		return nil
	}
	if err := c.requireTiles(published); err != nil {
		return err
	}
	if err := c.checkTiles(); err != nil {
		return err
	}
	return c.checkBundles(published)
}

// requireTiles looks for the files without which a client cannot read the published tree. A full tile may stand in
// for a partial one.
func (c *checker) requireTiles(published int64) error {
	for _, t := range tlog.NewTiles(tileHeight, 0, published) {
		for _, level := range []int{t.L, -1}[:2-min(t.L, 1)] { // each leaf tile has a bundle
			path := tilePath(level, t.N, t.W)
			if !exists(filepath.Join(c.dir, path)) && !exists(filepath.Join(c.dir, tilePath(level, t.N, tileWidth))) {
				return &FaultError{Index: firstRecord(t.L, t.N, 0), Kind: FaultMissing, File: path, Detail: "a published file is missing"}
			}
		}
	}
	return nil
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// checkTiles compares every tile of hashes, level by level.
func (c *checker) checkTiles() error {
	root := filepath.Join(c.dir, "tile")
	return filepath.WalkDir(root, func(file string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return ignoreMissing(err)
		}
		path, err := filepath.Rel(c.dir, file)
		if err != nil {
			return err
		}
		level, n, w, ok := parseTilePath(path)
		if !ok || level < 0 || firstRecord(level, n, w) > c.replay.tree.size {
			return nil
		}
		want, err := tlog.ReadTileData(tlog.Tile{H: tileHeight, L: level, N: n, W: w}, c.replay.tree)
		if err != nil {
			return err
		}
		return c.compare(path, want, FaultTile, func(at int) int64 { return firstRecord(level, n, at/tlog.HashSize) })
	})
}

func ignoreMissing(err error) error {
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	return err
}

// checkBundles reads the records once more and compares every bundle with them, byte by byte.
func (c *checker) checkBundles(published int64) error {
	src, err := openSource(c.dir, head{size: published})
	if err != nil {
		return err
	}
	defer src.Close()
	b := bundler{size: c.replay.tree.size, put: c.checkBundle}
	for b.next < b.size {
		g, err := src.next()
		if err == io.EOF {
			return errors.New("the log became shorter while it was being verified")
		}
		if err != nil {
			return err
		}
		for i, rec := range g.records {
			if err := b.add(g.first+int64(i), rec); err != nil {
				return err
			}
		}
	}
	return nil
}

// checkBundle compares the bundle at path and the narrower ones beside it, whichever of them exist.
func (c *checker) checkBundle(path string, want []byte) error {
	_, n, records, _ := parseTilePath(path)
	widths, err := partials(filepath.Join(c.dir, tilePath(-1, n, tileWidth)+".p"))
	if err != nil {
		return err
	}
	if exists(filepath.Join(c.dir, tilePath(-1, n, tileWidth))) {
		widths = append(widths, tileWidth)
	}
	for _, w := range widths {
		if w > records {
			continue
		}
		err := c.compare(tilePath(-1, n, w), want[:entriesEnd(want, w)], FaultBundle, func(at int) int64 {
			return n*tileWidth + int64(min(entryOf(want, at), w-1))
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// compare holds one published file against what it must be.
func (c *checker) compare(path string, want []byte, kind FaultKind, recordAt func(off int) int64) error {
	have, err := os.ReadFile(filepath.Join(c.dir, path))
	if errors.Is(err, os.ErrNotExist) {
		return nil // the log has just replaced it by a wider one
	}
	if err != nil {
		return err
	}
	c.report.Tiles++
	at := differsAt(have, want)
	if at < 0 {
		return nil
	}
	return &FaultError{Index: recordAt(min(at, len(want)-1)), Kind: kind, File: path, Offset: int64(at),
		Detail: "the published file does not match the records"}
}

// partials lists the widths of the partial tiles in dir, ascending.
func partials(dir string) ([]int, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, ignoreMissing(err)
	}
	var widths []int
	for _, e := range entries {
		if w, err := parseIndex(e.Name()); err == nil && w > 0 && w < tileWidth {
			widths = append(widths, int(w))
		}
	}
	slices.Sort(widths)
	return widths, nil
}

// entriesEnd returns where the first w entries of a bundle end.
func entriesEnd(bundle []byte, w int) int {
	off := 0
	for range w {
		size, ok := entryAt(bundle, off)
		if !ok {
			return len(bundle)
		}
		off += 2 + size
	}
	return off
}

// entryOf returns which entry of a bundle the byte at off belongs to.
func entryOf(bundle []byte, at int) (i int) {
	for off := 0; ; i++ {
		size, ok := entryAt(bundle, off)
		if off += 2 + size; !ok || off > at {
			return i
		}
	}
}

// firstRecord is the number of the first record under hash i of a tile.
func firstRecord(level int, n int64, i int) int64 {
	return (n*tileWidth + int64(i)) << (tileHeight * level)
}

// differsAt returns the first position where a and b differ, -1 if they are equal.
func differsAt(a, b []byte) int {
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			return i
		}
	}
	if len(a) == len(b) {
		return -1
	}
	return min(len(a), len(b))
}

// pinpoint narrows a head that does not match its group down to a record. Without a journal the only head is the
// checkpoint, which covers everything, so the tiles decide; with one, an undamaged leaf tile tells which record of
// the group was changed.
func (c *checker) pinpoint(err error) error {
	var f *FaultError
	if !errors.As(err, &f) || f.Kind != FaultHead {
		return err
	}
	from := f.Index
	if !c.report.Journal {
		from = 0
	}
	for i := from; i < c.replay.tree.size; i++ {
		n, at := i/tileWidth, int(i%tileWidth)
		path, data, readErr := readTile(c.dir, 0, n, int(min(c.replay.tree.size-n*tileWidth, tileWidth)))
		if readErr != nil || len(data) < (at+1)*tlog.HashSize {
			return err
		}
		leaf := c.replay.tree.leaf(i)
		if !bytes.Equal(data[at*tlog.HashSize:(at+1)*tlog.HashSize], leaf[:]) {
			f.Index = i
			f.Detail += fmt.Sprintf("; record %d differs from its hash in %s", i, path)
			return f
		}
	}
	return err
}
