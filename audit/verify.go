package audit

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// VerifyOptions say what to hold a log against.
type VerifyOptions struct {
	// VKey is the log's verifier key, obtained by a way that the log's keeper does not control. Required.
	VKey string
	// Known is a checkpoint of this log seen earlier (a receipt, a witness, the last audit). The log must contain it.
	// Without one, a log that was cut at a group boundary together with its published files looks whole.
	Known []byte
	// Witnesses, if set, must have cosigned a checkpoint of this log, which the directory holds as "checkpoint.cosigned" or in
	// "checkpoint". With fresh enough cosignatures nobody can be shown an older log, or another one than others are shown.
	Witnesses *WitnessPolicy
	// Now is the time by which the freshness of cosignatures is judged. Zero means the system's clock.
	Now time.Time
	// Since skips the signatures of heads that cover only records below it. All records are still hashed and
	// compared, so the result is as strong if those heads were verified before.
	Since int64
	// Progress, if set, is told from time to time how many records of how many are done. total is 0 if unknown.
	Progress func(done, total int64)
}

// Report is what Verify found in a log without fault.
type Report struct {
	Origin     string         // log identity, from the key
	Journal    bool           // whether the journal was there; if not, the published files were verified alone
	Records    int64          // number of records
	Groups     int64          // number of signed heads in the journal
	Root       tlog.Hash      // RFC 6962 root over all records
	Head       []byte         // last head; keep it as Known for the next time
	Published  int64          // records covered by the published checkpoint, -1 if nothing is published
	Tiles      int64          // number of published tiles and bundles compared
	TornBytes  int64          // bytes of a group that a crash cut short; its records were never acknowledged
	First      string         // time of the first record
	Last       string         // time of the last record
	ByType     map[Type]int64 // number of records by type
	InDoubt    []string       // transfers with an intent and no outcome, oldest first
	Witnessed  int64          // records covered by a checkpoint that satisfies VerifyOptions.Witnesses
	Cosigned   []Cosignature  // the cosignatures of that checkpoint which count
	Unintended []string       // transfers with an outcome and no earlier intent: each breaks "no record, no transfer"
}

// Verify checks every byte of a log that means anything: each frame's checksum, each record's form, the tree, each
// head's root and signature, and all published tiles, bundles and the checkpoint against them. It changes nothing and
// needs nothing but the key. If the directory has no journal, the published files are checked alone.
//
// The first fault is returned as *FaultError, with the part of the report up to it.
func Verify(ctx context.Context, dir string, o VerifyOptions) (Report, error) {
	v, err := newVerifier(o.VKey)
	if err != nil {
		return Report{}, err
	}
	c := &checker{ctx: ctx, dir: dir, opts: o, key: v, seen: map[string]bool{}, heads: newHeadPool(v),
		report: Report{Origin: v.Name(), Published: -1, ByType: map[Type]int64{}}}
	err = errors.Join(c.run(), c.heads.close())
	return c.report, c.hint(firstFault(err))
}

// hint adds to a fault that the log was not closed: after loss of power that alone may be the reason.
func (c *checker) hint(err error) error {
	var f *FaultError
	if !errors.As(err, &f) {
		return err
	}
	if _, statErr := os.Stat(filepath.Join(c.dir, spoolFile)); statErr != nil {
		return err
	}
	hinted := *f
	hinted.Detail += "; the log was not closed, and its spool may hold what is missing: open the log once for writing, then verify again"
	return &hinted
}

// firstFault picks the fault with the lowest record number from errors that were found side by side.
func firstFault(err error) error {
	joined, ok := err.(interface{ Unwrap() []error })
	if !ok {
		return err
	}
	var first *FaultError
	for _, e := range joined.Unwrap() {
		var f *FaultError
		if !errors.As(e, &f) {
			return e
		}
		if first == nil || f.Index < first.Index {
			first = f
		}
	}
	return first
}

// checker is one run of Verify.
type checker struct {
	ctx    context.Context
	dir    string
	opts   VerifyOptions
	key    note.Verifier
	seen   map[string]bool // every transfer that had an intent
	heads  *headPool
	replay replay
	report Report
}

