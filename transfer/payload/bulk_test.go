package payload_test

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/passavant/passavant/transfer/payload"
)

// sharedPseudonyms is hmacPseudonyms for several goroutines.
type sharedPseudonyms struct {
	mu sync.Mutex
	*hmacPseudonyms
}

func (s *sharedPseudonyms) AppendPseudonym(dst []byte, category string, value []byte) []byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.hmacPseudonyms.AppendPseudonym(dst, category, value)
}

func newShared() *sharedPseudonyms { return &sharedPseudonyms{hmacPseudonyms: newPseudonyms()} }

// accounts is a small catalogue that every bulk format can have.
func accounts(format payload.Format) *payload.Catalogue {
	c := catalogueOf(
		field("/name", "name", payload.Direct, payload.KindString),
		field("/iban", "iban", payload.Direct, payload.KindIBAN),
		field("/born", "born", payload.Quasi, payload.KindDate),
		field("/postcode", "postcode", payload.Quasi, payload.KindPostcode),
		field("/amount", "amount", payload.Operational, payload.KindAmount),
		field("/score", "score", payload.Operational, payload.KindNumber),
		field("/flagged", "flagged", payload.Operational, payload.KindBoolean),
		field("/note", "note", payload.FreeText, payload.KindString),
		field("/code", "code", payload.Operational, payload.KindString),
	)
	c.Format = format
	return c
}

func accountTreatments() map[string]payload.Treatment {
	return map[string]payload.Treatment{
		"name": pseudonymize(), "iban": pseudonymize(), "born": generalize("year"), "postcode": generalize("area"),
		"amount": generalize("band", "width", "1000"), "score": generalize("round", "width", "10"), "flagged": keep(), "code": keep(),
	}
}

func bulkPlan(t testing.TB, c *payload.Catalogue, treatments map[string]payload.Treatment) *payload.BulkPlan {
	t.Helper()
	p, err := payload.CompileBulk(c, treatments)
	require.NoError(t, err)
	return p
}

func protectBulk(p *payload.BulkPlan, r io.Reader, o payload.StreamOptions) (string, *payload.Report, error) {
	var out bytes.Buffer
	rep, err := p.ProtectStream(context.Background(), r, newShared(), o, func(c *payload.Chunk) error {
		_, err := out.Write(c.Data)
		return err
	})
	return out.String(), rep, err
}

const accountRecord = `{"name":"Ada Byron","iban":"IE98EMRD99000012345678","born":"1961-02-03","postcode":"D02 X285","amount":"4950.00","score":17,"flagged":true,"note":"call Ada","code":"K1"}`

func TestNDJSONIsOneDocumentALine(t *testing.T) {
	lines := accountRecord + "\n" + `{"code":"K2","unknown":[1,2]}` + "\r\n" + `{}`
	out, rep, err := protectBulk(bulkPlan(t, accounts(payload.FormatNDJSON), accountTreatments()), strings.NewReader(lines), payload.StreamOptions{})
	require.NoError(t, err)
	got := strings.Split(out, "\n")
	require.Len(t, got, 4)
	assert.Contains(t, got[0], `"born":"1961","postcode":"D02","amount":"[4000,5000)","score":20,"flagged":true,"code":"K1"}`)
	assert.Equal(t, []string{`{"code":"K2"}`, `{}`, ``}, got[1:])
	assert.EqualValues(t, 3, rep.Records)
	assert.EqualValues(t, 2, rep.Unlisted)
	assert.EqualValues(t, 1, rep.Dropped)
	assert.EqualValues(t, len(lines), rep.BytesIn)
	assert.EqualValues(t, len(out), rep.BytesOut)
}

func TestCSVKeepsColumnsAndSpelling(t *testing.T) {
	table := "code,name,extra,\"born\",note\r\n" +
		"K1,\"Byron, Ada\",x,1961-02-03,\"two\r\nlines\"\r\n" +
		"\"K\"\"2\",,y,,\r\n" +
		"\"K3\",\"Ada\",\"z\",\"\",n"
	p := bulkPlan(t, accounts(payload.FormatCSV), accountTreatments())
	out, rep, err := protectBulk(p, strings.NewReader(table), payload.StreamOptions{})
	require.NoError(t, err)
	rows := strings.SplitAfter(out, "\r\n")
	require.Len(t, rows, 5)
	assert.Equal(t, "code,name,\"born\"\r\n", rows[0])
	assert.Regexp(t, `^K1,psn_[A-Za-z0-9_-]{22},1961\r\n$`, rows[1])
	assert.Equal(t, "\"K\"\"2\",,\r\n", rows[2])
	assert.Regexp(t, `^"K3",psn_[A-Za-z0-9_-]{22},\r\n$`, rows[3])
	assert.EqualValues(t, 3, rep.Records)
	assert.EqualValues(t, 3, rep.Unlisted)
	assert.EqualValues(t, 3, rep.Dropped)
}

