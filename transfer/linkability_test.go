package transfer_test

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passavant/passavant/crypto/keyring"
	"github.com/passavant/passavant/internal/sample"
	"github.com/passavant/passavant/policy"
	"github.com/passavant/passavant/transfer"
	"github.com/passavant/passavant/transfer/payload"
	"github.com/passavant/passavant/transfer/transfertest"
)

// people is how many persons are in both sets that somebody tries to join.
const people = 24

// linkedAgreement is the sample agreement with a second recipient, a second purpose, and every keyed technique.
func linkedAgreement(t testing.TB, edits ...string) []byte {
	t.Helper()
	raw, err := fs.ReadFile(sample.Workspace(), "agreements/ie-jp-bank-fraud/agreement.yaml")
	require.NoError(t, err)
	text := string(raw)
	edits = append([]string{
		"parties:\n", "parties:\n  - {id: kyoto-bank-jp, name: Kyoto Bank K.K., country: JP, type: bank, role: controller, subject_to: [APPI]}\n",
		"purposes:\n", "purposes:\n  - {code: trace_the_money, description: Trace the money., compatible_with: [fraud_monitoring]}\n",
		"compatible_with: [fraud_monitoring]", "compatible_with: [fraud_monitoring]",
		"name: {treatment: pseudonymise}", "name: {treatment: tokenise}",
		"email: {treatment: pseudonymise}", "email: {treatment: split_email}",
		"iban: {treatment: pseudonymise}", "iban: {treatment: preserve_format}",
		"phone: {treatment: pseudonymise}", "phone: {treatment: preserve_format}",
		`ip_address: {treatment: generalise, params: {to: prefix, keep: "24"}}`, "ip_address: {treatment: preserve_prefix}",
		"date_of_birth: {treatment: generalise, params: {to: year}}", `date_of_birth: {treatment: shift_date, params: {days: "3650", subject: name}}`,
	}, edits...)
	for i := 0; i < len(edits); i += 2 {
		require.Contains(t, text, edits[i])
		text = strings.Replace(text, edits[i], edits[i+1], 1)
	}
	return []byte(text)
}

// minimiser protects documents as an exporter with one set of keys does.
type minimiser struct{ *transfer.Sender }

func newMinimiser(t testing.TB, keys *keyring.Keyring, agreements map[string][]byte) minimiser {
	t.Helper()
	tree := fstest.MapFS{}
	for id, text := range agreements {
		tree["agreements/"+id+"/agreement.yaml"] = &fstest.MapFile{Data: text}
	}
	engine, err := policy.LoadWith(t.Context(), policy.Options{FS: []fs.FS{tree}, KnownObligations: transfer.KnownObligations(), Timeout: time.Minute})
	require.NoError(t, err)
	log, err := transfer.OpenLog(filepath.Join(t.TempDir(), "log"), keys)
	require.NoError(t, err)
	t.Cleanup(func() { _ = log.Close() })
	partners := transfer.StaticPartners{}
	for _, id := range []string{"sakura-bank-jp", "kyoto-bank-jp"} {
		partner, err := keyring.Create(filepath.Join(t.TempDir(), id), id)
		require.NoError(t, err)
		partners[id] = partner.Public()
	}
	cat, err := sample.Catalogue()
	require.NoError(t, err)
	s, err := transfer.NewSender(transfer.SenderConfig{
		Engine: engine, Keys: keys, Log: log, Catalogues: []*payload.Catalogue{cat}, Partners: partners,
		Transport: &transfertest.Transport{}, Clock: transfertest.Start,
	})
	require.NoError(t, err)
	return minimiser{s}
}

// protect returns what a recipient has of every person: the values by place.
func (m minimiser) protect(t testing.TB, req transfer.Request) []map[string]string {
	t.Helper()
	var all []map[string]string
	for i := range people {
		p, err := m.Protect(t.Context(), req, reportOf(t, i))
		require.NoError(t, err)
		var document map[string]any
		require.NoError(t, json.Unmarshal(p.Document, &document))
		left := map[string]string{}
		placesOf(left, "", document)
		all = append(all, left)
	}
	return all
}

func placesOf(into map[string]string, at string, v any) {
	switch v := v.(type) {
	case map[string]any:
		for name, member := range v {
			placesOf(into, at+"/"+name, member)
		}
	case []any:
		for i, element := range v {
			placesOf(into, fmt.Sprintf("%s/%d", at, i), element)
		}
	case string:
		into[at] = v
	}
}

// reportOf is the case of person i; nothing in it is another person's.
func reportOf(t testing.TB, i int) []byte {
	t.Helper()
	born := time.Date(1940+i, time.Month(1+i%12), 1+i, 0, 0, 0, 0, time.UTC).Format(time.DateOnly)
	document := map[string]any{
		"victim": map[string]any{
			"name": fmt.Sprintf("Person Number %d", i), "date_of_birth": born, "email": fmt.Sprintf("person%d@mail%d.example.org", i, i),
			"phone": fmt.Sprintf("+35387%07d", 1234567+i), "pps_number": fmt.Sprintf("%07dT", 7654321+i), "iban": irishIBAN(i),
		},
		"transactions": []any{map[string]any{"id": fmt.Sprintf("TX-%d-%d", i, i*i), "from": irishIBAN(i)}},
		"devices":      []any{map[string]any{"id": fmt.Sprintf("device-%d-of-%d", i, i), "ip": fmt.Sprintf("198.51.%d.%d", 100+i, 1+i)}},
	}
	raw, err := json.Marshal(document)
	require.NoError(t, err)
	return raw
}

