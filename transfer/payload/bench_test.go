package payload_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/passavant/passavant/transfer/payload"
)

func BenchmarkFraudCase(b *testing.B) {
	p, src, ps := fraudPlan(b), readTestdata(b, "fraud-case-report.json"), newPseudonyms()
	var rep payload.Report
	var out []byte
	var err error
	b.Run("apply", func(b *testing.B) {
		b.SetBytes(int64(len(src)))
		b.ReportAllocs()
		for b.Loop() {
			out, err = p.ApplyInto(out[:0], src, ps, &rep)
			require.NoError(b, err)
		}
	})
	b.Run("protect", func(b *testing.B) {
		b.SetBytes(int64(len(src)))
		b.ReportAllocs()
		for b.Loop() {
			out, err = p.ProtectInto(out[:0], src, ps, &rep)
			require.NoError(b, err)
		}
	})
}
