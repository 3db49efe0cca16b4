package transfer_test

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passavant/passavant/transfer"
	"github.com/passavant/passavant/transfer/transfertest"
)

func TestEnvelopesTravelAsTheyAre(t *testing.T) {
	p := transfertest.New(t)
	sent := mustSend(t, p)
	whole, err := sent.Envelope.Bytes()
	require.NoError(t, err)
	e, err := transfer.ParseEnvelope(iotest.OneByteReader(bytes.NewReader(whole)))
	require.NoError(t, err)
	assert.Equal(t, sent.Envelope, e)
	assert.Equal(t, sent.Header, e.Header)
	again, err := e.Bytes()
	require.NoError(t, err)
	assert.Equal(t, whole, again)

	bare := *e
	bare.Staple = nil
	assert.Equal(t, e.Digest(), bare.Digest(), "the staple is outside of what the log names")
	text, err := bare.Bytes()
	require.NoError(t, err)
	assert.True(t, bytes.HasPrefix(text, []byte("passavant-envelope/1\n{}\npassavant-sealed/1\n")))
	parsed, err := transfer.ParseEnvelope(bytes.NewReader(text))
	require.NoError(t, err)
	assert.Nil(t, parsed.Staple)
}

func TestParseEnvelopeRefuses(t *testing.T) {
	sent := mustSend(t, transfertest.New(t))
	raw, err := sent.Envelope.Bytes()
	require.NoError(t, err)
	whole := string(raw)
	lines := strings.SplitN(whole, "\n", 3)
	proof := func(line string) string { return lines[0] + "\n" + line + "\n" + lines[2] }
	replaced := func(old, new string) string { return strings.Replace(whole, old, new, 1) }
	header := func(old, new string) string {
		return lines[0] + "\n" + lines[1] + "\n" + strings.Replace(lines[2], old, new, 1)
	}
	for name, tc := range map[string]struct{ text, want string }{
		"nothing":                       {"", "the first line"},
		"another file":                  {"%PDF-1.7 canary", "the first line"},
		"another version":               {replaced("envelope/1", "envelope/2"), "the first line"},
		"a first line with more":        {replaced("envelope/1", "envelope/1 canary"), "the first line"},
		"carriage returns":              {replaced("envelope/1\n", "envelope/1\r\n"), "the first line"},
		"the first line alone":          {lines[0] + "\n", "the second line, the proof, is cut or too long"},
		"a cut proof":                   {whole[:200], "the second line, the proof, is cut or too long"},
		"a long proof":                  {proof(`{"proof":"` + strings.Repeat("x", 256<<10) + `"}`), "too long"},
		"a proof that is no JSON":       {proof("canary"), "the proof line"},
		"an empty proof line":           {proof(""), "the proof line"},
		"a proof that is null":          {proof("null"), "not in canonical form"},
		"a proof that is no proof":      {proof(`{"proof":"canary"}`), "the proof line"},
		"a member too many":             {proof(strings.Replace(lines[1], "{", `{"canary":1,`, 1)), "the proof line"},
		"no proof, in other words":      {proof(`{ }`), "not in canonical form"},
		"no proof, in more words":       {proof(`{"proof":""}`), "not in canonical form"},
		"a record without a proof":      {proof(`{"record":{}}`), "the proof line"},
		"white space":                   {proof(lines[1] + " "), "not in canonical form"},
		"white space within":            {proof(strings.Replace(lines[1], `,"record"`, `, "record"`, 1)), "not in canonical form"},
		"an escape that is not needed":  {proof(strings.Replace(lines[1], "c2sp.org", `\u00632sp.org`, 1)), "not in canonical form"},
		"a proof with unsigned extras":  {proof(strings.Replace(lines[1], `@v1\n`, `@v1\nextra Y2FuYXJ5\n`, 1)), "not in canonical form"},
		"nothing sealed":                {lines[0] + "\n{}\n", "not a passavant envelope"},
		"another sealed version":        {replaced("passavant-sealed/1", "passavant-sealed/9"), "not a passavant envelope"},
		"a header that is no JSON":      {header(`{"agreement"`, `["agreement"`), "invalid envelope header"},
		"a header with a member more":   {header(`{"agreement":`, `{"canary":1,"agreement":`), "invalid envelope header"},
		"a header of another version":   {header(`"version":1}`+"\n"+`{"commitment"`, `"version":2}`+"\n"+`{"commitment"`), "version 2"},
		"a header that names no sender": {header(`"exporter":"emerald-bank-ie","facts_digest"`, `"exporter":"Canary Aoife","facts_digest"`), `"exporter" is missing or not a code`},
	} {
		t.Run(name, func(t *testing.T) {
			require.NotEqual(t, whole, tc.text)
			_, err := transfer.ParseEnvelope(strings.NewReader(tc.text))
			require.Error(t, err)
			assert.ErrorContains(t, err, tc.want)
			assert.NotContains(t, err.Error(), "Aoife")
			assert.Less(t, len(err.Error()), 300)
		})
	}
	down := errors.New("the line is down")
	_, err = transfer.ParseEnvelope(iotest.ErrReader(down))
	require.ErrorIs(t, err, down)
	require.NotErrorIs(t, err, transfer.ErrEnvelope, "a broken line is no verdict on the envelope")
}

