package audit

import (
	"errors"
	"fmt"
)

// Conditions a caller can test for with errors.Is. An error of the operating system (no space, read-only file system)
// is always wrapped beside them together with the name of the file, so errors.Is(err, syscall.ENOSPC) works too.
var (
	// ErrLocked says that another process has the log directory open for writing.
	ErrLocked = errors.New("log is locked by another writer")
	// ErrPoisoned says that an earlier write or fsync failed. Nothing is accepted any more, because the state of the
	// disk is unknown; Open recovers it. A record refused with ErrPoisoned may or may not be in the log afterwards.
	ErrPoisoned = errors.New("log is poisoned by a failed write")
	// ErrClosed says that the log was closed.
	ErrClosed = errors.New("log is closed")
	// ErrRecordTooLarge says that a record exceeds MaxRecordBytes in canonical form.
	ErrRecordTooLarge = errors.New("record is too large")
	// ErrInvalidRecord says that a record breaks a rule of its format; ParseRecord and Append return it.
	ErrInvalidRecord = errors.New("invalid record")
	// ErrCorrupt says that stored bytes contradict one another or a signature. Every FaultError matches it.
	ErrCorrupt = errors.New("log is corrupt")
	// ErrInvalidProof says that a proof does not show that the record is in the signed tree.
	ErrInvalidProof = errors.New("invalid inclusion proof")
	// ErrNoDetail says that no detail is stored for a transfer.
	ErrNoDetail = errors.New("no detail stored")
	// ErrErased says that the details of a transfer existed and were erased.
	ErrErased = errors.New("detail was erased")
)

// FaultKind names what was found wrong. The set is closed.
type FaultKind string

// The kinds of fault.
const (
	FaultFrame       FaultKind = "frame"       // a journal frame is cut, or its checksum does not match
	FaultRecord      FaultKind = "record"      // an entry is not a canonical record of a known type and version
	FaultHead        FaultKind = "head"        // a signed head does not match the records before it, or its signature is bad
	FaultMissing     FaultKind = "missing"     // a file that must exist does not
	FaultTile        FaultKind = "tile"        // a published tile differs from the tree
	FaultBundle      FaultKind = "bundle"      // a published entry bundle differs from the records
	FaultCheckpoint  FaultKind = "checkpoint"  // the published checkpoint is malformed, or its signature or root is bad
	FaultTruncated   FaultKind = "truncated"   // the journal ends before the published checkpoint
	FaultRolledBack  FaultKind = "rolled-back" // the log ends before a checkpoint that the verifier has seen
	FaultUnwitnessed FaultKind = "unwitnessed" // too few witnesses have cosigned a checkpoint of the log, or too long ago
	FaultForked      FaultKind = "forked"      // the log is not a continuation of a checkpoint that the verifier has seen
)

// FaultError is the first fault found in a log. It never holds the content of a record.
type FaultError struct {
	Index  int64     // number of the record, from zero, at or after which the log can no longer be trusted
	Kind   FaultKind // what is wrong
	File   string    // path of the file, relative to the log directory; empty if the fault has no single place
	Offset int64     // byte offset in File
	Detail string    // one clause for people
}

// Error says which record, what is wrong and where.
func (e *FaultError) Error() string {
	if e.File == "" {
		return fmt.Sprintf("record %d: %s: %s", e.Index, e.Kind, e.Detail)
	}
	return fmt.Sprintf("record %d: %s: %s (%s, byte %d)", e.Index, e.Kind, e.Detail, e.File, e.Offset)
}

// Unwrap makes every fault match ErrCorrupt.
func (e *FaultError) Unwrap() error { return ErrCorrupt }
