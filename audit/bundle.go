package audit

import (
	"encoding/binary"
	"errors"
	"io"
	"os"
	"path/filepath"
)

// bundleSource reads what was published: a group for each entry bundle, and the checkpoint as the head of the last.
type bundleSource struct {
	dir  string
	size int64 // of the published tree
	done int64
}

func (s *bundleSource) Close() error { return nil }

func (s *bundleSource) next() (*group, error) {
	if s.done == s.size {
		return nil, io.EOF
	}
	n, w := s.done/tileWidth, int(min(s.size-s.done, tileWidth))
	path, data, err := readTile(s.dir, -1, n, w)
	if err != nil {
		return nil, &FaultError{Index: s.done, Kind: FaultMissing, File: path, Detail: "the entry bundle cannot be read"}
	}
	g := &group{first: s.done, start: place{path, 0, len(data)}}
	for off := 0; len(g.records) < w; {
		size, ok := entryAt(data, off)
		if !ok {
			return nil, &FaultError{Index: s.done + int64(len(g.records)), Kind: FaultBundle, File: path,
				Offset: int64(off), Detail: "the entry bundle ends inside an entry"}
		}
		g.records = append(g.records, data[off+2:off+2+size])
		g.places = append(g.places, place{path, int64(off + 2), size})
		off += 2 + size
	}
	if s.done += int64(w); s.done == s.size {
		g.headPlace.file = checkpointFile
		g.head, err = os.ReadFile(filepath.Join(s.dir, checkpointFile))
	}
	return g, err
}

func entryAt(data []byte, off int) (size int, ok bool) {
	if off+2 > len(data) {
		return 0, false
	}
	size = int(binary.BigEndian.Uint16(data[off:]))
	return size, off+2+size <= len(data)
}

// readTile reads a tile or bundle of at least w entries. The log may have replaced a partial one by the full one.
func readTile(dir string, level int, n int64, w int) (path string, data []byte, err error) {
	path = tilePath(level, n, w)
	data, err = os.ReadFile(filepath.Join(dir, path))
	if errors.Is(err, os.ErrNotExist) && w < tileWidth {
		full := tilePath(level, n, tileWidth)
		if data, err2 := os.ReadFile(filepath.Join(dir, full)); err2 == nil {
			return full, data, nil
		}
	}
	return path, data, err
}
