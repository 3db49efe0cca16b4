package seal_test

import (
	"bytes"
	"fmt"
	"log"
	"strings"

	"github.com/passavant/passavant/crypto/seal"
)

func Example() {
	sender, err := seal.GenerateSigningKey()
	if err != nil {
		log.Fatal(err)
	}
	recipient, err := seal.GenerateOpeningKey(seal.X25519)
	if err != nil {
		log.Fatal(err)
	}

	header := []byte(`{"agreement":"ie-jp-bank-fraud","recipient":"sakura-bank-jp"}`)
	msg, err := seal.SealBytes(nil, header, []byte("the case report"), sender, recipient.Recipient())
	if err != nil {
		log.Fatal(err)
	}

	gotHeader, body, err := seal.OpenBytes(msg, sender.Verify(), recipient)
	fmt.Printf("%s\n%s\n%v\n", gotHeader, body, err)

	msg[len(msg)/2] ^= 1
	_, _, err = seal.OpenBytes(msg, sender.Verify(), recipient)
	fmt.Println(err != nil)
	// Output:
	// {"agreement":"ie-jp-bank-fraud","recipient":"sakura-bank-jp"}
	// the case report
	// <nil>
	// true
}

// A session makes many small messages cheap. It is a choice: see its documentation for what it gives up.
func ExampleSession() {
	sender, _ := seal.GenerateSigningKey()
	recipient, _ := seal.GenerateOpeningKey(seal.X25519)
	session, err := seal.NewSession(seal.Limits{Messages: 100}, sender, recipient.Recipient())
	if err != nil {
		log.Fatal(err)
	}
	for _, report := range []string{"first", "second"} {
		msg, err := session.SealBytes(nil, []byte(`{}`), []byte(report))
		if err != nil {
			log.Fatal(err)
		}
		_, body, err := seal.OpenBytes(msg, sender.Verify(), recipient)
		fmt.Println(string(body), err)
	}
	// Output:
	// first <nil>
	// second <nil>
}

// A relay checks what it passes on and cannot read it.
func ExampleVerify() {
	sender, _ := seal.GenerateSigningKey()
	recipient, _ := seal.GenerateOpeningKey(seal.X25519)
	var msg bytes.Buffer
	_, _, err := seal.Seal(&msg, []byte(`{"recipient":"sakura-bank-jp"}`), strings.NewReader("body"), sender, recipient.Recipient())
	if err != nil {
		log.Fatal(err)
	}
	info, _, err := seal.Verify(&msg, sender.Verify())
	fmt.Printf("%s %v\n", info.Header, err)
	// Output: {"recipient":"sakura-bank-jp"} <nil>
}
