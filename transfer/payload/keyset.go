package payload

// keySet finds names that occur twice in one object. It holds the hashes of the names of all open objects in one
// open-addressing table, each mixed with the object it belongs to. Objects close in the reverse order of their
// opening, so names leave in the reverse order of their coming, and taking the last one out never breaks a probe
// sequence: no tombstones, and memory bounded by the names of the open objects.
//
// Hashes are keyed (hash/maphash). Two different names of one object are taken for the same with a probability of
// 2^-63, which refuses a good document; the same name is always found.
type keySet struct {
	table []uint64 // 0 is free
	order []uint32 // slots in the order of their filling
	salt  uint64   // of the innermost open object
	count uint64   // objects opened so far
}

// keyMark restores the state before an object was opened.
type keyMark struct {
	names int
	salt  uint64
}

const (
	minKeyTable = 256
	goldenRatio = 0x9e3779b97f4a7c15
)

// reset makes the set ready for another document, also after one that was left in the middle.
func (k *keySet) reset() {
	if k.table == nil {
		k.table = make([]uint64, minKeyTable)
	}
	k.close(keyMark{})
	k.count = 0
}

func (k *keySet) open() keyMark {
	mark := keyMark{len(k.order), k.salt}
	k.count++
	k.salt = k.count * goldenRatio
	return mark
}

func (k *keySet) close(mark keyMark) {
	for _, slot := range k.order[mark.names:] {
		k.table[slot] = 0
	}
	k.order = k.order[:mark.names]
	k.salt = mark.salt
}

// add reports whether the name with hash h is new in the innermost open object.
func (k *keySet) add(h uint64) bool {
	if 2*len(k.order) >= len(k.table) {
		k.grow()
	}
	v := (h + k.salt) | 1
	slot, found := k.find(v)
	if found {
		return false
	}
	k.table[slot] = v
	k.order = append(k.order, slot)
	return true
}

func (k *keySet) find(v uint64) (slot uint32, found bool) {
	mask := uint32(len(k.table) - 1)
	for slot = uint32(v>>32) & mask; k.table[slot] != 0; slot = (slot + 1) & mask {
		if k.table[slot] == v {
			return slot, true
		}
	}
	return slot, false
}

// grow doubles the table and fills it again in the old order.
func (k *keySet) grow() {
	old := k.table
	k.table = make([]uint64, 2*len(old))
	for i, from := range k.order {
		slot, _ := k.find(old[from])
		k.table[slot] = old[from]
		k.order[i] = slot
	}
}
