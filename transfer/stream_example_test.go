package transfer_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/passavant/passavant/transfer"
	"github.com/passavant/passavant/transfer/payload"
)

func exampleTable() *payload.Catalogue {
	name := filepath.Join("..", "testdata", "bulk", "transactions-csv.yaml")
	raw, err := os.ReadFile(name)
	must(err)
	cat, err := payload.ParseCatalogue(name, raw)
	must(err)
	return cat
}

// A table goes out as it is read; the recipient writes it to a temporary place and gives it a name when all is well.
func ExampleSender_SendStream() {
	w := newWorld(exampleTable())
	defer w.close()

	file, err := os.Open(filepath.Join("..", "testdata", "bulk", "transactions.csv"))
	must(err)
	defer func() { _ = file.Close() }()
	req := w.request
	req.Type = "transactions-csv"
	sent, err := w.sender.SendStream(context.Background(), req, file, transfer.StreamOptions{})
	if err != nil {
		fmt.Println(err)
		return
	}
	m := sent.Header.Manifest
	fmt.Println(m.Records, "records,", m.Suppressed, "withheld since fewer than", m.GroupSize, "are alike")

	raw, err := w.delivered.Bytes()
	must(err)
	envelope, err := transfer.OpenEnvelope(bytes.NewReader(raw), int64(len(raw))) // a file, as a rule
	must(err)
	var temporary bytes.Buffer
	received, err := w.receiver.ReceiveStream(context.Background(), envelope, &temporary, func(context.Context, transfer.Header) error {
		fmt.Println("verified to the end: give the file its name")
		return nil
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	header, _, _ := strings.Cut(temporary.String(), "\r\n")
	fmt.Println("record", received.Index, "of the recipient's log:", header)
	// Output:
	// 24 records, 1 withheld since fewer than 5 are alike
	// verified to the end: give the file its name
	// record 0 of the recipient's log: case,booked,holder,iban,born,postcode,amount,currency
}

func ExampleInspect() {
	cat := exampleTable()
	table := strings.NewReader("case,booked,amount\nC-1,yesterday,12\nC-2,2026-11-02T09:00:00Z\nC-3,,12\n")
	treatments := map[string]payload.Treatment{"case_reference": {Technique: payload.Keep}, "timestamp": {Technique: payload.Keep}}
	report, err := transfer.Inspect(context.Background(), cat, treatments, table, transfer.StreamOptions{}, func(e *payload.RecordError) bool {
		fmt.Println(e)
		return true
	})
	must(err)
	fmt.Println(report.Records, "records read")
	// Output:
	// line 2 (record 1), column 2 "booked": /booked: the value is not of kind datetime
	// line 3 (record 2), column 3 "amount": offset 4: the row ends after 2 cells, the header has 3
	// 3 records read
}
