package transfer_test

import (
	"context"
	"os"
	"path/filepath"
	"time"

	"github.com/passavant/passavant/crypto/keyring"
	"github.com/passavant/passavant/internal/sample"
	"github.com/passavant/passavant/policy"
	"github.com/passavant/passavant/transfer"
	"github.com/passavant/passavant/transfer/payload"
)

// world is what the examples begin with: an exporter, a recipient, and the invented fraud case that `passavant init`
// writes. The clock stands still, so that the examples print the same for ever.
type world struct {
	dir       string
	sender    *transfer.Sender
	receiver  *transfer.Receiver
	partners  transfer.StaticPartners // of the exporter
	delivered *transfer.Envelope      // the last one
	request   transfer.Request
	report    []byte
}

func (w *world) close() {
	_ = w.sender.Log.Close()
	_ = w.receiver.Log.Close()
	_ = os.RemoveAll(w.dir)
}

// Deliver is the road of the examples: it keeps what it is given.
func (w *world) Deliver(_ context.Context, e *transfer.Envelope) (*transfer.Receipt, error) {
	w.delivered = e
	return nil, nil
}

func newWorld(more ...*payload.Catalogue) *world {
	dir, err := os.MkdirTemp("", "passavant-example")
	must(err)
	w := &world{dir: dir, request: transfer.Request{
		Agreement: "ie-jp-bank-fraud", Recipient: "sakura-bank-jp", Purpose: "prevent_and_investigate_fraud", Type: "fraud-case-report",
	}}
	w.report, err = sample.Report()
	must(err)
	exporter, recipient := w.keys("emerald-bank-ie"), w.keys("sakura-bank-jp")
	w.partners = transfer.NewPartners(recipient.Public())
	w.sender = w.newSender(exporter, more...)
	w.receiver = w.newReceiver(recipient, exporter.Public())
	return w
}

func (w *world) keys(party string) *keyring.Keyring {
	keys, err := keyring.Create(filepath.Join(w.dir, party, "keys"), party)
	must(err)
	return keys
}

func (w *world) newSender(keys *keyring.Keyring, more ...*payload.Catalogue) *transfer.Sender {
	engine, err := policy.Load(context.Background(), sample.Workspace(), sample.Elsewhere())
	must(err)
	catalogue, err := sample.Catalogue()
	must(err)
	log, err := transfer.OpenLog(filepath.Join(w.dir, keys.Party(), "log"), keys)
	must(err)
	sender, err := transfer.NewSender(transfer.SenderConfig{
		Engine: engine, Keys: keys, Log: log, Partners: w.partners,
		Catalogues: append(more, catalogue), Transport: w, Clock: w.now,
	})
	must(err)
	return sender
}

func (w *world) newReceiver(keys *keyring.Keyring, exporter keyring.Public) *transfer.Receiver {
	log, err := transfer.OpenLog(filepath.Join(w.dir, keys.Party(), "log"), keys)
	must(err)
	receiver, err := transfer.NewReceiver(transfer.ReceiverConfig{
		Keys: keys, Log: log, Partners: transfer.NewPartners(exporter), Clock: w.now,
	})
	must(err)
	return receiver
}

func (w *world) now() time.Time { return time.Date(2026, 11, 23, 9, 30, 0, 0, time.UTC) }

func must(err error) {
	if err != nil {
		panic(err)
	}
}