func TestCSVCellsThatAreEqualHaveOnePseudonym(t *testing.T) {
	p := bulkPlan(t, accounts(payload.FormatCSV), map[string]payload.Treatment{"name": pseudonymize(), "score": pseudonymize()})
	out, _, err := protectBulk(p, strings.NewReader("name,score\nAda B,1200\n\"Ada B\",1.2e3\n"), payload.StreamOptions{})
	require.NoError(t, err)
	rows := strings.Split(out, "\n")
	assert.Equal(t, rows[1], rows[2])
	ndjson, _, err := protectBulk(bulkPlan(t, accounts(payload.FormatNDJSON), map[string]payload.Treatment{"name": pseudonymize(), "score": pseudonymize()}),
		strings.NewReader(`{"name":"Ada B","score":1200.00}`), payload.StreamOptions{})
	require.NoError(t, err)
	cells := strings.Split(rows[1], ",")
	assert.Equal(t, fmt.Sprintf(`{"name":"%s","score":"%s"}`+"\n", cells[0], cells[1]), ndjson)
}

func TestCSVOfWhichNothingLeaves(t *testing.T) {
	out, rep, err := protectBulk(bulkPlan(t, accounts(payload.FormatCSV), nil), strings.NewReader("name\nAda\nBo\n"), payload.StreamOptions{})
	require.NoError(t, err)
	assert.Empty(t, out)
	assert.EqualValues(t, 2, rep.Dropped)
	out, _, err = protectBulk(bulkPlan(t, accounts(payload.FormatCSV), accountTreatments()), strings.NewReader("code\n\nK\n"), payload.StreamOptions{})
	require.NoError(t, err)
	assert.Equal(t, "code\n\"\"\nK\n", out, "an empty cell is not an empty line")
}

