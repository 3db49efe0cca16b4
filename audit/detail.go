package audit

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
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

func detailFrame(transfer string, body []byte) ([]byte, error) {
	switch {
	case transfer == "":
		return nil, invalid("a record with a detail must name its transfer")
	case len(body) > MaxDetailBytes:
		return nil, fmt.Errorf("%w: detail of %d bytes, the limit is %d", ErrRecordTooLarge, len(body), MaxDetailBytes)
	}
	b := binary.BigEndian.AppendUint32(nil, uint32(len(body)))
	b = append(b, byte(len(transfer)))
	b = binary.BigEndian.AppendUint32(b, detailHeaderSum(b, transfer))
	b = append(b, transfer...)
	b = append(b, 1)
	b = binary.BigEndian.AppendUint32(b, crc32.Checksum(body, castagnoli))
	return append(b, body...), nil
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

// readDetail reports io.EOF at the end of the file and errCut or errChecksum where a crash tore it.
func readDetail(r io.Reader, off int64) (detail, int64, error) {
	var h [detailHeader]byte
	if _, err := io.ReadFull(r, h[:]); err != nil {
		return detail{}, off, cut(err)
	}
	n, k := binary.BigEndian.Uint32(h[0:]), int(h[4])
	if n > MaxDetailBytes {
		return detail{}, off, errChecksum
	}
	rest := make([]byte, k+detailMark+int(n))
	if _, err := io.ReadFull(r, rest); err != nil {
		return detail{}, off, errCut
	}
	id := string(rest[:k])
	if detailHeaderSum(h[:], id) != binary.BigEndian.Uint32(h[5:]) {
		return detail{}, off, errChecksum
	}
	d := detail{transfer: id, off: off + detailHeader + int64(k), live: rest[k] == 1,
		sum: binary.BigEndian.Uint32(rest[k+1:]), body: rest[k+detailMark:]}
	return d, d.off + detailMark + int64(n), nil
}

// scanDetails calls visit for every entry of one file and returns where the readable part ends.
func scanDetails(path string, visit func(detail) error) (end int64, err error) {
	f, err := os.Open(path)
	if err != nil {
		return 0, err
	}
	defer f.Close()
	in := bufio.NewReader(f)
	for {
		d, next, err := readDetail(in, end)
		switch {
		case err == io.EOF:
			return end, nil
		case err != nil:
			return end, fmt.Errorf("%s at byte %d: %w", path, end, err)
		}
		end = next
		if err := visit(d); err != nil {
			return end, err
		}
	}
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
	return &segmentWriter{fs: fs, root: dir, sub: detailDir, ext: detailExt, perm: 0o600, limit: limit}, nil
}

// Details returns all details stored for a transfer, oldest first. The error matches ErrNoDetail if there never were
// any, ErrErased if they are gone, ErrCorrupt if one does not match its checksum.
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

// eachDetail visits the entries of one transfer in order. A torn end of a file ends that file only.
func eachDetail(dir, transfer string, visit func(path string, d detail) error) error {
	names, err := listSegments(dir, detailDir, detailExt)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	for _, name := range names {
		path := filepath.Join(dir, name)
		_, err := scanDetails(path, func(d detail) error {
			if d.transfer != transfer {
				return nil
			}
			return visit(path, d)
		})
		if err != nil && !errors.Is(err, errCut) && !errors.Is(err, errChecksum) {
			return err
		}
	}
	return nil
}

// EraseDetail overwrites every detail of a transfer with zeroes, makes that durable, and reports how many there were.
// Records and proofs are untouched: they hold commitments, which mean nothing without the salt that is now gone. It
// may run beside the writer, from another process, and again after a crash.
//
// Overwriting in place does not reach copies that the storage keeps on its own: snapshots, journals of a
// copy-on-write file system, spare blocks of a flash disk. Where that matters, encrypt the detail and destroy the key.
func EraseDetail(dir, transfer string) (erased int, err error) {
	err = eachDetail(dir, transfer, func(path string, d detail) error {
		if err := overwrite(path, d); err != nil {
			return fmt.Errorf("erasing a detail in %s: %w", path, err)
		}
		if d.live {
			erased++
		}
		return nil
	})
	return erased, err
}

func overwrite(path string, d detail) error {
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	defer f.Close()
	// The body first: an entry marked erased must have nothing left, whatever happens in between.
	if _, err := f.WriteAt(make([]byte, detailMark-1+len(d.body)), d.off+1); err != nil {
		return err
	}
	if err := f.Sync(); err != nil {
		return err
	}
	if _, err := f.WriteAt([]byte{0}, d.off); err != nil {
		return err
	}
	return f.Sync()
}
