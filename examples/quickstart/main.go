// Command quickstart shows the main job in one screen: an Irish bank shares one fraud case with three banks abroad.
// The first transfer rests on an adequacy decision, the second on standard contractual clauses with a stricter
// treatment, the third has no ground and is refused. The first recipient opens what it got, the log is verified, and
// after one flipped byte the verification says where it broke. Everything in the case is invented.
//
// Run it with
//
//	go run ./examples/quickstart
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/passavant/passavant/audit"
	"github.com/passavant/passavant/internal/sample"
	"github.com/passavant/passavant/transfer"
)

func main() {
	if err := run(context.Background(), os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "quickstart:", err)
		os.Exit(1)
	}
}

// run tells the story; everything that it makes on disk is gone afterwards.
func run(ctx context.Context, w io.Writer) (err error) {
	dir, err := os.MkdirTemp("", "passavant-quickstart-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()

	bank, err := openExporter(ctx, dir)
	if err != nil {
		return err
	}
	report, err := sample.Report()
	if err != nil {
		return err
	}
	s := newStory(w)
	s.title(len(report))

	first, err := bank.share(ctx, s, destination{
		number: 1, place: "Japan: an adequacy decision covers the recipient", agreement: "ie-jp-bank-fraud", recipient: "sakura-bank-jp",
	}, report)
	if err != nil {
		return err
	}
	if _, err := bank.share(ctx, s, destination{
		number: 2, place: "United States: no adequacy for banks, standard contractual clauses", agreement: "ie-us-bank-scc", recipient: "liberty-bank-us",
	}, report); err != nil {
		return err
	}
	if err := bank.beRefused(ctx, s, destination{
		number: 3, place: "Vietnam: a memorandum, and no safeguard", agreement: "ie-vn-memorandum", recipient: "lotus-bank-vn",
	}, report); err != nil {
		return err
	}
	if err := open(ctx, s, dir, bank, first.Envelope); err != nil {
		return err
	}
	if err := bank.log.Close(); err != nil {
		return err
	}
	return verifyAndTamper(ctx, s, bank)
}

// open is the Japanese bank's side.
func open(ctx context.Context, s *story, dir string, bank *exporter, envelope *transfer.Envelope) (err error) {
	receiver, log, err := openRecipient(filepath.Join(dir, "sakura"), bank)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, log.Close()) }()
	received, err := receiver.Receive(ctx, envelope)
	if err != nil {
		return err
	}
	if err := bank.sender.Acknowledge(received.Receipt); err != nil {
		return err
	}
	return s.received(received)
}

// verifyAndTamper does what an auditor does, before and after one byte of the log is flipped.
func verifyAndTamper(ctx context.Context, s *story, bank *exporter) error {
	check := func() (audit.Report, error) {
		return audit.Verify(ctx, bank.log.Dir(), audit.VerifyOptions{VKey: bank.log.VerifierKey()})
	}
	report, err := check()
	if err != nil {
		return err
	}
	s.verified(report)

	file, offset, err := flipByte(bank.log.Dir())
	if err != nil {
		return err
	}
	_, err = check()
	var fault *audit.FaultError
	if !errors.As(err, &fault) {
		return fmt.Errorf("the flipped byte was not noticed: %w", err)
	}
	s.tampered(file, offset, fault)
	return nil
}

// flipByte changes one bit in the middle of the journal.
func flipByte(logDir string) (file string, offset int64, err error) {
	segments, err := filepath.Glob(filepath.Join(logDir, "journal", "*"))
	if err != nil || len(segments) == 0 {
		return "", 0, fmt.Errorf("no journal in %s: %w", logDir, err)
	}
	raw, err := os.ReadFile(segments[0])
	if err != nil {
		return "", 0, err
	}
	offset = int64(len(raw) / 2)
	raw[offset] ^= 1
	return filepath.Base(segments[0]), offset, os.WriteFile(segments[0], raw, 0o600)
}