func TestBulkRefusals(t *testing.T) {
	const secret = "Zebulon"
	csvHead := "code,name,score,other\n"
	for _, tc := range []struct {
		name   string
		format payload.Format
		doc    string
		want   payload.RecordError
		msg    string
	}{
		{"empty line", payload.FormatNDJSON, accountRecord + "\n\n" + accountRecord, payload.RecordError{Line: 2, Record: 2}, "want an object"},
		{"two documents on a line", payload.FormatNDJSON, "{}\n{}{}\n", payload.RecordError{Line: 2, Record: 2}, "bytes after the document"},
		{"byte order mark", payload.FormatNDJSON, "\xef\xbb\xbf{}\n", payload.RecordError{Line: 1, Record: 1}, "byte order mark"},
		{"NUL", payload.FormatNDJSON, "{}\n{\"name\":\"Zebulon\x00\"}\n", payload.RecordError{Line: 2, Record: 2}, "control character"},
		{"duplicate key by escapes", payload.FormatNDJSON, "{}\n{}\n{\"name\":\"a\",\"n\\u0061me\":\"Zebulon\"}", payload.RecordError{Line: 3, Record: 3}, "occurs twice"},
		{"object where a string was planned", payload.FormatNDJSON, `{"name":{"Zebulon":1}}`, payload.RecordError{Line: 1, Record: 1}, "not of kind string"},
		{"invalid UTF-8", payload.FormatNDJSON, "{\"code\":\"\xff\"}", payload.RecordError{Line: 1, Record: 1}, "UTF-8"},
		{"survivor", payload.FormatNDJSON, `{"name":"Zebulon","code":"call Zebulon"}`, payload.RecordError{Line: 1, Record: 1}, "original value"},

		{"no header", payload.FormatCSV, "", payload.RecordError{Line: 1}, "want a header row"},
		{"byte order mark", payload.FormatCSV, "\xef\xbb\xbfcode\n", payload.RecordError{Line: 1}, "byte order mark"},
		{"column twice", payload.FormatCSV, "code,code\n", payload.RecordError{Line: 1, Column: 2}, "another column has"},
		{"column without name", payload.FormatCSV, "code,,name\n", payload.RecordError{Line: 1, Column: 2}, "without a name"},
		{"nothing catalogued", payload.FormatCSV, "a,b\n1,2\n", payload.RecordError{Line: 1}, "names no column"},
		{"bad header", payload.FormatCSV, "code,\"na\"me\n", payload.RecordError{Line: 1, Column: 2}, "between a closing quote"},
		{"too few cells", payload.FormatCSV, csvHead + "a,b,1,d\na,Zebulon\n", payload.RecordError{Line: 3, Record: 2, Column: 3, Name: "score"}, "the row ends after 2 cells, the header has 4"},
		{"too many cells", payload.FormatCSV, csvHead + "a,b,1,d,Zebulon\n", payload.RecordError{Line: 2, Record: 1, Column: 5}, "more cells than the header, which has 4"},
		{"empty line", payload.FormatCSV, csvHead + "\n", payload.RecordError{Line: 2, Record: 1, Column: 2, Name: "name"}, "ends after 1 cells"},
		{"NUL", payload.FormatCSV, csvHead + "a,b\x00,1,d\n", payload.RecordError{Line: 2, Record: 1, Column: 2, Name: "name"}, "control character"},
		{"NUL in quotes", payload.FormatCSV, csvHead + "a,\"b\x00\",1,d\n", payload.RecordError{Line: 2, Record: 1, Column: 2, Name: "name"}, "control character"},
		{"invalid UTF-8", payload.FormatCSV, csvHead + "a,b,1,d\na,b,1,Zebulon\xff\n", payload.RecordError{Line: 3, Record: 2, Column: 4}, "invalid UTF-8"},
		{"quote in a bare cell", payload.FormatCSV, csvHead + "a,Zebu\"lon,1,d\n", payload.RecordError{Line: 2, Record: 1, Column: 2, Name: "name"}, "a quote in a cell"},
		{"text behind quotes", payload.FormatCSV, csvHead + "a,\"Zebu\"lon,1,d\n", payload.RecordError{Line: 2, Record: 1, Column: 2, Name: "name"}, "between a closing quote"},
		{"quotes without end", payload.FormatCSV, csvHead + "a,\"Zebulon,1,d\n", payload.RecordError{Line: 2, Record: 1, Column: 2, Name: "name"}, "without end"},
		{"CRLF under LF", payload.FormatCSV, csvHead + "a,b,1,d\r\n", payload.RecordError{Line: 2, Record: 1, Column: 4}, "does not end as the header line"},
		{"LF under CRLF", payload.FormatCSV, "code,name\r\na,b\n", payload.RecordError{Line: 2, Record: 1, Column: 2, Name: "name"}, "does not end as the header line"},
		{"kind", payload.FormatCSV, csvHead + "a,\"b\nb\",1,d\na,b,Zebulon,d\n", payload.RecordError{Line: 4, Record: 2, Column: 3, Name: "score"}, "not of kind number"},
		{"survivor that the row before had too", payload.FormatCSV, csvHead + "a,Zebulon,1,d\nfor Zebulon,Zebulon,1,d\n", payload.RecordError{Record: 2, Column: 1, Name: "code"}, "original value"},
		{"survivor", payload.FormatCSV, csvHead + "a,b,1,d\nfor Zebulon,Zebulon,1,d\na,b\n", payload.RecordError{Record: 2, Column: 1, Name: "code"}, "original value"},
	} {
		t.Run(string(tc.format)+"/"+tc.name, func(t *testing.T) {
			p := bulkPlan(t, accounts(tc.format), accountTreatments())
			for _, o := range []payload.StreamOptions{{Workers: 1}, {Batch: 1}, {Batch: 16, Workers: 3}} {
				_, rep, err := protectBulk(p, iotest.OneByteReader(strings.NewReader(tc.doc)), o)
				require.Error(t, err)
				assert.Nil(t, rep)
				var got *payload.RecordError
				require.ErrorAs(t, err, &got)
				assert.Contains(t, got.Error(), tc.msg)
				assert.NotContains(t, got.Error(), secret)
				where := *got
				where.Err = nil
				assert.Equal(t, tc.want, where)
			}
			dst := []byte("before")
			out, _, err := p.Protect(dst, []byte(tc.doc), newShared())
			require.Error(t, err)
			assert.Equal(t, "before", string(out))
		})
	}
}

