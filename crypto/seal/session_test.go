package seal_test

import (
	"bytes"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passavant/passavant/crypto/seal"
)

// clock is a time that only a test moves.
type clock struct{ now time.Time }

func (c *clock) Now() time.Time { return c.now }

func newClock() *clock { return &clock{time.Date(2026, 11, 2, 10, 0, 0, 0, time.UTC)} }

// sealLineOf tells encapsulations apart.
func sealLineOf(t *testing.T, s *seal.Session) string {
	t.Helper()
	msg, err := s.SealBytes(nil, []byte(`{}`), []byte("body"))
	require.NoError(t, err)
	return string(bytes.SplitN(msg, []byte("\n"), 4)[2])
}

func TestSessionEndsAfterItsMessages(t *testing.T) {
	c := newClock()
	s, err := seal.NewSession(seal.Limits{Messages: 3, Now: c.Now}, signingKey(t), openingKey(t, seal.X25519).Recipient())
	require.NoError(t, err)
	var lines []string
	for range 7 {
		lines = append(lines, sealLineOf(t, s))
	}
	assert.Equal(t, []string{lines[0], lines[0], lines[0], lines[3], lines[3], lines[3], lines[6]}, lines)
	assert.Len(t, map[string]bool{lines[0]: true, lines[3]: true, lines[6]: true}, 3)
}

func TestSessionEndsWithTime(t *testing.T) {
	c := newClock()
	s, err := seal.NewSession(seal.Limits{Age: time.Minute, Now: c.Now}, signingKey(t), openingKey(t, seal.X25519).Recipient())
	require.NoError(t, err)
	first := sealLineOf(t, s)
	c.now = c.now.Add(time.Minute - 1)
	assert.Equal(t, first, sealLineOf(t, s), "just before the limit")
	c.now = c.now.Add(1)
	second := sealLineOf(t, s)
	assert.NotEqual(t, first, second, "at the limit")
	c.now = c.now.Add(-time.Second)
	assert.NotEqual(t, second, sealLineOf(t, s), "a clock that went back ends a session")
}

func TestSessionDefaults(t *testing.T) {
	c := newClock()
	s, err := seal.NewSession(seal.Limits{Now: c.Now}, signingKey(t), openingKey(t, seal.X25519).Recipient())
	require.NoError(t, err)
	first := sealLineOf(t, s)
	for range seal.DefaultMessages - 2 {
		_, err := s.SealBytes(nil, []byte(`{}`), nil)
		require.NoError(t, err)
	}
	assert.Equal(t, first, sealLineOf(t, s), "the last message of the session")
	second := sealLineOf(t, s)
	assert.NotEqual(t, first, second)
	c.now = c.now.Add(seal.DefaultAge)
	assert.NotEqual(t, second, sealLineOf(t, s))
}

func TestSessionMessagesStandAlone(t *testing.T) {
	signer, key := signingKey(t), openingKey(t, seal.X25519)
	s, err := seal.NewSession(seal.Limits{}, signer, key.Recipient())
	require.NoError(t, err)
	var messages [][]byte
	for i := range 5 {
		var msg bytes.Buffer
		_, _, err := s.Seal(&msg, []byte(`{}`), bytes.NewReader(fmt.Append(nil, i)))
		require.NoError(t, err)
		messages = append(messages, msg.Bytes())
	}
	for i := len(messages) - 1; i >= 0; i-- { // any order, no state
		_, body, err := seal.OpenBytes(messages[i], signer.Verify(), key)
		require.NoError(t, err)
		assert.Equal(t, fmt.Sprint(i), string(body))
	}
}

// Equal documents under one encapsulation must not look equal: each body has a key of its own.
func TestSessionBodiesHaveTheirOwnKeys(t *testing.T) {
	s, err := seal.NewSession(seal.Limits{}, signingKey(t), openingKey(t, seal.X25519).Recipient())
	require.NoError(t, err)
	salts, segments := map[string]bool{}, map[string]bool{}
	for range 100 {
		msg, err := s.SealBytes(nil, []byte(`{}`), []byte("the same body"))
		require.NoError(t, err)
		body := bytes.SplitN(msg, []byte("\n"), 4)[3]
		salts[string(body[5:37])] = true
		segments[string(body[44:len(body)-68])] = true
	}
	assert.Len(t, salts, 100)
	assert.Len(t, segments, 100)
}

func TestSessionIsSafeForConcurrentUse(t *testing.T) {
	signer, key := signingKey(t), openingKey(t, seal.X25519)
	s, err := seal.NewSession(seal.Limits{Messages: 5}, signer, key.Recipient())
	require.NoError(t, err)
	var wg sync.WaitGroup
	for g := range 8 {
		wg.Go(func() {
			for i := range 10 {
				want := fmt.Append(nil, g, i)
				msg, err := s.SealBytes(nil, []byte(`{}`), want)
				assert.NoError(t, err)
				_, got, err := seal.OpenBytes(msg, signer.Verify(), key)
				assert.NoError(t, err)
				assert.Equal(t, want, got)
			}
		})
	}
	wg.Wait()
}

func TestSessionRefuses(t *testing.T) {
	signer, to := signingKey(t), openingKey(t, seal.X25519).Recipient()
	for name, limits := range map[string]seal.Limits{
		"negative messages": {Messages: -1}, "too many messages": {Messages: 1_000_001},
		"negative age": {Age: -1}, "too old": {Age: 24*time.Hour + 1},
	} {
		_, err := seal.NewSession(limits, signer, to)
		require.ErrorIs(t, err, seal.ErrSeal, name)
	}
	_, err := seal.NewSession(seal.Limits{}, signer)
	require.ErrorIs(t, err, seal.ErrSeal, "no recipients")
}
