package dirtransport_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/passavant/passavant/transfer"
	"github.com/passavant/passavant/transfer/dirtransport"
)

// An outbox takes an envelope once. A Sender makes the envelopes; this one is empty, to keep the example short.
func ExampleTransport_Deliver() {
	dir, err := os.MkdirTemp("", "outbox")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	outbox, err := dirtransport.New(dir)
	if err != nil {
		fmt.Println(err)
		return
	}
	envelope := &transfer.Envelope{Header: transfer.Header{Transfer: "5ad0c9a1"}}

	_, err = outbox.Deliver(context.Background(), envelope)
	fmt.Println("first:", err)
	files, err := os.ReadDir(dir)
	fmt.Println(files[0].Name(), err)
	_, err = outbox.Deliver(context.Background(), envelope)
	fmt.Println("again, refused:", errors.Is(err, fs.ErrExist))
	// Output:
	// first: <nil>
	// 5ad0c9a1.passavant <nil>
	// again, refused: true
}
