package wycheproof

import (
	"encoding/hex"
	"encoding/json"
	"io/fs"
	"slices"
	"strings"
	"testing"

	"github.com/c2sp/wycheproof"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passavant/passavant/crypto/internal/ff1"
)

// file is what the vector files used here have in common.
type file[T any] struct {
	NumberOfTests int `json:"numberOfTests"`
	TestGroups    []struct {
		KeySize  int    `json:"keySize"`
		TagSize  int    `json:"tagSize"`
		Radix    int    `json:"radix"`
		Alphabet string `json:"alphabet"`
		Tests    []T    `json:"tests"`
	} `json:"testGroups"`
}

func load[T any](t *testing.T, name string) file[T] {
	t.Helper()
	raw, err := fs.ReadFile(wycheproof.TestVectors, name)
	require.NoError(t, err)
	var f file[T]
	require.NoError(t, json.Unmarshal(raw, &f))
	return f
}

// hexOf writes bytes as the vector files do.
func hexOf(b []byte) string { return hex.EncodeToString(b) }

func unhex(t *testing.T, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(s)
	require.NoError(t, err)
	return b
}

// ff1Case holds messages as a string over the alphabet, or as a list of numerals.
type ff1Case struct {
	ID    int             `json:"tcId"`
	Flags []string        `json:"flags"`
	Key   string          `json:"key"`
	Tweak string          `json:"tweak"`
	Msg   json.RawMessage `json:"msg"`
	Ct    json.RawMessage `json:"ct"`
	Valid string          `json:"result"`
}

// message returns the numerals; what no uint16 can hold, or is outside the alphabet, is not a message of any FF1.
func message(raw json.RawMessage, alphabet string) (x []uint16, ok bool) {
	if alphabet == "" {
		var wide []int64
		if json.Unmarshal(raw, &wide) != nil {
			return nil, false
		}
		for _, n := range wide {
			if n < 0 || n > 1<<16-1 {
				return nil, false
			}
			x = append(x, uint16(n))
		}
		return x, true
	}
	var text string
	if json.Unmarshal(raw, &text) != nil {
		return nil, false
	}
	for _, r := range text {
		at := strings.IndexRune(alphabet, r)
		if at < 0 {
			return nil, false
		}
		x = append(x, uint16(at))
	}
	return x, true
}

func TestFF1(t *testing.T) {
	names, err := fs.Glob(wycheproof.TestVectors, "aes_ff1_*_test.json")
	require.NoError(t, err)
	require.NotEmpty(t, names)
	valid, invalid := 0, 0
	for _, name := range names {
		if name == "aes_ff1_base85_test.json" {
			continue // its alphabet has the letter t twice; aes_ff1_radix85_test.json holds the same messages as numbers
		}
		f := load[ff1Case](t, name)
		for _, g := range f.TestGroups {
			for _, tc := range g.Tests {
				if accepted := checkFF1(t, name, g.Radix, g.Alphabet, tc); accepted {
					valid++
				} else {
					invalid++
				}
			}
		}
	}
	t.Logf("%d files: %d messages encrypted and decrypted, %d refused", len(names), valid, invalid)
	assert.Greater(t, valid, 20_000)
	assert.Greater(t, invalid, 2_000)
}

func checkFF1(t *testing.T, name string, radix int, alphabet string, tc ff1Case) (accepted bool) {
	t.Helper()
	c, err := ff1.New(unhex(t, tc.Key), radix)
	if err != nil {
		require.NotEqual(t, "valid", tc.Valid, "%s %d: %v", name, tc.ID, err)
		return false
	}
	x, ok := message(tc.Msg, alphabet)
	if ok {
		err = c.Encrypt(x, unhex(t, tc.Tweak))
	}
	if slices.Contains(tc.Flags, "SmallMessageSize") { // valid by the first edition of SP 800-38G, refused since revision 1
		require.ErrorIs(t, err, ff1.ErrDomain, "%s %d", name, tc.ID)
		return false
	}
	if !ok || err != nil {
		require.NotEqual(t, "valid", tc.Valid, "%s %d: %v", name, tc.ID, err)
		return false
	}
	require.Equal(t, "valid", tc.Valid, "%s %d %v", name, tc.ID, tc.Flags)
	want, ok := message(tc.Ct, alphabet)
	require.True(t, ok)
	require.Equal(t, want, x, "%s %d", name, tc.ID)
	require.NoError(t, c.Decrypt(x, unhex(t, tc.Tweak)))
	plain, _ := message(tc.Msg, alphabet)
	require.Equal(t, plain, x, "%s %d", name, tc.ID)
	return true
}
