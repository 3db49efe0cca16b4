// Package tessera holds our logs against other people's readers: Tessera's fsck and client, the Merkle proofs of
// transparency-dev, and their verifier of cosignatures. It is a module of its own, so that none of them is a dependency of the
// library.
package tessera

import (
	"bytes"
	"crypto/ed25519"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	fnote "github.com/transparency-dev/formats/note"
	"github.com/transparency-dev/merkle/proof"
	"github.com/transparency-dev/merkle/rfc6962"
	"github.com/transparency-dev/tessera/api"
	"github.com/transparency-dev/tessera/client"
	"github.com/transparency-dev/tessera/fsck"
	"golang.org/x/mod/sumdb/note"

	"github.com/passavant/passavant/audit"
)

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func hashes(bundle []byte) ([][]byte, error) {
	var b api.EntryBundle
	if err := b.UnmarshalText(bundle); err != nil {
		return nil, err
	}
	var out [][]byte
	for _, e := range b.Entries {
		out = append(out, rfc6962.DefaultHasher.HashLeaf(e))
	}
	return out, nil
}

// grow writes a log in several publications, so that partial tiles of older checkpoints have come and gone.
func grow(t *testing.T, n int) (dir string, l *audit.Log) {
	t.Helper()
	dir = t.TempDir()
	l, err := audit.Open(dir, audit.Options{Origin: "log.example/tessera", Signer: ed25519.NewKeyFromSeed(make([]byte, 32)), PublishEvery: -1})
	must(t, err)
	for i := range n {
		must(t, l.Enqueue(audit.Record{Type: audit.Intent, Transfer: fmt.Sprintf("%032x", i), Agreement: "a", Purpose: "p"}))
		if i == n/3 || i == n/2 {
			must(t, l.Flush(t.Context()))
			must(t, l.Publish())
		}
	}
	must(t, l.Flush(t.Context()))
	must(t, l.Close())
	return dir, l
}

func TestOthersReadOurLogs(t *testing.T) {
	for _, n := range []int{1, 2, 255, 256, 257, 700, 70_000} {
		t.Run(strconv.Itoa(n), func(t *testing.T) {
			dir, l := grow(t, n)
			verifier, err := note.NewVerifier(l.VerifierKey())
			must(t, err)
			files := client.FileFetcher{Root: dir}
			check := func() error {
				return fsck.New(verifier.Name(), verifier, files, hashes, fsck.Opts{N: 2}).Check(t.Context())
			}
			must(t, check())

			checkpoint, _, _, err := client.FetchCheckpoint(t.Context(), files.ReadCheckpoint, verifier, verifier.Name())
			must(t, err)
			if int(checkpoint.Size) != n {
				t.Fatalf("the checkpoint covers %d records", checkpoint.Size)
			}
			builder, err := client.NewProofBuilder(t.Context(), checkpoint.Size, files.ReadTile)
			must(t, err)
			reader, err := audit.OpenReader(dir, l.VerifierKey())
			must(t, err)
			defer func() { must(t, reader.Close()) }()
			for _, i := range []int{0, n / 3, n / 2, n - 1} {
				_, raw, err := reader.Record(int64(i))
				must(t, err)
				theirs, err := builder.InclusionProof(t.Context(), uint64(i))
				must(t, err)
				must(t, proof.VerifyInclusion(rfc6962.DefaultHasher, uint64(i), checkpoint.Size, rfc6962.DefaultHasher.HashLeaf(raw), theirs, checkpoint.Hash))
				ours, err := reader.Prove(int64(i))
				must(t, err)
				if len(ours.Hashes) != len(theirs) {
					t.Fatalf("record %d: %d hashes, theirs has %d", i, len(ours.Hashes), len(theirs))
				}
				for j := range theirs {
					if !bytes.Equal(ours.Hashes[j][:], theirs[j]) {
						t.Fatalf("record %d: hash %d differs", i, j)
					}
				}
			}

			bundle := filepath.Join(dir, "tile", "entries", "000")
			if n < 256 {
				bundle += ".p/" + strconv.Itoa(n)
			}
			content, err := os.ReadFile(bundle)
			must(t, err)
			content[len(content)/2] ^= 1
			must(t, os.WriteFile(bundle, content, 0o644))
			if check() == nil {
				t.Fatal("fsck did not notice a changed record")
			}
		})
	}
}

// Their verifier of cosignature/v1 accepts ours, and knows our key.
func TestOthersVerifyOurCosignatures(t *testing.T) {
	_, l := grow(t, 3)
	key := ed25519.NewKeyFromSeed(bytes.Repeat([]byte{7}, 32))
	vkey, err := audit.CosignerKey("witness.example/w", key.Public().(ed25519.PublicKey))
	must(t, err)
	verifier, err := fnote.NewVerifierForCosignatureV1(vkey)
	must(t, err)
	line, err := audit.Cosign(key, "witness.example/w", l.Checkpoint(), time.Unix(1_800_000_000, 0))
	must(t, err)
	cosigned, err := audit.WithCosignatures(l.Checkpoint(), line)
	must(t, err)
	n, err := note.Open(cosigned, note.VerifierList(verifier))
	must(t, err)
	at, err := fnote.CoSigV1Timestamp(n.Sigs[0])
	must(t, err)
	if at.Unix() != 1_800_000_000 {
		t.Fatalf("their time is %v", at)
	}
}
