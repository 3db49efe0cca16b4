package transfer

import (
	"maps"
	"sync"
	"time"

	"github.com/passavant/passavant/audit"
)

// fieldExpires is the field of a "received" record that says until when a replay must be remembered.
const fieldExpires = "expires"

// seenTransfers remembers the envelopes received, until they have been expired for a while; an expired envelope is
// refused anyway, so the memory is bounded by what arrives within one lifetime. The log is its durable form.
type seenTransfers struct {
	mu       sync.Mutex
	received map[seenKey]receivedBefore
	pending  map[seenKey]bool
	rejected map[seenKey]time.Time // until when no second refusal is recorded
	swept    time.Time
}

// receivedBefore is what the log says of an envelope that was received.
type receivedBefore struct {
	until    time.Time
	at       time.Time
	index    int64
	envelope string // digest
	head     string // of the receipt; "" after a restart, when a later head must do
}

// seenKey holds the exporter as well, so that one exporter cannot use up the ids of another.
type seenKey struct{ exporter, transfer string }

// sweepInterval is how often the memory is swept, and how long an expired envelope stays in it, so that a clock which is
// set back by less does not let a replay in.
const sweepInterval = time.Hour

func loadSeen(log *audit.Log) (*seenTransfers, error) {
	s := &seenTransfers{
		received: make(map[seenKey]receivedBefore), pending: make(map[seenKey]bool), rejected: make(map[seenKey]time.Time),
	}
	reader, err := audit.OpenReader(log.Dir(), log.VerifierKey())
	if err != nil {
		return nil, err
	}
	defer func() { _ = reader.Close() }()
	for i, record := range reader.All(0) {
		if record.Type != audit.Received {
			continue
		}
		until, err := time.Parse(time.RFC3339, record.Fields[fieldExpires])
		if err != nil {
			return nil, err
		}
		at, err := time.Parse(time.RFC3339, record.At)
		if err != nil {
			return nil, err
		}
		s.received[seenKey{record.Exporter, record.Transfer}] = receivedBefore{until: until, at: at, index: i, envelope: record.EnvelopeDigest}
	}
	return s, reader.Err()
}

// reserve takes the id for one call of Receive. It fails for an id that was received before, and for one that another
// call has taken; before then says when and as what it was received, if it was.
func (s *seenTransfers) reserve(h Header, now time.Time) (before receivedBefore, ok bool) {
	key := seenKey{h.Exporter, h.Transfer}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sweep(now)
	before, seen := s.received[key]
	if seen || s.pending[key] {
		return before, false
	}
	s.pending[key] = true
	return receivedBefore{}, true
}

// settle ends a reservation: kept if the envelope was received, else open to another try.
func (s *seenTransfers) settle(h Header, r *Received) {
	key := seenKey{h.Exporter, h.Transfer}
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.pending, key)
	if r != nil {
		statement := r.Receipt.Statement
		s.received[key] = receivedBefore{h.Expires, statement.Received, statement.Record, statement.EnvelopeDigest, statement.Head}
	}
}

// firstRejection reports whether no refusal of the envelope was recorded in this process within one lifetime. One record
// shows the attempt; whoever has captured an envelope must not be able to fill the log with more.
func (s *seenTransfers) firstRejection(h Header, now time.Time) bool {
	key := seenKey{h.Exporter, h.Transfer}
	s.mu.Lock()
	defer s.mu.Unlock()
	if now.Before(s.rejected[key]) {
		return false
	}
	s.rejected[key] = now.Add(DefaultLifetime)
	return true
}

func (s *seenTransfers) sweep(now time.Time) {
	if now.Sub(s.swept) < sweepInterval {
		return
	}
	s.swept = now
	maps.DeleteFunc(s.received, func(_ seenKey, r receivedBefore) bool { return !now.Before(r.until.Add(sweepInterval)) })
	maps.DeleteFunc(s.rejected, func(_ seenKey, until time.Time) bool { return !now.Before(until) })
}
