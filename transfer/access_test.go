package transfer_test

import (
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passavant/passavant/audit"
	"github.com/passavant/passavant/internal/sample"
	"github.com/passavant/passavant/policy"
	"github.com/passavant/passavant/transfer"
	"github.com/passavant/passavant/transfer/transfertest"
)

// naming is the Japanese sample in which analysts may send and auditors read.
func naming(t testing.TB) *policy.Engine {
	t.Helper()
	text, err := fs.ReadFile(sample.Workspace(), "agreements/ie-jp-bank-fraud/agreement.yaml")
	require.NoError(t, err)
	require.Contains(t, string(text), "\nwho_may:\n")
	text = []byte(strings.Replace(string(text), "\nwho_may:\n", "\nwho_may:\n  send: [{role: fraud_analyst}]\n  read_log: [{role: auditor}]\n  approve: [{role: head}]\n", 1))
	e, err := policy.LoadWith(t.Context(), policy.Options{
		FS:               []fs.FS{fstest.MapFS{"agreements/ie-jp-bank-fraud/agreement.yaml": {Data: text}}},
		KnownObligations: transfer.KnownObligations(),
	})
	require.NoError(t, err)
	return e
}

// A sender whose agreement names who may send refuses everybody else, and the refusal is a record.
func TestOnlyWhoIsNamedMaySend(t *testing.T) {
	p := transfertest.New(t, useEngine(naming(t)))
	for name, caller := range map[string]policy.Caller{"nobody": {}, "a clerk": {Roles: []string{"clerk"}}} {
		req := transfertest.Request()
		req.Caller = caller
		denied := requireRefused(t, p, req)
		assert.Equal(t, []string{"caller_not_entitled"}, denied.Decision.Missing, name)
		record := lastRecord(t, p.ExporterLog)
		assert.Equal(t, audit.Refused, record.Type)
		assert.Equal(t, []string{"access.send"}, record.Reasons)
	}
	assert.Empty(t, p.Transport.Envelopes())

	req := transfertest.Request()
	req.Caller = policy.Caller{Roles: []string{"fraud_analyst"}}
	sent, err := p.Sender.Send(t.Context(), req, transfertest.Report(t))
	require.NoError(t, err)
	assert.Contains(t, string(sent.Decision.FactsCanonical), `"caller":{"roles":["fraud_analyst"]}`)
}

// Who asks is no part of what is approved: the approval binds the question and not the person.
func TestACallerIsNotPartOfAnApproval(t *testing.T) {
	p := transfertest.New(t)
	req := transfertest.Request()
	without, err := transfer.ApprovalDigest(question(p, p.Engine))
	require.NoError(t, err)
	req.Caller = policy.Caller{Roles: []string{"clerk"}}
	with, err := transfer.ApprovalDigest(transfer.Facts(p.Engine, transfer.NewPartners(p.RecipientKeys.Public()), p.Catalogue, transfertest.Exporter, req, p.Now))
	require.NoError(t, err)
	assert.Equal(t, without, with)
}

func TestAuthorizeRecords(t *testing.T) {
	e := naming(t)
	p := transfertest.New(t, useEngine(e))
	ask := func(action, role string) (policy.Decision, error) {
		return transfer.Authorize(t.Context(), e, p.ExporterLog, policy.Access{
			At: p.Now, Action: action, Party: transfertest.Exporter, Agreement: "ie-jp-bank-fraud",
			Caller: policy.Caller{Roles: []string{role}},
		}, "Anna Meier", "list")
	}
	d, err := ask(policy.ReadLog, "auditor")
	require.NoError(t, err)
	r := lastRecord(t, p.ExporterLog)
	assert.Equal(t, audit.LogAccess, r.Type)
	assert.Equal(t, []string{"agreement:who_may"}, r.Basis)
	assert.Equal(t, d.FactsDigest, r.FactsDigest)
	assert.Equal(t, map[string]string{"action": "read_log", "reading": "list", "policy": e.Revision(), "decision": d.Digest}, r.Fields)
	assert.Contains(t, r.Commitments, "person")
	assert.Empty(t, r.Cause)

	_, err = ask(policy.ReadLog, "clerk")
	var denied *transfer.AccessDeniedError
	require.ErrorAs(t, err, &denied)
	assert.ErrorContains(t, err, "read log; missing: caller_not_entitled")
	r = lastRecord(t, p.ExporterLog)
	assert.Equal(t, audit.LogAccess, r.Type)
	assert.Equal(t, []string{"access.read_log"}, r.Reasons)
	assert.Equal(t, "policy", r.Cause)

	before := len(readRecords(t, p.ExporterLog))
	_, err = ask(policy.Approve, "head")
	require.NoError(t, err)
	assert.Len(t, readRecords(t, p.ExporterLog), before, "the approval itself is recorded when it is used")
	_, err = ask(policy.Approve, "clerk")
	require.ErrorAs(t, err, &denied)
	r = lastRecord(t, p.ExporterLog)
	assert.Equal(t, audit.Refused, r.Type)
	assert.Equal(t, "approve", r.Fields["action"])
	verify(t, p.ExporterLog)
}

// No record, no reading.
func TestAuthorizeWithoutARecord(t *testing.T) {
	p := transfertest.New(t)
	require.NoError(t, p.ExporterLog.Close())
	_, err := transfer.Authorize(t.Context(), p.Engine, p.ExporterLog, policy.Access{At: p.Now, Action: policy.ReadLog, Party: transfertest.Exporter}, "x", "list")
	require.ErrorIs(t, err, transfer.ErrNotRecorded)
}
