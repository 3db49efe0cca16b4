package transfer

import (
	"sync"

	"github.com/passavant/passavant/crypto/seal"
)

// sealTo seals the document of a transfer to its recipient under a header.
func (s *Sender) sealTo(out *outbound, header []byte) ([]byte, error) {
	recipient, err := out.partner.Recipient()
	if err != nil {
		return nil, err
	}
	if !s.ReuseEncapsulation {
		return seal.SealBytes(nil, header, out.protected, out.keys.signer, recipient)
	}
	session, err := s.sessions.session(sessionKey{out.keys.signer.ID(), recipient.ID(), out.req.Agreement, out.req.Purpose}, out.keys.signer, recipient)
	if err != nil {
		return nil, err
	}
	return session.SealBytes(nil, header, out.protected)
}

// sessionKey keeps apart what must not share an encapsulation.
type sessionKey struct{ signer, recipient, agreement, purpose string }

type sessionCache struct {
	mu       sync.Mutex
	sessions map[sessionKey]*seal.Session
}

// maxSessions bounds the cache; one that is dropped costs one encapsulation.
const maxSessions = 1024

func (c *sessionCache) session(key sessionKey, signer *seal.SigningKey, recipient *seal.RecipientKey) (*seal.Session, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if session := c.sessions[key]; session != nil {
		return session, nil
	}
	session, err := seal.NewSession(seal.Limits{}, signer, recipient)
	if err != nil {
		return nil, err
	}
	if c.sessions == nil || len(c.sessions) >= maxSessions {
		c.sessions = make(map[sessionKey]*seal.Session)
	}
	c.sessions[key] = session
	return session, nil
}
