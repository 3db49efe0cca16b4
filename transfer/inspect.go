package transfer

import (
	"context"
	"fmt"
	"io"

	"github.com/passavant/passavant/transfer/payload"
)

// Inspect reads a document as [Sender.SendStream] would under treatments, without keys, a decision or a record, and tells refused of
// each record that would be refused, in order, until that returns false. What needs keys is treated as dropped: its
// values are read just as strictly. A format that is one value has one fault at most, which is the error.
func Inspect(ctx context.Context, cat *payload.Catalogue, treatments map[string]payload.Treatment, document io.Reader, o StreamOptions,
	refused func(*payload.RecordError) bool) (*payload.Report, error) {
	keyless := make(map[string]payload.Treatment, len(treatments))
	for category, t := range treatments {
		if payload.IsKeyed(t.Technique) {
			t = payload.Treatment{Technique: payload.Drop}
		}
		keyless[category] = t
	}
	plan, err := CompilePlan(cat, keyless)
	if err != nil {
		return nil, err
	}
	if stream, ok := plan.(bulk); ok {
		options := payload.StreamOptions{Refused: refused, Progress: func(p payload.Progress) {
			o.progress(Progress{Step: "reading", Records: p.Records, BytesIn: p.BytesIn, BytesOut: p.BytesOut})
		}}
		return stream.ProtectStream(ctx, document, nil, options, func(*payload.Chunk) error { return nil })
	}
	limit := cat.Limits.Bytes
	if limit <= 0 {
		limit = payload.DefaultBytes
	}
	whole, err := io.ReadAll(io.LimitReader(document, int64(limit)+1))
	if err != nil {
		return nil, fmt.Errorf("reading the payload: %w", err)
	}
	_, report, err := plan.Protect(nil, whole, nil)
	return report, err
}
