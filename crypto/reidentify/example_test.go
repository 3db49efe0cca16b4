package reidentify_test

import (
	"fmt"

	"github.com/tink-crypto/tink-go/v2/keyset"
	"github.com/tink-crypto/tink-go/v2/prf"

	"github.com/passavant/passavant/crypto/pseudonym"
	"github.com/passavant/passavant/crypto/reidentify"
)

// A token goes out inside a domain, and only that domain leads it back. Programs use package desk, which asks first.
func Example() {
	handle, err := keyset.NewHandle(prf.HMACSHA256PRFKeyTemplate())
	if err != nil {
		panic(err)
	}
	master, err := pseudonym.FromKeyset(handle)
	if err != nil {
		panic(err)
	}
	c := pseudonym.Context{Agreement: "ie-jp-bank-fraud", Recipient: "sakura-bank-jp", Purpose: "fraud_investigation", Scope: pseudonym.Person}
	domain, err := master.Domain(c)
	if err != nil {
		panic(err)
	}
	token, _ := domain.AppendToken(nil, "name", "string", []byte("Aoife Byrne"))

	reverser, err := reidentify.Open(master, c)
	if err != nil {
		panic(err)
	}
	value, err := reverser.Token("name", token)
	fmt.Println(string(value), err)

	c.Recipient = "another-bank-jp"
	elsewhere, err := reidentify.Open(master, c)
	if err != nil {
		panic(err)
	}
	_, err = elsewhere.Token("name", token)
	fmt.Println(err)
	// Output:
	// Aoife Byrne <nil>
	// reidentify: nothing that the pseudonym stands for was found
}
