package payload_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/passavant/passavant/transfer/payload"
)

func bulkExample() *payload.BulkPlan {
	plan, err := payload.CompileBulk(&payload.Catalogue{
		Type: "payments", Version: "1", Format: payload.FormatCSV,
		Fields: []payload.Field{
			{Path: "/case", Category: "case_reference", Role: payload.Operational, Kind: payload.KindString},
			{Path: "/born", Category: "date_of_birth", Role: payload.Quasi, Kind: payload.KindDate},
			{Path: "/amount", Category: "amount", Role: payload.Operational, Kind: payload.KindNumber},
		},
	}, map[string]payload.Treatment{
		"case_reference": {Technique: payload.Keep},
		"date_of_birth":  {Technique: payload.Generalize, Params: map[string]string{"to": "year"}},
		"amount":         {Technique: payload.Generalize, Params: map[string]string{"to": "band", "width": "1000"}},
	})
	if err != nil {
		panic(err)
	}
	return plan
}

func ExampleBulkPlan_ProtectStream() {
	table := strings.NewReader("case,holder,born,amount\nC-1,Ada Byron,1961-02-03,4950\nC-2,Li,,12\n")
	report, err := bulkExample().ProtectStream(context.Background(), table, nil, payload.StreamOptions{}, func(c *payload.Chunk) error {
		_, err := os.Stdout.Write(c.Data)
		return err
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(report.Records, "records,", report.Unlisted, "values that no catalogue names")
	// Output:
	// case,born,amount
	// C-1,1961,"[4000,5000)"
	// C-2,,"[0,1000)"
	// 2 records, 2 values that no catalogue names
}

func ExampleRecordError() {
	_, _, err := bulkExample().Protect(nil, []byte("case,amount\nC-1,12\nC-2,about 12\n"), nil)
	var refused *payload.RecordError
	fmt.Println(errors.As(err, &refused), err)
	// Output: true line 3 (record 2), column 2 "amount": /amount: the value is not of kind number
}
