package transfer_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passavant/passavant/audit"
	"github.com/passavant/passavant/policy"
	"github.com/passavant/passavant/transfer"
	"github.com/passavant/passavant/transfer/transfertest"
)

// An opening is a decision of its own, on record before anything is shown, whichever way it went.
func TestConsult(t *testing.T) {
	p := transfertest.New(t)
	q := policy.Access{
		At: p.Now, Action: policy.OpenDetail, Party: transfertest.Exporter, Agreement: "ie-jp-bank-fraud",
		Purpose: "lawfulness_check", Caller: policy.Caller{Roles: []string{"auditor"}},
	}
	c := transfer.Consultation{Reader: "o.byrne", Why: "complaint CANARY", Record: 4, Fields: []string{"person/actor", "released/é"}}
	d, err := transfer.Consult(t.Context(), p.Engine, p.ExporterLog, q, c)
	require.NoError(t, err)
	record := lastRecord(t, p.ExporterLog)
	assert.Equal(t, audit.LogAccess, record.Type)
	assert.Equal(t, "open", record.Fields["reading"])
	assert.Equal(t, "4", record.Fields["record"])
	assert.Equal(t, "person/actor,released", record.Fields["fields"])
	assert.Equal(t, d.Digest, record.Fields["decision"])
	assert.Empty(t, record.Cause)

	for name, change := range map[string]func(*policy.Access){
		"another role":    func(q *policy.Access) { q.Caller = policy.Caller{Roles: []string{"clerk"}} },
		"another purpose": func(q *policy.Access) { q.Purpose = "curiosity" },
	} {
		changed := q
		change(&changed)
		_, err := transfer.Consult(t.Context(), p.Engine, p.ExporterLog, changed, c)
		var denied *transfer.AccessDeniedError
		require.ErrorAs(t, err, &denied, name)
		record := lastRecord(t, p.ExporterLog)
		assert.Equal(t, audit.LogAccess, record.Type, name)
		assert.NotEmpty(t, record.Cause, name)
		assert.NotContains(t, err.Error(), "CANARY")
	}

	size := p.ExporterLog.Size()
	for _, c := range []transfer.Consultation{{Reader: "o.byrne"}, {Why: "because"}, {Reader: "o.byrne", Why: " "}} {
		_, err := transfer.Consult(t.Context(), p.Engine, p.ExporterLog, q, c)
		require.ErrorIs(t, err, transfer.ErrUnjustified)
	}
	assert.Equal(t, size, p.ExporterLog.Size())
	_, err = transfer.Consult(t.Context(), p.Engine, nil, q, c)
	require.ErrorIs(t, err, transfer.ErrNotRecorded)
	require.NoError(t, p.ExporterLog.Close())
	_, err = transfer.Consult(t.Context(), p.Engine, p.ExporterLog, q, c)
	require.ErrorIs(t, err, transfer.ErrNotRecorded)
}
