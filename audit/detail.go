package audit

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"os"
	"path/filepath"
)

// The details of a record (salts, sealed facts) lie beside the log in files that may be changed: a detail frame is
//
//	uint32 big-endian  length n of body
//	uint8              length k of the transfer id
//	uint32 big-endian  CRC-32C of n, k and the id
//	k bytes            transfer id
//	uint8              1 live, 0 erased
//	uint32 big-endian  CRC-32C of body, zero once erased
//	n bytes            body, zero once erased
//
// Erasing overwrites everything from the live byte on; lengths and id stay, so the file remains readable.
const (
	detailDir = "details"
	detailExt = ".det"

	// MaxDetailBytes limits one detail.
	MaxDetailBytes = 1 << 20

	detailHeader = 9 // up to the transfer id
	detailMark   = 5 // live byte and body checksum
)

func checkDetail(transfer string, body []byte) error {
	switch {
	case transfer == "":
		return invalid("a record with a detail must name its transfer")
	case len(body) > MaxDetailBytes:
		return fmt.Errorf("%w: detail of %d bytes, the limit is %d", ErrRecordTooLarge, len(body), MaxDetailBytes)
	}
	return nil
}

func appendDetail(b []byte, transfer string, body []byte) []byte {
	start := len(b)
	b = binary.BigEndian.AppendUint32(b, uint32(len(body)))
	b = append(b, byte(len(transfer)))
	b = binary.BigEndian.AppendUint32(b, detailHeaderSum(b[start:], transfer))
	b = append(b, transfer...)
	b = append(b, 1)
	b = binary.BigEndian.AppendUint32(b, crc32.Checksum(body, castagnoli))
	return append(b, body...)
}

func detailHeaderSum(lengths []byte, transfer string) uint32 {
	return crc32.Update(crc32.Checksum(lengths[:5], castagnoli), castagnoli, []byte(transfer))
}

// detail is one entry of the side store as found on disk.
type detail struct {
	transfer string
	off      int64 // of the live byte
	live     bool
	sum      uint32
	body     []byte
}

// parseDetail reads the entry at off of a file's bytes; ok is false if there is none, or only a part of one.
func parseDetail(file []byte, off int) (d detail, next int, ok bool) {
	if len(file)-off < detailHeader {
		return detail{}, 0, false
	}
	h := file[off : off+detailHeader]
	n, k := int(binary.BigEndian.Uint32(h)), int(h[4])
	mark := off + detailHeader + k
	next = mark + detailMark + n
	if n > MaxDetailBytes || next > len(file) {
		return detail{}, 0, false
	}
	id := string(file[off+detailHeader : mark])
	if detailHeaderSum(h, id) != binary.BigEndian.Uint32(h[5:]) {
		return detail{}, 0, false
	}
	return detail{
		transfer: id, off: int64(mark), live: file[mark] == 1,
		sum: binary.BigEndian.Uint32(file[mark+1:]), body: file[mark+detailMark : next],
	}, next, true
}

// scanDetails calls visit for every entry of a file's bytes, and damaged for every stretch between entries that is none:
// what a crash tore, or somebody changed. The entries behind such a stretch are found by the checksum of their headers.
func scanDetails(file []byte, visit func(detail) error, damaged func(from, to int) error) error {
	lost := 0 // where the present stretch began
	for off := 0; off <= len(file); {
		d, next, ok := parseDetail(file, off)
		if !ok && off < len(file) {
			off++
			continue
		}
		if off > lost {
			if err := damaged(lost, off); err != nil {
				return err
			}
		}
		if !ok {
			return nil
		}
		if err := visit(d); err != nil {
			return err
		}
		off, lost = next, next
	}
	return nil
}

// openDetails prepares the side store. Every Open that stores a detail begins another file: what an earlier process
// left may be torn, or held by the kernel without being on the disk, and rewriting it could bring back what somebody
// is just erasing.
func openDetails(fs FS, dir string, limit int64) (*segmentWriter, error) {
	if err := fs.MkdirAll(filepath.Join(dir, detailDir), 0o700); err != nil {
		return nil, err
	}
	if err := fs.SyncDir(dir); err != nil {
		return nil, wrapSync(dir, err)
	}
	return &segmentWriter{fs: fs, root: dir, sub: detailDir, ext: detailExt, limit: limit}, nil
}

