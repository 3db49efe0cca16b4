package taxii

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/passavant/passavant/transfer"
)

// NewClearRoad pushes the objects of minimised STIX bundles into a collection, unsealed. Give it to
// [transfer.Sender.SendClear], which asks the agreement.
func NewClearRoad(c *Client, collection string) (transfer.ClearRoad, error) {
	if _, err := collectionPath(collection, ""); err != nil {
		return nil, err
	}
	return func(ctx context.Context, cleared transfer.Cleared) error {
		objects, err := BundleObjects(cleared.Document)
		if err == nil {
			_, err = c.Push(ctx, collection, objects)
		}
		if err != nil {
			return settled(err)
		}
		return nil
	}, nil
}

// BundleObjects returns the objects of a STIX bundle, as they stand in it. Errors are [ErrObject].
func BundleObjects(bundle []byte) ([]json.RawMessage, error) {
	var b struct {
		Type    string            `json:"type"`
		Objects []json.RawMessage `json:"objects"`
	}
	if json.Unmarshal(bundle, &b) != nil || b.Type != "bundle" {
		return nil, fmt.Errorf("TAXII: %w: not a bundle", ErrObject)
	}
	return b.Objects, nil
}