func TestCompileBulkRefuses(t *testing.T) {
	_, err := payload.CompileBulk(accounts(payload.FormatJSON), nil)
	assert.ErrorContains(t, err, "format")
	nested := catalogueOf(field("/a/b", "c", payload.Direct, payload.KindString))
	nested.Format = payload.FormatCSV
	_, err = payload.CompileBulk(nested, nil)
	assert.ErrorContains(t, err, "want a column")
	_, err = payload.CompileBulk(&payload.Catalogue{Type: "t", Version: "1", Format: payload.FormatCSV}, nil)
	assert.ErrorContains(t, err, "at least one field", "a catalogue that names nothing")
	p := bulkPlan(t, accounts(payload.FormatNDJSON), accountTreatments())
	_, err = p.ProtectStream(t.Context(), strings.NewReader(""), nil, payload.StreamOptions{}, nil)
	assert.ErrorIs(t, err, payload.ErrNoPseudonymizer)
}

// TestStreamEndsOnErrors: a reader that fails, a sink that fails, a context that ends.
func TestStreamEndsOnErrors(t *testing.T) {
	p := bulkPlan(t, accounts(payload.FormatNDJSON), accountTreatments())
	broken := errors.New("broken")
	_, _, err := protectBulk(p, io.MultiReader(strings.NewReader(accountRecord+"\n"), iotest.ErrReader(broken)), payload.StreamOptions{})
	assert.ErrorIs(t, err, broken)
	many := strings.NewReader(strings.Repeat(accountRecord+"\n", 1000))
	_, err = p.ProtectStream(t.Context(), many, newShared(), payload.StreamOptions{Batch: 1000}, func(*payload.Chunk) error { return broken })
	assert.ErrorIs(t, err, broken)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = p.ProtectStream(ctx, many, newShared(), payload.StreamOptions{}, func(*payload.Chunk) error { return nil })
	assert.ErrorIs(t, err, context.Canceled)
}

// TestEveryFaultInOnePass: whoever wants to mend a document is told of every bad record, in order, under any batch.
func TestEveryFaultInOnePass(t *testing.T) {
	for format, tc := range map[payload.Format]struct {
		doc  string
		want []string
	}{
		payload.FormatNDJSON: {"{}\n{\n" + accountRecord + "\n{\"score\":\"x\"}\n\n{}\n{\"name\":\"Zebulon\",\"code\":\"Zebulon\"}\n{}", []string{"2/2/0", "4/4/0", "5/5/0", "7/7/0"}},
		payload.FormatCSV:    {"code,name,score\na,Ada Byron,x\nAda Byron,\"b\nb\",1\nc\nd,d,1\ne,e\"e,1\nf,f,f\n", []string{"2/1/3", "5/3/2", "7/5/2", "8/6/3"}},
	} {
		for _, o := range []payload.StreamOptions{{Workers: 1}, {Batch: 1}, {Batch: 24, Workers: 3}} {
			var got []string
			o.Refused = func(e *payload.RecordError) bool {
				got = append(got, fmt.Sprintf("%d/%d/%d", e.Line, e.Record, e.Column))
				return true
			}
			_, rep, err := protectBulk(bulkPlan(t, accounts(format), accountTreatments()), strings.NewReader(tc.doc), o)
			require.NoError(t, err)
			assert.Equal(t, tc.want, got, "%s %+v", format, o.Batch)
			assert.EqualValues(t, map[payload.Format]int{payload.FormatNDJSON: 8, payload.FormatCSV: 6}[format], rep.Records)
			o.Refused = func(*payload.RecordError) bool { return false }
			_, _, err = protectBulk(bulkPlan(t, accounts(format), accountTreatments()), strings.NewReader(tc.doc), o)
			var first *payload.RecordError
			require.ErrorAs(t, err, &first)
			assert.EqualValues(t, 2, first.Line)
		}
	}
}