func detailName(first int64) string {
	return filepath.Join(detailDir, segmentBase(first)+detailExt)
}

// Details returns all details stored for a transfer, oldest first. The error matches ErrNoDetail if there never were
// any, ErrErased if they are gone, ErrCorrupt if one is damaged.
func (r *Reader) Details(transfer string) ([][]byte, error) {
	var (
		found  [][]byte
		erased bool
	)
	err := eachDetail(r.dir, transfer, func(path string, d detail) error {
		switch {
		case !d.live:
			erased = true
		case crc32.Checksum(d.body, castagnoli) != d.sum:
			return fmt.Errorf("%w: detail in %s at byte %d does not match its checksum", ErrCorrupt, path, d.off)
		default:
			found = append(found, d.body)
		}
		return nil
	}, func(path string, from, _ int64) error {
		return fmt.Errorf("%w: detail in %s at byte %d is damaged", ErrCorrupt, path, from)
	})
	switch {
	case err != nil:
		return nil, err
	case len(found) > 0:
		return found, nil
	case erased:
		return nil, ErrErased
	}
	return nil, ErrNoDetail
}

// Detail returns the first detail stored for a transfer: the one of its intent. See Details.
func (r *Reader) Detail(transfer string) ([]byte, error) {
	all, err := r.Details(transfer)
	if err != nil {
		return nil, err
	}
	return all[0], nil
}

// eachDetail visits the entries of one transfer in order, and calls damaged for every unreadable stretch that names it.
func eachDetail(dir, transfer string, visit func(path string, d detail) error, damaged func(path string, from, to int64) error) error {
	names, err := listSegments(dir, detailDir, detailExt)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	for _, name := range names {
		path := filepath.Join(dir, name)
		file, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		err = scanDetails(file, func(d detail) error {
			if d.transfer != transfer {
				return nil
			}
			return visit(path, d)
		}, func(from, to int) error {
			if !bytes.Contains(file[from:to], []byte(transfer)) {
				return nil
			}
			return damaged(path, int64(from), int64(to))
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// EraseDetail overwrites every detail of a transfer with zeroes, makes that durable, and reports how many there were. An
// unreadable stretch that names the transfer is overwritten too, and counts as one: nobody could have read it, but a
// person could be found in it. Records and proofs are untouched: they hold commitments, which mean nothing without the
// salt that is now gone. It may run beside the writer, from another process, and again after a crash.
//
// Overwriting in place does not reach copies that the storage keeps on its own: snapshots, journals of a
// copy-on-write file system, spare blocks of a flash disk. Where that matters, encrypt the detail and destroy the key.
func EraseDetail(dir, transfer string) (erased int, err error) {
	if transfer == "" {
		return 0, invalid("erasing details needs a transfer")
	}
	lock, err := openSpoolLock(dir)
	if errors.Is(err, os.ErrNotExist) {
		return 0, nil // there never was a detail
	}
	if err != nil {
		return 0, fmt.Errorf("erasing a detail: %w", err)
	}
	defer func() { err = errors.Join(err, lock.Close()) }()
	if err := errors.Join(lock.take(), emptySpool(dir)); err != nil {
		return 0, fmt.Errorf("erasing a detail: %w", err)
	}
	err = eachDetail(dir, transfer, func(path string, d detail) error {
		if d.live {
			erased++
		}
		// The body first: an entry marked erased must have nothing left, whatever happens in between.
		if err := overwrite(path, d.off+1, detailMark-1+int64(len(d.body))); err != nil {
			return err
		}
		return overwrite(path, d.off, 1)
	}, func(path string, from, to int64) error {
		erased++
		return overwrite(path, from, to-from)
	})
	return erased, err
}

// overwrite writes n durable zeroes at off.
func overwrite(path string, off, n int64) (err error) {
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return fmt.Errorf("erasing a detail: %w", err)
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	if _, err := f.WriteAt(make([]byte, n), off); err != nil {
		return fmt.Errorf("erasing a detail in %s: %w", path, err)
	}
	if err := f.Sync(); err != nil {
		return fmt.Errorf("erasing a detail in %s: %w", path, err)
	}
	return nil
}
