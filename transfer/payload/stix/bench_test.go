package stix_test

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// BenchmarkProtect takes a bundle of 1,800 objects the whole way; the goal is under 100 ms.
func BenchmarkProtect(b *testing.B) {
	src := newPlanter(7).bundle(1800)
	plan := compile(b, strict())
	b.SetBytes(int64(len(src)))
	b.ReportAllocs()
	for b.Loop() {
		_, _, err := plan.Protect(nil, src, testKey)
		require.NoError(b, err)
	}
}

func BenchmarkCompile(b *testing.B) {
	for b.Loop() {
		compile(b, strict())
	}
}
