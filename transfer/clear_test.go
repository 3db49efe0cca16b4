package transfer_test

import (
	"context"
	"errors"
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

// unsealed loads the sample agreement with a reason for data to travel unsealed.
func unsealed(t *testing.T) *policy.Engine {
	t.Helper()
	text := string(readAgreement(t, sample.Workspace(), "ie-jp-bank-fraud")) + "\nunsealed: The feed holds pseudonyms only and runs over mutual TLS.\n"
	tree := fstest.MapFS{"agreements/ie-jp-bank-fraud/agreement.yaml": {Data: []byte(text)}}
	engine, err := policy.LoadWith(t.Context(), policy.Options{FS: []fs.FS{tree}, KnownObligations: transfer.KnownObligations()})
	require.NoError(t, err)
	return engine
}

func TestDataTravelSealedUnlessTheAgreementSaysWhy(t *testing.T) {
	p := transfertest.New(t)
	road := func(context.Context, transfer.Cleared) error { t.Error("it left unsealed"); return nil }
	_, err := p.Sender.SendClear(t.Context(), transfertest.Request(), transfertest.Report(t), road)
	require.ErrorIs(t, err, transfer.ErrSealedOnly)
	assert.Equal(t, []audit.Type{audit.PolicyChange, audit.Refused}, types(t, p.ExporterLog))
}

func TestInTheClearButMinimisedAndRecorded(t *testing.T) {
	p := transfertest.New(t, useEngine(unsealed(t)))
	document, canaries := transfertest.Canary(t)
	var left transfer.Cleared
	result, err := p.Sender.SendClear(t.Context(), transfertest.Request(), document, func(_ context.Context, c transfer.Cleared) error {
		assert.Contains(t, types(t, p.ExporterLog), audit.Intent, "recorded before it leaves")
		left = c
		return nil
	})
	require.NoError(t, err)
	assert.Equal(t, left, result.Cleared)
	assert.Contains(t, string(left.Document), "psn_")
	for _, canary := range canaries[4:5] { // a name: pseudonymised; others the agreement lets through
		assert.NotContains(t, string(left.Document), canary)
	}
	require.NoError(t, p.ExporterLog.Flush(t.Context()))
	assert.Equal(t, []audit.Type{audit.PolicyChange, audit.Intent, audit.Delivered}, types(t, p.ExporterLog))
	transfertest.RequireNoCanaryUnder(t, p.ExporterLog.Dir(), canaries[4:5])

	intent, err := audit.ParseRecord(left.Staple.Record)
	require.NoError(t, err)
	assert.Equal(t, "clear", intent.Fields["form"])
	assert.Empty(t, intent.EnvelopeDigest, "no plain hash of what may be personal")
	assert.NotEmpty(t, intent.Commitments["released"])
	key, err := transfer.LogKey(p.ExporterKeys.Public())
	require.NoError(t, err)
	require.NoError(t, audit.VerifyProof(key, left.Staple.Record, left.Staple.Proof))
}

func TestAClearRoadThatFails(t *testing.T) {
	p := transfertest.New(t, useEngine(unsealed(t)))
	for _, certain := range []bool{true, false} {
		fault := errors.New("down")
		if certain {
			fault = transfer.ErrNotDelivered
		}
		_, err := p.Sender.SendClear(t.Context(), transfertest.Request(), transfertest.Report(t), func(context.Context, transfer.Cleared) error { return fault })
		var failed *transfer.DeliveryError
		require.ErrorAs(t, err, &failed)
		assert.Equal(t, !certain, failed.InDoubt)
	}
	denied := transfertest.Request()
	denied.Purpose = "marketing"
	_, err := p.Sender.SendClear(t.Context(), denied, transfertest.Report(t), nil)
	var refused *transfer.DeniedError
	require.ErrorAs(t, err, &refused)
	assert.True(t, strings.HasPrefix(err.Error(), "refused by policy"))
}
