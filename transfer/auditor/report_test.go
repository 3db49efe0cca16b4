package auditor_test

import (
	"bytes"
	"crypto/ed25519"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passavant/passavant/audit"
	"github.com/passavant/passavant/transfer"
	"github.com/passavant/passavant/transfer/auditor"
	"github.com/passavant/passavant/transfer/payload"
)

// randomLog writes n invented transfers with every outcome.
func randomLog(t *testing.T, n int) *auditor.Auditor {
	t.Helper()
	rnd := rand.New(rand.NewPCG(7, 8))
	one := func(list ...string) string { return list[rnd.IntN(len(list))] }
	at := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	l, err := audit.Open(t.TempDir(), audit.Options{
		Origin: "passavant/emerald-bank-ie", Signer: ed25519.NewKeyFromSeed(make([]byte, 32)), PublishEvery: -1,
		Clock: func() time.Time { return at },
	})
	require.NoError(t, err)
	for i := range n {
		at = at.Add(time.Duration(rnd.IntN(7200)) * time.Second)
		r := audit.Record{
			Type: audit.Intent, Transfer: fmt.Sprintf("t%d", i), Exporter: "emerald-bank-ie", Agreement: one("a1", "a2"), AgreementDigest: "sha256:1",
			Recipient: one("sakura-bank-jp", "liberty-bank-us"), RecipientCountry: one("JP", "US"), Purpose: one("fraud", "models"),
			Basis: [][]string{{"GDPR:45", "EU:2019/419"}, {"GDPR:46(2)(c)"}, {"GDPR:49(1)(e)"}, {"LED:38(1)(c)"}}[rnd.IntN(4)], Bytes: int64(rnd.IntN(9000)),
			Categories: [][]string{{"iban", "name"}, {"amount"}}[rnd.IntN(2)], Fields: map[string]string{"subjects": one("customer", "customer,victim", "")},
		}
		if r.Fields["subjects"] == "" {
			r.Fields = nil
		}
		outcome := one("delivered", "failed", "", "acknowledged", "refused", "reconciled")
		if outcome == "refused" {
			r.Type, r.Basis, r.Missing, r.Cause = audit.Refused, nil, []string{one("adequacy", "purpose_not_agreed")}, "policy"
		}
		require.NoError(t, l.Enqueue(r))
		switch outcome {
		case "delivered", "failed", "acknowledged":
			require.NoError(t, l.Enqueue(audit.Record{Type: audit.Type(outcome), Transfer: r.Transfer}))
		case "reconciled":
			require.NoError(t, l.Enqueue(audit.Record{Type: audit.Reconciled, Transfer: r.Transfer, Fields: map[string]string{"outcome": one("delivered", "not-delivered")}}))
		}
		if i%9 == 0 {
			require.NoError(t, l.Enqueue(audit.Record{Type: audit.LogAccess, Exporter: "emerald-bank-ie", Cause: one("", "policy"), Fields: map[string]string{"reading": one("list", "show")}}))
		}
	}
	require.NoError(t, l.Close())
	reader, err := audit.OpenReader(l.Dir(), l.VerifierKey())
	require.NoError(t, err)
	t.Cleanup(func() { _ = reader.Close() })
	return &auditor.Auditor{Reader: reader}
}

// raw is one record as any JSON reader sees it: the second computation shares no type with the first.
type raw struct {
	n int64
	m map[string]any
}

func (r raw) text(name string) string { s, _ := r.m[name].(string); return s }

func (r raw) list(name string) (out []string) {
	all, _ := r.m[name].([]any)
	for _, v := range all {
		out = append(out, v.(string))
	}
	return out
}

func (r raw) code(name string) string {
	fields, _ := r.m["fields"].(map[string]any)
	s, _ := fields[name].(string)
	return s
}

func rawRecords(t *testing.T, a *auditor.Auditor) (all []raw) {
	t.Helper()
	for i := range a.Reader.Size() {
		_, stored, err := a.Reader.Record(i)
		require.NoError(t, err)
		r := raw{n: i}
		require.NoError(t, json.Unmarshal(stored, &r.m))
		all = append(all, r)
	}
	return all
}

