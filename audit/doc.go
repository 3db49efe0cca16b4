// Package audit keeps the record that must exist before personal data crosses a border: a durable log that only grows
// and that a stranger can verify.
//
// Most programs use two calls. Open opens the log for writing, and Log.Append returns once a record is on the disk
// under a signed tree head, with the proof of it. Outcomes go through Log.Enqueue, which does not wait. Whoever
// receives a record checks it with VerifyProof; an auditor checks the whole log with Verify, or with the command
// passavant-verify; Reader looks into it. None of these needs anything but the log's public key.
//
// # Guarantees
//
// When Append returns nil, the record has been fsynced. When it returns ErrPoisoned, it may or may not be there after
// the next Open; nothing is accepted in between. A process that dies between an intent and its outcome leaves the
// transfer in Log.InDoubt. Records hold no personal data; what must be forgettable goes into the detail argument of
// Append, which EraseDetail overwrites without breaking any proof.
//
// # Format
//
// The journal is a row of commit groups. A group is a frame for each record and one frame for the signed head of the
// RFC 6962 Merkle tree over all records so far, written by one write and one fsync:
//
//	frame = uint32 length of body | uint8 kind | uint32 CRC-32C of these five bytes | uint32 CRC-32C of body | body
//
// with kind 1 for a record (canonical JSON, see Record) and 2 for a head (uint32 length of the group's record frames,
// then a checkpoint). Beside the journal lies the view for everybody else, in the forms of c2sp.org/tlog-tiles,
// c2sp.org/tlog-checkpoint, c2sp.org/signed-note and c2sp.org/tlog-proof:
//
//	log.example/emerald-bank-ie
//	2
//	qtTHd1O7M7MxXKvUnQG9tbuGEZ7yGFYoO1AYb4qSYHQ=
//
//	— log.example/emerald-bank-ie Az3grlgtzPIC...
//
// docs/log-format.md specifies every byte, what is detected, and what is not.
//
// # Compatibility
//
// Logs and proofs written by a release can be read and verified by every later one. New record types and members come
// with a new Version; readers refuse versions they do not know.
package audit
