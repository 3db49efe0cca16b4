// Command nats lets an exporter send thirty cases through a NATS JetStream server, where three workers of the recipient share
// them, and collects thirty receipts.
//
//	go run .
//
// A server inside of the program stands in for yours. In life each worker is a process of its own, as on three machines.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"

	"github.com/passavant/passavant/crypto/keyring"
	"github.com/passavant/passavant/internal/sample"
	"github.com/passavant/passavant/transfer"
	"github.com/passavant/passavant/transfer/natstransport"
	"github.com/passavant/passavant/transfer/workspace"
)

const cases, workers = 30, 3

func main() {
	if err := run(context.Background(), os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "nats:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, out io.Writer) (err error) {
	dir, err := os.MkdirTemp("", "passavant-nats-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	emerald, err := workspace.Create(ctx, filepath.Join(dir, "w"), sample.Workspace())
	if err != nil {
		return err
	}
	sakura, err := emerald.OpenPractice()
	if err != nil {
		return err
	}
	exchange, stop, err := connect(ctx, filepath.Join(dir, "jetstream"))
	if err != nil {
		return err
	}
	defer stop()
	working, rest := context.WithCancel(ctx)
	done, err := work(working, exchange, sakura, dir)
	if err == nil {
		err = errors.Join(export(ctx, out, exchange, emerald), counted(out, rest, done))
	}
	rest()
	return err
}

// connect starts the server and opens the exchange. With a server of your own only nats.Connect remains.
func connect(ctx context.Context, dir string) (*natstransport.Exchange, func(), error) {
	s, err := server.NewServer(&server.Options{Host: "127.0.0.1", Port: -1, JetStream: true, StoreDir: dir, NoLog: true, NoSigs: true})
	if err != nil {
		return nil, nil, err
	}
	s.Start()
	if !s.ReadyForConnections(10 * time.Second) {
		return nil, nil, errors.New("the server does not start")
	}
	conn, err := nats.Connect(s.ClientURL())
	if err != nil {
		return nil, nil, err
	}
	x, err := natstransport.Open(ctx, conn, natstransport.Config{})
	return x, func() { conn.Close(); s.Shutdown(); s.WaitForShutdown() }, err
}

// finished is what the workers did: how many cases each took.
type finished struct {
	all   sync.WaitGroup
	taken [workers]atomic.Int64
}

// work starts the workers. They have the party's keys, and a log each with a key of its own.
func work(ctx context.Context, x *natstransport.Exchange, w *workspace.Workspace, dir string) (*finished, error) {
	partners, err := w.LoadPartners()
	if err != nil {
		return nil, err
	}
	f := &finished{}
	for i := range workers {
		place := filepath.Join(dir, fmt.Sprintf("worker-%d", i))
		keys, err := workerKeys(w, filepath.Join(place, "keys"))
		if err != nil {
			return nil, err
		}
		log, err := transfer.OpenLog(filepath.Join(place, "log"), keys)
		if err != nil {
			return nil, err
		}
		receiver, err := transfer.NewReceiver(transfer.ReceiverConfig{Keys: keys, Log: log, Partners: partners,
			Accept: func(context.Context, transfer.Header, []byte) error { f.taken[i].Add(1); return nil }}) // into a database, by transfer id
		if err != nil {
			return nil, err
		}
		f.all.Go(func() {
			_ = x.Work(ctx, natstransport.WorkerConfig{Name: filepath.Base(place), Receiver: receiver, Parallel: 2})
			_ = log.Close()
		})
	}
	return f, nil
}

// workerKeys copies the party's keys, but for the log's: one log has one writer.
func workerKeys(w *workspace.Workspace, dir string) (*keyring.Keyring, error) {
	if _, err := keyring.Create(dir, w.Party); err != nil {
		return nil, err
	}
	for _, name := range []string{"seal.json", "sign.json"} {
		raw, err := os.ReadFile(filepath.Join(w.Path(w.Keys), name))
		if err != nil {
			return nil, err
		}
		if err := os.WriteFile(filepath.Join(dir, name), raw, 0o600); err != nil {
			return nil, err
		}
	}
	return keyring.Open(dir)
}

// export sends the cases and waits for the receipts.
func export(ctx context.Context, out io.Writer, x *natstransport.Exchange, w *workspace.Workspace) (err error) {
	sender, log, err := w.Sender(ctx, x.Transport())
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, log.Close()) }()
	document, err := sample.Report()
	if err != nil {
		return err
	}
	for range cases {
		_, err := sender.Send(ctx, transfer.Request{
			Agreement: "ie-jp-bank-fraud", Recipient: "sakura-bank-jp", Purpose: "prevent_and_investigate_fraud", Type: "fraud-case-report",
		}, document)
		if err != nil {
			return err
		}
	}
	_, _ = fmt.Fprintf(out, "%s sent %d cases\n", w.Party, cases)
	waiting, enough := context.WithTimeout(ctx, time.Minute)
	defer enough()
	seen := map[string]bool{}
	err = x.Receipts(waiting, w.Party, func(r *transfer.Receipt) error {
		if err := sender.Acknowledge(r); err != nil {
			return err
		}
		if seen[r.Statement.Transfer] = true; len(seen) == cases {
			enough()
		}
		return nil
	})
	_, _ = fmt.Fprintf(out, "%s has %d receipts, and %d transfers in doubt\n", w.Party, len(seen), len(log.InDoubt()))
	return err
}

func counted(out io.Writer, rest context.CancelFunc, f *finished) error {
	rest()
	f.all.Wait()
	for i := range f.taken {
		_, _ = fmt.Fprintf(out, "worker %d took %d cases\n", i, f.taken[i].Load())
	}
	return nil
}