func (c *checker) run() error {
	known, err := c.openKnown()
	if err != nil {
		return err
	}
	published, publishedErr := openCheckpoint(c.dir, c.key)
	if publishedErr != nil && !errors.Is(publishedErr, ErrCorrupt) {
		return publishedErr
	}
	c.report.Published = published.size
	if err := c.replayAll(published); err != nil {
		return c.pinpoint(err)
	}
	if publishedErr != nil {
		return publishedErr
	}
	if err := c.replay.checkPublished(published); err != nil {
		return err
	}
	if err := c.checkView(published.size); err != nil {
		return err
	}
	if err := c.checkKnown(known); err != nil {
		return err
	}
	return c.checkWitnesses()
}

// cosignedFile holds the last checkpoint that satisfied the log's witness policy.
const cosignedFile = "checkpoint.cosigned"

// checkWitnesses finds a checkpoint that enough witnesses have cosigned, and that this log continues.
func (c *checker) checkWitnesses() error {
	if c.opts.Witnesses == nil {
		return nil
	}
	now := c.opts.Now
	if now.IsZero() {
		now = time.Now()
	}
	fault := &FaultError{Index: c.replay.tree.size, Kind: FaultUnwitnessed, Detail: "there is no cosigned checkpoint"}
	for _, name := range []string{cosignedFile, checkpointFile} {
		msg, err := os.ReadFile(filepath.Join(c.dir, name))
		if errors.Is(err, os.ErrNotExist) {
			continue
		}
		if err != nil {
			return err
		}
		h, err := openHead(msg, c.key)
		if err != nil {
			return &FaultError{Kind: FaultCheckpoint, File: name, Detail: err.Error()}
		}
		found, err := c.opts.Witnesses.Check(msg, now)
		if err != nil {
			fault = &FaultError{Index: h.size, Kind: FaultUnwitnessed, File: name, Detail: err.Error()}
			continue
		}
		c.report.Witnessed, c.report.Cosigned = h.size, found
		return c.checkKnown(h)
	}
	return fault
}

func (c *checker) openKnown() (head, error) {
	if c.opts.Known == nil {
		return head{size: -1}, nil
	}
	h, err := openHead(c.opts.Known, c.key)
	if err != nil {
		return head{}, fmt.Errorf("known checkpoint: %w", err)
	}
	return h, nil
}

// replayAll reads all records and heads and fills the report.
func (c *checker) replayAll(published head) error {
	src, err := openSource(c.dir, published)
	if err != nil {
		return err
	}
	defer src.Close()
	journal, isJournal := src.(*journalSource)
	c.report.Journal = isJournal
	c.replay.onGroup, c.replay.onRecord = c.group, c.record
	err = c.replay.run(src)
	c.report.Records, c.report.Head = c.replay.tree.size, c.replay.head
	c.report.InDoubt = c.replay.doubt.list()
	if err != nil {
		return err
	}
	if isJournal && journal.torn != nil {
		c.report.TornBytes = journal.torn.bytes
	}
	c.report.Root, err = c.replay.tree.root(c.replay.tree.size)
	return err
}

// group hands the head's signature to the pool.
func (c *checker) group(g *group) error {
	if err := c.ctx.Err(); err != nil {
		return err
	}
	if c.opts.Progress != nil {
		c.opts.Progress(g.first, max(c.report.Published, 0))
	}
	if g.head == nil {
		return nil
	}
	if c.report.Journal {
		c.report.Groups++
	}
	if g.first+int64(len(g.records)) > c.opts.Since {
		return c.heads.check(g)
	}
	return nil
}

func (c *checker) record(_ int64, s summary, _ place) error {
	r := &c.report
	r.ByType[s.typ]++
	if r.First == "" {
		r.First = s.at
	}
	r.Last = s.at
	switch s.typ {
	case Intent:
		c.seen[s.transfer] = true
	case Delivered, Failed, Acknowledged, Reconciled:
		if !c.seen[s.transfer] {
			r.Unintended = append(r.Unintended, s.transfer)
		}
	}
	return nil
}

// checkKnown says whether the log continues the checkpoint that the caller has seen.
func (c *checker) checkKnown(known head) error {
	if known.size < 0 {
		return nil
	}
	if known.size > c.replay.tree.size {
		return &FaultError{Index: c.replay.tree.size, Kind: FaultRolledBack,
			Detail: fmt.Sprintf("the log has %d records, a checkpoint for %d was seen before", c.replay.tree.size, known.size)}
	}
	root, err := c.replay.tree.root(known.size)
	if err != nil {
		return err
	}
	if root != known.root {
		return &FaultError{Kind: FaultForked,
			Detail: fmt.Sprintf("the first %d records are not the ones of the checkpoint seen before", known.size)}
	}
	return nil
}
