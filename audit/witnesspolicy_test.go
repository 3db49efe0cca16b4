package audit_test

import (
	"bytes"
	"crypto/ed25519"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passavant/passavant/audit"
)

func witnessKey(i int) ed25519.PrivateKey {
	return ed25519.NewKeyFromSeed(bytes.Repeat([]byte{byte(100 + i)}, 32))
}

func witnessLine(t testing.TB, i int) string {
	t.Helper()
	k, err := audit.CosignerKey(fmt.Sprintf("witness.example/%d", i), witnessKey(i).Public().(ed25519.PublicKey))
	require.NoError(t, err)
	return fmt.Sprintf("witness w%d %s\n", i, k)
}

func TestParseWitnessPolicyRefuses(t *testing.T) {
	w := witnessLine(t, 1) + witnessLine(t, 2)
	for name, text := range map[string]string{
		"empty": "", "no quorum": w, "unknown quorum": w + "quorum w3", "two quorums": w + "quorum w1\nquorum w2", "a word": w + "hello\nquorum w1",
		"same name": w + witnessLine(t, 1) + "quorum w1", "same key": w + strings.Replace(witnessLine(t, 1), "w1", "w9", 1) + "quorum w1",
		"bad key": "witness a b+c+d\nquorum a", "a log's key": "witness a example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k\nquorum a",
		"another name's key": strings.Replace(w, "example/1", "example/9", 1) + "quorum w1", "group of too few": w + "group g 3 w1 w2\nquorum g",
		"group of none": w + "group g 0 w1\nquorum g", "member twice": w + "group g 2 w1 w1\nquorum g", "unknown member": w + "group g 1 w7\nquorum g",
		"itself": w + "group g 1 g\nquorum g", "name taken": w + "group w1 1 w2\nquorum w1", "named none": w + "group none 1 w2\nquorum none", "time": w + "within soon\nquorum w1", "negative": w + "within -1h\nquorum w1",
	} {
		_, err := audit.ParseWitnessPolicy([]byte(text))
		require.ErrorIs(t, err, audit.ErrWitnessPolicy, name)
	}
}

func TestWitnessPolicy(t *testing.T) {
	dir := t.TempDir()
	l := openLog(t, dir, testOptions())
	_, err := l.Append(t.Context(), intent(1), nil)
	require.NoError(t, err)
	now := time.Unix(1_800_000_000, 0)
	cosigned := func(at time.Time, who ...int) []byte {
		out := l.Checkpoint()
		for _, i := range who {
			line, err := audit.Cosign(witnessKey(i), fmt.Sprintf("witness.example/%d", i), out, at)
			require.NoError(t, err)
			out, err = audit.WithCosignatures(out, line, line)
			require.NoError(t, err)
		}
		return out
	}
	three := witnessLine(t, 1) + witnessLine(t, 2) + witnessLine(t, 3)
	for name, tc := range map[string]struct {
		policy string
		who    []int
		age    time.Duration
		good   bool
	}{
		"none needed":         {"quorum none", nil, 0, true},
		"the one":             {"quorum w1", []int{1}, 0, true},
		"another":             {"quorum w1", []int{2}, 0, false},
		"two of three":        {"group g 2 w1 w2 w3\nquorum g", []int{1, 3}, 0, true},
		"one of three":        {"group g 2 w1 w2 w3\nquorum g", []int{3}, 0, false},
		"any":                 {"group g any w1 w2 w3\nquorum g", []int{3}, 0, true},
		"all":                 {"group g all w1 w2 w3\nquorum g", []int{1, 2}, 0, false},
		"nested":              {"group a any w1 w2\ngroup g all a w3\nquorum g", []int{2, 3}, 0, true},
		"nested, one missing": {"group a any w1 w2\ngroup g all a w3\nquorum g", []int{1, 2}, 0, false},
		"fresh":               {"quorum w1\nwithin 1h", []int{1}, time.Hour, true},
		"stale":               {"quorum w1\nwithin 1h", []int{1}, time.Hour + time.Second, false},
		"from the future":     {"quorum w1", []int{1}, -6 * time.Minute, false},
		"clocks differ":       {"quorum w1", []int{1}, -4 * time.Minute, true},
		"comments":            {"# a comment\n\nlog x\nquorum w1 ", []int{1}, 0, true},
	} {
		p, err := audit.ParseWitnessPolicy([]byte(three + tc.policy))
		require.NoError(t, err, name)
		_, err = p.Check(cosigned(now.Add(-tc.age), tc.who...), now)
		if tc.good {
			assert.NoError(t, err, name)
		} else {
			assert.ErrorIs(t, err, audit.ErrUnwitnessed, name)
		}
	}
	// A cosignature is of one checkpoint, one time and one witness.
	p, err := audit.ParseWitnessPolicy([]byte(three + "quorum w1"))
	require.NoError(t, err)
	whole := cosigned(now, 1)
	for i := range whole {
		changed := bytes.Clone(whole)
		changed[i] ^= 1
		_, err := p.Check(changed, now)
		logSignature := bytes.Index(whole, []byte("\n\n")) + 2
		if i < logSignature-1 || i >= bytes.LastIndex(whole, []byte("— ")) {
			require.ErrorIs(t, err, audit.ErrUnwitnessed, "byte %d", i)
		}
	}
}

func FuzzParseWitnessPolicy(f *testing.F) {
	f.Add(witnessLine(f, 1) + witnessLine(f, 2) + "group g any w1 w2\nquorum g\nwithin 1h\n")
	f.Fuzz(func(t *testing.T, text string) {
		p, err := audit.ParseWitnessPolicy([]byte(text))
		if err == nil {
			_, _ = p.Check([]byte(text), time.Unix(0, 0))
		}
	})
}
