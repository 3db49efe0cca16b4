package policy_test

import (
	"crypto/ed25519"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passavant/passavant/policy"
	"github.com/passavant/passavant/policy/agreement"
)

// book is a set of known keys: each party has the one made of its name.
type book map[string]bool

func keyOfParty(party string) ed25519.PrivateKey {
	return ed25519.NewKeyFromSeed([]byte(fmt.Sprintf("%-32.32s", party)))
}

func (b book) Partner(party string) bool { return b[party] }

func (b book) Verify(party, key string, message, signature []byte) error {
	if key != party {
		return fmt.Errorf("%w", policy.ErrUnknownSigner)
	}
	if !ed25519.Verify(keyOfParty(party).Public().(ed25519.PublicKey), message, signature) {
		return errors.New("bad")
	}
	return nil
}

// sign puts a party's signature of the agreement beside it. spoil changes what is signed or what is written.
func sign(t testing.TB, tree fstest.MapFS, party string, spoil func(*agreement.Signature)) {
	t.Helper()
	a, err := agreement.Parse(jpFile, tree[jpFile].Data)
	require.NoError(t, err)
	s := agreement.Signature{Statement: a.Statement(party, "", time.Date(2026, 1, 12, 10, 0, 0, 0, time.UTC)), Key: party}
	message, err := s.Statement.Message()
	require.NoError(t, err)
	s.Signature = ed25519.Sign(keyOfParty(party), message)
	if spoil != nil {
		spoil(&s)
	}
	raw, err := json.MarshalIndent(s, "", " ")
	require.NoError(t, err)
	tree["agreements/ie-jp-bank-fraud/signatures/"+party+".json"] = &fstest.MapFile{Data: raw}
}

func sampleTree(t testing.TB) fstest.MapFS {
	t.Helper()
	return fstest.MapFS{jpFile: {Data: agreementText(t, "ie-jp-bank-fraud")}}
}

func loadSigned(t testing.TB, tree fstest.MapFS, signers policy.Signers, rule policy.SignatureRule) (*policy.Engine, error) {
	t.Helper()
	return policy.LoadWith(t.Context(), policy.Options{FS: []fs.FS{tree}, Signers: signers, Signatures: rule})
}

var partners = book{"sakura-bank-jp": true}

func TestUnsignedVersionsDoNotDecide(t *testing.T) {
	for name, tc := range map[string]struct {
		signed  []string
		signers policy.Signers
		rule    policy.SignatureRule
		permit  bool
	}{
		"nobody signed, a partner's keys are known": {nil, partners, "", false},
		"one signed":                           {[]string{"emerald-bank-ie"}, partners, "", false},
		"both signed":                          {[]string{"emerald-bank-ie", "sakura-bank-jp"}, partners, "", true},
		"nobody's keys are known":              {nil, book{}, "", true},
		"keys of somebody else are known":      {nil, book{"liberty-bank-us": true}, "", true},
		"required of all":                      {nil, book{}, policy.SignaturesRequired, false},
		"optional":                             {nil, partners, policy.SignaturesOptional, true},
		"required, and nothing to verify with": {[]string{"emerald-bank-ie", "sakura-bank-jp"}, nil, policy.SignaturesRequired, false},
		"a word that is no rule asks for all":  {nil, book{}, "perhaps", false},
		"no signers, nothing can be asked for": {nil, nil, "", true},
	} {
		t.Run(name, func(t *testing.T) {
			tree := sampleTree(t)
			for _, party := range tc.signed {
				sign(t, tree, party, nil)
			}
			e, err := loadSigned(t, tree, tc.signers, tc.rule)
			require.NoError(t, err)
			d := decideJP(t, e)
			assert.Equal(t, tc.permit, d.Permit, "%+v", d.Reasons)
			if !tc.permit {
				assert.Equal(t, []string{"agreement_unsigned"}, d.Missing)
			}
		})
	}
}

