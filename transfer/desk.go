package transfer

// desk is the memory in which one transfer is worked on. What lies on it is no longer needed when Send returns; the next
// transfer works on the same desk, so that a busy Sender does not keep the garbage collector busy.
type desk struct {
	document []byte // minimised
	header   []byte
}

// largeDesk is where a desk is given up instead of kept for the next transfer.
const largeDesk = 1 << 20

func (s *Sender) takeDesk() *desk {
	if d, ok := s.desks.Get().(*desk); ok {
		return d
	}
	return new(desk)
}

// clearDesk leaves nothing of a transfer behind.
func (s *Sender) clearDesk(d *desk) {
	if cap(d.document) > largeDesk {
		return
	}
	clear(d.document[:cap(d.document)])
	d.document, d.header = d.document[:0], d.header[:0]
	s.desks.Put(d)
}
