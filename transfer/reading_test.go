package transfer_test

import (
	"encoding/hex"
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passavant/passavant/audit"
	"github.com/passavant/passavant/transfer"
	"github.com/passavant/passavant/transfer/transfertest"
)

// Who read the log can be shown to an auditor who has the record, and can be erased.
func TestReadingCanBeOpenedAndErased(t *testing.T) {
	p := transfertest.New(t)
	require.NoError(t, transfer.RecordReading(t.Context(), p.ExporterLog, transfertest.Exporter, "auditor-7", "list"))
	reader, err := audit.OpenReader(p.ExporterLog.Dir(), p.ExporterLog.VerifierKey())
	require.NoError(t, err)
	defer func() { require.NoError(t, reader.Close()) }()
	record, stored, err := reader.Record(reader.Size() - 1)
	require.NoError(t, err)
	assert.Equal(t, audit.LogAccess, record.Type)
	assert.NotContains(t, string(stored), "auditor-7")

	side, err := reader.Detail(record.Transfer)
	require.NoError(t, err)
	var detail struct {
		Person json.RawMessage   `json:"person"`
		Salts  map[string]string `json:"salts"`
	}
	require.NoError(t, json.Unmarshal(side, &detail))
	assert.JSONEq(t, `{"actor":"auditor-7"}`, string(detail.Person))
	var salt [32]byte
	_, err = hex.Decode(salt[:], []byte(detail.Salts["person"]))
	require.NoError(t, err)
	assert.Equal(t, record.Commitments["person"], audit.Commit("person", salt, detail.Person))

	erased, err := audit.EraseDetail(p.ExporterLog.Dir(), record.Transfer)
	require.NoError(t, err)
	assert.Equal(t, 1, erased)
}
