package keyring_test

import (
	"encoding/json"
	"fmt"
	"log"
	"os"
	"path/filepath"

	"github.com/passavant/passavant/crypto/keyring"
	"github.com/passavant/passavant/crypto/seal"
)

func Example() {
	root, err := os.MkdirTemp("", "keyring")
	if err != nil {
		log.Fatal(err)
	}
	defer func() { _ = os.RemoveAll(root) }()

	bank, err := keyring.Create(filepath.Join(root, "bank"), "emerald-bank-ie")
	if err != nil {
		log.Fatal(err)
	}
	partner, err := keyring.Create(filepath.Join(root, "partner"), "sakura-bank-jp")
	if err != nil {
		log.Fatal(err)
	}

	// The partner publishes this document; the bank compares the fingerprint by telephone.
	published, err := json.Marshal(partner.Public())
	if err != nil {
		log.Fatal(err)
	}
	public, err := keyring.ParsePublic(published)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(public.Party, len(public.Fingerprint()))

	to, err := public.Recipient()
	if err != nil {
		log.Fatal(err)
	}
	msg, err := seal.SealBytes(nil, []byte(`{}`), []byte("the case report"), bank.Sealer(), to)
	if err != nil {
		log.Fatal(err)
	}
	_, body, err := seal.OpenBytes(msg, bank.Sealer().Verify(), partner.Opener()...)
	fmt.Println(string(body), err)
	// Output:
	// sakura-bank-jp 47
	// the case report <nil>
}
