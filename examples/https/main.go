// Command https lets two organisations exchange over HTTPS with mutual TLS, on this machine: an Irish bank sends a fraud
// case, the answer to the first attempt is lost on the way, the second brings the receipt, and the Japanese bank has the
// case once.
//
//	go run ./examples/https
package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"sync/atomic"
	"time"

	"github.com/passavant/passavant/audit"
	"github.com/passavant/passavant/internal/sample"
	"github.com/passavant/passavant/transfer"
	"github.com/passavant/passavant/transfer/httptransport"
	"github.com/passavant/passavant/transfer/workspace"
)

func main() {
	if err := run(context.Background(), os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "https:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, out io.Writer) (err error) {
	dir, err := os.MkdirTemp("", "passavant-https-")
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
	certificates, err := newCertificates("emerald-bank.example", "localhost")
	if err != nil {
		return err
	}
	url, stop, err := listen(ctx, out, sakura, certificates[1], pool(certificates[0]))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, stop()) }()
	return send(ctx, out, emerald, url, certificates[0], pool(certificates[1]))
}

// listen is the recipient's whole program: a Receiver that stores what it gets, behind a handler, behind a server.
func listen(ctx context.Context, out io.Writer, w *workspace.Workspace, own tls.Certificate, exporters *x509.CertPool) (url string, stop func() error, err error) {
	receiver, log, err := w.Receiver(ctx, func(_ context.Context, h transfer.Header, document []byte) error {
		_, err := fmt.Fprintf(out, "%s takes over %d bytes for %s, owing %d duties\n", w.Party, len(document), h.Purpose, len(h.Obligations))
		return err // an error here, such as a database that is down, makes the exporter try again
	})
	if err != nil {
		return "", nil, err
	}
	handler, err := httptransport.NewHandler(httptransport.HandlerConfig{Receiver: receiver})
	if err != nil {
		return "", nil, errors.Join(err, log.Close())
	}
	server := httptransport.NewServer("", loseFirstAnswer(handler), httptransport.ServerTLS(own, exporters))
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", nil, errors.Join(err, log.Close())
	}
	go func() { _ = server.ServeTLS(listener, "", "") }()
	_, port, _ := net.SplitHostPort(listener.Addr().String())
	return "https://localhost:" + port + "/passavant", func() error { return errors.Join(server.Shutdown(ctx), log.Close()) }, nil
}

// loseFirstAnswer is the bad line: the first envelope arrives, its answer does not.
func loseFirstAnswer(h http.Handler) http.Handler {
	var first atomic.Bool
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if first.CompareAndSwap(false, true) {
			h.ServeHTTP(nowhere{http.Header{}}, r)
			panic(http.ErrAbortHandler)
		}
		h.ServeHTTP(w, r)
	})
}

type nowhere struct{ header http.Header }

func (n nowhere) Header() http.Header       { return n.header }
func (nowhere) Write(p []byte) (int, error) { return len(p), nil }
func (nowhere) WriteHeader(int)             {}

// send is the exporter's whole program.
func send(ctx context.Context, out io.Writer, w *workspace.Workspace, url string, own tls.Certificate, recipients *x509.CertPool) (err error) {
	client, err := httptransport.NewClient(url, nil, httptransport.WithCertificate(own), httptransport.WithRoots(recipients),
		httptransport.WithRetry(httptransport.Retry{Attempts: 5, First: 50 * time.Millisecond, Max: time.Second}))
	if err != nil {
		return err
	}
	sender, log, err := w.Sender(ctx, client)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, log.Close()) }()
	document, err := sample.Report()
	if err != nil {
		return err
	}
	result, err := sender.Send(ctx, transfer.Request{
		Agreement: "ie-jp-bank-fraud", Recipient: "sakura-bank-jp", Purpose: "prevent_and_investigate_fraud", Type: "fraud-case-report",
	}, document)
	if err != nil {
		return err
	}
	s := result.Receipt.Statement
	_, _ = fmt.Fprintf(out, "%s has a receipt signed by %s: record %d of its log holds the envelope\n", w.Party, s.Recipient, s.Record)
	return reconcile(out, log)
}

// reconcile shows that the exporter's log is settled: no transfer is in doubt.
func reconcile(out io.Writer, log *audit.Log) error {
	if doubt := log.InDoubt(); len(doubt) > 0 {
		return fmt.Errorf("in doubt: %v", doubt)
	}
	_, err := fmt.Fprintln(out, "no transfer is in doubt")
	return err
}
