package payload

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// The model is a stack of maps. Few different hashes make collisions of slots likely; the hashes are spread by the
// salt, so their low and high bits both vary.
func TestKeySetIsAStackOfSets(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var set keySet
		for range 2 { // the second time on used memory
			set.reset()
			var marks []keyMark
			var model []map[uint64]bool
			for range rapid.IntRange(1, 600).Draw(t, "steps") {
				switch op := rapid.IntRange(0, 9).Draw(t, "op"); {
				case op == 0 || len(model) == 0:
					marks = append(marks, set.open())
					model = append(model, map[uint64]bool{})
				case op == 1:
					set.close(marks[len(marks)-1])
					marks, model = marks[:len(marks)-1], model[:len(model)-1]
				default:
					h := rapid.Uint64Range(0, 400).Draw(t, "hash") << 33
					top := model[len(model)-1]
					require.Equal(t, !top[h], set.add(h))
					top[h] = true
				}
			}
		}
		set.reset()
		assert.Equal(t, make([]uint64, len(set.table)), set.table, "nothing stays behind")
	})
}

func TestKeySetGrows(t *testing.T) {
	var set keySet
	set.reset()
	outer := set.open()
	for i := range uint64(3000) {
		require.True(t, set.add(i<<40|i))
	}
	inner := set.open()
	for i := range uint64(3000) {
		require.True(t, set.add(i<<40|i), "another object may use the same names")
	}
	set.close(inner)
	for i := range uint64(3000) {
		require.False(t, set.add(i<<40|i))
	}
	set.close(outer)
	assert.Empty(t, set.order)
}
