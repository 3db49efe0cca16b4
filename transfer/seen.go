package transfer

import (
	"sync"
	"time"

	"github.com/passavant/passavant/audit"
)

// fieldExpires is the field of a "received" record that says until when a replay must be remembered.
const fieldExpires = "expires"

// seenTransfers remembers the envelopes received, until they have been expired for a while; an expired envelope is
// refused anyway, so the memory is bounded by what arrives within one lifetime. The log is its durable form.
type seenTransfers struct {
	mu      sync.Mutex
	until   map[seenKey]time.Time
	pending map[seenKey]bool
	swept   time.Time
}

// seenKey holds the exporter as well, so that one exporter cannot use up the ids of another.
type seenKey struct{ exporter, transfer string }

// sweepInterval is how often the memory is swept, and how long an expired envelope stays in it, so that a clock which is
// set back by less does not let a replay in.
const sweepInterval = time.Hour

func loadSeen(log *audit.Log) (*seenTransfers, error) {
	s := &seenTransfers{until: make(map[seenKey]time.Time), pending: make(map[seenKey]bool)}
	reader, err := audit.OpenReader(log.Dir(), log.VerifierKey())
	if err != nil {
		return nil, err
	}
	defer func() { _ = reader.Close() }()
	for _, record := range reader.All(0) {
		if record.Type != audit.Received {
			continue
		}
		expires, err := time.Parse(time.RFC3339, record.Fields[fieldExpires])
		if err != nil {
			return nil, err
		}
		s.until[seenKey{record.Exporter, record.Transfer}] = expires
	}
	return s, reader.Err()
}

// reserve takes the id for one call of Receive; a second one at the same time is a replay too.
func (s *seenTransfers) reserve(h Header, now time.Time) error {
	key := seenKey{h.Exporter, h.Transfer}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sweep(now)
	if _, seen := s.until[key]; seen || s.pending[key] {
		return &RejectedError{Code: RejectReplayed}
	}
	s.pending[key] = true
	return nil
}

// settle ends a reservation: kept if the envelope was received, else open to another try.
func (s *seenTransfers) settle(h Header, received bool) {
	key := seenKey{h.Exporter, h.Transfer}
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.pending, key)
	if received {
		s.until[key] = h.Expires
	}
}

func (s *seenTransfers) sweep(now time.Time) {
	if now.Sub(s.swept) < sweepInterval {
		return
	}
	s.swept = now
	for key, until := range s.until {
		if !now.Before(until.Add(sweepInterval)) {
			delete(s.until, key)
		}
	}
}
