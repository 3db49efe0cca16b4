package seal

import (
	"fmt"
	"io"
	"sync"
	"time"
)

// The bounds of a session when [Limits] leaves them open.
const (
	DefaultMessages = 1000
	DefaultAge      = time.Minute
)

// Limits says when a [Session] makes a new encapsulation: after so many messages or so much time, whichever comes first.
type Limits struct {
	Messages int              // 0 means DefaultMessages; at most 1,000,000
	Age      time.Duration    // 0 means DefaultAge; at most 24 hours
	Now      func() time.Time // nil means time.Now
}

const (
	maxMessages = 1_000_000
	maxAge      = 24 * time.Hour
)

// Session seals many messages from one sender to the same recipients and shares one HPKE encapsulation between some of
// them. Encapsulation is by far the largest cost of a small message, so a session is several times faster than [Seal].
//
// The messages have the same format, stand alone, and are opened without any state. Each body has its own key, derived
// from the shared secret with 32 fresh random bytes and the hash of the message's own lines. What changes: whoever
// steals the secret out of the sender's memory can read the messages that shared it, and an observer sees from equal
// seal lines that two messages are of one session. Both end at the limits. See docs/adr/0021-sealing-sessions.md.
//
// A Session is safe for concurrent use.
type Session struct {
	limits     Limits
	signer     *SigningKey
	recipients []*RecipientKey

	mu      sync.Mutex
	current *material
	used    int
	since   time.Time
}

// NewSession returns a session. Errors are [ErrSeal].
func NewSession(limits Limits, signer *SigningKey, recipients ...*RecipientKey) (*Session, error) {
	if err := checkParties(signer, recipients); err != nil {
		return nil, err
	}
	if limits.Messages < 0 || limits.Messages > maxMessages || limits.Age < 0 || limits.Age > maxAge {
		return nil, fmt.Errorf("%w: session limits out of range", ErrSeal)
	}
	if limits.Messages == 0 {
		limits.Messages = DefaultMessages
	}
	if limits.Age == 0 {
		limits.Age = DefaultAge
	}
	if limits.Now == nil {
		limits.Now = time.Now
	}
	return &Session{limits: limits, signer: signer, recipients: append([]*RecipientKey(nil), recipients...)}, nil
}

// Seal writes one message as the function [Seal] does.
func (s *Session) Seal(w io.Writer, header []byte, body io.Reader) (digest [32]byte, n int64, err error) {
	m, err := s.next()
	if err != nil {
		return digest, 0, err
	}
	return m.seal(w, header, body, -1)
}

// SealBytes appends one message to dst as the function [SealBytes] does.
func (s *Session) SealBytes(dst, header, body []byte) ([]byte, error) {
	m, err := s.next()
	if err != nil {
		return dst, err
	}
	return m.sealBytes(dst, header, body)
}

// Format prints whom the session is for whatever the verb, and never its secret.
func (s *Session) Format(f fmt.State, _ rune) {
	_, _ = fmt.Fprintf(f, "sealing session of key %s", s.signer.ID())
}

// next counts one message and returns its material, new if a limit is reached. A clock that went back is a limit too.
func (s *Session) next() (*material, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.limits.Now()
	age := now.Sub(s.since)
	if s.current == nil || s.used >= s.limits.Messages || age >= s.limits.Age || age < 0 {
		m, err := newMaterial(s.signer, s.recipients)
		if err != nil {
			return nil, err
		}
		s.current, s.used, s.since = m, 0, now
	}
	s.used++
	return s.current, nil
}
