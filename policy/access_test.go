package policy_test

import (
	"io/fs"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passavant/passavant/policy"
)

const whoMay = `who_may:
  send: [{role: fraud_analyst, party: emerald-bank-ie, unit: financial_crime}]
  read_log: [{role: auditor}]
  open_detail: [{role: auditor, purposes: [supervisory_authority]}]
  reidentify: [{role: investigator, attributes: {clearance: secret}}]
`

// silentAgreement is the Japanese sample without what it says of who may.
func silentAgreement(t testing.TB) []byte {
	t.Helper()
	said := regexp.MustCompile("(?m)^who_may:\n(  .*\n)+")
	text := agreementText(t, "ie-jp-bank-fraud")
	require.Regexp(t, said, string(text))
	return said.ReplaceAll(text, nil)
}

func naming(t testing.TB, more string, house string) *policy.Engine {
	t.Helper()
	tree := fstest.MapFS{
		"agreements/ie-jp-bank-fraud/agreement.yaml": {Data: append([]byte(more), silentAgreement(t)...)},
		"agreements/ie-us-bank-scc/agreement.yaml":   {Data: agreementText(t, "ie-us-bank-scc")},
	}
	if house != "" {
		tree["reference/who_may.yaml"] = &fstest.MapFile{Data: []byte(house)}
	}
	e, err := policy.LoadWith(t.Context(), policy.Options{FS: []fs.FS{tree}, Timeout: time.Minute})
	require.NoError(t, err)
	return e
}

func TestOnlyWhoIsNamedMaySend(t *testing.T) {
	e := naming(t, whoMay, "")
	for name, c := range map[string]struct {
		caller policy.Caller
		permit bool
	}{
		"nobody":       {policy.Caller{}, false},
		"another role": {policy.Caller{Roles: []string{"clerk"}, Unit: "financial_crime"}, false},
		"another unit": {policy.Caller{Roles: []string{"fraud_analyst"}, Unit: "sales"}, false},
		"no unit":      {policy.Caller{Roles: []string{"fraud_analyst"}}, false},
		"named":        {policy.Caller{Roles: []string{"clerk", "fraud_analyst"}, Unit: "financial_crime"}, true},
	} {
		t.Run(name, func(t *testing.T) {
			f := fraudFacts(t, e, "ie-jp-bank-fraud", "sakura-bank-jp")
			f.Evidence["caller"] = c.caller.Facts()
			d := e.Decide(t.Context(), f)
			assert.Equal(t, c.permit, d.Permit, "%+v", d.Reasons)
			if !c.permit {
				assert.Equal(t, []string{"access.send"}, ids(d))
				assert.Equal(t, []string{"caller_not_entitled"}, d.Missing)
				assert.True(t, d.Forbidden())
			}
		})
	}
}

// A caller is evidence: a request that claims to be somebody is refused, whoever may send.
func TestNobodyClaimsARole(t *testing.T) {
	e := naming(t, whoMay, "")
	f := fraudFacts(t, e, "ie-jp-bank-fraud", "sakura-bank-jp")
	f.Claims["caller"] = policy.Caller{Roles: []string{"fraud_analyst"}, Unit: "financial_crime"}.Facts()
	assert.Equal(t, []string{policy.CodeFactsInvalid}, e.Decide(t.Context(), f).Missing)
	f = fraudFacts(t, e, "ie-jp-bank-fraud", "sakura-bank-jp")
	f.Claims["who_may"] = []any{}
	assert.Equal(t, []string{policy.CodeFactsInvalid}, e.Decide(t.Context(), f).Missing)
}

