package taxii

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/passavant/passavant/transfer"
)

// transport delivers into one collection.
type transport struct {
	client     *Client
	collection string
}

// NewTransport delivers envelopes into a collection that the recipient reads. Deliver returns when the server has taken the
// Artifact; the receipt comes back another way, see [Client.Inbox].
func NewTransport(c *Client, collection string) (transfer.Transport, error) {
	if _, err := collectionPath(collection, ""); err != nil {
		return nil, err
	}
	return transport{c, collection}, nil
}

// Deliver pushes the envelope. If the server has refused it, or was never reached, the error is
// [transfer.ErrNotDelivered]; if no answer came, the transfer is in doubt.
func (t transport) Deliver(ctx context.Context, e *transfer.Envelope) (*transfer.Receipt, error) {
	object, err := Artifact(e)
	if err != nil {
		return nil, fmt.Errorf("TAXII: %w: %w", transfer.ErrNotDelivered, err)
	}
	if _, err := t.client.Push(ctx, t.collection, []json.RawMessage{object}); err != nil {
		return nil, settled(err)
	}
	return nil, nil
}

// settled says of an error what it says of the envelope. The server has it for sure in no case; for sure not if it said so.
func settled(err error) error {
	var status *StatusError
	var partial *PartialError
	certain := errors.As(err, &partial) || errors.Is(err, ErrTooLarge) || errors.Is(err, ErrNoConnection) || errors.Is(err, ErrObject) ||
		(errors.As(err, &status) && !status.passing() && status.Status/100 == 4)
	if certain && !errors.Is(err, ErrNoAnswer) && !errors.Is(err, ErrPending) {
		return fmt.Errorf("%w: %w", transfer.ErrNotDelivered, err)
	}
	return err
}

// PushReceipt sends a receipt back through a collection that the exporter reads.
func (c *Client) PushReceipt(ctx context.Context, collection string, r *transfer.Receipt) error {
	object, err := ReceiptArtifact(r)
	if err != nil {
		return err
	}
	_, err = c.Push(ctx, collection, []json.RawMessage{object})
	return err
}

// Inbox pulls the Artifacts that were added to a collection and gives what they carry to handle, in the server's order. It
// returns the filter to go on with next time. What cannot be read is given to unreadable, if that is not nil, by its id, and
// passed over: anybody who may write to the collection could otherwise stop the inbox for good. An error of handle ends it;
// what came before is then seen again next time, which a Receiver notices.
func (c *Client) Inbox(ctx context.Context, collection string, from Filter, handle func(context.Context, Item) error, unreadable func(id string, err error)) (Filter, error) {
	from.Type = "artifact"
	next := from
	err := c.Pull(ctx, collection, from, func(p Page) error {
		for _, object := range p.Objects {
			item, err := ReadArtifact(object)
			switch {
			case errors.Is(err, ErrNotOurs):
			case err != nil && unreadable != nil:
				unreadable(item.ID, err)
			case err == nil:
				if err := handle(ctx, item); err != nil {
					return err
				}
			}
		}
		if p.AddedLast.After(next.AddedAfter) {
			next.AddedAfter = p.AddedLast
		}
		return nil
	})
	return next, err
}
