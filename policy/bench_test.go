package policy_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/passavant/passavant/policy"
)

func BenchmarkDecideCached(b *testing.B) {
	e := engine(b)
	f := fraudFacts(b, e, "ie-us-bank-scc", "liberty-bank-us")
	require.True(b, e.Decide(b.Context(), f).Permit)
	b.ReportAllocs()
	for b.Loop() {
		e.Decide(b.Context(), f)
	}
}

func BenchmarkDecideUncached(b *testing.B) {
	e, err := policy.LoadWith(context.Background(), policy.Options{FS: trees(), CacheEntries: -1})
	require.NoError(b, err)
	for _, c := range []struct{ agreement, recipient string }{
		{"ie-jp-bank-fraud", "sakura-bank-jp"}, {"ie-us-bank-scc", "liberty-bank-us"}, {"ie-vn-memorandum", "lotus-bank-vn"},
	} {
		b.Run(c.agreement, func(b *testing.B) {
			f := fraudFacts(b, e, c.agreement, c.recipient)
			b.ReportAllocs()
			for b.Loop() {
				e.Decide(b.Context(), f)
			}
		})
	}
}

func BenchmarkLoad(b *testing.B) {
	for b.Loop() {
		_, err := policy.Load(b.Context(), trees()...)
		require.NoError(b, err)
	}
}
