package transfer

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passavant/passavant/crypto/seal"
	"github.com/passavant/passavant/policy"
	"github.com/passavant/passavant/transfer/payload"
)

func newSeen() *seenTransfers {
	return &seenTransfers{
		received: make(map[seenKey]receivedBefore), pending: make(map[seenKey]bool), rejected: make(map[seenKey]time.Time),
	}
}

// taken reports whether an envelope could not be reserved.
func taken(s *seenTransfers, h Header, now time.Time) bool {
	_, free := s.reserve(h, now)
	return !free
}

func TestReplayMemory(t *testing.T) {
	start := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	h := Header{Exporter: "a", Transfer: "1", Expires: start.Add(time.Hour)}

	s := newSeen()
	require.False(t, taken(s, h, start))
	require.True(t, taken(s, h, start), "the same envelope is on its way in")
	s.settle(h, nil)
	require.False(t, taken(s, h, start), "it did not come in")
	s.settle(h, &Received{Receipt: &Receipt{}})
	require.True(t, taken(s, h, start))
	other := h
	other.Exporter = "b"
	require.False(t, taken(s, other, start), "ids are each exporter's own")
	s.settle(other, nil)

	require.True(t, taken(s, h, h.Expires.Add(2*time.Minute)), "remembered for a while longer, should the clock be set back")
	require.True(t, taken(s, h, start))
	assert.Len(t, s.received, 1)
	require.False(t, taken(s, other, h.Expires.Add(2*sweepInterval)))
	assert.Empty(t, s.received, "and then forgotten")
	assert.Len(t, s.pending, 1, "what is on its way stays")
}

func TestTheMemoryIsNotSweptForEveryEnvelope(t *testing.T) {
	start := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	s := newSeen()
	for i := range 100 {
		h := Header{Exporter: "a", Transfer: fmt.Sprint(i), Expires: start.Add(time.Second)}
		require.False(t, taken(s, h, start))
		s.settle(h, &Received{Receipt: &Receipt{}})
	}
	h := Header{Exporter: "a", Transfer: "x", Expires: start.Add(time.Hour)}
	require.False(t, taken(s, h, start.Add(sweepInterval-time.Second)))
	assert.Len(t, s.received, 100)
	s.settle(h, &Received{Receipt: &Receipt{}})
	require.True(t, taken(s, h, start.Add(2*sweepInterval-time.Second)))
	assert.Len(t, s.received, 1)
}

func TestTheSessionCacheIsBounded(t *testing.T) {
	signer, err := seal.GenerateSigningKey()
	require.NoError(t, err)
	opening, err := seal.GenerateOpeningKey(seal.X25519)
	require.NoError(t, err)
	recipient := opening.Recipient()
	var cache sessionCache
	first, err := cache.session(sessionKey{"signer", "r", "a", "p"}, signer, recipient)
	require.NoError(t, err)
	again, err := cache.session(sessionKey{"signer", "r", "a", "p"}, signer, recipient)
	require.NoError(t, err)
	assert.Same(t, first, again)
	for _, apart := range []sessionKey{{"SIGNER", "r", "a", "p"}, {"signer", "R", "a", "p"}, {"signer", "r", "A", "p"}, {"signer", "r", "a", "P"}} {
		other, err := cache.session(apart, signer, recipient)
		require.NoError(t, err)
		assert.NotSame(t, first, other, "%v shares no encapsulation", apart)
	}
	for i := range maxSessions + 10 {
		_, err := cache.session(sessionKey{"signer", "r", "a", fmt.Sprint(i)}, signer, recipient)
		require.NoError(t, err)
		require.LessOrEqual(t, len(cache.sessions), maxSessions)
	}
}

