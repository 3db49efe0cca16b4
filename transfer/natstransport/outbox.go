package natstransport

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/passavant/passavant/transfer"
)

// Forward publishes the envelopes that lie in a folder, oldest name first, and removes each once the stream has it. With
// package dirtransport as the Sender's transport, the folder is an outbox: what was recorded and not yet published survives
// the exporter's death, and is published once in effect however often it is tried. It returns how many it forwarded; the
// first error ends it.
func (x *Exchange) Forward(ctx context.Context, dir string) (int, error) {
	names, err := filepath.Glob(filepath.Join(dir, "*"+transfer.FileSuffix))
	if err != nil {
		return 0, err
	}
	for n, name := range names {
		if strings.HasPrefix(filepath.Base(name), ".") {
			continue
		}
		if err := x.forward(ctx, name); err != nil {
			return n, err
		}
	}
	return len(names), nil
}

func (x *Exchange) forward(ctx context.Context, name string) error {
	raw, err := os.ReadFile(name)
	if errors.Is(err, os.ErrNotExist) {
		return nil // another process was faster
	}
	if err != nil {
		return err
	}
	e, err := transfer.ParseEnvelope(strings.NewReader(string(raw)))
	if err != nil {
		return fmt.Errorf("NATS: %s: %w", name, err)
	}
	if err := x.publish(ctx, e.Header, raw); err != nil {
		return err
	}
	if err := os.Remove(name); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return nil
}
