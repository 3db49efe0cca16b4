package audit

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"os"
	"path/filepath"
	"slices"
)

// The spool is a small file, filled with zeroes in advance, in which a commit group is made durable: one write and one
// fsync for records and details together, and none of the file system's own journal. The group is then copied to its
// places in journal and side store without waiting for the disk; these are fsynced when the spool's half is needed
// again. Opening the log copies once more whatever a crash has left in the spool.
//
// An entry begins at a multiple of 512 bytes and is
//
//	uint32 big-endian  spoolMagic
//	uint32 big-endian  length n of the body
//	uint32 big-endian  CRC-32C of body
//	uint32 big-endian  CRC-32C of the twelve bytes before
//	n bytes            body: for each file, uint8 length of its name, name, uint64 offset, uint32 length, data
//
// No byte of journal or side store is written twice with different contents between two openings, so copying an old
// entry again changes nothing, and entries need no order. Erasing is the exception: it empties the spool first.
const (
	spoolFile   = detailDir + "/spool"
	spoolMagic  = 0x70737631
	spoolHeader = 16
	spoolSector = 512
	spoolStep   = 256 << 10 // zeroes are written ahead in steps of this many bytes
)

// patch is data and where it belongs.
type patch struct {
	name string // relative to the log directory
	off  int64
	data []byte
}

func appendSpoolEntry(dst []byte, patches ...patch) []byte {
	start := len(dst)
	dst = append(dst, make([]byte, spoolHeader)...)
	for _, p := range patches {
		if len(p.data) == 0 {
			continue
		}
		dst = append(append(dst, byte(len(p.name))), p.name...)
		dst = binary.BigEndian.AppendUint64(dst, uint64(p.off))
		dst = binary.BigEndian.AppendUint32(dst, uint32(len(p.data)))
		dst = append(dst, p.data...)
	}
	h := dst[start:]
	binary.BigEndian.PutUint32(h, spoolMagic)
	binary.BigEndian.PutUint32(h[4:], uint32(len(h)-spoolHeader))
	binary.BigEndian.PutUint32(h[8:], crc32.Checksum(h[spoolHeader:], castagnoli))
	binary.BigEndian.PutUint32(h[12:], crc32.Checksum(h[:12], castagnoli))
	return dst
}

// scanSpool calls visit for every whole entry. What is torn, or partly overwritten by a later entry, is passed over.
func scanSpool(file []byte, visit func([]patch) error) error {
	for off := 0; off+spoolHeader <= len(file); {
		patches, size, ok := parseSpoolEntry(file[off:])
		if !ok {
			off += spoolSector
			continue
		}
		if err := visit(patches); err != nil {
			return err
		}
		off += sectors(size)
	}
	return nil
}

func parseSpoolEntry(b []byte) (patches []patch, size int, ok bool) {
	if binary.BigEndian.Uint32(b) != spoolMagic || crc32.Checksum(b[:12], castagnoli) != binary.BigEndian.Uint32(b[12:]) {
		return nil, 0, false
	}
	n := int(binary.BigEndian.Uint32(b[4:]))
	if n > len(b)-spoolHeader {
		return nil, 0, false
	}
	body := b[spoolHeader : spoolHeader+n]
	if crc32.Checksum(body, castagnoli) != binary.BigEndian.Uint32(b[8:]) {
		return nil, 0, false
	}
	patches, ok = parsePatches(body)
	return patches, spoolHeader + n, ok
}

func parsePatches(body []byte) (patches []patch, ok bool) {
	const numbers = 12
	for len(body) > 0 {
		k := int(body[0])
		if len(body) < 1+k+numbers {
			return nil, false
		}
		p := patch{name: string(body[1 : 1+k]), off: int64(binary.BigEndian.Uint64(body[1+k:]))}
		n := int(binary.BigEndian.Uint32(body[1+k+8:]))
		body = body[1+k+numbers:]
		if n > len(body) || p.off < 0 || !isPatched(p.name) {
			return nil, false
		}
		p.data, body = body[:n], body[n:]
		patches = append(patches, p)
	}
	return patches, true
}

// isPatched reports whether name is a file that the spool stands in for.
func isPatched(name string) bool {
	first, err := segmentFirst(name)
	return err == nil && (name == segmentName(first) || name == detailName(first))
}

func sectors(n int) int { return (n + spoolSector - 1) / spoolSector * spoolSector }

// spool writes the entries.
type spool struct {
	fs   FS
	root string
	half int64 // size of one of the two halves, a multiple of spoolSector

	file   File
	base   int64 // where the half being filled begins: 0 or half
	used   int64 // bytes of it that are taken
	filled int64 // zeroes or entries have been written up to here
	buf    []byte
	// settled receives the result of making durable what the other half stood in for; nil if nothing is under way.
	settled chan error
}

// fits reports whether an entry with so much data can go into the spool.
func (s *spool) fits(data int) bool { return int64(data)+2*spoolSector <= s.half }

