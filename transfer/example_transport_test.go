package transfer_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/passavant/passavant/transfer"
)

// spool is a Transport of one's own, whole: it writes each envelope into a folder that another program empties. A real one
// also syncs and renames, see package dirtransport.
type spool string

// Deliver says what it knows: nothing was delivered if the file cannot be made; otherwise the answer comes another way.
func (dir spool) Deliver(ctx context.Context, e *transfer.Envelope) (*transfer.Receipt, error) {
	f, err := os.OpenFile(filepath.Join(string(dir), e.Header.Transfer+transfer.FileSuffix), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return nil, fmt.Errorf("spooling: %w: %w", transfer.ErrNotDelivered, err)
	}
	if _, err := e.WriteTo(f); err != nil {
		return nil, fmt.Errorf("spooling: %w", err) // in doubt: some of it may be there
	}
	return nil, f.Close()
}

// A transport of one's own has one method and takes 20 lines.
func ExampleTransport() {
	w := newWorld()
	defer w.close()
	dir, err := os.MkdirTemp("", "spool-")
	must(err)
	defer func() { _ = os.RemoveAll(dir) }()
	w.sender.Transport = spool(dir)
	result, err := w.sender.Send(context.Background(), w.request, w.report)
	must(err)
	files, _ := os.ReadDir(dir)
	fmt.Println(len(files), files[0].Name() == result.Transfer+".passavant")
	// Output: 1 true
}