// TestRaggedRowFarDown: the first bad record is named, whatever the workers found first.
func TestRaggedRowFarDown(t *testing.T) {
	const good = 1_000_000
	rows := io.MultiReader(strings.NewReader("code,name\n"), strings.NewReader(strings.Repeat("K,Ada Byron\n", good-1)),
		strings.NewReader("K\n"), strings.NewReader(strings.Repeat("bad\n", 1000)))
	_, _, err := protectBulk(bulkPlan(t, accounts(payload.FormatCSV), map[string]payload.Treatment{"code": keep()}), rows, payload.StreamOptions{})
	var got *payload.RecordError
	require.ErrorAs(t, err, &got)
	assert.EqualValues(t, good, got.Record)
	assert.EqualValues(t, good+1, got.Line)
	assert.Equal(t, `line 1000001 (record 1000000), column 2 "name": offset 0: the row ends after 1 cells, the header has 2`, got.Error())
}

func TestRecordLimit(t *testing.T) {
	c := accounts(payload.FormatNDJSON)
	c.Limits.Bytes = 200
	p := bulkPlan(t, c, accountTreatments())
	long := `{"code":"` + strings.Repeat("x", 300) + `"}`
	_, _, err := protectBulk(p, strings.NewReader("{}\n"+long), payload.StreamOptions{Batch: 16})
	assert.ErrorContains(t, err, "line 2 (record 2): offset 200: longer than the limit")
	c = accounts(payload.FormatCSV)
	c.Limits.Bytes = 200
	_, _, err = protectBulk(bulkPlan(t, c, accountTreatments()), strings.NewReader("code\n"+strings.Repeat("x", 300)), payload.StreamOptions{Batch: 16})
	assert.ErrorContains(t, err, "longer than the limit")
}

// drawRecord makes a record of which every value is good.
func drawRecord(t *rapid.T) map[string]string {
	text := rapid.StringMatching(`[a-zA-Z0-9 ,"'é\n\t]{0,12}`)
	all := map[string]*rapid.Generator[string]{
		"name": text, "note": text, "code": rapid.StringMatching(`[#!,"\n]{0,3}`), "unknown": text,
		"iban": rapid.Just("IE98 EMRD 9900 0012 3456 78"), "born": rapid.SampledFrom([]string{"", "1961-02-03"}),
		"postcode": rapid.SampledFrom([]string{"", "D02 X285"}), "amount": rapid.SampledFrom([]string{"", "12.50", "-3e4"}),
	}
	record := make(map[string]string)
	for name, values := range all {
		record[name] = values.Draw(t, name)
	}
	return record
}

// TestBulkAgreesWithSingleDocuments: a record in bulk becomes what it would become as a document of its own, in NDJSON,
// and in CSV under whatever quoting, batch and number of workers.
func TestBulkAgreesWithSingleDocuments(t *testing.T) {
	single, err := payload.Compile(accounts(payload.FormatJSON), accountTreatments())
	require.NoError(t, err)
	ndjson, table := bulkPlan(t, accounts(payload.FormatNDJSON), accountTreatments()), bulkPlan(t, accounts(payload.FormatCSV), accountTreatments())
	columns := []string{"unknown", "code", "name", "note", "iban", "born", "postcode", "amount"}
	leaving := []string{"code", "name", "iban", "born", "postcode", "amount"}
	rapid.Check(t, func(t *rapid.T) {
		records := rapid.SliceOfN(rapid.Custom(drawRecord), 0, 8).Draw(t, "records")
		o := payload.StreamOptions{Batch: rapid.IntRange(1, 200).Draw(t, "batch"), Workers: rapid.IntRange(1, 3).Draw(t, "workers")}
		end := rapid.SampledFrom([]string{"\n", "\r\n"}).Draw(t, "end")
		var lines, want, rows bytes.Buffer
		rows.WriteString(strings.Join(columns, ",") + end)
		for _, r := range records {
			doc, err := json.Marshal(r)
			require.NoError(t, err)
			lines.Write(append(doc, '\n'))
			out, _, err := single.Protect(nil, doc, newPseudonyms())
			require.NoError(t, err)
			want.Write(append(out, '\n'))
			for i, c := range columns {
				rows.WriteString(map[bool]string{true: ",", false: ""}[i > 0] + quoted(t, r[c]))
			}
			rows.WriteString(end)
		}
		got, _, err := protectBulk(ndjson, bytes.NewReader(lines.Bytes()), o)
		require.NoError(t, err)
		require.Equal(t, want.String(), got)

		got, rep, err := protectBulk(table, bytes.NewReader(rows.Bytes()), o)
		require.NoError(t, err)
		require.EqualValues(t, len(records), rep.Records)
		cells, err := csv.NewReader(strings.NewReader(got)).ReadAll()
		require.NoError(t, err)
		require.Equal(t, leaving, cells[0])
		for i, line := range strings.SplitAfter(want.String(), "\n")[:len(records)] {
			var doc map[string]string
			require.NoError(t, json.Unmarshal([]byte(line), &doc))
			for j, c := range leaving {
				require.Equal(t, strings.ReplaceAll(doc[c], "\r\n", "\n"), cells[i+1][j], c)
			}
		}
	})
}