// irishIBAN computes check digits by trying them.
func irishIBAN(i int) string {
	for check := range 98 {
		iban := fmt.Sprintf("IE%02dEMRD990000%08d", check, 10_000_000+i*7919)
		rest := 0
		for _, c := range []byte(iban[4:] + iban[:4]) {
			if c >= 'A' {
				rest = (rest*100 + int(c-'A') + 10) % 97
			} else {
				rest = (rest*10 + int(c-'0')) % 97
			}
		}
		if rest == 1 {
			return iban
		}
	}
	panic("no check digits")
}

// joined counts by place how many persons have the same value in both sets, and how many of them with anybody.
func joined(a, b []map[string]string) (same, anybody map[string]int) {
	same, anybody = map[string]int{}, map[string]int{}
	for i := range a {
		for place, value := range a[i] {
			if b[i][place] == value {
				same[place]++
			}
			for j := range b {
				if b[j][place] == value {
					anybody[place]++
				}
			}
		}
	}
	return same, anybody
}

// joinable are the places at which a person's value may only be found again inside one domain.
func joinable() []string {
	return []string{
		"/victim/name", "/victim/email", "/victim/iban", "/victim/phone", "/victim/pps_number", "/victim/date_of_birth",
		"/transactions/0/id", "/transactions/0/from", "/devices/0/id", "/devices/0/ip",
	}
}

// TestInvariant09_NobodyJoinsTwoDomains has two recipients' worth of data for each way in which domains differ, joins them by
// every field and finds nobody; inside one domain, it finds everybody.
func TestInvariant09_NobodyJoinsTwoDomains(t *testing.T) {
	keys, err := keyring.Create(filepath.Join(t.TempDir(), "keys"), transfertest.Exporter)
	require.NoError(t, err)
	person := []string{"scope: transaction", "scope: person"}
	relation := []string{"scope: transaction", "scope: relationship"}
	here := newMinimiser(t, keys, map[string][]byte{
		"ie-jp-bank-fraud": linkedAgreement(t, person...),
		"second":           linkedAgreement(t, append(person, "id: ie-jp-bank-fraud", "id: second")...),
	})
	base := transfertest.Request()
	first := here.protect(t, base)
	for _, place := range joinable() {
		require.NotEmpty(t, first[0][place], place)
	}

	within, _ := joined(first, here.protect(t, base))
	for _, place := range joinable() {
		assert.Equal(t, people, within[place], "inside one domain of scope person everybody is found again by %s", place)
	}

	other := func(change func(*transfer.Request)) []map[string]string {
		req := base
		change(&req)
		return here.protect(t, req)
	}
	epoch := func(year string) []map[string]string {
		edits := append(relation, `epoch: "2026"`, `epoch: "`+year+`"`)
		return newMinimiser(t, keys, map[string][]byte{"ie-jp-bank-fraud": linkedAgreement(t, edits...)}).protect(t, base)
	}
	transaction := newMinimiser(t, keys, map[string][]byte{"ie-jp-bank-fraud": linkedAgreement(t)})
	for name, pair := range map[string][2][]map[string]string{
		"agreements":   {first, other(func(r *transfer.Request) { r.Agreement = "second" })},
		"recipients":   {first, other(func(r *transfer.Request) { r.Recipient = "kyoto-bank-jp" })},
		"purposes":     {first, other(func(r *transfer.Request) { r.Purpose = "trace_the_money" })},
		"epochs":       {epoch("2026"), epoch("2027")},
		"scopes":       {first, epoch("2026")},
		"transactions": {transaction.protect(t, base), transaction.protect(t, base)},
	} {
		t.Run("two "+name, func(t *testing.T) { nobodyIsFound(t, pair[0], pair[1]) })
	}
	again, _ := joined(epoch("2026"), epoch("2026"))
	assert.Equal(t, people, again["/victim/iban"], "inside one epoch of scope relationship")
}

func nobodyIsFound(t *testing.T, a, b []map[string]string) {
	same, anybody := joined(a, b)
	for _, place := range joinable() {
		if place == "/victim/date_of_birth" { // there are few days: some fall together by chance
			assert.LessOrEqual(t, same[place], 2, place)
			continue
		}
		assert.Zero(t, same[place], place)
		assert.Zero(t, anybody[place], "%s joins somebody with somebody", place)
	}
}

// TestEpochFollowsTheCalendar: an agreement that says quarterly needs no new version at the turn of a quarter.
func TestEpochFollowsTheCalendar(t *testing.T) {
	keys, err := keyring.Create(filepath.Join(t.TempDir(), "keys"), transfertest.Exporter)
	require.NoError(t, err)
	text := linkedAgreement(t, "scope: transaction", "scope: relationship", `epoch: "2026"`, "epoch: quarterly")
	m := newMinimiser(t, keys, map[string][]byte{"ie-jp-bank-fraud": text})
	now := transfertest.Start()
	m.Clock = func() time.Time { return now }
	first, err := m.Protect(t.Context(), transfertest.Request(), reportOf(t, 1))
	require.NoError(t, err)
	assert.True(t, strings.HasSuffix(first.Manifest.KeyID, "/2026-Q4"), first.Manifest.KeyID)
	now = now.AddDate(0, 2, 0)
	next, err := m.Protect(t.Context(), transfertest.Request(), reportOf(t, 1))
	require.NoError(t, err)
	assert.True(t, strings.HasSuffix(next.Manifest.KeyID, "/2027-Q1"), next.Manifest.KeyID)
	assert.NotEqual(t, string(first.Document), string(next.Document))
}