// fates says of each transfer what the last word on it was.
func fates(all []raw) map[string]string {
	fate := map[string]string{}
	for _, r := range all {
		id := r.text("transfer")
		switch r.text("type") {
		case "intent":
			fate[id] = "in-doubt"
		case "reconciled":
			fate[id] = map[string]string{"delivered": "delivered", "not-delivered": "failed"}[r.code("outcome")]
		case "log-access":
		default:
			fate[id] = r.text("type")
		}
	}
	return fate
}

// tally adds up records by a key of several parts.
func tally(all []raw, keep func(raw) bool, keys func(raw) []string) map[string][]int64 {
	out := map[string][]int64{}
	for _, r := range all {
		if keep(r) {
			for _, k := range keys(r) {
				out[k] = append(out[k], r.n)
			}
		}
	}
	return out
}

// rows reads a section back: the cells at some columns, joined, to the records; and checks the figure in the last cell.
func rows(t *testing.T, s auditor.Section, columns ...int) map[string][]int64 {
	t.Helper()
	out := map[string][]int64{}
	for _, row := range s.Rows {
		require.Len(t, row.Cells, len(s.Columns))
		var key []string
		for _, c := range columns {
			key = append(key, row.Cells[c])
		}
		require.NotContains(t, out, strings.Join(key, "|"))
		out[strings.Join(key, "|")] = row.Records
		assert.Equal(t, strconv.Itoa(len(row.Records)), row.Cells[len(row.Cells)-1])
	}
	return out
}

func section(t *testing.T, r *auditor.Report, title string) auditor.Section {
	t.Helper()
	for _, s := range r.Sections {
		if strings.HasPrefix(s.Title, title) {
			return s
		}
	}
	require.Fail(t, "no section "+title)
	return auditor.Section{}
}

// Every figure of every report is computed once more from the raw records.
func TestReportsAreWhatTheRecordsSay(t *testing.T) {
	a := randomLog(t, 700)
	all := rawRecords(t, a)
	fate := fates(all)
	left := func(r raw) bool { return r.text("type") == "intent" && fate[r.text("transfer")] != "failed" }
	key := func(names ...string) func(raw) []string {
		return func(r raw) []string {
			var parts []string
			for _, name := range names {
				if list := r.list(name); list != nil {
					parts = append(parts, strings.Join(list, ", "))
				} else {
					parts = append(parts, r.text(name))
				}
			}
			return []string{strings.Join(parts, "|")}
		}
	}
	refused := tally(all, func(r raw) bool { return r.text("type") == "refused" }, key("recipient", "recipient_country", "purpose", "missing"))

	art30, err := a.Art30("emerald-bank-ie", auditor.Filter{})
	require.NoError(t, err)
	controller := section(t, art30, "As a controller")
	assert.Equal(t, tally(all, left, key("agreement", "purpose", "recipient", "recipient_country")), rows(t, controller, 0, 2, 5, 6))
	assert.Equal(t, refused, rows(t, section(t, art30, "Refused"), 0, 1, 2, 3))
	assert.Empty(t, section(t, art30, "As a processor").Rows)
	for _, row := range controller.Rows {
		subjects, data, bases := map[string]bool{}, map[string]bool{}, map[string]bool{}
		for _, n := range row.Records {
			add(subjects, strings.Split(all[n].code("subjects"), ","))
			add(data, all[n].list("categories"))
			add(bases, all[n].list("basis"))
		}
		assert.Equal(t, []string{sorted(subjects), sorted(data), sorted(bases)}, []string{row.Cells[3], row.Cells[4], row.Cells[7]})
	}

	register, err := a.Transfers("emerald-bank-ie", auditor.Filter{})
	require.NoError(t, err)
	byCountry := section(t, register, "Transfers by country")
	assert.Equal(t, tally(all, left, key("recipient_country", "recipient", "agreement", "purpose", "basis")), rows(t, byCountry, 0, 1, 2, 3, 4))
	for _, row := range byCountry.Rows {
		bytes := 0.0
		for _, n := range row.Records {
			size, _ := all[n].m["bytes"].(float64)
			bytes += size
		}
		assert.Equal(t, strconv.Itoa(int(bytes)), row.Cells[8])
		assert.Equal(t, all[row.Records[0]].text("at"), row.Cells[6])
		assert.Equal(t, all[row.Records[len(row.Records)-1]].text("at"), row.Cells[7])
	}
	exceptions := tally(all, func(r raw) bool {
		return left(r) && len(r.list("basis")) == 1 && (strings.HasPrefix(r.list("basis")[0], "GDPR:49") || strings.HasPrefix(r.list("basis")[0], "LED:38"))
	}, key("basis", "recipient", "recipient_country", "purpose"))
	used := section(t, register, "Derogations used")
	assert.Equal(t, exceptions, rows(t, used, 0, 1, 2, 3))
	for _, row := range used.Rows {
		assert.Equal(t, len(row.Records) > 1, row.Alarm, "Art. 49 is for exceptions")
	}
	assert.Equal(t, tally(all, left, func(r raw) []string { return []string{fate[r.text("transfer")]} }), rows(t, section(t, register, "What became"), 0))

	led, err := a.Led25("emerald-bank-ie", auditor.Filter{})
	require.NoError(t, err)
	disclosed := section(t, led, "Disclosures")
	want := tally(all, left, func(r raw) []string {
		return []string{r.text("at") + "|" + fate[r.text("transfer")] + "|" + fmt.Sprint(r.n)}
	})
	got := map[string][]int64{}
	for _, row := range disclosed.Rows {
		got[row.Cells[0]+"|"+row.Cells[6]+"|"+fmt.Sprint(row.Records[0])] = row.Records
	}
	assert.Equal(t, want, got)
	consultations := section(t, led, "Consultations")
	assert.Len(t, consultations.Rows, len(tally(all, func(r raw) bool { return r.text("type") == "log-access" }, func(r raw) []string { return []string{fmt.Sprint(r.n)} })))
	for _, row := range consultations.Rows {
		assert.Equal(t, all[row.Records[0]].code("reading"), row.Cells[1])
		assert.Equal(t, all[row.Records[0]].text("cause") != "", row.Alarm)
	}
}

