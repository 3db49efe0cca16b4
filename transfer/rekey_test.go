package transfer_test

import (
	"context"
	"io/fs"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passavant/passavant/audit"
	"github.com/passavant/passavant/crypto/keyring"
	"github.com/passavant/passavant/internal/sample"
	"github.com/passavant/passavant/policy"
	"github.com/passavant/passavant/transfer"
	"github.com/passavant/passavant/transfer/transfertest"
)

// livePair is a pair whose sides hear of each other's new keys.
type livePair struct {
	*transfertest.Pair
	exporters, recipients *transfer.LivePartners // what the recipient knows of exporters, and the reverse
}

func newLivePair(t *testing.T) *livePair {
	p := &livePair{}
	p.Pair = transfertest.New(t, func(s *transfer.SenderConfig, r *transfer.ReceiverConfig) {
		p.exporters, p.recipients = transfer.NewLivePartners(s.Keys.Public()), transfer.NewLivePartners(r.Keys.Public())
		s.Partners, r.Partners = p.recipients, p.exporters
		s.ReuseEncapsulation = true
		s.Transport = transfer.TransportFunc(func(ctx context.Context, e *transfer.Envelope) (*transfer.Receipt, error) {
			received, err := p.Receiver.Receive(ctx, e)
			if err != nil {
				return nil, err
			}
			return received.Receipt, nil
		})
	})
	return p
}

// rotateExporter gives the partner the new document before the first signature by the new key.
func (p *livePair) rotateExporter(t *testing.T) {
	next, err := p.ExporterKeys.Rotate(keyring.Signing)
	require.NoError(t, err)
	next, err = next.Rotate(keyring.Pseudonymizing)
	require.NoError(t, err)
	require.NoError(t, p.exporters.Update(next.Public()))
	require.NoError(t, p.Sender.UseKeys(t.Context(), next))
	p.ExporterKeys = next
}

// rotateRecipient can open by the new sealing key before the partner seals to it; for its signing key, which signs
// receipts, the order is the exporter's.
func (p *livePair) rotateRecipient(t *testing.T) {
	next, err := p.RecipientKeys.Rotate(keyring.Sealing)
	require.NoError(t, err)
	require.NoError(t, p.Receiver.UseKeys(t.Context(), next))
	require.NoError(t, p.recipients.Update(next.Public()))
	next, err = next.Rotate(keyring.Signing)
	require.NoError(t, err)
	require.NoError(t, p.recipients.Update(next.Public()))
	require.NoError(t, p.Receiver.UseKeys(t.Context(), next))
	p.RecipientKeys = next
}

// Ten thousand transfers while both sides rotate twice: none is lost, none is unreadable, every receipt verifies.
func TestRotationUnderLoad(t *testing.T) {
	transfers, workers := int64(10_000), 16
	if testing.Short() {
		transfers = 400
	}
	p := newLivePair(t)
	report := []byte(`{"caseReference":"EMRD-FR-2026-004417","victim":{"name":"Aoife Ni Bhraonain"}}`)
	var begun, done atomic.Int64
	turn := make(chan struct{}, 4)
	var wg sync.WaitGroup
	for range workers {
		wg.Go(func() {
			for begun.Add(1) <= transfers {
				result, err := p.Sender.Send(t.Context(), transfertest.Request(), report)
				if !assert.NoError(t, err) || !assert.NotNil(t, result.Receipt) {
					return
				}
				if n := done.Add(1); n%(transfers/5) == 0 && n < transfers {
					turn <- struct{}{}
				}
			}
		})
	}
	for i := range 4 {
		<-turn
		if i%2 == 0 {
			p.rotateExporter(t)
		} else {
			p.rotateRecipient(t)
		}
	}
	wg.Wait()
	require.Equal(t, transfers, done.Load())
	assert.Empty(t, p.ExporterLog.InDoubt())
	counts, uses := countTypes(t, p.ExporterLog)
	assert.Equal(t, transfers, counts[audit.Intent])
	assert.Equal(t, transfers, counts[audit.Delivered])
	assert.Equal(t, transfers, counts[audit.Acknowledged])
	received, opened := countTypes(t, p.RecipientLog)
	assert.Equal(t, transfers, received[audit.Received])
	requireAllUsed(t, p.ExporterKeys, keyring.Signing, 3, transfers, uses)
	requireAllUsed(t, p.ExporterKeys, keyring.Pseudonymizing, 3, transfers, uses)
	requireAllUsed(t, p.RecipientKeys, keyring.Sealing, 3, transfers, opened)
	requireAllUsed(t, p.RecipientKeys, keyring.Signing, 3, transfers, opened)
}

func countTypes(t *testing.T, log *audit.Log) (map[audit.Type]int64, map[string]int64) {
	t.Helper()
	reader, err := audit.OpenReader(log.Dir(), log.VerifierKey())
	require.NoError(t, err)
	defer func() { _ = reader.Close() }()
	counts := map[audit.Type]int64{}
	for _, r := range reader.All(0) {
		counts[r.Type]++
	}
	uses := transfer.KeyUses(reader.All(0))
	require.NoError(t, reader.Err())
	return counts, uses
}

// requireAllUsed demands that each key of the purpose was used, and that the log counts every use.
func requireAllUsed(t *testing.T, keys *keyring.Keyring, p keyring.Purpose, want int, transfers int64, uses map[string]int64) {
	t.Helper()
	var total int64
	n := 0
	for _, k := range keys.List() {
		if k.Purpose == p {
			n++
			total += uses[k.ID]
			assert.Positive(t, uses[k.ID], "%s key %s", p, k.ID)
		}
	}
	assert.Equal(t, want, n)
	assert.Equal(t, transfers, total, "%s", p)
}

