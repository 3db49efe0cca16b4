package pseudonym_test

import (
	"fmt"
	"log"

	"github.com/tink-crypto/tink-go/v2/keyset"
	"github.com/tink-crypto/tink-go/v2/prf"

	"github.com/passavant/passavant/crypto/pseudonym"
)

func Example() {
	keys, err := keyset.NewHandle(prf.HMACSHA256PRFKeyTemplate())
	if err != nil {
		log.Fatal(err)
	}
	p, err := pseudonym.FromKeyset(keys)
	if err != nil {
		log.Fatal(err)
	}
	toJapan := pseudonym.Context{
		Agreement: "ie-jp-bank-fraud", Recipient: "sakura-bank-jp", Purpose: "fraud_investigation",
		Scope: pseudonym.Relationship, Epoch: "2026-Q4",
	}
	toAmerica := toJapan
	toAmerica.Agreement, toAmerica.Recipient = "ie-us-bank-scc", "liberty-bank-us"

	jp, err := p.Domain(toJapan)
	if err != nil {
		log.Fatal(err)
	}
	us, err := p.Domain(toAmerica)
	if err != nil {
		log.Fatal(err)
	}
	one := string(jp.AppendPseudonym(nil, "iban", []byte("IE29AIBK93115212345678")))
	same := string(jp.AppendPseudonym(nil, "iban", []byte("ie29 aibk 9311 5212 3456 78")))
	other := string(us.AppendPseudonym(nil, "iban", []byte("IE29AIBK93115212345678")))
	fmt.Println(len(one), one == same, one == other)
	// Output: 26 true false
}

func ExampleNormalize() {
	fmt.Printf("%s\n", pseudonym.Normalize(nil, "iban", []byte("ie29 aibk 9311 5212 3456 78")))
	fmt.Printf("%s\n", pseudonym.Normalize(nil, "url", []byte("hxxps://Evil[.]example/Path")))
	// Output:
	// IE29AIBK93115212345678
	// https://evil.example/Path
}

// A look-alike has the country and length of the original, valid check digits, and stays the same within the domain.
func ExampleDomain_AppendFormat() {
	handle, err := keyset.NewHandle(prf.HMACSHA256PRFKeyTemplate())
	if err != nil {
		panic(err)
	}
	master, err := pseudonym.FromKeyset(handle)
	if err != nil {
		panic(err)
	}
	domain, err := master.Domain(pseudonym.Context{
		Agreement: "ie-jp-bank-fraud", Recipient: "sakura-bank-jp", Purpose: "fraud_investigation", Scope: pseudonym.Person,
	})
	if err != nil {
		panic(err)
	}
	one, ok := domain.AppendFormat(nil, "iban", "iban-bank", 0, []byte("IE29 AIBK 9311 5212 3456 78"))
	two, _ := domain.AppendFormat(nil, "iban", "iban-bank", 0, []byte("ie29aibk93115212345678"))
	fmt.Println(ok, len(one), string(one[:2]), string(one[4:8]), string(one) == string(two))

	_, ok = domain.AppendFormat(nil, "iban", "iban", 0, []byte("IE28AIBK93115212345678"))
	fmt.Println("with wrong check digits:", ok)
	// Output:
	// true 22 IE AIBK true
	// with wrong check digits: false
}