func TestThePlanCacheIsBounded(t *testing.T) {
	catalogue, err := payload.ParseCatalogue("tip.yaml", []byte(`type: tip
version: "1"
title: Tip
fields:
  - {path: /case, category: case_reference, role: operational, kind: string}
`))
	require.NoError(t, err)
	cat := &catalogued{Catalogue: catalogue, digest: catalogue.Digest()}
	keep := &policy.Decision{FactsDigest: "0", Treatments: map[string]policy.Treatment{"case_reference": {Technique: payload.Keep}}}
	var cache planCache
	first, err := cache.plan(cat, keep)
	require.NoError(t, err)
	again, err := cache.plan(cat, keep)
	require.NoError(t, err)
	assert.Same(t, first, again, "the same decision")
	later := *keep
	later.FactsDigest = "1"
	again, err = cache.plan(cat, &later)
	require.NoError(t, err)
	assert.Same(t, first, again, "another decision with the same treatments")
	drop := &policy.Decision{FactsDigest: "2", Treatments: map[string]policy.Treatment{"case_reference": {Technique: payload.Drop}}}
	other, err := cache.plan(cat, drop)
	require.NoError(t, err)
	assert.NotSame(t, first, other)
	assert.Len(t, cache.byTreatment, 2)

	for i := range maxPlans + 10 {
		keep.FactsDigest = fmt.Sprint("f", i)
		_, err := cache.plan(cat, keep)
		require.NoError(t, err)
		require.LessOrEqual(t, len(cache.byDecision), maxPlans)
	}
	for i := range maxPlans + 10 {
		cache.remember(decisionKey{}, fmt.Sprint("t", i), first)
		require.LessOrEqual(t, len(cache.byTreatment), maxPlans)
	}
	_, err = cache.plan(cat, &policy.Decision{FactsDigest: "bad", Treatments: map[string]policy.Treatment{"case_reference": {Technique: "sing"}}})
	require.ErrorContains(t, err, "compiling the field plan")
}

// Two sets of treatments must not share a plan because their texts run together.
func TestTreatmentsKeyIsUnambiguous(t *testing.T) {
	seen := make(map[string]int)
	for i, treatments := range []map[string]payload.Treatment{
		{},
		{"a": {Technique: "mask"}},
		{"a": {Technique: "mask"}, "b": {Technique: "mask"}},
		{"a": {Technique: "mask", Params: map[string]string{"b": "mask"}}},
		{"a": {Technique: "mask", Params: map[string]string{"x": "1", "y": "2"}}},
		{"a": {Technique: "mask", Params: map[string]string{"x": `1" "y"="2`}}},
		{"a": {Technique: "mask", Params: map[string]string{"x": "1\n\"b\" \"mask\""}}},
		{"a": {Technique: "mask", Params: map[string]string{"x": "1"}}, "b": {Technique: "mask"}},
		{"a mask": {}},
	} {
		key := treatmentsKey(treatments)
		if before, found := seen[key]; found {
			t.Errorf("treatments %d and %d have the key %q", before, i, key)
		}
		seen[key] = i
		assert.Equal(t, key, treatmentsKey(treatments), "the order of a map must not show")
	}
}

func TestHeaderTimesAreWholeSeconds(t *testing.T) {
	created := time.Date(2026, 11, 23, 9, 30, 0, 0, time.UTC)
	base := Header{
		Version: 1, Transfer: "00", Exporter: "a", Recipient: "b", Agreement: "c", Purpose: "d",
		Created: created, Expires: created.Add(time.Hour),
	}
	for name, tc := range map[string]struct {
		change func(*Header)
		want   string
	}{
		"as it should be":      {func(*Header) {}, ""},
		"a fraction of expiry": {func(h *Header) { h.Expires = h.Expires.Add(time.Millisecond) }, "whole seconds"},
		"of creation":          {func(h *Header) { h.Created = h.Created.Add(1) }, "whole seconds"},
		"expires at once":      {func(h *Header) { h.Expires = h.Created }, "does not expire after"},
		"expires before":       {func(h *Header) { h.Expires = h.Created.Add(-time.Second) }, "does not expire after"},
		"no creation":          {func(h *Header) { h.Created = time.Time{} }, "does not expire after"},
		"another version":      {func(h *Header) { h.Version = 2 }, "version 2"},
		"no transfer":          {func(h *Header) { h.Transfer = "" }, `"transfer"`},
		"a path as transfer":   {func(h *Header) { h.Transfer = "../x" }, `"transfer"`},
		"no exporter":          {func(h *Header) { h.Exporter = "" }, `"exporter"`},
		"a person as exporter": {func(h *Header) { h.Exporter = "Aoife Ní Bhraonáin" }, `"exporter"`},
		"no recipient":         {func(h *Header) { h.Recipient = "" }, `"recipient"`},
		"no agreement":         {func(h *Header) { h.Agreement = "" }, `"agreement"`},
		"no purpose":           {func(h *Header) { h.Purpose = "" }, `"purpose"`},
	} {
		t.Run(name, func(t *testing.T) {
			h := base
			tc.change(&h)
			raw := h.marshal()
			got, err := parseHeader(raw)
			if tc.want == "" {
				require.NoError(t, err)
				assert.Equal(t, h, got)
				return
			}
			require.ErrorIs(t, err, ErrHeader)
			assert.ErrorContains(t, err, tc.want)
			assert.NotContains(t, err.Error(), "Aoife")
		})
	}
}
