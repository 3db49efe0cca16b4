package payload_test

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/passavant/passavant/transfer/payload"
)

// recordPlan and record are the job of the yardstick: 0.9 KB, 29 values in 6 nested objects, 7 of them dropped, 4
// pseudonymised, 2 generalised.
func recordPlan(b *testing.B) *payload.Plan {
	p, err := payload.Compile(recordCatalogue())
	require.NoError(b, err)
	return p
}

func recordCatalogue() (*payload.Catalogue, map[string]payload.Treatment) {
	var fields []payload.Field
	add := func(path, category string, kind payload.Kind) {
		role := payload.Operational
		if category == "hidden" {
			role = payload.Direct
		}
		fields = append(fields, field(path, category, role, kind))
	}
	add("/id", "kept", payload.KindString)
	add("/at", "kept", payload.KindDatetime)
	for _, who := range []string{"payer", "payee"} {
		add("/"+who+"/name", "hidden", payload.KindString)
		add("/"+who+"/iban", "hidden", payload.KindIBAN)
		add("/"+who+"/address/country", "kept", payload.KindString)
	}
	for _, name := range []string{"currency", "status", "channel", "scheme", "type", "code"} {
		add("/payment/"+name, "kept", payload.KindString)
	}
	add("/payment/score", "kept", payload.KindNumber)
	add("/payment/flagged", "kept", payload.KindBoolean)
	add("/payment/amount", "amount", payload.KindAmount)
	add("/payment/date", "date", payload.KindDate)
	add("/device/os", "kept", payload.KindString)
	add("/device/app", "kept", payload.KindString)
	return catalogueOf(fields...), map[string]payload.Treatment{
		"kept": keep(), "hidden": pseudonymize(), "amount": generalize("band", "width", "1000"), "date": generalize("month"),
	}
}

var record = []byte(`{"id":"TX-2026-000000417233","at":"2026-11-17T16:03:51.204Z",` +
	`"payer":{"name":"Aoife Brennan","iban":"IE98EMRD99000012345678","address":{"street":"27 Larchfield Terrace","town":"Cloonmore","country":"IE"},"email":"aoife.brennan@example.org"},` +
	`"payee":{"name":"Tomas Venckutonis","iban":"LT989990000000000417","address":{"street":"14 Riverside Quay","town":"Old Harbour","country":"LT"}},` +
	`"payment":{"amount":4950.00,"currency":"EUR","date":"2026-11-17","status":"settled","channel":"mobile","scheme":"SCT Inst","type":"credit transfer","code":"PMNT-ICDT-ESCT","score":0.8172,"flagged":true,"reference":"safe account transfer, as agreed on the telephone with the fraud team this morning"},` +
	`"device":{"os":"Android 15","app":"7.41.2","user_agent":"Mozilla/5.0 (Linux; Android 15; SM-A556B) AppleWebKit/537.36 Chrome/142.0 Mobile Safari/537.36"}}`)

// naive is what a user writes: decode into maps, walk, a fresh HMAC for each field, encode.
func naive(b *testing.B, doc []byte) []byte {
	var tree map[string]any
	require.NoError(b, json.Unmarshal(doc, &tree))
	pseudonym := func(m map[string]any, name string) {
		mac := hmac.New(sha256.New, []byte("a key for tests"))
		fmt.Fprint(mac, "hidden\x00", m[name])
		m[name] = "psn_" + base64.RawURLEncoding.EncodeToString(mac.Sum(nil)[:16])
	}
	for _, who := range []string{"payer", "payee"} {
		m := tree[who].(map[string]any)
		pseudonym(m, "name")
		pseudonym(m, "iban")
		delete(m, "email")
		a := m["address"].(map[string]any)
		delete(a, "street")
		delete(a, "town")
	}
	payment := tree["payment"].(map[string]any)
	delete(payment, "reference")
	low := int(payment["amount"].(float64)) / 1000 * 1000
	payment["amount"] = fmt.Sprintf("[%d,%d)", low, low+1000)
	payment["date"] = payment["date"].(string)[:7]
	delete(tree["device"].(map[string]any), "user_agent")
	out, err := json.Marshal(tree)
	require.NoError(b, err)
	return out
}

// BenchmarkRecord runs the plan and the naive walk in turns, batch by batch, so that a noisy machine slows both, and
// reports the ratio.
func BenchmarkRecord(b *testing.B) {
	p, ps := recordPlan(b), newPseudonyms()
	var rep payload.Report
	var out []byte
	var err error
	out, err = p.ApplyInto(nil, record, ps, &rep)
	require.NoError(b, err)
	var ours, theirs any
	require.NoError(b, json.Unmarshal(out, &ours))
	require.NoError(b, json.Unmarshal(naive(b, record), &theirs))
	require.Equal(b, theirs, ours, "both do the same job")

	for name, run := range map[string]func(){
		"apply":   func() { out, err = p.ApplyInto(out[:0], record, ps, &rep) },
		"protect": func() { out, err = p.ProtectInto(out[:0], record, ps, &rep) },
	} {
		b.Run(name, func(b *testing.B) {
			const batch = 50
			var fast, slow time.Duration
			b.ReportAllocs()
			for range b.N {
				start := time.Now()
				for range batch {
					run()
				}
				fast += time.Since(start)
				require.NoError(b, err)
				b.StopTimer()
				start = time.Now()
				for range batch {
					naive(b, record)
				}
				slow += time.Since(start)
				b.StartTimer()
			}
			perByte := float64(batch*b.N*len(record)) / 1e6
			b.ReportMetric(perByte/fast.Seconds(), "MB/s")
			b.ReportMetric(perByte/slow.Seconds(), "naive-MB/s")
			b.ReportMetric(slow.Seconds()/fast.Seconds(), "×naive")
			b.ReportMetric(float64(fast.Nanoseconds())/float64(batch*b.N), "ns/record")
		})
	}
}

func BenchmarkFraudCase(b *testing.B) {
	p, src, ps := fraudPlan(b), bytes.TrimSpace(readTestdata(b, "payload.json")), newPseudonyms()
	var rep payload.Report
	var out []byte
	var err error
	for _, run := range []struct {
		name string
		do   func()
	}{
		{"apply", func() { out, err = p.ApplyInto(out[:0], src, ps, &rep) }},
		{"protect", func() { out, err = p.ProtectInto(out[:0], src, ps, &rep) }},
		{"gate alone", func() { err = p.Gate(out, src) }},
	} {
		b.Run(run.name, func(b *testing.B) {
			b.SetBytes(int64(len(src)))
			b.ReportAllocs()
			for b.Loop() {
				run.do()
				require.NoError(b, err)
			}
		})
	}
}