// quoted writes a cell, in quotes if it must be, and sometimes if it need not.
func quoted(t *rapid.T, s string) string {
	if strings.ContainsAny(s, ",\"\n\r") || rapid.Bool().Draw(t, "quotes") {
		return `"` + strings.ReplaceAll(s, `"`, `""`) + `"`
	}
	return s
}

// FuzzCSV holds the strict reader against encoding/csv: what is accepted, both read alike; and what leaves is what the
// catalogue names, cell by cell.
func FuzzCSV(f *testing.F) {
	for _, seed := range []string{"a,b\n1,2\n", "a,x,b\r\n\"1\",\"y\"\"\",\"2\r\n3\"\r\n", "b\n\"\"\n\n", "a,b\n1\n", "\"a\",b\n\xff,2", "a,b\n1,\"2\"x\n", "a\r\n1\n", "a,b\n=1,\t\n"} {
		f.Add([]byte(seed), 7)
	}
	c := catalogueOf(field("/a", "c", payload.Operational, payload.KindString), field("/b", "c", payload.Operational, payload.KindString))
	c.Format = payload.FormatCSV
	p := bulkPlan(f, c, map[string]payload.Treatment{"c": keep()})
	f.Fuzz(func(t *testing.T, doc []byte, batch int) {
		out, rep, err := protectBulk(p, bytes.NewReader(doc), payload.StreamOptions{Batch: 1 + batch&0xff, Workers: 2})
		if err != nil {
			var refused *payload.RecordError
			require.ErrorAs(t, err, &refused, "only records are refused")
			return
		}
		in, err := csv.NewReader(bytes.NewReader(doc)).ReadAll()
		require.NoError(t, err, "encoding/csv reads what the strict reader accepts")
		left, err := csv.NewReader(strings.NewReader(out)).ReadAll()
		require.NoError(t, err)
		if len(in[0]) > 1 { // encoding/csv skips the empty lines of a table with one column
			require.Len(t, in, int(rep.Records)+1)
		}
		var columns []int
		for i, name := range in[0] {
			if name == "a" || name == "b" {
				columns = append(columns, i)
			}
		}
		if len(in[0]) == 1 {
			return
		}
		require.Len(t, left, len(in))
		for i, row := range in {
			for j, column := range columns {
				require.Equal(t, row[column], left[i][j])
			}
		}
	})
}

// FuzzNDJSON holds every line of a stream against the plan for single documents.
func FuzzNDJSON(f *testing.F) {
	f.Add([]byte(accountRecord+"\n{}\n"), 9)
	f.Add([]byte("{\"name\":\"a\",\"n\\u0061me\":1}\n"), 1)
	f.Add([]byte("{}\r\n\n{}"), 3)
	single, err := payload.Compile(accounts(payload.FormatJSON), accountTreatments())
	require.NoError(f, err)
	p := bulkPlan(f, accounts(payload.FormatNDJSON), accountTreatments())
	f.Fuzz(func(t *testing.T, doc []byte, batch int) {
		var want bytes.Buffer
		var bad int64
		lines := bytes.Split(bytes.TrimSuffix(doc, []byte("\n")), []byte("\n"))
		if len(doc) == 0 {
			lines = nil
		}
		for i, line := range lines {
			out, _, err := single.Protect(nil, line, newPseudonyms())
			if err != nil {
				bad = int64(i + 1)
				break
			}
			want.Write(append(out, '\n'))
		}
		out, _, err := protectBulk(p, bytes.NewReader(doc), payload.StreamOptions{Batch: 1 + batch&0xff, Workers: 2})
		if bad == 0 {
			require.NoError(t, err)
			require.Equal(t, want.String(), out)
			return
		}
		var refused *payload.RecordError
		require.ErrorAs(t, err, &refused)
		require.Equal(t, bad, refused.Line)
	})
}
