package audit_test

import (
	"context"
	"crypto/ed25519"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/passavant/passavant/audit"
)

const origin = "log.example/emerald-bank-ie"

// testKey is a fixed key, so that golden files do not change.
func testKey() ed25519.PrivateKey {
	return ed25519.NewKeyFromSeed([]byte("a fixed seed of thirty-two bytes"))
}

func testVKey(t testing.TB) string {
	t.Helper()
	vkey, err := audit.VerifierKey(origin, testKey().Public().(ed25519.PublicKey))
	require.NoError(t, err)
	return vkey
}

// testOptions stop the background publisher and the clock, so that a test is a function of its calls.
func testOptions() audit.Options {
	return audit.Options{
		Origin:       origin,
		Signer:       testKey(),
		Clock:        func() time.Time { return time.Date(2026, 3, 4, 5, 6, 7, 8e6, time.UTC) },
		PublishEvery: -1,
	}
}

func openLog(t testing.TB, dir string, o audit.Options) *audit.Log {
	t.Helper()
	l, err := audit.Open(dir, o)
	require.NoError(t, err)
	t.Cleanup(func() { l.Close() })
	return l
}

func transferID(i int) string { return fmt.Sprintf("%032x", i) }

func intent(i int) audit.Record {
	return audit.Record{
		Type: audit.Intent, Transfer: transferID(i), Exporter: "emerald-bank-ie", Recipient: "sakura-bank-jp",
		RecipientCountry: "JP", Agreement: "ie-jp-bank-fraud", Purpose: "fraud-prevention", Basis: []string{"GDPR:45"},
		EnvelopeDigest: "sha256:" + fmt.Sprintf("%064x", i), Bytes: 2048 + int64(i),
	}
}

func outcome(typ audit.Type, i int) audit.Record {
	return audit.Record{Type: typ, Transfer: transferID(i)}
}

// appendIntents appends intents numbered [from, to), each in its own commit group.
func appendIntents(t testing.TB, l *audit.Log, from, to int) []audit.Entry {
	t.Helper()
	var out []audit.Entry
	for i := from; i < to; i++ {
		e, err := l.Append(context.Background(), intent(i), nil)
		require.NoError(t, err)
		out = append(out, e)
	}
	return out
}

func TestAppendReturnsDurableProvenRecords(t *testing.T) {
	dir := t.TempDir()
	l := openLog(t, dir, testOptions())
	entries := appendIntents(t, l, 0, 300)
	for i, e := range entries {
		require.EqualValues(t, i, e.Index)
		require.NoError(t, audit.VerifyProof(l.VerifierKey(), e.Record, e.Proof))
		rec, err := audit.ParseRecord(e.Record)
		require.NoError(t, err)
		require.Equal(t, transferID(i), rec.Transfer)
		require.Equal(t, "2026-03-04T05:06:07.008Z", rec.At)
	}
	require.Equal(t, int64(300), l.Size())
	require.NoError(t, l.Close())

	l = openLog(t, dir, testOptions())
	require.Equal(t, int64(300), l.Size())
	require.Len(t, l.InDoubt(), 300)
	more := appendIntents(t, l, 300, 301)
	require.EqualValues(t, 300, more[0].Index)
	require.NoError(t, l.Close())

	r, err := audit.OpenReader(dir, testVKey(t))
	require.NoError(t, err)
	defer r.Close()
	n := int64(0)
	for i, rec := range r.All(0) {
		require.Equal(t, n, i)
		require.Equal(t, transferID(int(i)), rec.Transfer)
		n++
	}
	require.NoError(t, r.Err())
	require.Equal(t, int64(301), n)
}
