package transfer

import (
	"context"
	"fmt"

	"github.com/passavant/passavant/audit"
)

// RecordReading makes durable that somebody reads a party's log (LED Art. 25(1) asks for logs of consultation). Who it is
// lies in the erasable side store, under the record's id; the log holds a commitment to it. What is a short code, such as
// "list".
func RecordReading(ctx context.Context, log *audit.Log, party, reader, what string) error {
	err := appendByPerson(ctx, log, audit.Record{
		Type: audit.LogAccess, Transfer: "reading-" + newTransferID(), Exporter: party,
		Fields: map[string]string{"reading": what},
	}, nil, person{Actor: reader})
	if err != nil {
		return fmt.Errorf("recording the reading: %w", err)
	}
	return nil
}

// appendByPerson writes a record of what somebody did: the log gets a commitment to the person, the side store opens it
// and keeps the facts, if there are any.
func appendByPerson(ctx context.Context, log *audit.Log, r audit.Record, facts []byte, p person) error {
	who := p.marshal()
	salt := audit.NewSalt()
	r.Commitments = map[string]string{commitPerson: audit.Commit(commitPerson, salt, who)}
	salts, err := commitToFields(nil, r.Commitments, commitPersonFields, p.fields())
	if err != nil {
		return err
	}
	_, err = log.Append(ctx, r, detailOf(facts, who, appendSalt(salts, commitPerson, salt)))
	return err
}
