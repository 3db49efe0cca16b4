package transfer_test

import (
	"encoding/json"
	"io/fs"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passavant/passavant/crypto/keyring"
	"github.com/passavant/passavant/internal/sample"
	"github.com/passavant/passavant/policy"
	"github.com/passavant/passavant/policy/agreement"
	"github.com/passavant/passavant/transfer"
	"github.com/passavant/passavant/transfer/transfertest"
)

// signed is the Japanese sample with the signatures of the given parties, loaded by the exporter.
func signed(t *testing.T, p *transfertest.Pair, by ...*keyring.Keyring) *policy.Engine {
	t.Helper()
	const dir = "agreements/ie-jp-bank-fraud/"
	text, err := fs.ReadFile(sample.Workspace(), dir+"agreement.yaml")
	require.NoError(t, err)
	tree := fstest.MapFS{dir + "agreement.yaml": {Data: text}}
	for _, keys := range by {
		s, err := transfer.SignAgreement(p.Engine, "ie-jp-bank-fraud", keys, time.Date(2026, 1, 12, 0, 0, 0, 0, time.UTC))
		require.NoError(t, err)
		raw, err := json.Marshal(s)
		require.NoError(t, err)
		tree[dir+"signatures/"+keys.Party()+".json"] = &fstest.MapFile{Data: raw}
	}
	e, err := policy.LoadWith(t.Context(), policy.Options{
		FS: []fs.FS{tree}, KnownObligations: transfer.KnownObligations(),
		Signers: transfer.NewSigners(p.ExporterKeys.Public(), transfer.NewPartners(p.RecipientKeys.Public())),
	})
	require.NoError(t, err)
	return e
}

func TestOnlySignedAgreementsSend(t *testing.T) {
	p := transfertest.New(t)
	for name, tc := range map[string]struct {
		by     []*keyring.Keyring
		permit bool
	}{
		"nobody":        {nil, false},
		"the exporter":  {[]*keyring.Keyring{p.ExporterKeys}, false},
		"the recipient": {[]*keyring.Keyring{p.RecipientKeys}, false},
		"both":          {[]*keyring.Keyring{p.ExporterKeys, p.RecipientKeys}, true},
	} {
		t.Run(name, func(t *testing.T) {
			q := transfertest.New(t, useEngine(signed(t, p, tc.by...)))
			if !tc.permit {
				assert.Equal(t, []string{"agreement_unsigned"}, requireRefused(t, q, transfertest.Request()).Decision.Missing)
				return
			}
			_, err := q.Sender.Send(t.Context(), transfertest.Request(), transfertest.Report(t))
			require.NoError(t, err)
		})
	}
}

func TestSigners(t *testing.T) {
	p := transfertest.New(t)
	s := transfer.NewSigners(p.ExporterKeys.Public(), transfer.NewPartners(p.RecipientKeys.Public(), p.ExporterKeys.Public()))
	assert.True(t, s.Partner(transfertest.Recipient))
	assert.False(t, s.Partner(transfertest.Exporter), "one is not one's own partner")
	assert.False(t, s.Partner("nobody"))

	signature, err := transfer.SignAgreement(p.Engine, "ie-jp-bank-fraud", p.RecipientKeys, time.Now())
	require.NoError(t, err)
	message, err := signature.Statement.Message()
	require.NoError(t, err)
	require.NoError(t, s.Verify(transfertest.Recipient, signature.Key, message, signature.Signature))
	require.ErrorIs(t, s.Verify(transfertest.Recipient, signature.Key, message[1:], signature.Signature), transfer.ErrSignature)
	require.ErrorIs(t, s.Verify(transfertest.Exporter, signature.Key, message, signature.Signature), policy.ErrUnknownSigner)
	require.ErrorIs(t, s.Verify("nobody", signature.Key, message, signature.Signature), policy.ErrUnknownSigner)

	none := transfer.NewSigners(keyring.Public{Party: transfertest.Exporter}, transfer.NewPartners())
	require.ErrorIs(t, none.Verify(transfertest.Exporter, signature.Key, message, signature.Signature), policy.ErrUnknownSigner)
}

func TestSignAgreementOfOthers(t *testing.T) {
	p := transfertest.New(t)
	_, err := transfer.SignAgreement(p.Engine, "ie-us-bank-scc", p.RecipientKeys, time.Now())
	require.ErrorIs(t, err, agreement.ErrNotParty)
	_, err = transfer.SignAgreement(p.Engine, "nothing", p.RecipientKeys, time.Now())
	require.ErrorContains(t, err, `no agreement "nothing" is loaded`)
}
