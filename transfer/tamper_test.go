package transfer_test

import (
	"bytes"
	"errors"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passavant/passavant/transfer"
	"github.com/passavant/passavant/transfer/transfertest"
)

// requireRefusedInTheDocumentedWay demands that the bytes are refused, and by nothing but the documented vocabulary: an
// attacker who tries envelopes learns no more from an error than docs/envelope-format.md tells everybody.
func requireRefusedInTheDocumentedWay(t *testing.T, p *transfertest.Pair, raw []byte, what string, at int) transfer.RejectCode {
	e, err := transfer.ParseEnvelope(bytes.NewReader(raw))
	if err != nil {
		if !errors.Is(err, transfer.ErrEnvelope) && !errors.Is(err, transfer.ErrHeader) {
			t.Fatalf("%s %d: %v", what, at, err)
		}
		return transfer.RejectMalformed
	}
	_, err = p.Receiver.Receive(t.Context(), e)
	var rejected *transfer.RejectedError
	if !errors.As(err, &rejected) || !transfer.IsRejectCode(string(rejected.Code)) {
		t.Fatalf("%s %d: %v", what, at, err)
	}
	return rejected.Code
}

// smallEnvelope is about as small as an envelope of real life gets.
func smallEnvelope(t *testing.T, p *transfertest.Pair) []byte {
	t.Helper()
	sent, err := p.Sender.Send(t.Context(), transfertest.Request(), []byte(`{"caseReference":"EMRD-FR-2026-004417"}`))
	require.NoError(t, err)
	whole, err := sent.Envelope.Bytes()
	require.NoError(t, err)
	return whole
}

// TestInvariant10_EveryChangedBitOfAnEnvelopeIsRefused goes through the envelope as it travels: proof line, header, seal line,
// body and signature.
func TestInvariant10_EveryChangedBitOfAnEnvelopeIsRefused(t *testing.T) {
	p := transfertest.New(t)
	whole := smallEnvelope(t, p)
	require.Greater(t, len(whole), 2048)
	step := 1
	if testing.Short() {
		step = 11
	}
	seen := map[transfer.RejectCode]bool{}
	changed := bytes.Clone(whole)
	for bit := 0; bit < 8*len(whole); bit += step {
		changed[bit/8] ^= 1 << (bit % 8)
		seen[requireRefusedInTheDocumentedWay(t, p, changed, "bit", bit)] = true
		changed[bit/8] ^= 1 << (bit % 8)
	}
	for _, code := range []transfer.RejectCode{transfer.RejectMalformed, transfer.RejectSignature, transfer.RejectNotForUs, transfer.RejectNotLogged} {
		assert.True(t, seen[code], "no change was refused as %s", code)
	}
	_, err := p.Receiver.Receive(t.Context(), parsed(t, whole))
	require.NoError(t, err, "unchanged it must be received, or this test shows nothing")
}

func TestInvariant10_EveryCutOfAnEnvelopeIsRefused(t *testing.T) {
	p := transfertest.New(t)
	whole := smallEnvelope(t, p)
	for n := range whole {
		requireRefusedInTheDocumentedWay(t, p, whole[:n], "cut at", n)
	}
}

func parsed(t *testing.T, raw []byte) *transfer.Envelope {
	t.Helper()
	e, err := transfer.ParseEnvelope(bytes.NewReader(raw))
	require.NoError(t, err)
	return e
}

// Parts of two good envelopes from the same sender to the same recipient do not make a third.
func TestInvariant10_PartsOfTwoEnvelopesDoNotMix(t *testing.T) {
	p := transfertest.New(t)
	a, b := bytes.SplitN(smallEnvelope(t, p), []byte("\n"), 6), bytes.SplitN(smallEnvelope(t, p), []byte("\n"), 6)
	require.Len(t, a, 6, "magic, proof, version, header, seal line, body and signature")
	for part := 1; part < 6; part++ {
		if bytes.Equal(a[part], b[part]) {
			continue
		}
		mixed := make([][]byte, len(a))
		copy(mixed, a)
		mixed[part] = b[part]
		requireRefusedInTheDocumentedWay(t, p, bytes.Join(mixed, []byte("\n")), "foreign part", part)
	}
}
