package httptransport_test

import (
	"context"
	"errors"
	"fmt"
	"net/http/httptest"
	"os"
	"path/filepath"

	"github.com/passavant/passavant/crypto/keyring"
	"github.com/passavant/passavant/transfer"
	"github.com/passavant/passavant/transfer/httptransport"
)

// A recipient needs keys, a log and somebody who takes the data over.
func openRecipient(dir string) (*transfer.Receiver, error) {
	keys, err := keyring.Create(filepath.Join(dir, "keys"), "sakura-bank-jp")
	if err != nil {
		return nil, err
	}
	log, err := transfer.OpenLog(filepath.Join(dir, "log"), keys)
	if err != nil {
		return nil, err
	}
	return transfer.NewReceiver(transfer.ReceiverConfig{
		Keys: keys, Log: log, Partners: transfer.NewPartners(),
		Accept: func(_ context.Context, h transfer.Header, document []byte) error {
			fmt.Printf("transfer %s: %d bytes\n", h.Transfer, len(document))
			return nil
		},
	})
}

// The recipient's handler goes into any server; the exporter's client is the Transport of a Sender. What is posted here
// was sealed by nobody, so it is refused.
func ExampleNewHandler() {
	dir, err := os.MkdirTemp("", "recipient")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	receiver, err := openRecipient(dir)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer receiver.Log.Close()
	handler, err := httptransport.NewHandler(httptransport.HandlerConfig{Receiver: receiver})
	if err != nil {
		fmt.Println(err)
		return
	}
	server := httptest.NewTLSServer(handler)
	defer server.Close()

	client, err := httptransport.NewClient(server.URL, server.Client())
	if err != nil {
		fmt.Println(err)
		return
	}
	_, err = client.Deliver(context.Background(), &transfer.Envelope{Sealed: []byte("not sealed by anybody")})
	var problem *httptransport.ProblemError
	if errors.As(err, &problem) {
		fmt.Println(problem.Status, problem.Code)
	}
	// Output: 400 malformed
}

// Envelopes are sealed, but their headers are not: plain HTTP is for tests on one machine.
func ExampleNewClient() {
	_, err := httptransport.NewClient("http://partner.example/inbox", nil)
	fmt.Println(errors.Is(err, httptransport.ErrInsecure))
	_, err = httptransport.NewClient("https://partner.example/inbox", nil)
	fmt.Println(err)
	// Output:
	// true
	// <nil>
}

func ExampleClient_Deliver() {
	client, err := httptransport.NewClient("https://partner.example/inbox", nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	given, cancel := context.WithCancel(context.Background())
	cancel()
	_, err = client.Deliver(given, &transfer.Envelope{})
	fmt.Println(err)
	fmt.Println(errors.Is(err, context.Canceled))
	// Output:
	// HTTPS transport: given up before the answer came
	// true
}
