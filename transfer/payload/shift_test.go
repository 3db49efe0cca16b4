package payload_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/passavant/passavant/crypto/pseudonym"
	"github.com/passavant/passavant/transfer/payload"
)

func shiftPlan(t require.TestingT, fields ...payload.Field) *payload.Plan {
	p, err := payload.Compile(catalogueOf(fields...), map[string]payload.Treatment{
		"born": technique("shift_date", "days", "30", "subject", "iban"), "opened": technique("shift_date", "days", "30", "subject", "iban"),
		"iban": pseudonymize(),
	})
	require.NoError(t, err)
	return p
}

func accountsPlan(t require.TestingT) *payload.Plan {
	return shiftPlan(t,
		field("/born", "born", payload.Quasi, payload.KindDate), field("/iban", "iban", payload.Direct, payload.KindString),
		field("/accounts/*/opened", "opened", payload.Quasi, payload.KindDatetime),
		field("/accounts/*/moves/*/day", "opened", payload.Quasi, payload.KindDate),
		field("/accounts/*/iban", "iban", payload.Direct, payload.KindString))
}

func daysBetween(t require.TestingT, a, b string) int {
	first, err := time.Parse(time.DateOnly, a[:10])
	require.NoError(t, err)
	second, err := time.Parse(time.DateOnly, b[:10])
	require.NoError(t, err)
	return int(second.Sub(first).Hours() / 24)
}

type account struct {
	Opened *string
	IBAN   string
	Moves  []struct{ Day *string }
}

type person struct {
	Born     *string
	IBAN     string
	Accounts []account
}

func shifted(t require.TestingT, d *pseudonym.Domain, document string) person {
	out, _, err := accountsPlan(t).Protect(nil, []byte(document), d)
	require.NoError(t, err)
	var p person
	require.NoError(t, json.Unmarshal(out, &p))
	return p
}

// TestDatesOfOnePersonMoveTogether has the subject before and behind its dates, above and beside them.
func TestDatesOfOnePersonMoveTogether(t *testing.T) {
	d := newDomain(t)
	days := func(iban string) int {
		n, ok := d.ShiftDays("iban", "string", 30, []byte(iban))
		require.True(t, ok)
		return n
	}
	p := shifted(t, d, `{"born":"1958-04-23","iban":"A1","accounts":[
		{"opened":"2020-02-29T10:00:00+01:00","moves":[{"day":"2021-01-01"},{"day":"2021-01-31"}],"iban":"B2"},
		{"iban":"C3","moves":[{"day":"2021-01-01"}],"opened":"2020-02-29T10:00:00+01:00"},
		{"iban":"B\u0032","moves":[],"opened":"2020-02-29T10:00:00+01:00"}]}`)
	assert.Equal(t, days("A1"), daysBetween(t, "1958-04-23", *p.Born))
	assert.Equal(t, days("B2"), daysBetween(t, "2020-02-29", *p.Accounts[0].Opened))
	assert.Equal(t, days("B2"), daysBetween(t, "2021-01-01", *p.Accounts[0].Moves[0].Day))
	assert.Equal(t, 30, daysBetween(t, *p.Accounts[0].Moves[0].Day, *p.Accounts[0].Moves[1].Day), "intervals stay")
	assert.Equal(t, days("C3"), daysBetween(t, "2021-01-01", *p.Accounts[1].Moves[0].Day))
	assert.Equal(t, *p.Accounts[0].Opened, *p.Accounts[2].Opened, "one subject, one shift")
	assert.True(t, strings.HasSuffix(*p.Accounts[0].Opened, "T10:00:00+01:00"))
}

