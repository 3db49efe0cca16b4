package transfer

import (
	"context"
	"fmt"

	"github.com/passavant/passavant/audit"
	"github.com/passavant/passavant/internal/canonical"
)

// RecordReading makes durable that somebody reads a party's log (LED Art. 25(1) asks for logs of consultation). Who it is
// lies in the erasable side store, under the record's id; the log holds a commitment to it. What is a short code, such as
// "list".
func RecordReading(ctx context.Context, log *audit.Log, party, reader, what string) error {
	who, err := canonical.MarshalSorted(person{Actor: reader})
	if err != nil {
		return fmt.Errorf("recording the reading: %w", err)
	}
	salt := audit.NewSalt()
	_, err = log.Append(ctx, audit.Record{
		Type: audit.LogAccess, Transfer: "reading-" + newTransferID(), Exporter: party,
		Fields:      map[string]string{"reading": what},
		Commitments: map[string]string{commitPerson: audit.Commit(commitPerson, salt, who)},
	}, detailOf(nil, who, appendSalt(nil, commitPerson, salt)))
	if err != nil {
		return fmt.Errorf("recording the reading: %w", err)
	}
	return nil
}
