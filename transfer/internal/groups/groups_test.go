package groups

import (
	"crypto/sha256"
	"encoding/binary"
	"os"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func groupOf(n int) [16]byte {
	sum := sha256.Sum256(binary.BigEndian.AppendUint64(nil, uint64(n)))
	return [16]byte(sum[:16])
}

func TestSmallAgreesWithAMap(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		records := rapid.SliceOf(rapid.IntRange(0, 12)).Draw(t, "groups")
		k := rapid.IntRange(1, 6).Draw(t, "k")
		c, sizes := New(""), make(map[int]int)
		for _, g := range records {
			require.NoError(t, c.Add(groupOf(g)))
			sizes[g]++
		}
		small, err := c.Small(k)
		require.NoError(t, err)
		count := int64(0)
		for i, g := range records {
			require.Equal(t, sizes[g] < k, small.Has(int64(i)))
			if sizes[g] < k {
				count++
			}
		}
		require.Equal(t, count, small.Count())
		require.NoError(t, c.Close())
	})
}

func TestSmallBeyondMemory(t *testing.T) {
	dir := t.TempDir()
	c := New(dir)
	const many = 400_000 // more than the partitions hold in memory
	for i := range many {
		require.NoError(t, c.Add(groupOf(i/4))) // groups of four
	}
	require.NoError(t, c.Add(groupOf(-1)))
	require.NotNil(t, c.file, "the test shall reach the file")
	small, err := c.Small(4)
	require.NoError(t, err)
	assert.EqualValues(t, 1, small.Count())
	assert.True(t, small.Has(many))
	all, err := c.Small(5)
	require.NoError(t, err)
	assert.EqualValues(t, many+1, all.Count())
	require.NoError(t, c.Close())
	left, err := os.ReadDir(dir)
	require.NoError(t, err)
	assert.Empty(t, left)
}

func TestCounterWithoutAPlace(t *testing.T) {
	c := New(t.TempDir() + "/absent")
	var err error
	for i := 0; i <= blockSize/entrySize && err == nil; i++ {
		err = c.Add([16]byte{})
	}
	assert.ErrorContains(t, err, "temporary file")
}