func TestDatesWithoutSubjectLeaveAsNull(t *testing.T) {
	d := newDomain(t)
	p := shifted(t, d, `{"born":"1958-04-23","accounts":[{"opened":"2020-02-29T10:00:00Z","iban":""},{"opened":"2020-02-29T10:00:00Z","iban":null},{"opened":"2020-02-29T10:00:00Z","iban":"x"}]}`)
	assert.Nil(t, p.Born)
	assert.Nil(t, p.Accounts[0].Opened)
	assert.Nil(t, p.Accounts[1].Opened)
	assert.NotNil(t, p.Accounts[2].Opened, "the subject of one element is not that of another")
}

func TestDatesOutsideTheCalendar(t *testing.T) {
	plan := shiftPlan(t, field("/born", "born", payload.Quasi, payload.KindDate), field("/iban", "iban", payload.Direct, payload.KindString))
	d := newDomain(t)
	for _, day := range []string{"0000-01-01", "9999-12-31"} {
		nulls := 0
		for i := range 40 {
			out, _, err := plan.Protect(nil, fmt.Appendf(nil, `{"iban":"subject %d","born":"%s"}`, i, day), d)
			require.NoError(t, err)
			if strings.Contains(string(out), `"born":null`) {
				nulls++
			}
		}
		assert.Greater(t, nulls, 5)
		assert.Less(t, nulls, 35)
	}
	_, _, err := plan.Protect(nil, []byte(`{"iban":"x","born":"1958-02-30"}`), d)
	var kind *payload.KindError
	require.ErrorAs(t, err, &kind)
}

func TestSubjectsMustBeOne(t *testing.T) {
	for name, fields := range map[string][]payload.Field{
		"none":                   {field("/d", "born", payload.Quasi, payload.KindDate)},
		"in another array":       {field("/d", "born", payload.Quasi, payload.KindDate), field("/a/*/i", "iban", payload.Direct, payload.KindString)},
		"in a neighbouring path": {field("/a/*/d", "born", payload.Quasi, payload.KindDate), field("/b/*/i", "iban", payload.Direct, payload.KindString)},
		"two": {
			field("/a/d", "born", payload.Quasi, payload.KindDate), field("/a/i", "iban", payload.Direct, payload.KindString),
			field("/a/j", "iban", payload.Direct, payload.KindString),
		},
	} {
		_, err := payload.Compile(catalogueOf(fields...), map[string]payload.Treatment{"born": technique("shift_date", "days", "3", "subject", "iban")})
		var treatment *payload.TreatmentError
		require.ErrorAs(t, err, &treatment, name)
		assert.Contains(t, treatment.Msg, "parameter subject", name)
	}
}

// TestShiftLeavesTheRestAlone holds that reading for subjects first changes neither counts nor results.
func TestShiftLeavesTheRestAlone(t *testing.T) {
	document := []byte(`{"born":"1958-04-23","iban":"A1","other":{"x":[1,2]},"accounts":[{"opened":"2020-02-29T10:00:00Z","iban":"B2","y":1}]}`)
	_, rep, err := accountsPlan(t).Protect(nil, document, newDomain(t))
	require.NoError(t, err)
	assert.EqualValues(t, 3, rep.Unlisted)
	assert.EqualValues(t, 4, rep.Transformed)
	for _, f := range rep.Fields {
		assert.LessOrEqual(t, f.Count, int64(1), f.Path)
	}
}

func TestShiftInTables(t *testing.T) {
	c := catalogueOf(field("/born", "born", payload.Quasi, payload.KindDate), field("/iban", "iban", payload.Direct, payload.KindString))
	c.Format = payload.FormatCSV
	plan, err := payload.CompileBulk(c, map[string]payload.Treatment{"born": technique("shift_date", "days", "30", "subject", "iban"), "iban": pseudonymize()})
	require.NoError(t, err)
	d := newDomain(t)
	out, rep, err := plan.Protect(nil, []byte("born,iban\n2000-01-15,A1\n2000-01-15,\"A1\"\n2000-01-15,\n2000-01-15,B2\n"), d)
	require.NoError(t, err)
	rows := strings.Split(strings.TrimSpace(string(out)), "\n")
	require.Len(t, rows, 5)
	day := func(row int) string { return strings.Split(rows[row], ",")[0] }
	days, _ := d.ShiftDays("iban", "string", 30, []byte("A1"))
	assert.Equal(t, days, daysBetween(t, "2000-01-15", day(1)))
	assert.Equal(t, day(1), day(2), "quotes are not the value")
	assert.Empty(t, day(3))
	assert.NotEmpty(t, day(4))
	assert.EqualValues(t, 4, rep.Records)
}

