package audit_test

import (
	"crypto/ed25519"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"github.com/passavant/passavant/audit"
)

func TestProofTextRoundTrips(t *testing.T) {
	l := openLog(t, t.TempDir(), testOptions())
	for _, e := range appendIntents(t, l, 0, 20) {
		text, err := e.Proof.MarshalText()
		require.NoError(t, err)
		require.True(t, strings.HasPrefix(string(text), "c2sp.org/tlog-proof@v1\nindex "))
		var p audit.Proof
		require.NoError(t, p.UnmarshalText(text))
		require.NoError(t, audit.VerifyProof(testVKey(t), e.Record, p))
		withExtra := strings.Replace(string(text), "\nindex", "\nextra Zm9v\nindex", 1)
		q, err := audit.ParseProof([]byte(withExtra))
		require.NoError(t, err)
		require.Equal(t, p, q)
	}
}

// TestProofWithAnyFlippedBitIsRefused flips every bit of a proof, then every bit of its record.
func TestProofWithAnyFlippedBitIsRefused(t *testing.T) {
	l := openLog(t, t.TempDir(), testOptions())
	appendIntents(t, l, 0, 6)
	e := appendIntents(t, l, 6, 7)[0]
	text, err := e.Proof.MarshalText()
	require.NoError(t, err)
	for i := range len(text) * 8 {
		text[i/8] ^= 1 << (i % 8)
		if p, err := audit.ParseProof(text); err == nil {
			require.Error(t, audit.VerifyProof(testVKey(t), e.Record, p), "byte %d", i/8)
		}
		text[i/8] ^= 1 << (i % 8)
	}
	for i := range len(e.Record) * 8 {
		e.Record[i/8] ^= 1 << (i % 8)
		require.ErrorIs(t, audit.VerifyProof(testVKey(t), e.Record, e.Proof), audit.ErrInvalidProof)
		e.Record[i/8] ^= 1 << (i % 8)
	}
	require.NoError(t, audit.VerifyProof(testVKey(t), e.Record, e.Proof))
}

func TestProofIsBoundToItsLogAndPlace(t *testing.T) {
	l := openLog(t, t.TempDir(), testOptions())
	es := appendIntents(t, l, 0, 4)
	other := testOptions()
	other.Origin = "log.example/another"
	foreign := openLog(t, t.TempDir(), other)

	require.ErrorIs(t, audit.VerifyProof(foreign.VerifierKey(), es[0].Record, es[0].Proof), audit.ErrInvalidProof)
	moved := es[2].Proof
	moved.Index = 1
	require.ErrorIs(t, audit.VerifyProof(testVKey(t), es[2].Record, moved), audit.ErrInvalidProof)
	moved.Index = -1
	require.ErrorIs(t, audit.VerifyProof(testVKey(t), es[2].Record, moved), audit.ErrInvalidProof)
	older := es[2].Proof
	older.Checkpoint = es[1].Proof.Checkpoint
	require.ErrorIs(t, audit.VerifyProof(testVKey(t), es[2].Record, older), audit.ErrInvalidProof)
	require.Error(t, audit.VerifyProof("nonsense", es[2].Record, es[2].Proof))
}

func TestParseProofRefuses(t *testing.T) {
	hash := tlog.Hash{}.String()
	head := "o\n1\n" + hash + "\n\n— o AAAAAAAA\n"
	for name, text := range map[string]string{
		"nothing":            "",
		"another magic":      "c2sp.org/tlog-proof@v2\nindex 0\n\n" + head,
		"no index":           "c2sp.org/tlog-proof@v1\n" + hash + "\n\n" + head,
		"a leading zero":     "c2sp.org/tlog-proof@v1\nindex 00\n\n" + head,
		"a sign":             "c2sp.org/tlog-proof@v1\nindex +1\n\n" + head,
		"a negative index":   "c2sp.org/tlog-proof@v1\nindex -1\n\n" + head,
		"bad extra":          "c2sp.org/tlog-proof@v1\nextra %%\nindex 0\n\n" + head,
		"a short hash":       "c2sp.org/tlog-proof@v1\nindex 0\nAAAA\n\n" + head,
		"a carriage return":  "c2sp.org/tlog-proof@v1\nindex 0\n" + hash + "\r\n\n" + head,
		"too many hashes":    "c2sp.org/tlog-proof@v1\nindex 0\n" + strings.Repeat(hash+"\n", 64) + "\n" + head,
		"no checkpoint":      "c2sp.org/tlog-proof@v1\nindex 0\n\n",
		"a bad root":         "c2sp.org/tlog-proof@v1\nindex 0\n\no\n1\nAAAA\n\n",
		"an empty origin":    "c2sp.org/tlog-proof@v1\nindex 0\n\n\n1\n" + hash + "\n\n",
		"more than a proof":  strings.Repeat("a", 2<<20),
		"a large tree index": "c2sp.org/tlog-proof@v1\nindex 99999999999999999999\n\n" + head,
	} {
		_, err := audit.ParseProof([]byte(text))
		require.Error(t, err, name)
	}
}

func FuzzParseProof(f *testing.F) {
	l := openLog(f, f.TempDir(), testOptions())
	for _, e := range appendIntents(f, l, 0, 3) {
		text, _ := e.Proof.MarshalText()
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		p, err := audit.ParseProof(data)
		if err != nil {
			return
		}
		text, err := p.MarshalText()
		if err != nil {
			t.Fatal(err)
		}
		if q, err := audit.ParseProof(text); err != nil || q.Index != p.Index || string(q.Checkpoint) != string(p.Checkpoint) {
			t.Fatalf("%q does not round-trip", data)
		}
	})
}

func TestVerifierKeyRefusesBadOrigins(t *testing.T) {
	for _, bad := range []string{"", "two words", "a+b", "line\nbreak"} {
		_, err := audit.VerifierKey(bad, make([]byte, 32))
		require.Error(t, err, "%q", bad)
		o := testOptions()
		o.Origin = bad
		_, err = audit.Open(t.TempDir(), o)
		require.Error(t, err, "%q", bad)
	}
}

// noteSigner signs notes under a name of its own choice.
type noteSigner struct{ note.Verifier }

func (noteSigner) Sign(msg []byte) ([]byte, error) { return ed25519.Sign(testKey(), msg), nil }

// TestCheckpointOfAnotherOriginIsRefused: the key is right, the log named in the signed text is another.
func TestCheckpointOfAnotherOriginIsRefused(t *testing.T) {
	l := openLog(t, t.TempDir(), testOptions())
	e := appendIntents(t, l, 0, 1)[0]
	v, err := note.NewVerifier(testVKey(t))
	require.NoError(t, err)
	text, _, _ := strings.Cut(string(e.Proof.Checkpoint), "\n\n")
	sign := func(text string) error {
		e.Proof.Checkpoint, err = note.Sign(&note.Note{Text: text + "\n"}, noteSigner{v})
		require.NoError(t, err)
		return audit.VerifyProof(testVKey(t), e.Record, e.Proof)
	}
	require.NoError(t, sign(text))
	require.ErrorIs(t, sign(strings.Replace(text, origin, "log.example/another", 1)), audit.ErrInvalidProof)
	require.ErrorIs(t, sign(text+"\nan extension line"), audit.ErrInvalidProof)
	require.ErrorIs(t, sign(strings.Replace(text, "\n1\n", "\n01\n", 1)), audit.ErrInvalidProof)
}