func add(set map[string]bool, list []string) {
	for _, s := range list {
		if s != "" {
			set[s] = true
		}
	}
}

func sorted(set map[string]bool) string {
	var list []string
	for s := range set {
		list = append(list, s)
	}
	slices.Sort(list)
	return strings.Join(list, ", ")
}

// A period takes the records of the period and no others.
func TestReportOfAPeriod(t *testing.T) {
	a := randomLog(t, 100)
	since, until := time.Date(2026, 1, 2, 0, 0, 0, 0, time.UTC), time.Date(2026, 1, 3, 0, 0, 0, 0, time.UTC)
	r, err := a.Led25("emerald-bank-ie", auditor.Filter{Since: since, Until: until})
	require.NoError(t, err)
	disclosed := section(t, r, "Disclosures")
	require.NotEmpty(t, disclosed.Rows)
	for _, row := range disclosed.Rows {
		assert.True(t, strings.HasPrefix(row.Cells[0], "2026-01-02T"), row.Cells[0])
	}
	_, err = a.Art30("x", auditor.Filter{Since: until, Until: since})
	require.ErrorIs(t, err, auditor.ErrFilter)
}

// CSV, JSON and HTML say the same.
func TestFormsOfAReport(t *testing.T) {
	a := randomLog(t, 50)
	r, err := a.Transfers("emerald-bank-ie", auditor.Filter{})
	require.NoError(t, err)
	var table, page bytes.Buffer
	require.NoError(t, r.WriteCSV(&table))
	reader := csv.NewReader(&table)
	reader.FieldsPerRecord = -1
	lines, err := reader.ReadAll()
	require.NoError(t, err)
	require.NoError(t, r.WriteHTML(&page))
	want := 0
	for _, s := range r.Sections {
		want += 1 + len(s.Rows)
		for _, row := range s.Rows {
			assert.Contains(t, page.String(), row.Cells[0])
		}
	}
	assert.Len(t, lines, want)
	assert.NotContains(t, page.String(), "http://")
	assert.NotContains(t, page.String(), "https://")
	assert.NotContains(t, page.String(), "<script")

	hostile := &auditor.Report{Title: "<b>x</b>", Sections: []auditor.Section{{Columns: []string{"a"}, Rows: []auditor.Row{{Cells: []string{"=1+1"}}, {Cells: []string{"<i>"}}}}}}
	table.Reset()
	page.Reset()
	require.NoError(t, hostile.WriteCSV(&table))
	require.NoError(t, hostile.WriteHTML(&page))
	assert.Contains(t, table.String(), "'=1+1")
	assert.NotContains(t, page.String(), "<i>")
	assert.NotContains(t, page.String(), "<b>")
}