func TestShiftInRecords(t *testing.T) {
	c := catalogueOf(field("/born", "born", payload.Quasi, payload.KindDate), field("/iban", "iban", payload.Direct, payload.KindString))
	c.Format = payload.FormatNDJSON
	plan, err := payload.CompileBulk(c, map[string]payload.Treatment{"born": technique("shift_date", "days", "30", "subject", "iban"), "iban": pseudonymize()})
	require.NoError(t, err)
	out, rep, err := plan.Protect(nil, []byte(`{"born":"2000-01-15","iban":"A1"}`+"\n"+`{"born":"2000-01-15"}`+"\n"), newDomain(t))
	require.NoError(t, err)
	lines := strings.Split(string(out), "\n")
	assert.NotContains(t, lines[0], "null")
	assert.Equal(t, `{"born":null}`, lines[1], "the subject of one record is not that of the next")
	assert.EqualValues(t, 2, rep.Records)
}

func TestShiftsArePropertyOfTheSubject(t *testing.T) {
	plan, d := accountsPlan(t), newDomain(t)
	rapid.Check(t, func(t *rapid.T) {
		iban := rapid.StringMatching(`[A-Z0-9]{1,8}`).Draw(t, "iban")
		day := rapid.Int64Range(0, 20000).Draw(t, "day")
		text := time.Unix(day*86400, 0).UTC().Format(time.DateOnly)
		out, _, err := plan.Protect(nil, fmt.Appendf(nil, `{"born":"%s","iban":"%s"}`, text, iban), d)
		require.NoError(t, err)
		var p person
		require.NoError(t, json.Unmarshal(out, &p))
		days, ok := d.ShiftDays("iban", "string", 30, []byte(iban))
		require.True(t, ok)
		require.Equal(t, days, daysBetween(t, text, *p.Born))
		require.NotZero(t, days)
		require.LessOrEqual(t, max(days, -days), 30)
	})
}

func FuzzDates(f *testing.F) {
	for _, s := range []string{"2026-11-23", "2026-11-23T14:33:00Z", "2026-11-23T23:59:60+01:00", "0000-01-01", "9999-12-31", "2024-02-29", "2023-02-29", "2026-11-23T14:33:00.123456789-23:59", "", "2026-13-01"} {
		f.Add(s, true)
		f.Add(s, false)
	}
	d := newDomain(f)
	f.Fuzz(func(t *testing.T, value string, withTime bool) {
		kind, layout := payload.KindDate, time.DateOnly
		if withTime {
			kind, layout = payload.KindDatetime, time.RFC3339Nano
		}
		document, err := json.Marshal(map[string]string{"d": value, "i": "subject"})
		require.NoError(t, err)
		c := catalogueOf(field("/d", "born", payload.Quasi, kind), field("/i", "iban", payload.Direct, payload.KindString))
		for _, tr := range []payload.Treatment{
			technique("shift_date", "days", "3650", "subject", "iban"), generalize("quarter"), generalize("decade", "as", "start"),
		} {
			plan, err := payload.Compile(c, map[string]payload.Treatment{"born": tr, "iban": pseudonymize()})
			require.NoError(t, err)
			out, _, err := plan.Protect(nil, document, d)
			if err != nil {
				continue
			}
			if _, wrong := time.Parse(layout, strings.ToUpper(value)); wrong != nil && value != "" && !strings.Contains(value, ":60") {
				t.Errorf("%s took %q: %s", tr, value, out)
			}
		}
	})
}
