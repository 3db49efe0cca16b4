// Package transfertest helps to test programs that transfer data: two organisations with real keys, real logs and the
// sample agreements in temporary directories, a transport that records, and a document full of canaries.
//
// Nothing in it is a fake of the library: policy, keys, seals and logs are the real ones.
package transfertest

import (
	"context"
	"io/fs"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/passavant/passavant/audit"
	"github.com/passavant/passavant/crypto/keyring"
	"github.com/passavant/passavant/internal/sample"
	"github.com/passavant/passavant/policy"
	"github.com/passavant/passavant/transfer"
	"github.com/passavant/passavant/transfer/payload"
)

// The parties of the sample agreements.
const (
	Exporter  = "emerald-bank-ie"
	Recipient = "sakura-bank-jp"
)

// Pair is an exporter and a recipient that know each other.
type Pair struct {
	Engine        *policy.Engine
	Catalogue     *payload.Catalogue
	ExporterKeys  *keyring.Keyring
	RecipientKeys *keyring.Keyring
	ExporterLog   *audit.Log
	RecipientLog  *audit.Log
	Sender        *transfer.Sender
	Receiver      *transfer.Receiver
	Transport     *Transport
	// Now is the time that both sides see. Set it before the first transfer.
	Now time.Time
}

// Option changes the configurations of a Pair before it is built.
type Option func(*transfer.SenderConfig, *transfer.ReceiverConfig)

// Start is the time that a Pair begins with: within the sample agreements' validity.
func Start() time.Time { return time.Date(2026, 11, 23, 9, 30, 0, 0, time.UTC) }

// New builds a pair whose directories and logs go when the test ends.
func New(t testing.TB, options ...Option) *Pair {
	t.Helper()
	dir := t.TempDir()
	p := &Pair{Transport: &Transport{}, Now: Start()}
	var err error
	p.Engine, err = policy.LoadWith(t.Context(), policy.Options{
		FS: []fs.FS{sample.Workspace(), sample.Elsewhere()}, KnownObligations: transfer.KnownObligations(), Timeout: time.Minute,
	})
	require.NoError(t, err)
	p.Catalogue, err = sample.Catalogue()
	require.NoError(t, err)
	p.ExporterKeys, p.ExporterLog = party(t, dir, Exporter)
	p.RecipientKeys, p.RecipientLog = party(t, dir, Recipient)
	clock := func() time.Time { return p.Now }
	sender := transfer.SenderConfig{
		Engine: p.Engine, Keys: p.ExporterKeys, Log: p.ExporterLog, Catalogues: []*payload.Catalogue{p.Catalogue},
		Partners: transfer.NewPartners(p.RecipientKeys.Public()), Transport: p.Transport, Clock: clock,
	}
	receiver := transfer.ReceiverConfig{
		Keys: p.RecipientKeys, Log: p.RecipientLog, Partners: transfer.NewPartners(p.ExporterKeys.Public()), Engine: p.Engine, Clock: clock,
	}
	for _, option := range options {
		option(&sender, &receiver)
	}
	p.Sender, err = transfer.NewSender(sender)
	require.NoError(t, err)
	p.Receiver, err = transfer.NewReceiver(receiver)
	require.NoError(t, err)
	return p
}

func party(t testing.TB, dir, id string) (*keyring.Keyring, *audit.Log) {
	t.Helper()
	keys, err := keyring.Create(filepath.Join(dir, id, "keys"), id)
	require.NoError(t, err)
	log, err := transfer.OpenLog(filepath.Join(dir, id, "log"), keys)
	require.NoError(t, err)
	t.Cleanup(func() { _ = log.Close() })
	return keys, log
}

// Request is the sample's request: permitted under the adequacy decision for Japan.
func Request() transfer.Request {
	return transfer.Request{
		Agreement: "ie-jp-bank-fraud", Recipient: Recipient, Purpose: "prevent_and_investigate_fraud", Type: "fraud-case-report",
	}
}

// Report is the sample's payload.
func Report(t testing.TB) []byte {
	t.Helper()
	report, err := sample.Report()
	require.NoError(t, err)
	return report
}

// Transport keeps the envelopes that it was given. The zero value is ready; it is safe for concurrent use.
type Transport struct {
	// Fail, if set, is called before an envelope is kept; its error is the delivery's.
	Fail func(*transfer.Envelope) error

	mu        sync.Mutex
	envelopes []*transfer.Envelope
}

// Deliver keeps an envelope.
func (t *Transport) Deliver(ctx context.Context, e *transfer.Envelope) (*transfer.Receipt, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if t.Fail != nil {
		if err := t.Fail(e); err != nil {
			return nil, err
		}
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.envelopes = append(t.envelopes, e)
	return nil, nil
}

// Envelopes returns what was delivered so far.
func (t *Transport) Envelopes() []*transfer.Envelope {
	t.mu.Lock()
	defer t.mu.Unlock()
	return append([]*transfer.Envelope(nil), t.envelopes...)
}