// A person is told of what concerns him, by any spelling of an identifier; not of what concerns others, not before the day,
// and not of what was erased.
func TestSubjectReport(t *testing.T) {
	s := tell(t)
	keys, err := s.w.OpenKeys()
	require.NoError(t, err)
	p, err := keys.Pseudonymizer()
	require.NoError(t, err)
	token := func(category string, kind payload.Kind, value string) []string {
		token, err := transfer.SubjectToken(p, s.w.Party, category, kind, value)
		require.NoError(t, err)
		return []string{token}
	}
	today := time.Now()
	told := func(tokens []string, today time.Time) ([]auditor.Row, []auditor.Delayed) {
		r, delayed, err := s.auditor.Subject(s.w.Party, tokens, auditor.Filter{}, today)
		require.NoError(t, err)
		return r.Sections[0].Rows, delayed
	}
	for _, tokens := range [][]string{
		token("iban", payload.KindIBAN, "ie98emrd99000012345678"), token("iban", payload.KindIBAN, "LT989990000000000417"),
		token("email", payload.KindEmail, "aoife.nibhraonain@mail.example.org"),
	} {
		found, delayed := told(tokens, today)
		require.Len(t, found, 1)
		assert.Equal(t, []int64{s.intent}, found[0].Records)
		assert.Contains(t, found[0].Cells[1], "Sakura")
		assert.Equal(t, "JP", found[0].Cells[2])
		assert.Empty(t, delayed)
	}
	found, _ := told(token("iban", payload.KindIBAN, "IE00NOBODY"), today)
	assert.Empty(t, found)

	later := tell(t, func(r *transfer.Request) { r.DiscloseAfter = "2199-01-01" })
	s = later
	keys, err = s.w.OpenKeys()
	require.NoError(t, err)
	p, err = keys.Pseudonymizer()
	require.NoError(t, err)
	mine := token("iban", payload.KindIBAN, "IE98 EMRD 9900 0012 3456 78")
	found, delayed := told(mine, today)
	assert.Empty(t, found)
	assert.Equal(t, []auditor.Delayed{{Record: s.intent, After: "2199-01-01"}}, delayed)
	found, delayed = told(mine, time.Date(2199, 1, 1, 12, 0, 0, 0, time.UTC))
	assert.Len(t, found, 1)
	assert.Empty(t, delayed)

	record, _, err := s.auditor.Reader.Record(s.intent)
	require.NoError(t, err)
	_, err = audit.EraseDetail(s.w.Path(s.w.Log), record.Transfer)
	require.NoError(t, err)
	found, _ = told(mine, time.Date(2199, 1, 1, 12, 0, 0, 0, time.UTC))
	assert.Empty(t, found)
}

// The words of an agreement stand in the register, and the processor's form is filled by a processor.
func TestArt30HasTheWordsOfTheAgreement(t *testing.T) {
	s := tell(t)
	r, err := s.auditor.Art30(s.w.Party, auditor.Filter{})
	require.NoError(t, err)
	row := section(t, r, "As a controller").Rows[0]
	assert.Contains(t, row.Cells[0], "Exchange of payment fraud cases")
	assert.Contains(t, row.Cells[1], "dpo@emerald-bank.example")
	assert.Contains(t, row.Cells[8], "365 days")
	assert.Contains(t, row.Cells[3], "victim")
}
