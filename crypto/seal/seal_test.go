package seal_test

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/passavant/passavant/crypto/seal"
	"github.com/passavant/passavant/internal/canonical"
)

// The sizes stand around the edges of segments (4,096 bytes of ciphertext, the first 40 shorter) and frames (65,536).
var sizes = []int{0, 1, 2048, 4039, 4040, 4041, 8120, 65279, 65280, 65281, 65536, 300_000}

func TestRoundTrip(t *testing.T) {
	for _, algorithm := range []string{seal.X25519, seal.XWing} {
		signer, key := signingKey(t), openingKey(t, algorithm)
		for _, size := range sizes {
			t.Run(fmt.Sprint(algorithm, size), func(t *testing.T) {
				header, body := []byte(`{"agreement":"ie-jp-bank-fraud"}`), pattern(size)
				msg, err := seal.SealBytes([]byte("kept"), header, body, signer, key.Recipient())
				require.NoError(t, err)
				require.True(t, bytes.HasPrefix(msg, []byte("kept")))
				gotHeader, gotBody, err := seal.OpenBytes(msg[4:], signer.Verify(), key)
				require.NoError(t, err)
				assert.Equal(t, header, gotHeader)
				assert.True(t, bytes.Equal(body, gotBody))
			})
		}
	}
}

func TestStreamRoundTrip(t *testing.T) {
	signer, key := signingKey(t), openingKey(t, seal.X25519)
	for _, size := range sizes {
		var msg, plain bytes.Buffer
		digest, n, err := seal.Seal(&msg, []byte(`{}`), iotest.HalfReader(bytes.NewReader(pattern(size))), signer, key.Recipient())
		require.NoError(t, err)
		assert.Equal(t, int64(msg.Len()), n)
		assert.Equal(t, sha256.Sum256(msg.Bytes()), digest)

		_, err = seal.Open(&plain, iotest.OneByteReader(bytes.NewReader(msg.Bytes())), signer.Verify(), key)
		require.NoError(t, err)
		assert.True(t, bytes.Equal(pattern(size), plain.Bytes()))

		info, verified, err := seal.Verify(iotest.DataErrReader(bytes.NewReader(msg.Bytes())), signer.Verify())
		require.NoError(t, err)
		assert.Equal(t, digest, verified)
		assert.Equal(t, []string{key.ID()}, info.Recipients)
	}
}

func TestRoundTripProperty(t *testing.T) {
	signer := signingKey(t)
	keys := []*seal.OpeningKey{openingKey(t, seal.X25519), openingKey(t, seal.X25519), openingKey(t, seal.X25519)}
	rapid.Check(t, func(t *rapid.T) {
		header, err := canonical.Marshal(rapid.MapOf(rapid.String(), rapid.String()).Draw(t, "header"))
		require.NoError(t, err)
		if bytes.ContainsRune(header, 0x7f) {
			t.Skip("DEL is legal in JSON and refused in a header")
		}
		body := rapid.SliceOfN(rapid.Byte(), 0, 10_000).Draw(t, "body")
		var to []*seal.RecipientKey
		for _, key := range keys[:rapid.IntRange(1, len(keys)).Draw(t, "recipients")] {
			to = append(to, key.Recipient())
		}
		msg, err := seal.SealBytes(nil, header, body, signer, to...)
		require.NoError(t, err)
		for _, key := range keys[:len(to)] {
			gotHeader, gotBody, err := seal.OpenBytes(msg, signer.Verify(), key)
			require.NoError(t, err)
			require.Equal(t, header, gotHeader)
			require.True(t, bytes.Equal(body, gotBody))
		}
		for _, key := range keys[len(to):] {
			_, _, err := seal.OpenBytes(msg, signer.Verify(), key)
			require.ErrorIs(t, err, seal.ErrNotForUs)
		}
	})
}

func TestReadHeaderNeedsNoKey(t *testing.T) {
	signer, a, b := signingKey(t), openingKey(t, seal.X25519), openingKey(t, seal.X25519)
	msg, err := seal.SealBytes(nil, []byte(`{"purpose":"fraud"}`), nil, signer, a.Recipient(), b.Recipient())
	require.NoError(t, err)
	info, err := seal.ReadHeader(bytes.NewReader(msg))
	require.NoError(t, err)
	assert.Equal(t, &seal.Info{
		Header: []byte(`{"purpose":"fraud"}`), Suite: suiteX25519,
		Signer: signer.ID(), Recipients: []string{a.ID(), b.ID()},
	}, info)
}

func TestSealLineIsCanonicalJSON(t *testing.T) {
	for _, algorithm := range []string{seal.X25519, seal.XWing} {
		msg, err := seal.SealBytes(nil, []byte(`{}`), nil, signingKey(t), openingKey(t, algorithm).Recipient(), openingKey(t, algorithm).Recipient())
		require.NoError(t, err)
		line := bytes.SplitN(msg, []byte("\n"), 4)[2]
		want, err := canonical.Transform(line)
		require.NoError(t, err)
		assert.Equal(t, string(want), string(line))
	}
}

