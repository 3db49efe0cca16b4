package stix_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// seeds are of bundles that have at least 250 objects each.
func seeds() []uint64 {
	if testing.Short() {
		return []uint64{1}
	}
	return []uint64{1, 2, 3, 4}
}

func TestNothingLeaks(t *testing.T) {
	plan := compile(t, strict())
	for _, seed := range seeds() {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			p := newPlanter(seed)
			src := p.bundle(250)
			out, rep, err := plan.Protect(nil, src, testKey)
			require.NoError(t, err)
			report, err := json.Marshal(rep)
			require.NoError(t, err)
			requireNone(t, "the result", out, p.canaries)
			requireNone(t, "the report", report, p.canaries)
			for _, value := range p.must {
				assert.True(t, strings.Contains(string(out), value), "%s has to leave", value)
			}
			assert.Greater(t, strings.Count(string(out), `"type":`), 200)
		})
	}
}
