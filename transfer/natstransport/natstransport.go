// Package natstransport carries envelopes over NATS JetStream: several exporters publish into one stream, several workers
// of a recipient share it, and each envelope is handed over once.
//
// It is a module of its own, so that programs which do not use NATS do not depend on it.
//
//	exporter  ──publish, Nats-Msg-Id──▶  stream (file store)  ──pull, explicit ack──▶  worker, one of many
//	exporter  ◀──────────────────────  receipts  ◀────────────────────────────────────────┘
//
// An envelope is acknowledged to the stream only after the recipient's log holds it and its receipt is stored. Whoever dies
// before leaves it to another worker; what was done already is noticed by the claim that its id has in a key-value bucket.
// docs/nats.md describes the subjects, the bucket, and what happens when any process dies.
package natstransport

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/passavant/passavant/transfer"
)

// Config names a stream. The zero value is good.
type Config struct {
	// Name is that of the stream, and the beginning of all subjects and buckets; "passavant" if empty.
	Name string
	// Duplicates is the time for which the stream remembers ids of messages; two minutes if zero. The claims, which decide,
	// are remembered for Remember.
	Duplicates time.Duration
	// Remember is how long claims are kept; it must be longer than envelopes live. Eight days if zero.
	Remember time.Duration
	// MaxBytes bounds the stream, and so is the back-pressure on exporters: a full stream refuses. 1 GiB if zero.
	MaxBytes int64
	// Replicas of stream and bucket, in a cluster; 1 if zero.
	Replicas int
}

func (c Config) withDefaults() Config {
	if c.Name == "" {
		c.Name = "passavant"
	}
	if c.Duplicates == 0 {
		c.Duplicates = 2 * time.Minute
	}
	if c.Remember == 0 {
		c.Remember = transfer.DefaultLifetime + 24*time.Hour
	}
	if c.MaxBytes == 0 {
		c.MaxBytes = 1 << 30
	}
	if c.Replicas == 0 {
		c.Replicas = 1
	}
	return c
}

func (c Config) envelopes(party string) string { return c.Name + ".envelope." + token(party) }
func (c Config) receipts(party string) string  { return c.Name + ".receipt." + token(party) }

// token makes a party id one token of a subject: dots separate tokens.
func token(party string) string { return strings.ReplaceAll(party, ".", "_") }

// Exchange is a stream with its bucket of claims.
type Exchange struct {
	config Config
	conn   *nats.Conn
	js     jetstream.JetStream
	stream jetstream.Stream
	claims jetstream.KeyValue
}

// Open makes the stream and the bucket, or takes them as they are.
func Open(ctx context.Context, conn *nats.Conn, c Config) (*Exchange, error) {
	c = c.withDefaults()
	js, err := jetstream.New(conn)
	if err != nil {
		return nil, fmt.Errorf("NATS: %w", err)
	}
	stream, err := js.CreateOrUpdateStream(ctx, jetstream.StreamConfig{
		Name: c.Name, Subjects: []string{c.Name + ".envelope.*", c.Name + ".receipt.*"}, Storage: jetstream.FileStorage,
		Retention: jetstream.WorkQueuePolicy, Discard: jetstream.DiscardNew, Duplicates: c.Duplicates, MaxBytes: c.MaxBytes, Replicas: c.Replicas,
	})
	if err != nil {
		return nil, fmt.Errorf("NATS: making the stream %q: %w", c.Name, err)
	}
	claims, err := js.CreateOrUpdateKeyValue(ctx, jetstream.KeyValueConfig{
		Bucket: c.Name + "-claims", Storage: jetstream.FileStorage, TTL: c.Remember, History: 1, Replicas: c.Replicas,
	})
	if err != nil {
		return nil, fmt.Errorf("NATS: making the claims of %q: %w", c.Name, err)
	}
	return &Exchange{c, conn, js, stream, claims}, nil
}

// transport publishes envelopes.
type transport struct{ *Exchange }

// Transport publishes envelopes for their recipients. Deliver returns when the stream has the envelope on disk. A
// repetition is stored once.
func (x *Exchange) Transport() transfer.Transport { return transport{x} }

// ErrFull is the condition that the stream takes no more until workers have taken some: the back-pressure of this road.
var ErrFull = errors.New("the stream is full")

// Deliver publishes one envelope. Errors are [transfer.ErrNotDelivered] if the stream has refused it, [ErrFull] included;
// without an answer the transfer is in doubt, and the same envelope can be published again.
func (t transport) Deliver(ctx context.Context, e *transfer.Envelope) (*transfer.Receipt, error) {
	raw, err := e.Bytes()
	if err != nil {
		return nil, fmt.Errorf("NATS: %w: %w", transfer.ErrNotDelivered, err)
	}
	return nil, t.publish(ctx, e.Header, raw)
}

