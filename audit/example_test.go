package audit_test

import (
	"context"
	"crypto/ed25519"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/passavant/passavant/audit"
)

// exampleLog opens a log in a temporary directory. A real key comes from a keyring or a KMS.
func exampleLog() (l *audit.Log, remove func()) {
	dir, err := os.MkdirTemp("", "passavant")
	if err != nil {
		panic(err)
	}
	l, err = audit.Open(filepath.Join(dir, "log"), audit.Options{
		Origin: "log.example/emerald-bank-ie",
		Signer: ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize)),
		Clock:  func() time.Time { return time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC) },
	})
	if err != nil {
		panic(err)
	}
	return l, func() { l.Close(); os.RemoveAll(dir) }
}

func ExampleLog_Append() {
	l, remove := exampleLog()
	defer remove()

	entry, err := l.Append(context.Background(), audit.Record{
		Type: audit.Intent, Transfer: "8d6f0c", Recipient: "sakura-bank-jp", Basis: []string{"GDPR:45"},
	}, nil)
	if err != nil {
		fmt.Println(err) // no record, no transfer
		return
	}
	fmt.Printf("record %d: %s\n", entry.Index, entry.Record)
	// Output: record 0: {"at":"2026-03-04T05:06:07.000Z","basis":["GDPR:45"],"recipient":"sakura-bank-jp","transfer":"8d6f0c","type":"intent","version":1}
}

func ExampleLog_InDoubt() {
	l, remove := exampleLog()
	defer remove()
	for _, id := range []string{"first", "second"} {
		if _, err := l.Append(context.Background(), audit.Record{Type: audit.Intent, Transfer: id}, nil); err != nil {
			panic(err)
		}
	}
	_ = l.Enqueue(audit.Record{Type: audit.Delivered, Transfer: "first"})
	_ = l.Flush(context.Background())
	fmt.Println(l.InDoubt())
	// Output: [second]
}

func ExampleVerifyProof() {
	l, remove := exampleLog()
	defer remove()
	entry, err := l.Append(context.Background(), audit.Record{Type: audit.Intent, Transfer: "8d6f0c"}, nil)
	if err != nil {
		panic(err)
	}

	// What the recipient has: the key, the record and the proof.
	fmt.Println(audit.VerifyProof(l.VerifierKey(), entry.Record, entry.Proof))
	fmt.Println(audit.VerifyProof(l.VerifierKey(), []byte("another record"), entry.Proof))
	// Output:
	// <nil>
	// invalid inclusion proof: record 0 is not shown to be in the tree of 1 records
}

func ExampleVerify() {
	l, remove := exampleLog()
	defer remove()
	if _, err := l.Append(context.Background(), audit.Record{Type: audit.Intent, Transfer: "8d6f0c"}, nil); err != nil {
		panic(err)
	}
	seen := l.Checkpoint() // keep it where the log's keeper cannot reach it

	report, err := audit.Verify(context.Background(), l.Dir(), audit.VerifyOptions{VKey: l.VerifierKey(), Known: seen})
	fmt.Println(report.Records, report.InDoubt, err)
	// Output: 1 [8d6f0c] <nil>
}

func ExampleOpenReader() {
	l, remove := exampleLog()
	defer remove()
	if _, err := l.Append(context.Background(), audit.Record{Type: audit.Refused, Missing: []string{"transfer_tool"}}, nil); err != nil {
		panic(err)
	}
	r, err := audit.OpenReader(l.Dir(), l.VerifierKey())
	if err != nil {
		panic(err)
	}
	defer r.Close()
	for i, rec := range r.All(0) {
		fmt.Println(i, rec.Type, rec.Missing)
	}
	fmt.Println(r.Err())
	// Output:
	// 0 refused [transfer_tool]
	// <nil>
}

func ExampleEraseDetail() {
	l, remove := exampleLog()
	defer remove()
	salt := audit.NewSalt()
	_, err := l.Append(context.Background(), audit.Record{
		Type: audit.Intent, Transfer: "8d6f0c",
		Commitments: map[string]string{"case": audit.Commit("case", salt, []byte("FR-2026-0117"))},
	}, salt[:])
	if err != nil {
		panic(err)
	}
	fmt.Println(audit.EraseDetail(l.Dir(), "8d6f0c"))
	// Output: 1 <nil>
}
