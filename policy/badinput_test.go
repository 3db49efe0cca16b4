package policy_test

import (
	"strconv"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passavant/passavant/policy"
)

// Every kind of bad agreement is refused at load, with the file and the line of the fault.
func TestBadAgreementsAreRefusedWithFileAndLine(t *testing.T) {
	text := string(agreementText(t, "ie-jp-bank-fraud"))
	lineOf := func(part string) int {
		before, _, found := strings.Cut(text, part)
		require.True(t, found, part)
		return strings.Count(before, "\n") + 1
	}
	changed := func(old, new string) fstest.MapFS {
		require.Contains(t, text, old)
		return fstest.MapFS{jpFile: {Data: []byte(strings.Replace(text, old, new, 1))}}
	}
	copied := fstest.MapFS{jpFile: {Data: []byte(text)}, "agreements/copy/agreement.yaml": {Data: []byte(text)}}
	signed := fstest.MapFS{jpFile: {Data: []byte(text)}}
	sign(t, signed, "sakura-bank-jp", nil)
	replaceIn("passes the data on to nobody", "passes the data on to its friends")(signed)
	for name, tc := range map[string]struct {
		tree fstest.MapFS
		file string
		line int
		want string
	}{
		"wrong type":           {changed("retention_days: 365", "retention_days: a year"), jpFile, lineOf("retention_days"), "want integer"},
		"unknown category":     {changed("  iban: {treatment: pseudonymise}", "  eye_colour: {treatment: pseudonymise}"), jpFile, lineOf("  iban:"), "unknown category of data"},
		"31 February":          {changed(`review_date: "2027-02-01"`, `review_date: "2027-02-31"`), jpFile, lineOf("review_date"), "not a day of the calendar"},
		"two with one id":      {copied, "agreements/copy/agreement.yaml", lineOf("id: ie-jp"), "must be the name of the folder"},
		"changed after signed": {signed, jpFile, lineOf("clauses:"), "were changed after sakura-bank-jp signed them"},
		"circular onward":      {changed("onward: {default: prohibited}", "onward: {default: prior_authorisation, under: [ie-jp-bank-fraud]}"), jpFile, lineOf("onward:"), "circular onward rules"},
		"five megabytes":       {fstest.MapFS{jpFile: {Data: []byte(text + strings.Repeat("# nothing at all\n", 5<<20/17))}}, jpFile, 0, "larger than 1024 KiB"},
		"unmapped clause":      {changed("    enforcement: contract-only\n", ""), jpFile, lineOf(`  - id: "12"`), `missing key "enforcement"`},
		"rule that is not":     {changed("[agreement.onward]", "[agreement.outward]"), jpFile, lineOf("rules: [agreement.onward]"), "there is no such rule"},
		"nobody's obligation":  {changed("[delete_after]", "[delete_whenever]"), jpFile, lineOf("obligations: [delete_after]"), "nobody discharges it"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := loadSigned(t, tc.tree, partners, policy.SignaturesDefault)
			require.ErrorContains(t, err, tc.want)
			place := tc.file + ":"
			if tc.line > 0 {
				place += strconv.Itoa(tc.line) + ":"
			}
			assert.Contains(t, err.Error(), place)
			assert.Regexp(t, tc.file+`:[1-9]\d*: `, err.Error())
		})
	}
	_, err := policy.Load(t.Context(), fstest.MapFS{jpFile: {Data: []byte(text)}}, fstest.MapFS{jpFile: {Data: []byte(text)}})
	require.ErrorContains(t, err, jpFile+":"+strconv.Itoa(lineOf("id: ie-jp"))+`: /id: agreement "ie-jp-bank-fraud" appears twice`)
}