// Each of these signatures is there and does not count; the agreement loads, so that one can look at it and sign again.
func TestSignaturesThatDoNotCount(t *testing.T) {
	for name, tc := range map[string]struct {
		change func(fstest.MapFS)
		want   string
	}{
		"terms changed": {replaceIn("retention_days: 365", "retention_days: 3650"), "sakura-bank-jp: the agreement was changed after signing"},
		"older version": {replaceIn(`version: "1.0"`, `version: "1.1"`), "signed version 1.0, and this is 1.1"},
		"rules appeared": {func(tree fstest.MapFS) {
			tree[jpRules] = &fstest.MapFile{Data: []byte(rulesFile("floors := {\"iban\": {facts.purpose}}\n"))}
		}, "changed after signing"},
	} {
		t.Run(name, func(t *testing.T) {
			tree := sampleTree(t)
			sign(t, tree, "emerald-bank-ie", nil)
			sign(t, tree, "sakura-bank-jp", nil)
			tc.change(tree)
			e, err := loadSigned(t, tree, partners, "")
			require.NoError(t, err)
			assert.Contains(t, strings.Join(e.Signatures("ie-jp-bank-fraud").Problems, "\n"), tc.want)
			assert.Contains(t, decideJP(t, e).Missing, "agreement_unsigned")
		})
	}
	tree := sampleTree(t)
	sign(t, tree, "emerald-bank-ie", nil)
	sign(t, tree, "sakura-bank-jp", func(s *agreement.Signature) { s.Key = "an old key" })
	e, err := loadSigned(t, tree, partners, "")
	require.NoError(t, err)
	assert.Equal(t, []string{"sakura-bank-jp: signed with a key that is not known as the party's"}, e.Signatures("ie-jp-bank-fraud").Problems)
	assert.False(t, decideJP(t, e).Permit)
}

func replaceIn(old, new string) func(fstest.MapFS) {
	return func(tree fstest.MapFS) {
		tree[jpFile] = &fstest.MapFile{Data: []byte(strings.Replace(string(tree[jpFile].Data), old, new, 1))}
	}
}

// Words that changed under a version that was signed, and signatures that are not what they say, do not load.
func TestClauseTextChangedAfterSigningDoesNotLoad(t *testing.T) {
	for name, change := range map[string]func(fstest.MapFS){
		"text":   replaceIn("deletes the data after 365 days", "keeps the data"),
		"title":  replaceIn("title: No onward transfer", "title: Onward transfer"),
		"number": replaceIn(`id: "5.2"`, `id: "5.3"`),
	} {
		tree := sampleTree(t)
		sign(t, tree, "sakura-bank-jp", nil)
		change(tree)
		_, err := loadSigned(t, tree, partners, "")
		require.ErrorContains(t, err, "/clauses: the clauses or the legal text of version 1.0 were changed after sakura-bank-jp signed them", name)
		assert.Regexp(t, jpFile+`:\d+: /clauses`, err.Error())
	}
	const file = "agreements/ie-jp-bank-fraud/signatures/sakura-bank-jp.json"
	for name, tc := range map[string]struct {
		spoil func(*agreement.Signature)
		want  string
	}{
		"bit of the signature": {func(s *agreement.Signature) { s.Signature[7] ^= 1 }, file + `:\d+: /signature: the signature does not verify`},
		"day of signing":       {func(s *agreement.Signature) { s.Statement.SignedAt = s.Statement.SignedAt.AddDate(0, 0, 1) }, file + `:\d+: /signature: the signature does not verify`},
		"another's":            {func(s *agreement.Signature) { s.Statement.Party = "emerald-bank-ie" }, file + `:\d+: /party: the signature is of another party`},
		"another agreement":    {func(s *agreement.Signature) { s.Statement.Agreement = "other" }, file + `:\d+: /agreement: the signature is of another agreement`},
		"half a signature":     {func(s *agreement.Signature) { s.Signature = s.Signature[:32] }, file + `:\d+: /signature: not the base64`},
	} {
		tree := sampleTree(t)
		sign(t, tree, "sakura-bank-jp", tc.spoil)
		_, err := loadSigned(t, tree, partners, "")
		require.Error(t, err, name)
		assert.Regexp(t, tc.want, err.Error(), name)
	}
	tree := sampleTree(t)
	for name, text := range map[string]string{"not JSON": "{", "unknown member": `{"statement": {}, "key": "x", "signature": "", "more": 1}`, "empty": ""} {
		tree[file] = &fstest.MapFile{Data: []byte(text)}
		_, err := loadSigned(t, tree, partners, "")
		require.ErrorContains(t, err, file+":1: not a signature of an agreement", name)
	}
}

func TestSignatureOfAStrangerDoesNotLoad(t *testing.T) {
	tree := sampleTree(t)
	sign(t, tree, "liberty-bank-us", nil)
	_, err := loadSigned(t, tree, partners, "")
	require.ErrorContains(t, err, "/party: not a party to the agreement")
}

func TestExplanationOfAnUnsignedVersion(t *testing.T) {
	e, err := loadSigned(t, sampleTree(t), partners, "")
	require.NoError(t, err)
	x := e.Explain(t.Context(), fraudFacts(t, e, "ie-jp-bank-fraud", "sakura-bank-jp"))
	require.Len(t, x.Remedies, 1)
	assert.Contains(t, x.Remedies[0].Changes[0].Text, "sign this version")
}
