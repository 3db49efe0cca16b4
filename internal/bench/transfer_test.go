package bench

import (
	"context"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/passavant/passavant/transfer"
	"github.com/passavant/passavant/transfer/payload"
	"github.com/passavant/passavant/transfer/transfertest"
)

// perRound is the number of transfers that each side makes before it is the other's turn: long enough for groups to
// form, short enough for both to see the same weather.
const perRound = 1024

// BenchmarkTransfer takes one 3 KB fraud case the whole way, warm, to a transport that discards it. One operation is
// one round of both sides. The metrics are transfers a second of either side and the median ratio of the rounds.
func BenchmarkTransfer(b *testing.B) {
	for _, mode := range []struct {
		name  string
		reuse bool
	}{{"own-encapsulation", false}, {"shared-encapsulation", true}} {
		for _, workers := range []int{1, 8, 64} {
			b.Run(fmt.Sprintf("%s/goroutines=%d", mode.name, workers), func(b *testing.B) {
				compare(b, workers, mode.reuse)
			})
		}
	}
}

func compare(b *testing.B, workers int, reuse bool) {
	report := transfertest.Report(b)
	pair := transfertest.New(b, func(s *transfer.SenderConfig, _ *transfer.ReceiverConfig) {
		s.ReuseEncapsulation = reuse
		s.Transport = transfer.TransportFunc(discard)
	})
	naive, err := newGlue(filepath.Join(b.TempDir(), "audit.jsonl"), pair.Catalogue, agreedTreatments(b, pair))
	require.NoError(b, err)
	defer func() { _ = naive.audit.Close() }()

	ours := func() error {
		_, err := pair.Sender.Send(context.Background(), transfertest.Request(), report)
		return err
	}
	theirs := func() error { return naive.transfer(context.Background(), report) }
	require.NoError(b, ours()) // warm: the decision is cached, the plan compiled
	require.NoError(b, theirs())

	var ratios []float64
	var oursTotal, theirsTotal time.Duration
	for b.Loop() {
		t := round(b, workers, theirs)
		o := round(b, workers, ours)
		ratios = append(ratios, t.Seconds()/o.Seconds())
		oursTotal, theirsTotal = oursTotal+o, theirsTotal+t
	}
	slices.Sort(ratios)
	transfers := float64(len(ratios) * perRound)
	b.ReportMetric(transfers/oursTotal.Seconds(), "passavant/s")
	b.ReportMetric(transfers/theirsTotal.Seconds(), "naive/s")
	b.ReportMetric(ratios[len(ratios)/2], "ratio")
	b.ReportMetric(0, "ns/op")
}

// round makes perRound transfers with a number of goroutines and returns how long they took.
func round(b *testing.B, workers int, one func() error) time.Duration {
	var left atomic.Int64
	left.Store(perRound)
	var wg sync.WaitGroup
	start := time.Now()
	for range workers {
		wg.Go(func() {
			for left.Add(-1) >= 0 {
				if err := one(); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	wg.Wait()
	return time.Since(start)
}

// discard is a transport that reads the envelope, as any transport does, and keeps nothing.
func discard(_ context.Context, e *transfer.Envelope) (*transfer.Receipt, error) {
	_, err := e.WriteTo(io.Discard)
	return nil, err
}

func agreedTreatments(b *testing.B, pair *transfertest.Pair) map[string]payload.Treatment {
	a, found := pair.Engine.Agreement(transfertest.Request().Agreement)
	require.True(b, found)
	treatments := make(map[string]payload.Treatment, len(a.DataCategories))
	for category, t := range a.DataCategories {
		treatments[category] = payload.Treatment{Technique: t.Treatment, Params: t.Params}
	}
	return treatments
}
