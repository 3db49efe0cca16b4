// Package secondreading is a second verifier of the log, for tests only: written from docs/log-format.md with nothing but the
// standard library, so that the page is shown to be enough. It says yes or no, and does not name the record to blame.
package secondreading

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

type hash = [32]byte

// refusal is why a log is refused; demand panics with one, and Verify returns it.
type refusal string

func demand(holds bool, otherwise string) {
	if !holds {
		panic(refusal(otherwise))
	}
}

func read(name string) []byte {
	content, err := os.ReadFile(name)
	demand(err == nil, "a file cannot be read")
	return content
}

// frontier is a Merkle tree of RFC 6962 that grows: the roots of its finished subtrees, by height.
type frontier map[int]hash

func nodeHash(left, right hash) hash {
	return sha256.Sum256(slices.Concat([]byte{1}, left[:], right[:]))
}

func (f frontier) add(h hash) {
	level := 0
	for left, there := f[level]; there; left, there = f[level] {
		delete(f, level)
		h = nodeHash(left, h)
		level++
	}
	f[level] = h
}

func (f frontier) root() (out hash) {
	out, begun := sha256.Sum256(nil), false
	for level := range 64 {
		if left, there := f[level]; there && begun {
			out = nodeHash(left, out)
		} else if there {
			out, begun = left, true
		}
	}
	return out
}

func root(leaves []hash) hash {
	f := frontier{}
	for _, h := range leaves {
		f.add(h)
	}
	return f.root()
}

// key is a verifier key of c2sp.org/signed-note.
type key struct {
	name string
	id   []byte
	pub  ed25519.PublicKey
}

func parseKey(vkey string) key {
	parts := strings.SplitN(strings.TrimSpace(vkey), "+", 3)
	demand(len(parts) == 3, "no key")
	raw, err := base64.StdEncoding.DecodeString(parts[2])
	demand(err == nil && len(raw) == 33 && raw[0] == 1, "no Ed25519 key")
	sum := sha256.Sum256(append([]byte(parts[0]+"\n"), raw...))
	return key{parts[0], sum[:4], raw[1:]}
}

// checkpoint verifies a signed head and returns its size and root.
func (k key) checkpoint(note []byte) (size int, root hash) {
	text, signatures, _ := strings.Cut(string(note), "\n\n")
	lines := strings.Split(text, "\n")
	demand(len(lines) == 3 && lines[0] == k.name, "not a head of this log")
	size, err := strconv.Atoi(lines[1])
	raw, err2 := base64.StdEncoding.Strict().DecodeString(lines[2])
	demand(err == nil && err2 == nil && len(raw) == 32 && strconv.Itoa(size) == lines[1], "a head without size and root")
	signed := false
	for line := range strings.Lines(signatures) {
		words := strings.Split(strings.TrimSuffix(line, "\n"), " ")
		demand(len(words) == 3 && words[0] == "—" && strings.HasSuffix(line, "\n"), "a head with something else behind it")
		sig, err := base64.StdEncoding.Strict().DecodeString(words[2])
		demand(err == nil, "a signature that is not base64")
		signed = signed || words[1] == k.name && len(sig) == 68 && bytes.Equal(sig[:4], k.id) && ed25519.Verify(k.pub, []byte(text+"\n"), sig[4:])
	}
	demand(signed, "a head that the key did not sign")
	return size, hash(raw)
}

// checkRecord holds what a reader must refuse: another type or version, another order or spacing.
func checkRecord(record []byte) {
	var r struct {
		At       string `json:"at"`
		Type     string `json:"type"`
		Version  int    `json:"version"`
		Transfer string `json:"transfer"`
	}
	var whole any
	demand(len(record) <= 32_768 && utf8.Valid(record) && json.Unmarshal(record, &whole) == nil && json.Unmarshal(record, &r) == nil, "not a record")
	var again bytes.Buffer
	e := json.NewEncoder(&again)
	e.SetEscapeHTML(false)
	_ = e.Encode(whole)
	demand(bytes.Equal(bytes.TrimSuffix(again.Bytes(), []byte("\n")), record), "a record that is not in canonical form")
	_, err := time.Parse(time.RFC3339Nano, r.At)
	demand(err == nil && r.Version == 1, "a record of another version, or without a time")
	demand(strings.Contains(" intent delivered failed received acknowledged reconciled ", " "+r.Type+" ") && r.Transfer != "" ||
		strings.Contains(" refused rejected key-event policy-change log-access re-identified erased ", " "+r.Type+" "), "a record of an unknown type, or without its transfer")
}

// log is what has been read so far.
type log struct {
	key     key
	records [][]byte
	leaves  []hash
	tree    frontier
}

// Verify returns nil if everything in dir is as the key's owner signed it, and known, if not nil, is a head of this log.
func Verify(dir, vkey string, known []byte) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = errors.New(string(r.(refusal))) // anything else panics again
		}
	}()
	l := &log{key: parseKey(vkey), tree: frontier{}}
	segments, _ := filepath.Glob(filepath.Join(dir, "journal", "*.wal"))
	for i, name := range segments { // Glob sorts, and the names are numbers of equal length
		demand(filepath.Base(name) == fmt.Sprintf("%020d.wal", len(l.records)), "a segment is missing")
		l.readSegment(read(name), i == len(segments)-1)
	}
	if _, err := os.Stat(filepath.Join(dir, "tile")); err == nil {
		l.checkPublished(dir, l.covered(read(filepath.Join(dir, "checkpoint"))))
	}
	if known != nil {
		l.covered(known)
	}
	return nil
}

