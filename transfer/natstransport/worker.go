package natstransport

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/passavant/passavant/transfer"
)

// The limits of a worker when [WorkerConfig] leaves them open.
const (
	defaultLease    = 30 * time.Second
	defaultInFlight = 256
	defaultParallel = 4
	retryDelay      = 2 * time.Second
)

// WorkerConfig sets up a worker. Name and Receiver are required.
type WorkerConfig struct {
	// Name tells the workers of one recipient apart; two that run at the same time must not share one. A worker that comes
	// back after a crash should have its old name: its claims are then its own at once.
	Name string
	// Receiver is this worker's, with a log of its own.
	Receiver *transfer.Receiver
	// Lease is how long a worker may be busy with one envelope before another takes it over; 30 seconds if zero. It is
	// prolonged while work goes on.
	Lease time.Duration
	// InFlight bounds what all workers together have taken and not acknowledged; 256 if zero. Parallel is how many envelopes
	// this one opens at a time; 4 if zero.
	InFlight, Parallel int
	// Refused, if given, is told of envelopes that were refused; they are recorded and not tried again.
	Refused func(h transfer.Header, err error)
}

// Work receives envelopes until the context ends, and then returns after those under way. Workers of one recipient share
// the stream: each envelope goes to one of them. Several may run in several processes, and any may die at any time.
func (x *Exchange) Work(ctx context.Context, c WorkerConfig) error {
	if c.Name == "" || c.Receiver == nil {
		return errors.New("NATS: a worker needs Name and Receiver")
	}
	if c.Lease == 0 {
		c.Lease = defaultLease
	}
	if c.InFlight == 0 {
		c.InFlight = defaultInFlight
	}
	if c.Parallel == 0 {
		c.Parallel = defaultParallel
	}
	party := c.Receiver.Keys.Party()
	consumer, err := x.consumer(ctx, "workers-"+token(party), x.config.envelopes(party), c.Lease, c.InFlight)
	if err != nil {
		return err
	}
	w := &worker{x, c}
	// What was fetched is finished even if the context ends meanwhile: that is what an orderly stop is.
	whole := context.WithoutCancel(ctx)
	return pump(ctx, consumer, c.Parallel, func(m jetstream.Msg) { w.handle(whole, m) })
}

type worker struct {
	*Exchange
	WorkerConfig
}

// claim is the value in the bucket under the id of an envelope. Who has claimed it works on it; once it has a receipt or a
// refusal, it is done for ever.
type claim struct {
	Worker  string          `json:"worker"`
	Until   time.Time       `json:"until,omitzero"`
	Receipt json.RawMessage `json:"receipt,omitempty"`
	Refused string          `json:"refused,omitempty"` // a RejectCode
}

func (c claim) done() bool { return c.Receipt != nil || c.Refused != "" }

// handle takes one message as far as it gets. Whatever is not acknowledged comes again.
func (w *worker) handle(ctx context.Context, m jetstream.Msg) {
	e, err := parse(m)
	if err != nil {
		_ = m.Term() // nobody can ever read it
		w.refused(transfer.Header{}, err)
		return
	}
	stop := w.keep(m)
	defer stop()
	if err := w.receive(ctx, e); err != nil {
		_ = m.NakWithDelay(retryDelay)
		return
	}
	acknowledge(ctx, m)
}

// keep prolongs the lease while work goes on.
func (w *worker) keep(m jetstream.Msg) (stop func()) {
	done := make(chan struct{})
	go func() {
		tick := time.NewTicker(w.Lease / 3)
		defer tick.Stop()
		for {
			select {
			case <-done:
				return
			case <-tick.C:
				_ = m.InProgress()
			}
		}
	}()
	return func() { close(done) }
}

// errTaken is the condition that another worker holds the claim; the message comes again later.
var errTaken = errors.New("another worker has it")

// receive claims the envelope, receives it, and settles the claim. It is nil when nothing remains to be done.
func (w *worker) receive(ctx context.Context, e *transfer.Envelope) error {
	key := claimKey(e)
	before, revision, err := w.take(ctx, key)
	if err != nil {
		return err
	}
	if before.done() {
		return w.answer(ctx, e.Header, before)
	}
	after := claim{Worker: w.Name}
	received, err := w.Receiver.Receive(ctx, e)
	var rejected *transfer.RejectedError
	switch {
	case err == nil:
		after.Receipt, err = json.Marshal(received.Receipt)
	case errors.As(err, &rejected) && rejected.Receipt != nil: // our log holds it: we died after the record
		after.Receipt, err = json.Marshal(rejected.Receipt)
	case errors.As(err, &rejected) && rejected.Code == transfer.RejectReplayed:
		return errTaken // just being received by another goroutine of ours
	case errors.As(err, &rejected):
		after.Refused, err = string(rejected.Code), nil
		w.refused(e.Header, rejected)
	}
	if err != nil {
		return err
	}
	if err := w.settle(ctx, key, revision, after); err != nil {
		return err
	}
	return w.answer(ctx, e.Header, after)
}

// claimKey is the digest of the sealed message, so that nobody can block another's envelope by its id.
func claimKey(e *transfer.Envelope) string {
	return e.Header.Transfer + "." + e.Digest()[len("sha256:"):]
}

// take claims a key, or finds what became of it. A claim whose lease has ended goes to whoever is first.
func (w *worker) take(ctx context.Context, key string) (claim, uint64, error) {
	mine, err := json.Marshal(claim{Worker: w.Name, Until: time.Now().Add(w.Lease)})
	if err != nil {
		return claim{}, 0, err
	}
	revision, err := w.claims.Create(ctx, key, mine)
	if err == nil {
		return claim{Worker: w.Name}, revision, nil
	}
	if !errors.Is(err, jetstream.ErrKeyExists) {
		return claim{}, 0, fmt.Errorf("NATS: claiming: %w", err)
	}
	entry, err := w.claims.Get(ctx, key)
	if err != nil {
		return claim{}, 0, fmt.Errorf("NATS: claiming: %w", err)
	}
	var theirs claim
	if err := json.Unmarshal(entry.Value(), &theirs); err != nil {
		return claim{}, 0, fmt.Errorf("NATS: the claim cannot be read: %w", err)
	}
	if theirs.done() {
		return theirs, entry.Revision(), nil
	}
	if theirs.Worker != w.Name && time.Now().Before(theirs.Until) {
		return claim{}, 0, errTaken
	}
	if revision, err = w.claims.Update(ctx, key, mine, entry.Revision()); err != nil {
		return claim{}, 0, errTaken // somebody was faster
	}
	return claim{Worker: w.Name}, revision, nil
}

// settle makes the outcome durable for all workers. If the lease was lost meanwhile, the other's outcome counts.
func (w *worker) settle(ctx context.Context, key string, revision uint64, c claim) error {
	value, err := json.Marshal(c)
	if err != nil {
		return err
	}
	if _, err := w.claims.Update(ctx, key, value, revision); err != nil {
		return fmt.Errorf("NATS: settling: %w", err)
	}
	return nil
}

// answer sends the receipt, once however often it is sent.
func (w *worker) answer(ctx context.Context, h transfer.Header, c claim) error {
	if c.Receipt == nil {
		return nil
	}
	_, err := w.js.Publish(ctx, w.config.receipts(h.Exporter), c.Receipt, jetstream.WithMsgID("receipt/"+messageID(h.Exporter, h.Transfer)))
	if err != nil {
		return fmt.Errorf("NATS: sending the receipt: %w", err)
	}
	return nil
}

func (w *worker) refused(h transfer.Header, err error) {
	if w.Refused != nil {
		w.Refused(h, err)
	}
}
