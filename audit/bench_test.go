package audit_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/passavant/passavant/audit"
)

// bare is the yardstick: group commit of the same bytes with nothing else, one write and one fsync per group.
type bare struct {
	file *os.File
	mu   sync.Mutex
	wake *sync.Cond
	next *bareGroup
	stop bool
	done chan struct{}
}

type bareGroup struct {
	data []byte
	done chan struct{}
}

func newBare(b *testing.B) *bare {
	f, err := os.Create(filepath.Join(b.TempDir(), "bare"))
	require.NoError(b, err)
	w := &bare{file: f, next: &bareGroup{done: make(chan struct{})}, done: make(chan struct{})}
	w.wake = sync.NewCond(&w.mu)
	go w.run()
	return w
}

func (w *bare) run() {
	defer close(w.done)
	for {
		w.mu.Lock()
		for len(w.next.data) == 0 && !w.stop {
			w.wake.Wait()
		}
		g := w.next
		w.next = &bareGroup{done: make(chan struct{})}
		w.mu.Unlock()
		if len(g.data) == 0 {
			return
		}
		if _, err := w.file.Write(g.data); err != nil {
			panic(err)
		}
		if err := w.file.Sync(); err != nil {
			panic(err)
		}
		close(g.done)
	}
}

func (w *bare) append(data []byte) {
	w.mu.Lock()
	g := w.next
	g.data = append(g.data, data...)
	w.wake.Signal()
	w.mu.Unlock()
	<-g.done
}

func (w *bare) close() {
	w.mu.Lock()
	w.stop = true
	w.wake.Signal()
	w.mu.Unlock()
	<-w.done
	w.file.Close()
}

// BenchmarkAppend alternates short rounds of durable, proven appends with rounds of the bare group committer on the
// same disk and reports both rates and their ratio.
func BenchmarkAppend(b *testing.B) {
	for _, writers := range []int{1, 8, 64, 256} {
		b.Run(fmt.Sprintf("writers=%d", writers), func(b *testing.B) {
			l := openLog(b, b.TempDir(), testOptions())
			w := newBare(b)
			defer w.close()
			data := make([]byte, 600)
			var ours, theirs time.Duration
			var n, id atomic.Int64
			for b.Loop() {
				rounds := 20
				ours += timed(writers, rounds, func() {
					_, err := l.Append(context.Background(), intent(int(id.Add(1))), nil)
					if err != nil {
						panic(err)
					}
				})
				theirs += timed(writers, rounds, func() { w.append(data) })
				n.Add(int64(writers * rounds))
			}
			b.ReportMetric(float64(n.Load())/ours.Seconds(), "appends/s")
			b.ReportMetric(float64(n.Load())/theirs.Seconds(), "bare/s")
			b.ReportMetric(ours.Seconds()/theirs.Seconds(), "times-bare")
		})
	}
}

func timed(writers, rounds int, f func()) time.Duration {
	var wait sync.WaitGroup
	start := time.Now()
	for range writers {
		wait.Go(func() {
			for range rounds {
				f()
			}
		})
	}
	wait.Wait()
	return time.Since(start)
}

// BenchmarkVerify verifies a log written by 64 writers; divide to get the time for a million records.
func BenchmarkVerify(b *testing.B) {
	const records = 100_000
	dir := b.TempDir()
	l := openLog(b, dir, testOptions())
	var id atomic.Int64
	timed(64, records/64, func() {
		_, err := l.Append(context.Background(), intent(int(id.Add(1))), nil)
		if err != nil {
			panic(err)
		}
	})
	require.NoError(b, l.Close())
	var total int64
	for b.Loop() {
		r, err := verify(b, dir)
		require.NoError(b, err)
		total += r.Records
	}
	b.ReportMetric(float64(total)/b.Elapsed().Seconds(), "records/s")
	b.ReportMetric(b.Elapsed().Seconds()/float64(total)*1e6, "s/million")
}

func BenchmarkVerifyProof(b *testing.B) {
	l := openLog(b, b.TempDir(), testOptions())
	e := appendIntents(b, l, 0, 100)[99]
	vkey := l.VerifierKey()
	b.ReportAllocs()
	for b.Loop() {
		if err := audit.VerifyProof(vkey, e.Record, e.Proof); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkParseRecord(b *testing.B) {
	l := openLog(b, b.TempDir(), testOptions())
	e := appendIntents(b, l, 0, 1)[0]
	b.ReportAllocs()
	for b.Loop() {
		if _, err := audit.ParseRecord(e.Record); err != nil {
			b.Fatal(err)
		}
	}
}