func TestAuthorize(t *testing.T) {
	e := naming(t, whoMay, "")
	auditor := policy.Caller{Roles: []string{"auditor"}}
	investigator := policy.Caller{Roles: []string{"investigator"}, Attributes: map[string]string{"clearance": "secret"}}
	reidentify := policy.Access{Action: policy.Reidentify, Caller: investigator, Purpose: "prevent_and_investigate_fraud", CaseReference: "Anna M., 4711", Approvers: 2}
	for name, c := range map[string]struct {
		ask     func(*policy.Access)
		from    policy.Access
		missing []string
	}{
		"read, named":             {from: policy.Access{Action: policy.ReadLog, Caller: auditor}},
		"read, nobody":            {from: policy.Access{Action: policy.ReadLog}, missing: []string{"caller_not_entitled"}},
		"open, named":             {from: policy.Access{Action: policy.OpenDetail, Caller: auditor, Purpose: "supervisory_authority"}},
		"open, another purpose":   {from: policy.Access{Action: policy.OpenDetail, Caller: auditor, Purpose: "self_monitoring"}, missing: []string{"caller_not_entitled"}},
		"open, no purpose":        {from: policy.Access{Action: policy.OpenDetail, Caller: auditor}, missing: []string{"caller_not_entitled", "log_purpose"}},
		"approve, silence":        {from: policy.Access{Action: policy.Approve}},
		"reidentify":              {from: reidentify},
		"reidentify, one key":     {from: reidentify, ask: func(q *policy.Access) { q.Approvers = 1 }, missing: []string{"approval_missing"}},
		"reidentify, no case":     {from: reidentify, ask: func(q *policy.Access) { q.CaseReference = "" }, missing: []string{"case_reference"}},
		"reidentify, no purpose":  {from: reidentify, ask: func(q *policy.Access) { q.Purpose = "" }, missing: []string{"reidentification_purpose"}},
		"reidentify, no clearing": {from: reidentify, ask: func(q *policy.Access) { q.Caller.Attributes = nil }, missing: []string{"caller_not_entitled"}},
		"unknown action":          {from: policy.Access{Action: "delete_everything", Caller: auditor}, missing: []string{policy.CodeFactsInvalid}},
		"sending is no action":    {from: policy.Access{Action: "send", Caller: auditor}, missing: []string{policy.CodeFactsInvalid}},
		"a name for a role":       {from: policy.Access{Action: policy.ReadLog, Caller: policy.Caller{Roles: []string{"Anna Meier"}}}, missing: []string{policy.CodeFactsInvalid}},
		"a name for an attribute": {from: policy.Access{Action: policy.ReadLog, Caller: policy.Caller{Attributes: map[string]string{"Anna Meier": "x"}}}, missing: []string{policy.CodeFactsInvalid}},
		"unknown agreement":       {from: policy.Access{Action: policy.ReadLog, Caller: auditor}, ask: func(q *policy.Access) { q.Agreement = "none" }, missing: []string{policy.CodeUnknownAgreement}},
		"no party":                {from: policy.Access{Action: policy.ReadLog, Caller: auditor}, ask: func(q *policy.Access) { q.Party = "liberty-bank-us" }, missing: []string{policy.CodeUnknownParty}},
		"an authority approves":   {from: policy.Access{Action: policy.Approve}, ask: func(q *policy.Access) { q.Party = "garda-ie" }},
		"whole log, named":        {from: policy.Access{Action: policy.ReadLog, Caller: auditor}, ask: func(q *policy.Access) { q.Agreement = "" }},
		"whole log, nobody":       {from: policy.Access{Action: policy.ReadLog}, ask: func(q *policy.Access) { q.Agreement = "" }, missing: []string{"caller_not_entitled"}},
	} {
		t.Run(name, func(t *testing.T) {
			q := c.from
			q.At, q.Agreement, q.Party = time.Date(2026, 11, 23, 14, 33, 21, 0, time.UTC), "ie-jp-bank-fraud", "emerald-bank-ie"
			if c.ask != nil {
				c.ask(&q)
			}
			d := e.Authorize(t.Context(), q)
			assert.Equal(t, c.missing == nil, d.Permit, "%+v", d.Reasons)
			assert.Equal(t, c.missing, d.Missing)
			assert.Equal(t, e.Revision(), d.Revision)
			if d.FactsCanonical != nil {
				again := e.Replay(t.Context(), d.FactsCanonical, d.AgreementDigest)
				assert.Equal(t, d.Permit, again.Permit, "an auditor decides it again")
				assert.Equal(t, d.Missing, again.Missing)
			}
			assert.Empty(t, d.Obligations)
			assert.Empty(t, d.Treatments)
			assert.NotContains(t, string(d.FactsCanonical), "Anna M")
			for _, r := range d.Reasons {
				assert.NotContains(t, r.Message, "Anna")
			}
		})
	}
}

// What undoes the protection is never open by silence.
func TestSilenceOpensNoDetail(t *testing.T) {
	e := naming(t, "", "")
	for action, permit := range map[string]bool{policy.ReadLog: true, policy.Approve: true, policy.OpenDetail: false, policy.Reidentify: false} {
		d := e.Authorize(t.Context(), policy.Access{
			Action: action, Agreement: "ie-jp-bank-fraud", Party: "emerald-bank-ie", Purpose: "data_subject_request",
			CaseReference: "1", Approvers: 2, Caller: policy.Caller{Roles: []string{"auditor"}},
		})
		assert.Equal(t, permit, d.Permit, action)
	}
}

func TestHouseRules(t *testing.T) {
	house := `
open_unless_stated: [read_log, approve]
log_purposes: [self_monitoring]
log_purposes_beyond_authorities: []
house:
  read_log: [{role: auditor, unit: group}]
`
	e := naming(t, whoMay, house)
	ask := func(agreement string, c policy.Caller) bool {
		return e.Authorize(t.Context(), policy.Access{Action: policy.ReadLog, Agreement: agreement, Party: "emerald-bank-ie", Caller: c}).Permit
	}
	assert.False(t, ask("ie-jp-bank-fraud", policy.Caller{Roles: []string{"auditor"}}), "the house asks for the unit")
	assert.True(t, ask("ie-jp-bank-fraud", policy.Caller{Roles: []string{"auditor"}, Unit: "group"}))
	assert.True(t, ask("ie-us-bank-scc", policy.Caller{Roles: []string{"auditor"}, Unit: "group"}), "where the agreement is silent")
	assert.False(t, e.Decide(t.Context(), fraudFacts(t, e, "ie-us-bank-scc", "liberty-bank-us")).Permit, "send is no longer open")
	assert.NotEqual(t, naming(t, whoMay, "").Revision(), e.Revision())
}

func TestWhoMayIsCheckedAtLoad(t *testing.T) {
	for problem, text := range map[string]string{
		"agreement.yaml:2: /who_may/send/0/party: not a party to the agreement": "who_may:\n  send: [{role: x, party: nobody}]\n",
		"agreement.yaml:2: /who_may/send/0: missing key \"role\"":               "who_may:\n  send: [{unit: x}]\n",
		"agreement.yaml:1: /who_may: unknown key \"delete\"":                    "who_may: {delete: []}\n",
		"agreement.yaml:1: /who_may/send/0/role: ":                              "who_may: {send: [{role: Anna Meier}]}\n",
	} {
		_, err := policy.Load(t.Context(), fstest.MapFS{
			"agreements/ie-jp-bank-fraud/agreement.yaml": {Data: append([]byte(text), silentAgreement(t)...)}})
		require.Error(t, err)
		assert.Contains(t, strings.ReplaceAll(err.Error(), "agreements/ie-jp-bank-fraud/", ""), problem)
	}
}