func TestSealRefuses(t *testing.T) {
	signer, a := signingKey(t), openingKey(t, seal.X25519).Recipient()
	pq := openingKey(t, seal.XWing).Recipient()
	var many []*seal.RecipientKey
	for range seal.MaxRecipients + 1 {
		many = append(many, openingKey(t, seal.X25519).Recipient())
	}
	for name, tc := range map[string]struct {
		header     string
		signer     *seal.SigningKey
		recipients []*seal.RecipientKey
		want       string
	}{
		"no recipient":          {`{}`, signer, nil, "0 recipients"},
		"too many recipients":   {`{}`, signer, many, "33 recipients"},
		"the same twice":        {`{}`, signer, []*seal.RecipientKey{a, a}, "given twice"},
		"two algorithms":        {`{}`, signer, []*seal.RecipientKey{a, pq}, "different algorithms"},
		"nil recipient":         {`{}`, signer, []*seal.RecipientKey{nil}, "without key"},
		"nil signer":            {`{}`, nil, []*seal.RecipientKey{a}, "no signing key"},
		"empty header":          {``, signer, []*seal.RecipientKey{a}, "empty"},
		"two lines":             {"{}\n{}", signer, []*seal.RecipientKey{a}, "control character"},
		"carriage return":       {"{}\r", signer, []*seal.RecipientKey{a}, "control character"},
		"escape sequence":       {"\x1b[2J{}", signer, []*seal.RecipientKey{a}, "control character"},
		"header not UTF-8":      {"\xff", signer, []*seal.RecipientKey{a}, "UTF-8"},
		"header over the limit": {strings.Repeat("x", seal.MaxLine+1), signer, []*seal.RecipientKey{a}, "64 KiB"},
	} {
		t.Run(name, func(t *testing.T) {
			dst := []byte("kept")
			out, err := seal.SealBytes(dst, []byte(tc.header), nil, tc.signer, tc.recipients...)
			require.ErrorIs(t, err, seal.ErrSeal)
			assert.ErrorContains(t, err, tc.want)
			assert.Equal(t, dst, out)
		})
	}
}

func TestLongestHeaderAndMostRecipients(t *testing.T) {
	for _, algorithm := range []string{seal.X25519, seal.XWing} {
		var to []*seal.RecipientKey
		var last *seal.OpeningKey
		for range seal.MaxRecipients {
			last = openingKey(t, algorithm)
			to = append(to, last.Recipient())
		}
		signer, header := signingKey(t), []byte(strings.Repeat("x", seal.MaxLine))
		msg, err := seal.SealBytes(nil, header, []byte("body"), signer, to...)
		require.NoError(t, err)
		got, _, err := seal.OpenBytes(msg, signer.Verify(), last)
		require.NoError(t, err, algorithm)
		assert.True(t, bytes.Equal(header, got))
	}
}

var errDisk = errors.New("the disk is full")

// failAfter lets n bytes through.
type failAfter struct{ n int }

func (f *failAfter) Write(p []byte) (int, error) {
	if len(p) > f.n {
		return f.n, errDisk
	}
	f.n -= len(p)
	return len(p), nil
}

func TestFailingWriterAndReaderAreReported(t *testing.T) {
	signer, key := signingKey(t), openingKey(t, seal.X25519)
	body := pattern(70_000)
	msg, err := seal.SealBytes(nil, []byte(`{}`), body, signer, key.Recipient())
	require.NoError(t, err)
	for n := 0; n < len(msg); n += 997 {
		_, _, err := seal.Seal(&failAfter{n}, []byte(`{}`), bytes.NewReader(body), signer, key.Recipient())
		require.ErrorIs(t, err, errDisk, "writing fails after %d bytes", n)

		broken := io.MultiReader(bytes.NewReader(msg[:n]), iotest.ErrReader(errDisk))
		_, err = seal.Open(io.Discard, broken, signer.Verify(), key)
		require.ErrorIs(t, err, errDisk, "reading fails after %d bytes", n)
		require.NotErrorIs(t, err, seal.ErrTruncated)
	}
	for n := 0; n < len(body); n += 997 {
		_, err := seal.Open(&failAfter{n}, bytes.NewReader(msg), signer.Verify(), key)
		require.ErrorIs(t, err, errDisk, "writing the body fails after %d bytes", n)
		broken := io.MultiReader(bytes.NewReader(body[:n]), iotest.ErrReader(errDisk))
		_, _, err = seal.Seal(io.Discard, []byte(`{}`), broken, signer, key.Recipient())
		require.ErrorIs(t, err, errDisk, "reading the body fails after %d bytes", n)
	}
}
