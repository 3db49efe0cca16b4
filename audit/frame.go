package audit

import (
	"bytes"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"io"
)

// A journal frame is
//
//	uint32 big-endian  length of body, at most maxBody
//	uint8              kind
//	uint32 big-endian  CRC-32C of the five bytes before
//	uint32 big-endian  CRC-32C of body
//	body
//
// The header has its own checksum so that a damaged length cannot pass for a frame that was cut short by a crash.
const (
	frameHeader = 13
	maxBody     = 65535

	kindRecord byte = 1 // body: canonical record
	kindHead   byte = 2 // body: headBody; ends a commit group
)

var (
	castagnoli = crc32.MakeTable(crc32.Castagnoli)

	errCut      = errors.New("frame is cut short")
	errChecksum = errors.New("frame checksum does not match")
)

func appendFrame(dst []byte, kind byte, body []byte) []byte {
	start := len(dst)
	dst = append(append(dst, make([]byte, frameHeader)...), body...)
	closeFrame(dst[start:], kind)
	return dst
}

// closeFrame fills in the header of a frame whose body stands behind it.
func closeFrame(frame []byte, kind byte) {
	body := frame[frameHeader:]
	binary.BigEndian.PutUint32(frame, uint32(len(body)))
	frame[4] = kind
	binary.BigEndian.PutUint32(frame[5:], crc32.Checksum(frame[:5], castagnoli))
	binary.BigEndian.PutUint32(frame[9:], crc32.Checksum(body, castagnoli))
}

// readFrame reads one frame and appends its body to buf, which it returns. It reports io.EOF at the end of the file,
// errCut if the file ends inside the frame, and errChecksum if the frame is whole and wrong.
func readFrame(r io.Reader, buf []byte) (kind byte, out []byte, err error) {
	var h [frameHeader]byte
	if _, err := io.ReadFull(r, h[:]); err != nil {
		return 0, buf, cut(err)
	}
	size := binary.BigEndian.Uint32(h[0:])
	if crc32.Checksum(h[:5], castagnoli) != binary.BigEndian.Uint32(h[5:]) || size > maxBody {
		return 0, buf, errChecksum
	}
	start := len(buf)
	buf = append(buf, make([]byte, size)...)
	if _, err := io.ReadFull(r, buf[start:]); err != nil {
		if err == io.EOF {
			err = io.ErrUnexpectedEOF
		}
		return 0, buf[:start], cut(err)
	}
	if crc32.Checksum(buf[start:], castagnoli) != binary.BigEndian.Uint32(h[9:]) {
		return 0, buf[:start], errChecksum
	}
	if h[4] != kindRecord && h[4] != kindHead {
		return 0, buf[:start], errChecksum
	}
	return h[4], buf, nil
}

func cut(err error) error {
	if err == io.ErrUnexpectedEOF {
		return errCut
	}
	return err
}

// headBody is the body of a head frame: the length in bytes of the record frames that it closes, as uint32 big-endian,
// and the signed checkpoint over all records so far. The length ties the head to the beginning of its group, whatever
// lies between.
func headBody(span int, checkpoint []byte) []byte {
	return append(binary.BigEndian.AppendUint32(nil, uint32(span)), checkpoint...)
}

func splitHead(body []byte) (span int64, checkpoint []byte, ok bool) {
	if len(body) < 4 {
		return 0, nil, false
	}
	return int64(binary.BigEndian.Uint32(body)), body[4:], true
}

// oneGroup reports whether data can be one commit group, damaged or cut short, and not the beginning of several: it
// holds no whole head, or one that ends it and belongs to its first byte. Every byte position is looked at, so heads
// are found behind damage.
func oneGroup(data []byte) bool {
	for i := 0; i+frameHeader <= len(data); i++ {
		if data[i+4] != kindHead {
			continue
		}
		kind, body, err := readFrame(bytes.NewReader(data[i:]), nil)
		if err != nil || kind != kindHead {
			continue
		}
		span, _, ok := splitHead(body)
		return ok && span == int64(i) && i+frameHeader+len(body) == len(data)
	}
	return true
}

// hasHole reports whether some 512-byte sector of the file region [off, off+len(data)) is all zero: a sector that the
// file system allocated but never filled before power was lost. Frames hold JSON and base64, so they never contain
// one.
func hasHole(data []byte, off int64) bool {
	const sector = 512
	first := min(int((sector-off%sector)%sector), len(data))
	if first > frameHeader && allZero(data[:first]) {
		return true
	}
	for i := first; i < len(data); i += sector {
		end := min(i+sector, len(data))
		if allZero(data[i:end]) {
			return true
		}
	}
	return false
}

func allZero(b []byte) bool {
	for _, c := range b {
		if c != 0 {
			return false
		}
	}
	return true
}
