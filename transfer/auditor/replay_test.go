package auditor_test

import (
	"context"
	"fmt"
	"io/fs"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passavant/passavant/audit"
	"github.com/passavant/passavant/internal/sample"
	"github.com/passavant/passavant/policy"
	"github.com/passavant/passavant/transfer"
	"github.com/passavant/passavant/transfer/auditor"
	"github.com/passavant/passavant/transfer/transfertest"
)

const japan = "agreements/ie-jp-bank-fraud/agreement.yaml"

// agreeing loads the sample agreement with a second purpose, after an edit.
func agreeing(t *testing.T, old, new string) *policy.Engine {
	t.Helper()
	text, err := fs.ReadFile(sample.Workspace(), japan)
	require.NoError(t, err)
	changed := strings.Replace(string(text), "purposes:\n", "purposes:\n  - code: train_models\n    description: Train models that find fraud.\n    compatible_with: [fraud_monitoring]\n", 1)
	require.Contains(t, changed, "train_models")
	require.Contains(t, changed, old)
	e, err := policy.LoadWith(t.Context(), policy.Options{
		FS: []fs.FS{fstest.MapFS{japan: {Data: []byte(strings.Replace(changed, old, new, 1))}}}, KnownObligations: transfer.KnownObligations(), Timeout: time.Minute,
	})
	require.NoError(t, err)
	return e
}

// crowd makes n decisions, a third of them for a second purpose and every tenth for one that nobody agreed to, spread over
// many minutes.
func crowd(t *testing.T, n int) (p *transfertest.Pair, a *auditor.Auditor) {
	t.Helper()
	engine := agreeing(t, "", "")
	var ticks atomic.Int64
	p = transfertest.New(t, func(s *transfer.SenderConfig, r *transfer.ReceiverConfig) {
		s.Engine, r.Engine = engine, engine
		s.Clock = func() time.Time {
			return transfertest.Start().Add(time.Duration(ticks.Add(1)) * 400 * time.Millisecond)
		}
	})
	var wait sync.WaitGroup
	for worker := range 32 {
		wait.Go(func() {
			for i := worker; i < n; i += 32 {
				req := transfertest.Request()
				req.Reference = fmt.Sprint(i)
				switch {
				case i%10 == 0:
					req.Purpose = "marketing"
				case i%3 == 0:
					req.Purpose = "train_models"
				}
				_, _ = p.Sender.Send(context.Background(), req, []byte(`{"case":{"reference":"R-1"}}`))
			}
		})
	}
	wait.Wait()
	require.NoError(t, p.ExporterLog.Close())
	reader, err := audit.OpenReader(p.ExporterLog.Dir(), p.ExporterLog.VerifierKey())
	require.NoError(t, err)
	t.Cleanup(func() { _ = reader.Close() })
	return p, &auditor.Auditor{Reader: reader, Archives: func(revision string) (policy.Archive, error) {
		if revision != engine.Revision() {
			return policy.Archive{}, policy.ErrArchive
		}
		return engine.Archive(), nil
	}}
}

func size() int {
	if testing.Short() {
		return 300
	}
	return 10_000
}

// Every recorded decision comes out word by word the same, and a candidate that drops a purpose turns exactly the
// transfers that rested on it.
func TestReplayOfManyDecisions(t *testing.T) {
	n := size()
	_, a := crowd(t, n)
	got, err := a.Replay(t.Context(), auditor.Filter{}, nil)
	require.NoError(t, err)
	assert.Equal(t, auditor.Replay{Decisions: n, Identical: n}, got)

	same, asked, erased, err := a.Flips(t.Context(), auditor.Filter{}, agreeing(t, "", ""), nil)
	require.NoError(t, err)
	assert.Empty(t, same)
	assert.Equal(t, n, asked)
	assert.Zero(t, erased)

	dropped := agreeing(t, "  - code: train_models\n    description: Train models that find fraud.\n    compatible_with: [fraud_monitoring]\n", "")
	flips, _, _, err := a.Flips(t.Context(), auditor.Filter{}, dropped, nil)
	require.NoError(t, err)
	var turned, want []int64
	for _, f := range flips {
		turned = append(turned, f.Record)
		assert.False(t, f.Permitted)
		require.NotEmpty(t, f.Reasons)
		assert.Equal(t, "agreement.purpose", f.Reasons[0].Rule)
	}
	for i, r := range a.Reader.All(0) {
		if r.Type == audit.Intent && r.Purpose == "train_models" {
			want = append(want, i)
		}
	}
	assert.Equal(t, want, turned)
	assert.NotEmpty(t, want)

	// And one that agrees to more turns the refusals.
	wider := agreeing(t, "purposes:\n", "purposes:\n  - code: marketing\n    description: Sell more.\n    compatible_with: [fraud_monitoring]\n")
	flips, _, _, err = a.Flips(t.Context(), auditor.Filter{}, wider, nil)
	require.NoError(t, err)
	assert.Len(t, flips, n/10)
	assert.True(t, flips[0].Permitted)
}

// What was erased is counted and not guessed; a record that says something else than the policy does is named.
func TestReplayNamesWhatItCannotRepeat(t *testing.T) {
	p, a := crowd(t, 40)
	var ids []string
	for _, r := range a.Reader.All(0) {
		if r.Fields["decision"] != "" {
			ids = append(ids, r.Transfer)
		}
	}
	_, err := audit.EraseDetail(p.ExporterLog.Dir(), ids[0])
	require.NoError(t, err)
	got, err := a.Replay(t.Context(), auditor.Filter{}, nil)
	require.NoError(t, err)
	assert.Equal(t, auditor.Replay{Decisions: 40, Identical: 39, Erased: 1}, got)
	_, _, erased, err := a.Flips(t.Context(), auditor.Filter{}, agreeing(t, "", ""), nil)
	require.NoError(t, err)
	assert.Equal(t, 1, erased)

	only, err := a.Replay(t.Context(), auditor.Filter{Transfer: ids[1]}, nil)
	require.NoError(t, err)
	assert.Equal(t, 1, only.Decisions)

	a.Archives = func(string) (policy.Archive, error) { return policy.Archive{}, fs.ErrNotExist }
	got, err = a.Replay(t.Context(), auditor.Filter{}, nil)
	require.NoError(t, err)
	assert.Equal(t, 39, got.Unarchived)

	// A policy that decides otherwise, passed off as the one that decided.
	lying := agreeing(t, "status: active", "status: suspended").Archive()
	a.Archives = func(string) (policy.Archive, error) { return lying, nil }
	const pack = "reference/pack"
	require.Contains(t, string(lying.Files[pack]), `"version":"`)
	lying.Files[pack] = []byte(strings.Replace(string(lying.Files[pack]), `"version":"`, `"version":"x`, 1))
	got, err = a.Replay(t.Context(), auditor.Filter{}, nil)
	require.NoError(t, err)
	assert.Len(t, got.Different, 39)
	assert.Contains(t, got.Different[0].Problem, "reference data")
}