func TestUseKeysRefusesAnotherPartysKeys(t *testing.T) {
	p := transfertest.New(t)
	require.ErrorIs(t, p.Sender.UseKeys(t.Context(), p.RecipientKeys), transfer.ErrForeignKeys)
	require.ErrorIs(t, p.Receiver.UseKeys(t.Context(), p.ExporterKeys), transfer.ErrForeignKeys)
	stranger, err := keyring.Create(filepath.Join(t.TempDir(), "k"), transfertest.Exporter)
	require.NoError(t, err)
	require.ErrorIs(t, p.Sender.UseKeys(t.Context(), stranger), transfer.ErrForeignKeys, "another log key")
}

func TestLivePartnersTakeOnlySuccessors(t *testing.T) {
	p := transfertest.New(t)
	live := transfer.NewLivePartners(p.RecipientKeys.Public())
	require.ErrorIs(t, live.Update(p.ExporterKeys.Public()), transfer.ErrUnknownPartner)
	stranger, err := keyring.Create(filepath.Join(t.TempDir(), "k"), transfertest.Recipient)
	require.NoError(t, err)
	require.ErrorIs(t, live.Update(stranger.Public()), transfer.ErrNotSuccessor)
	kept, err := live.Partner(transfertest.Recipient)
	require.NoError(t, err)
	assert.Equal(t, p.RecipientKeys.Public().Fingerprint(), kept.Fingerprint())
	next, err := p.RecipientKeys.Rotate(keyring.Sealing)
	require.NoError(t, err)
	require.NoError(t, live.Update(next.Public()))
}

func TestExpiredKeysOfAPartnerAreNotUsed(t *testing.T) {
	p := transfertest.New(t)
	sent, err := p.Sender.Send(t.Context(), transfertest.Request(), transfertest.Report(t))
	require.NoError(t, err)
	p.Now = p.ExporterKeys.Public().Expires
	requireRejected(t, p, sent.Envelope, transfer.RejectKeys)
	p.Now = p.ExporterKeys.Public().Expires.Add(-time.Second)
	requireRejected(t, p, sent.Envelope, transfer.RejectExpired)

	short, err := keyring.Create(filepath.Join(t.TempDir(), "k"), transfertest.Recipient, keyring.WithValidity(time.Second),
		keyring.WithClock(func() time.Time { return transfertest.Start().Add(-time.Hour) }))
	require.NoError(t, err)
	q := transfertest.New(t, func(s *transfer.SenderConfig, _ *transfer.ReceiverConfig) {
		s.Partners = transfer.NewPartners(short.Public())
	})
	_, err = q.Sender.Send(t.Context(), transfertest.Request(), transfertest.Report(t))
	require.ErrorIs(t, err, transfer.ErrPartnerKeys)
	require.ErrorIs(t, err, keyring.ErrExpired)
	assert.Empty(t, q.Transport.Envelopes())
}

// The agreement names the recipient's and the exporter's signing key; a document of keys without it is not used.
func TestKeysPinnedByTheAgreement(t *testing.T) {
	good := transfertest.New(t)
	pins := map[string]string{
		transfertest.Exporter:  good.ExporterKeys.Public().Sign[0].Pin(),
		transfertest.Recipient: good.RecipientKeys.Public().Sign[0].Pin(),
	}
	engine := withPins(t, pins)
	use := func(s *transfer.SenderConfig, r *transfer.ReceiverConfig) { s.Engine, r.Engine = engine, engine }

	stranger := transfertest.New(t, use)
	_, err := stranger.Sender.Send(t.Context(), transfertest.Request(), transfertest.Report(t))
	require.ErrorIs(t, err, transfer.ErrPartnerKeys, "the recipient's keys are not pinned")
	_, err = stranger.Sender.Protect(t.Context(), transfertest.Request(), transfertest.Report(t))
	require.ErrorIs(t, err, transfer.ErrPartnerKeys)

	// The exporter knows the pinned recipient; the recipient is shown an exporter that is not pinned.
	mixed := transfertest.New(t, func(s *transfer.SenderConfig, r *transfer.ReceiverConfig) {
		use(s, r)
		s.Partners = transfer.NewPartners(good.RecipientKeys.Public())
		r.Keys, r.Log = good.RecipientKeys, good.RecipientLog
	})
	sent, err := mixed.Sender.Send(t.Context(), transfertest.Request(), transfertest.Report(t))
	require.NoError(t, err)
	requireRejected(t, mixed, sent.Envelope, transfer.RejectKeys)
	sender, receiver := good.Sender.SenderConfig, good.Receiver.ReceiverConfig
	use(&sender, &receiver)
	s, err := transfer.NewSender(sender)
	require.NoError(t, err)
	r, err := transfer.NewReceiver(receiver)
	require.NoError(t, err)
	sent, err = s.Send(t.Context(), transfertest.Request(), transfertest.Report(t))
	require.NoError(t, err)
	_, err = r.Receive(t.Context(), sent.Envelope)
	require.NoError(t, err)
}

// withPins loads the sample agreement with pinned keys.
func withPins(t *testing.T, pins map[string]string) *policy.Engine {
	t.Helper()
	text := string(readAgreement(t, sample.Workspace(), "ie-jp-bank-fraud"))
	for party, pin := range pins {
		line := "  - id: " + party + "\n"
		require.Contains(t, text, line)
		text = strings.Replace(text, line, line+"    keys: [\""+pin+"\"]\n", 1)
	}
	tree := fstest.MapFS{"agreements/ie-jp-bank-fraud/agreement.yaml": {Data: []byte(text)}}
	engine, err := policy.LoadWith(t.Context(), policy.Options{FS: []fs.FS{tree}, KnownObligations: transfer.KnownObligations()})
	require.NoError(t, err)
	return engine
}