func TestWriteToPassesTheWritersErrorOn(t *testing.T) {
	full := errors.New("no space left")
	e := &transfer.Envelope{Sealed: []byte("sealed")}
	want, err := e.Bytes()
	require.NoError(t, err)
	for room := range len(want) {
		n, err := e.WriteTo(&smallWriter{room: room, err: full})
		require.ErrorIs(t, err, full)
		assert.EqualValues(t, room, n)
	}
	n, err := e.WriteTo(io.Discard)
	require.NoError(t, err)
	assert.EqualValues(t, len(want), n)
}

// smallWriter takes some bytes and no more.
type smallWriter struct {
	room int
	err  error
}

func (w *smallWriter) Write(p []byte) (int, error) {
	if len(p) <= w.room {
		w.room -= len(p)
		return len(p), nil
	}
	n := w.room
	w.room = 0
	return n, w.err
}

// A partner that goes too far in what it signs is refused like anybody else.
func TestReceiveRefusesStrangers(t *testing.T) {
	p := transfertest.New(t)
	sent := mustSend(t, p)
	t.Run("an exporter without keys here", func(t *testing.T) {
		c := p.Receiver.ReceiverConfig
		c.Partners = transfer.NewPartners()
		stranger, err := transfer.NewReceiver(c)
		require.NoError(t, err)
		_, err = stranger.Receive(t.Context(), sent.Envelope)
		var rejected *transfer.RejectedError
		require.ErrorAs(t, err, &rejected)
		assert.Equal(t, transfer.RejectUnknown, rejected.Code)
		require.ErrorIs(t, err, transfer.ErrUnknownPartner)
	})
	t.Run("addressed to another", func(t *testing.T) {
		e := *sent.Envelope
		e.Header.Recipient = "liberty-bank-us"
		requireRejected(t, p, &e, transfer.RejectNotForUs)
	})
	t.Run("a header beside the sealed one counts for nothing", func(t *testing.T) {
		e := *sent.Envelope
		e.Header.Expires = e.Header.Expires.AddDate(10, 0, 0)
		e.Header.Purpose, e.Header.Transfer = "marketing", "00"
		received, err := p.Receiver.Receive(t.Context(), &e)
		require.NoError(t, err)
		assert.Equal(t, sent.Header, received.Header)
	})
	t.Run("no sealed message at all", func(t *testing.T) {
		e := transfer.Envelope{Header: sent.Header}
		_, err := p.Receiver.Receive(t.Context(), &e)
		var rejected *transfer.RejectedError
		require.ErrorAs(t, err, &rejected)
	})
	assert.EqualValues(t, 1, p.RecipientLog.Size(), "strangers do not fill the log")
}
