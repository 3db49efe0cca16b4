package audit

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"os"
	"path/filepath"
)

// DetailIndex knows where the details of every transfer lie, so that reading those of many takes one pass over the side
// store and not one each. It holds ids and places, no bodies, and notices what is erased after it was made.
type DetailIndex struct {
	dir    string
	files  []string
	places map[string][]detailPlace
}

type detailPlace struct {
	file int32
	size int32 // of the body
	mark int64 // offset of the live byte
}

// IndexDetails makes an index of the side store as it is now.
func (r *Reader) IndexDetails() (*DetailIndex, error) {
	x := &DetailIndex{dir: r.dir, places: map[string][]detailPlace{}}
	names, err := listSegments(r.dir, detailDir, detailExt)
	if errors.Is(err, os.ErrNotExist) {
		return x, nil
	}
	if err != nil {
		return nil, err
	}
	x.files = names
	for i, name := range names {
		file, err := os.ReadFile(filepath.Join(r.dir, name))
		if err != nil {
			return nil, err
		}
		err = scanDetails(file, func(d detail) error {
			x.places[d.transfer] = append(x.places[d.transfer], detailPlace{int32(i), int32(len(d.body)), d.off})
			return nil
		}, func(int, int) error { return nil }) // a damaged stretch is nobody's: Reader.Details says so to who asks for it
		if err != nil {
			return nil, err
		}
	}
	return x, nil
}

// Details is Reader.Details through the index.
func (x *DetailIndex) Details(transfer string) ([][]byte, error) {
	places := x.places[transfer]
	if len(places) == 0 {
		return nil, ErrNoDetail
	}
	var found [][]byte
	for _, p := range places {
		raw := make([]byte, detailMark+int(p.size))
		if err := readAt(filepath.Join(x.dir, x.files[p.file]), raw, p.mark); err != nil {
			return nil, err
		}
		body := raw[detailMark:]
		if raw[0] != 1 {
			continue
		}
		if crc32.Checksum(body, castagnoli) != binary.BigEndian.Uint32(raw[1:]) {
			return nil, fmt.Errorf("%w: detail in %s at byte %d does not match its checksum", ErrCorrupt, x.files[p.file], p.mark)
		}
		found = append(found, body)
	}
	if len(found) == 0 {
		return nil, ErrErased
	}
	return found, nil
}