// covered verifies a checkpoint against the records and returns its size.
func (l *log) covered(note []byte) int {
	size, want := l.key.checkpoint(note)
	demand(size <= len(l.leaves) && root(l.leaves[:size]) == want, "a checkpoint is not of these records")
	return size
}

// readSegment reads group by group. A torn tail is one group at the end of the last segment that a crash cut short.
func (l *log) readSegment(file []byte, last bool) {
	for off := 0; off < len(file); {
		next := groupEnd(file, off)
		if next == 0 && last && torn(file[off:]) {
			return
		}
		demand(next > 0, "a frame is damaged")
		l.readGroup(file[off:next])
		off = next
	}
}

type frame struct {
	kind byte
	body []byte
	sum  bool
}

// frameAt reads a frame; next is 0 if there is no whole one, and cut says that the bytes end inside it.
func frameAt(file []byte, off int) (f frame, next int, cut bool) {
	castagnoli := crc32.MakeTable(crc32.Castagnoli)
	if len(file)-off < 13 {
		return f, 0, true
	}
	h := file[off : off+13]
	n := int(binary.BigEndian.Uint32(h))
	if crc32.Checksum(h[:5], castagnoli) != binary.BigEndian.Uint32(h[5:]) || n > 65_535 {
		return f, 0, false
	}
	if next = off + 13 + n; next > len(file) {
		return f, 0, true
	}
	return frame{h[4], file[off+13 : next], crc32.Checksum(file[off+13:next], castagnoli) == binary.BigEndian.Uint32(h[9:])}, next, false
}

// groupEnd returns where the group ends that begins at off, 0 if it is not whole.
func groupEnd(file []byte, off int) int {
	for {
		f, next, _ := frameAt(file, off)
		if next == 0 || !f.sum || f.kind == 2 {
			return map[bool]int{true: next}[next > 0 && f.sum]
		}
		off = next
	}
}

// torn follows "Torn or corrupt": cut inside the group, or a wrong checksum and an empty sector in a tail of one group.
func torn(tail []byte) bool {
	for off := 0; ; {
		f, next, cut := frameAt(tail, off)
		if cut || next == 0 || !f.sum {
			heads := bytes.Count(tail, []byte("\n\n— "))
			return cut || bytes.Contains(tail, make([]byte, 512)) && (heads == 0 || heads == 1 && bytes.HasSuffix(tail, []byte("\n")))
		}
		off = next
	}
}

// readGroup takes the records of a whole group, and demands that the head behind them matches.
func (l *log) readGroup(group []byte) {
	for off := 0; ; {
		f, next, _ := frameAt(group, off)
		if f.kind == 2 {
			demand(off > 0 && len(f.body) > 4 && int(binary.BigEndian.Uint32(f.body)) == off, "a head of another group")
			size, want := l.key.checkpoint(f.body[4:])
			demand(size == len(l.leaves) && l.tree.root() == want, "a head does not match the records before it")
			return
		}
		demand(f.kind == 1, "a frame of another kind")
		checkRecord(f.body)
		h := sha256.Sum256(append([]byte{0}, f.body...))
		l.records, l.leaves = append(l.records, f.body), append(l.leaves, h)
		l.tree.add(h)
		off = next
	}
}

// checkPublished compares tiles and bundles with the records.
func (l *log) checkPublished(dir string, size int) {
	for n := 0; n*256 < size; n++ {
		checkFile(dir, "entries", n, min(256, size-n*256), func(w int) (want []byte) {
			for i := n * 256; i < n*256+w && n*256+w <= len(l.records); i++ {
				want = append(binary.BigEndian.AppendUint16(want, uint16(len(l.records[i]))), l.records[i]...)
			}
			return want
		})
	}
	for level, all := 0, l.leaves; size > 0; level, size = level+1, size/256 {
		for n := 0; n*256 < size; n++ {
			checkFile(dir, strconv.Itoa(level), n, min(256, size-n*256), func(w int) (want []byte) {
				for i := n * 256; i < n*256+w && n*256+w <= len(all); i++ {
					want = append(want, all[i][:]...)
				}
				return want
			})
		}
		var above []hash
		for part := range slices.Chunk(all[:len(all)/256*256], 256) {
			above = append(above, root(part))
		}
		all = above
	}
}

// checkFile compares a tile or bundle in every width that lies there with want(width), nil if there are not so many entries.
func checkFile(dir, level string, n, width int, want func(w int) []byte) {
	name := fmt.Sprintf("%03d", n%1000)
	for n /= 1000; n > 0; n /= 1000 {
		name = fmt.Sprintf("x%03d/%s", n%1000, name)
	}
	file, enough := filepath.Join(dir, "tile", level, filepath.FromSlash(name)), false
	lying, _ := filepath.Glob(file + ".p/*")
	if _, err := os.Stat(file); err == nil {
		lying = append(lying, file)
	}
	for _, name := range lying {
		w, err := strconv.Atoi(filepath.Base(name))
		if name == file {
			w = 256
		}
		if expected := want(w); err == nil && expected != nil {
			demand(bytes.Equal(read(name), expected), "a published file does not match the records")
			enough = enough || w >= width
		}
	}
	demand(enough, "a published file is missing")
}
