package audit_test

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/passavant/passavant/audit"
)

const (
	childDir  = "PASSAVANT_AUDIT_CHILD_DIR"
	killCount = "PASSAVANT_KILLS"
)

func TestMain(m *testing.M) {
	if dir := os.Getenv(childDir); dir != "" {
		appendUntilKilled(dir)
	}
	os.Exit(m.Run())
}

// appendUntilKilled is the child: eight goroutines append intents and enqueue outcomes, and print the number and
// transfer of each acknowledged intent, until the parent kills the process.
func appendUntilKilled(dir string) {
	o := testOptions()
	o.PublishEvery = 1 // a nanosecond: publish all the time, to be killed in it
	o.SegmentBytes = 64 << 10
	l, err := audit.Open(dir, o)
	if err != nil {
		fmt.Println("open", err)
		os.Exit(1)
	}
	var wait sync.WaitGroup
	var counter atomic.Int64
	base := l.Size() * 1000
	for range 8 {
		wait.Go(func() {
			for {
				i := int(base + counter.Add(1))
				e, err := l.Append(context.Background(), intent(i), []byte("salt"))
				if err != nil {
					fmt.Println("append", err)
					os.Exit(1)
				}
				fmt.Printf("ack %d %s\n", e.Index, transferID(i))
				if i%2 == 0 {
					_ = l.Enqueue(outcome(audit.Delivered, i))
				}
			}
		})
	}
	wait.Wait()
}

// TestKilledWriterLosesNothingAcknowledged kills a writing process again and again. Set PASSAVANT_KILLS for more.
func TestKilledWriterLosesNothingAcknowledged(t *testing.T) {
	kills := 25
	if testing.Short() {
		kills = 3
	}
	if s := os.Getenv(killCount); s != "" {
		var err error
		kills, err = strconv.Atoi(s)
		require.NoError(t, err)
	}
	dir := t.TempDir()
	acked := map[int64]string{}
	rng := rand.New(rand.NewPCG(1, 2))
	for range kills {
		fresh := killOnce(t, dir, 1+rng.IntN(400))
		report, err := verify(t, dir)
		require.NoError(t, err)
		require.Empty(t, report.Unintended)
		requireAcked(t, dir, fresh, 2)
		maps.Copy(acked, fresh)
	}
	l := openLog(t, dir, testOptions())
	require.NoError(t, l.Close())
	requireAcked(t, dir, acked, 10)
	report, err := verify(t, dir)
	require.NoError(t, err)
	require.Equal(t, report.Records, report.Published)
	require.Zero(t, report.TornBytes)
	t.Logf("%d kills, %d acknowledged, %d records, %d in doubt", kills, len(acked), report.Records, len(report.InDoubt))
}

// killOnce starts a writer, kills it after some acknowledgements, and returns all that it made.
func killOnce(t testing.TB, dir string, after int) map[int64]string {
	t.Helper()
	acked := map[int64]string{}
	cmd := exec.Command(os.Args[0], "-test.run=^$")
	cmd.Env = append(os.Environ(), childDir+"="+dir)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	var all bytes.Buffer
	lines := bufio.NewScanner(io.TeeReader(out, &all))
	for range after {
		if !lines.Scan() {
			break
		}
		require.True(t, strings.HasPrefix(lines.Text(), "ack "), lines.Text())
	}
	require.NoError(t, cmd.Process.Kill())
	_, _ = io.Copy(io.Discard, io.TeeReader(out, &all)) // acknowledged between our decision and its death
	_ = cmd.Wait()
	for line := range strings.Lines(all.String()) {
		var index int64
		var transfer string
		if n, _ := fmt.Sscanf(line, "ack %d %s", &index, &transfer); n == 2 && strings.HasSuffix(line, "\n") {
			acked[index] = transfer
		}
	}
	return acked
}

// requireAcked looks up every record, and some details: each of these is a scan of the side store.
func requireAcked(t testing.TB, dir string, acked map[int64]string, details int) {
	t.Helper()
	r, err := audit.OpenReader(dir, testVKey(t))
	require.NoError(t, err)
	defer r.Close()
	for index, transfer := range acked {
		rec, _, err := r.Record(index)
		require.NoError(t, err)
		require.Equal(t, transfer, rec.Transfer)
	}
	for _, transfer := range acked {
		if details--; details < 0 {
			break
		}
		d, err := r.Detail(transfer)
		require.NoError(t, err)
		require.Equal(t, "salt", string(d))
	}
}
