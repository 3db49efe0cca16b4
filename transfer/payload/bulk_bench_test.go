package payload_test

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/csv"
	"io"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/passavant/passavant/transfer/payload"
)

// pooledPseudonyms lets workers make pseudonyms at the same time, as the library's own do.
type pooledPseudonyms struct{ pool sync.Pool }

func newPooled() *pooledPseudonyms {
	return &pooledPseudonyms{sync.Pool{New: func() any { return newPseudonyms() }}}
}

func (p *pooledPseudonyms) AppendPseudonym(dst []byte, category string, value []byte) []byte {
	h := p.pool.Get().(*hmacPseudonyms)
	defer p.pool.Put(h)
	return h.AppendPseudonym(dst, category, value)
}

func (p *pooledPseudonyms) KeyID() string { return "test" }

// bulkJob is one document, what is compared with, and the bytes that each reads in one go.
type bulkJob struct {
	doc   []byte
	plan  *payload.BulkPlan
	check *payload.BulkPlan // lets nothing leave: reads, checks and counts only
	walk  func()            // what a user writes
}

// BenchmarkBulk runs stream, naive walk and validate-only pass over the same bytes in turns, so that a noisy machine slows
// all of them, and reports the ratios: with one worker against one walk, and with all cores.
func BenchmarkBulk(b *testing.B) {
	for name, job := range map[string]bulkJob{"ndjson": ndjsonJob(b), "csv": csvJob(b)} {
		for _, workers := range []int{1, runtime.GOMAXPROCS(0)} {
			b.Run(name+"/"+map[bool]string{true: "one", false: "all"}[workers == 1], func(b *testing.B) {
				runBulk(b, job, workers)
			})
		}
	}
}

func runBulk(b *testing.B, job bulkJob, workers int) {
	ps := newPooled()
	var ours, valid, walk time.Duration
	stream := func(p *payload.BulkPlan, workers int) time.Duration {
		start := time.Now()
		_, err := p.ProtectStream(context.Background(), bytes.NewReader(job.doc), ps, payload.StreamOptions{Workers: workers}, func(*payload.Chunk) error { return nil })
		require.NoError(b, err)
		return time.Since(start)
	}
	stream(job.plan, workers)
	b.ResetTimer()
	for range b.N {
		ours += stream(job.plan, workers)
		b.StopTimer()
		valid += stream(job.check, 1)
		start := time.Now()
		job.walk()
		walk += time.Since(start)
		b.StartTimer()
	}
	mb := float64(b.N*len(job.doc)) / 1e6
	b.ReportMetric(mb/ours.Seconds(), "MB/s")
	b.ReportMetric(mb/valid.Seconds(), "validate-MB/s")
	b.ReportMetric(mb/walk.Seconds(), "walk-MB/s")
	b.ReportMetric(walk.Seconds()/ours.Seconds(), "×walk")
	b.ReportMetric(valid.Seconds()/ours.Seconds(), "×validate")
	b.ReportMetric(0, "ns/op")
}

func ndjsonJob(b *testing.B) bulkJob {
	c, treatments := recordCatalogue()
	c.Format = payload.FormatNDJSON
	doc := bytes.Repeat(append(bytes.Clone(record), '\n'), 2000)
	return bulkJob{
		doc: doc, plan: bulkPlan(b, c, treatments), check: bulkPlan(b, c, nil),
		walk: func() {
			for _, line := range bytes.Split(bytes.TrimSpace(doc), []byte{'\n'}) {
				naive(b, line)
			}
		},
	}
}

const (
	tableHead = "id,at,payer,payer_iban,payee,payee_iban,amount,currency,date,status,channel,town,email,reference,agent\n"
	tableRow  = `TX-2026-000000417233,2026-11-17T16:03:51.204Z,Aoife Brennan,IE98EMRD99000012345678,Tomas Venckutonis,LT989990000000000417,4950.00,EUR,2026-11-17,settled,mobile,Cloonmore,aoife.brennan@example.org,"safe account transfer, as agreed on the telephone with the fraud team this morning",Mozilla/5.0 (Linux; Android 15; SM-A556B) AppleWebKit/537.36 Chrome/142.0 Mobile Safari/537.36` + "\n"
)

func csvJob(b *testing.B) bulkJob {
	var fields []payload.Field
	for _, name := range []string{"id", "at", "currency", "status", "channel"} {
		fields = append(fields, field("/"+name, "kept", payload.Operational, payload.KindString))
	}
	for _, name := range []string{"payer", "payer_iban", "payee", "payee_iban"} {
		fields = append(fields, field("/"+name, "hidden", payload.Direct, payload.KindString))
	}
	fields = append(fields, field("/amount", "amount", payload.Operational, payload.KindAmount), field("/date", "date", payload.Operational, payload.KindDate))
	c := catalogueOf(fields...)
	c.Format = payload.FormatCSV
	treatments := map[string]payload.Treatment{
		"kept": keep(), "hidden": pseudonymize(), "amount": generalize("band", "width", "1000"), "date": generalize("month"),
	}
	doc := []byte(tableHead + strings.Repeat(tableRow, 4000))
	return bulkJob{doc: doc, plan: bulkPlan(b, c, treatments), check: bulkPlan(b, c, nil), walk: func() { naiveTable(b, doc) }}
}

// naiveTable is what a user writes: encoding/csv, a map for each row, a fresh HMAC for each field.
func naiveTable(b *testing.B, doc []byte) {
	r, w := csv.NewReader(bytes.NewReader(doc)), csv.NewWriter(io.Discard)
	head, err := r.Read()
	require.NoError(b, err)
	leaving := []string{"id", "at", "payer", "payer_iban", "payee", "payee_iban", "amount", "currency", "date", "status", "channel"}
	require.NoError(b, w.Write(leaving))
	for {
		cells, err := r.Read()
		if err == io.EOF {
			break
		}
		require.NoError(b, err)
		row := make(map[string]string)
		for i, c := range cells {
			row[head[i]] = c
		}
		for _, name := range []string{"payer", "payer_iban", "payee", "payee_iban"} {
			mac := hmac.New(sha256.New, []byte("a key for tests"))
			mac.Write([]byte("hidden\x00" + row[name]))
			row[name] = "psn_" + base64.RawURLEncoding.EncodeToString(mac.Sum(nil)[:16])
		}
		row["amount"], row["date"] = "[4000,5000)", row["date"][:7]
		out := make([]string, len(leaving))
		for i, name := range leaving {
			out[i] = row[name]
		}
		require.NoError(b, w.Write(out))
	}
	w.Flush()
}

// BenchmarkStream is BenchmarkBulk without what it is compared with, for profiles.
func BenchmarkStream(b *testing.B) {
	for name, job := range map[string]bulkJob{"ndjson": ndjsonJob(b), "csv": csvJob(b)} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(job.doc)))
			b.ReportAllocs()
			ps := newPooled()
			for b.Loop() {
				_, err := job.plan.ProtectStream(context.Background(), bytes.NewReader(job.doc), ps, payload.StreamOptions{Workers: 1}, func(*payload.Chunk) error { return nil })
				require.NoError(b, err)
			}
		})
	}
}