// save makes patches durable. settle is called when a half is full, beside what follows: it must make durable all that
// was spooled before.
func (s *spool) save(settle func() error, patches ...patch) error {
	if err := s.open(); err != nil {
		return err
	}
	s.buf = appendSpoolEntry(s.buf[:0], patches...)
	if err := s.advance(int64(sectors(len(s.buf))), settle); err != nil {
		return err
	}
	if err := s.fill(); err != nil {
		return err
	}
	if err := writeAll(s.file, spoolFile, s.buf, s.base+s.used); err != nil {
		return err
	}
	if err := s.file.Sync(); err != nil {
		return wrapSync(spoolFile, err)
	}
	s.used += int64(sectors(len(s.buf)))
	return nil
}

func (s *spool) open() (err error) {
	if s.file != nil {
		return nil
	}
	if s.file, err = s.fs.OpenFile(filepath.Join(s.root, spoolFile), os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600); err != nil {
		return err
	}
	if err := s.fs.SyncDir(filepath.Join(s.root, detailDir)); err != nil {
		return wrapSync(detailDir, err)
	}
	return nil
}

// advance moves on to the other half if an entry of n bytes does not fit into this one any more.
func (s *spool) advance(n int64, settle func() error) error {
	if s.used+n <= s.half {
		return nil
	}
	if err := s.wait(); err != nil {
		return err
	}
	settled := make(chan error, 1)
	go func() { settled <- settle() }()
	s.settled = settled
	s.base, s.used = s.half-s.base, 0
	return nil
}

// wait waits until the other half may be written.
func (s *spool) wait() error {
	if s.settled == nil {
		return nil
	}
	err := <-s.settled
	s.settled = nil
	return err
}

// fill writes zeroes ahead of the entry in s.buf, so that later ones need not make the file longer.
func (s *spool) fill() error {
	end := s.base + s.used + int64(len(s.buf))
	if end <= s.filled {
		return nil
	}
	ahead := (end + spoolStep - 1) / spoolStep * spoolStep
	if err := writeAll(s.file, spoolFile, make([]byte, ahead-s.filled), s.filled); err != nil {
		return err
	}
	s.filled = ahead
	return nil
}

// abandon closes the spool and leaves what is in it to the next opening.
func (s *spool) abandon() {
	_ = s.wait()
	if s.file != nil {
		_ = s.file.Close()
		s.file = nil
	}
}

// close removes the spool, after everything in it has been settled.
func (s *spool) close(settle func() error) error {
	if s.file == nil {
		return nil
	}
	if err := errors.Join(s.wait(), settle()); err != nil {
		return errors.Join(err, s.file.Close())
	}
	err := s.file.Close()
	s.file = nil
	return errors.Join(err, removeSpool(s.fs, s.root))
}

func removeSpool(fs FS, root string) error {
	if err := fs.RemoveAll(filepath.Join(root, spoolFile)); err != nil {
		return err
	}
	if err := fs.SyncDir(filepath.Join(root, detailDir)); err != nil {
		return wrapSync(detailDir, err)
	}
	return nil
}

// replaySpool copies what a crash left in the spool to its places, makes that durable, and removes the spool. It may be
// interrupted and run again.
func replaySpool(fs FS, root string) error {
	spooled, err := os.ReadFile(filepath.Join(root, spoolFile))
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	if err := copySpool(fs, root, spooled); err != nil {
		return err
	}
	return removeSpool(fs, root)
}

// emptySpool overwrites the spool with zeroes, so that nothing erased can come back from it. The writer, if there is
// one, goes on behind them. The caller holds the lock of the spool.
func emptySpool(root string) error {
	path := filepath.Join(root, spoolFile)
	spooled, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	if err := copySpool(osFS{}, root, spooled); err != nil {
		return err
	}
	return overwrite(path, 0, int64(len(spooled)))
}

func copySpool(fs FS, root string, spooled []byte) error {
	files := patchedFiles{fs: fs, root: root, open: map[string]File{}}
	err := scanSpool(spooled, func(patches []patch) error {
		for _, p := range patches {
			if err := files.write(p); err != nil {
				return err
			}
		}
		return nil
	})
	if err := errors.Join(err, files.close(err == nil)); err != nil {
		return fmt.Errorf("copying the spool: %w", err)
	}
	return nil
}

// patchedFiles are the files that a spool is copied to.
type patchedFiles struct {
	fs   FS
	root string
	open map[string]File
}

func (w *patchedFiles) write(p patch) (err error) {
	f := w.open[p.name]
	if f == nil {
		if f, err = w.fs.OpenFile(filepath.Join(w.root, p.name), os.O_WRONLY|os.O_CREATE, segmentPerm(p.name)); err != nil {
			return err
		}
		w.open[p.name] = f
	}
	return writeAll(f, p.name, p.data, p.off)
}

func (w *patchedFiles) close(durable bool) error {
	var errs []error
	var dirs []string
	for name, f := range w.open {
		if durable {
			if err := f.Sync(); err != nil {
				errs = append(errs, wrapSync(name, err))
			}
		}
		errs = append(errs, f.Close())
		if dir := filepath.Dir(name); !slices.Contains(dirs, dir) {
			dirs = append(dirs, dir)
		}
	}
	for _, dir := range dirs {
		if err := w.fs.SyncDir(filepath.Join(w.root, dir)); err != nil {
			errs = append(errs, wrapSync(dir, err))
		}
	}
	return errors.Join(errs...)
}

func segmentPerm(name string) os.FileMode {
	if filepath.Dir(name) == detailDir {
		return 0o600
	}
	return 0o644
}