func (x *Exchange) publish(ctx context.Context, h transfer.Header, raw []byte) error {
	if limit := x.conn.MaxPayload(); int64(len(raw)) > limit {
		return fmt.Errorf("NATS: %w: the envelope has %d bytes, the server takes %d", transfer.ErrNotDelivered, len(raw), limit)
	}
	_, err := x.js.PublishMsg(ctx, &nats.Msg{Subject: x.config.envelopes(h.Recipient), Data: raw},
		jetstream.WithMsgID(messageID(h.Exporter, h.Transfer)), jetstream.WithExpectStream(x.config.Name),
		jetstream.WithRetryAttempts(5), jetstream.WithRetryWait(200*time.Millisecond))
	return published(err)
}

func messageID(exporter, transferID string) string { return exporter + "/" + transferID }

// published says what a failed publication means.
func published(err error) error {
	var refused *jetstream.APIError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &refused) && refused.ErrorCode == codeFull:
		return fmt.Errorf("NATS: %w: %w", transfer.ErrNotDelivered, ErrFull)
	case errors.As(err, &refused), errors.Is(err, jetstream.ErrNoStreamResponse), errors.Is(err, nats.ErrMaxPayload):
		return fmt.Errorf("NATS: %w: %w", transfer.ErrNotDelivered, err)
	}
	return fmt.Errorf("NATS: %w", err)
}

// codeFull is JSStreamStoreFailedF: the store refuses, as a stream does that is full and discards new messages.
const codeFull = 10077

// Receipts gives an exporter the receipts for it, one after the other, until the context ends; several processes share
// them. An error of handle puts the receipt back.
func (x *Exchange) Receipts(ctx context.Context, exporter string, handle func(*transfer.Receipt) error) error {
	consumer, err := x.consumer(ctx, "receipts-"+token(exporter), x.config.receipts(exporter), defaultLease, defaultInFlight)
	if err != nil {
		return err
	}
	return pump(ctx, consumer, 1, func(m jetstream.Msg) {
		receipt, err := transfer.ParseReceipt(m.Data())
		if err != nil {
			_ = m.Term()
			return
		}
		if err := handle(receipt); err != nil {
			_ = m.NakWithDelay(retryDelay)
			return
		}
		acknowledge(ctx, m)
	})
}

func (x *Exchange) consumer(ctx context.Context, name, subject string, lease time.Duration, inFlight int) (jetstream.Consumer, error) {
	c, err := x.stream.CreateOrUpdateConsumer(ctx, jetstream.ConsumerConfig{
		Durable: name, FilterSubject: subject, AckPolicy: jetstream.AckExplicitPolicy, AckWait: lease, MaxAckPending: inFlight, MaxDeliver: -1,
	})
	if err != nil {
		return nil, fmt.Errorf("NATS: making the consumer %q: %w", name, err)
	}
	return c, nil
}

// pump fetches messages and gives each to work, so many at a time, until the context ends.
func pump(ctx context.Context, consumer jetstream.Consumer, parallel int, work func(jetstream.Msg)) error {
	messages, err := consumer.Messages(jetstream.PullMaxMessages(parallel))
	if err != nil {
		return fmt.Errorf("NATS: %w", err)
	}
	stop := context.AfterFunc(ctx, messages.Stop)
	defer stop()
	places := make(chan struct{}, parallel)
	defer func() { // wait for what is under way
		for range parallel {
			places <- struct{}{}
		}
	}()
	for {
		m, err := messages.Next()
		if errors.Is(err, jetstream.ErrMsgIteratorClosed) || ctx.Err() != nil {
			return nil
		}
		if errors.Is(err, jetstream.ErrConsumerDeleted) || errors.Is(err, jetstream.ErrConsumerNotFound) {
			return fmt.Errorf("NATS: %w", err)
		}
		if err != nil { // a missed heartbeat, a server that restarts: the iterator goes on
			pause(ctx)
			continue
		}
		places <- struct{}{}
		go func() {
			defer func() { <-places }()
			work(m)
		}()
	}
}

// pause keeps a loop over a broken connection from spinning.
func pause(ctx context.Context) {
	timer := time.NewTimer(100 * time.Millisecond)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	}
}

// answerTime bounds each question to the server: an answer can be lost when it restarts.
const answerTime = 3 * time.Second

// acknowledge tells the stream that a message is done with. If nobody hears it, the message comes again and is noticed.
func acknowledge(ctx context.Context, m jetstream.Msg) {
	ctx, cancel := context.WithTimeout(ctx, answerTime)
	defer cancel()
	_ = m.DoubleAck(ctx)
}

// parse reads an envelope out of a message.
func parse(m jetstream.Msg) (*transfer.Envelope, error) {
	return transfer.ParseEnvelope(bytes.NewReader(m.Data()))
}
