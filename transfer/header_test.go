package transfer

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/passavant/passavant/internal/canonical"
)

// The fast encoding of the header relies on the order in which the members are declared.
func TestHeaderIsCanonical(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.String()
		params := rapid.MapOf(rapid.StringMatching(`[a-z_]{1,8}`), text)
		count := rapid.Int64Range(0, 1<<40)
		h := Header{
			Agreement: text.Draw(t, "agreement"), Basis: rapid.SliceOf(text).Draw(t, "basis"), Version: 1,
			Created:     time.Unix(count.Draw(t, "created")%4e9, 0).UTC(),
			Obligations: []Duty{{Code: text.Draw(t, "code"), Params: params.Draw(t, "duty")}},
			Manifest: Manifest{KeyID: text.Draw(t, "key"), Kept: count.Draw(t, "kept"), Records: count.Draw(t, "records"), GroupSize: rapid.IntRange(0, 9).Draw(t, "k"), Coarsened: count.Draw(t, "coarsened"), Suppressed: count.Draw(t, "suppressed"), Fields: []ManifestField{
				{Path: text.Draw(t, "path"), Params: params.Draw(t, "params"), Count: count.Draw(t, "count")},
			}},
		}
		want, err := canonical.Marshal(h)
		require.NoError(t, err)
		got := h.marshal()
		assert.Equal(t, string(want), string(got))
	})
}

func TestPersonIsCanonical(t *testing.T) {
	p := person{Actor: "a", Reference: "c", Justification: "b"}
	want, err := canonical.Marshal(p)
	require.NoError(t, err)
	got := p.marshal()
	assert.Equal(t, string(want), string(got))
}
