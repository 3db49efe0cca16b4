package webpage_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passavant/passavant/audit"
	"github.com/passavant/passavant/policy"
	"github.com/passavant/passavant/transfer/auditor"
	"github.com/passavant/passavant/transfer/auditor/webpage"
	"github.com/passavant/passavant/transfer/transfertest"
)

// serve shows a log with one transfer in doubt, one refused, and one more.
func serve(t *testing.T, shows func(audit.Record) bool) (http.Handler, string) {
	t.Helper()
	p := transfertest.New(t)
	req := transfertest.Request()
	req.Actor = "CANARY"
	_, err := p.Sender.Send(t.Context(), req, transfertest.Report(t))
	require.NoError(t, err)
	req.Purpose = "marketing"
	_, err = p.Sender.Send(t.Context(), req, transfertest.Report(t))
	require.Error(t, err)
	_, err = p.ExporterLog.Append(t.Context(), audit.Record{Type: audit.Intent, Transfer: "lost"}, nil)
	require.NoError(t, err)
	require.NoError(t, p.ExporterLog.Close())
	dir, vkey := p.ExporterLog.Dir(), p.ExporterLog.VerifierKey()
	return webpage.Handler(webpage.Config{
		Party: transfertest.Exporter, Dir: dir, VKey: vkey, Shows: shows,
		Open: func() (*auditor.Auditor, error) {
			r, err := audit.OpenReader(dir, vkey)
			if err != nil {
				return nil, err
			}
			return &auditor.Auditor{Reader: r, Archives: func(string) (policy.Archive, error) { return p.Engine.Archive(), nil }}, nil
		},
	}), dir
}

func get(h http.Handler, path string, change ...func(*http.Request)) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodGet, path, nil)
	r.Host = "127.0.0.1:8080"
	for _, c := range change {
		c(r)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func TestPageServesRecordsAndSentences(t *testing.T) {
	h, _ := serve(t, nil)
	var summary struct {
		Records int64
		Alarms  []struct{ Kind string }
		Flows   []struct{ Values int64 }
	}
	require.NoError(t, json.Unmarshal(get(h, "/api/summary").Body.Bytes(), &summary))
	assert.EqualValues(t, 5, summary.Records)
	require.Len(t, summary.Alarms, 1)
	assert.Equal(t, "in-doubt", summary.Alarms[0].Kind)
	assert.NotEmpty(t, summary.Flows)

	var list struct {
		Records []struct {
			Index   int64
			Outcome string
		}
	}
	require.NoError(t, json.Unmarshal(get(h, "/api/records?outcome=refused").Body.Bytes(), &list))
	require.Len(t, list.Records, 1)
	var record struct {
		Raw       string
		Sentences []auditor.Part
	}
	answer := get(h, "/api/record/1")
	require.NoError(t, json.Unmarshal(answer.Body.Bytes(), &record))
	assert.NotEmpty(t, record.Sentences)
	_, err := audit.ParseRecord([]byte(record.Raw))
	require.NoError(t, err)
	for _, path := range []string{"/api/summary", "/api/records", "/api/record/1"} {
		assert.NotContains(t, get(h, path).Body.String(), "CANARY")
	}
	assert.Equal(t, 400, get(h, "/api/records?outcome=gone").Code)
	assert.Equal(t, 404, get(h, "/api/record/99").Code)
	assert.Equal(t, 404, get(h, "/api/record/x").Code)
}

// Only what is published leaves the folder, and only to this page.
func TestPageGuards(t *testing.T) {
	h, dir := serve(t, nil)
	published, err := os.ReadFile(filepath.Join(dir, "checkpoint"))
	require.NoError(t, err)
	assert.Equal(t, string(published), get(h, "/log/checkpoint").Body.String())
	for _, path := range []string{
		"/log/details/00000000000000000000.det", "/log/journal/00000000000000000000.wal", "/log/lock", "/log/tile/../lock", "/log/tile/..%2flock", "/log/tile/", "/log/",
	} {
		assert.NotEqual(t, 200, get(h, path).Code, path)
	}
	for name, change := range map[string]func(*http.Request){
		"another name": func(r *http.Request) { r.Host = "evil.example:8080" },
		"another site": func(r *http.Request) { r.Header.Set("Sec-Fetch-Site", "cross-site") },
		"a neighbour":  func(r *http.Request) { r.Header.Set("Sec-Fetch-Site", "same-site") },
		"another verb": func(r *http.Request) { r.Method = http.MethodPost },
	} {
		assert.NotEqual(t, 200, get(h, "/api/summary", change).Code, name)
	}
	page := get(h, "/")
	assert.Equal(t, 200, page.Code)
	assert.Contains(t, page.Header().Get("Content-Security-Policy"), "default-src 'none'")
	for _, name := range []string{"/", "/app.js", "/verify.js", "/style.css"} {
		text := strings.ReplaceAll(get(h, name).Body.String(), "http://www.w3.org/2000/svg", "")
		assert.NotContains(t, text, "://", "nothing from elsewhere: %s", name)
	}
}

// Records that agreements withhold from the reader are neither listed nor shown.
func TestPageWithholds(t *testing.T) {
	h, _ := serve(t, func(r audit.Record) bool { return r.Type != audit.Refused })
	assert.Equal(t, 404, get(h, "/api/record/3").Code)
	assert.Contains(t, get(h, "/api/records").Body.String(), `"withheld":1`)
	assert.NotContains(t, get(h, "/api/records").Body.String(), `"refused"`)
}
