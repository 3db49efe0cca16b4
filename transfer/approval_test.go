package transfer_test

import (
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/passavant/passavant/internal/sample"
	"github.com/passavant/passavant/policy"
	"github.com/passavant/passavant/transfer"
	"github.com/passavant/passavant/transfer/transfertest"
)

// person makes the key of a person from a name.
func person(name string) ed25519.PrivateKey {
	return ed25519.NewKeyFromSeed([]byte(fmt.Sprintf("%-32.32s", name)))
}

// guarded is the Japanese sample with approvals by the person "head", on the occasion.
func guarded(t testing.TB, when string) *policy.Engine {
	t.Helper()
	text, err := fs.ReadFile(sample.Workspace(), "agreements/ie-jp-bank-fraud/agreement.yaml")
	require.NoError(t, err)
	key := base64.StdEncoding.EncodeToString(person("head").Public().(ed25519.PublicKey))
	text = append(text, fmt.Sprintf("approvals:\n  - {role: second_person, when: %s, keys: [{party: emerald-bank-ie, holder: Head, public_key: %q}]}\n", when, key)...)
	e, err := policy.LoadWith(t.Context(), policy.Options{
		FS:               []fs.FS{fstest.MapFS{"agreements/ie-jp-bank-fraud/agreement.yaml": {Data: text}}},
		KnownObligations: transfer.KnownObligations(),
	})
	require.NoError(t, err)
	return e
}

// question is what the sender will ask at the pair's time.
func question(p *transfertest.Pair, e *policy.Engine) policy.Facts {
	return transfer.Facts(e, transfer.NewPartners(p.RecipientKeys.Public()), p.Catalogue, transfertest.Exporter, transfertest.Request(), p.Now)
}

func approve(t testing.TB, e *policy.Engine, f policy.Facts, life time.Duration) *transfer.Approval {
	t.Helper()
	a, err := transfer.Approve(e, f, person("head"), transfer.ApprovalTerms{Role: "second_person", Issued: f.At, Expires: f.At.Add(life)})
	require.NoError(t, err)
	return a
}

func TestApprovalLetsATransferPass(t *testing.T) {
	e := guarded(t, "always")
	p := transfertest.New(t, useEngine(e))
	req := transfertest.Request()
	denied := requireRefused(t, p, req)
	assert.Equal(t, []string{"approval_missing"}, denied.Decision.Missing)

	req.Approvals = []*transfer.Approval{approve(t, e, question(p, e), time.Hour)}
	sent, err := p.Sender.Send(t.Context(), req, transfertest.Report(t))
	require.NoError(t, err)
	assert.Contains(t, string(sent.Decision.FactsCanonical), `"approvals":["second_person"]`)
	assert.Regexp(t, `"approval_second_person":"sha256:[0-9a-f]{64}"`, string(sent.Envelope.Staple.Record), "the record names the approval")

	later := transfertest.New(t, useEngine(e))
	later.Now = p.Now.Add(time.Hour)
	denied = requireRefused(t, later, req)
	assert.Equal(t, []string{"approval_missing"}, denied.Decision.Missing, "it has expired")
}

// The agreement asks for an approval on an occasion only; without it nothing changes.
func TestApprovalOnItsOccasion(t *testing.T) {
	p := transfertest.New(t, useEngine(guarded(t, "special_categories")))
	_, err := p.Sender.Send(t.Context(), transfertest.Request(), transfertest.Report(t))
	require.NoError(t, err)
}

// A request that says of itself that it was approved is refused: approvals have another home.
func TestClaimedApprovalIsRefused(t *testing.T) {
	p := transfertest.New(t, useEngine(guarded(t, "always")))
	req := transfertest.Request()
	req.Claims = map[string]any{"approvals": []any{"second_person"}}
	denied := requireRefused(t, p, req)
	assert.Equal(t, []string{policy.CodeFactsInvalid}, denied.Decision.Missing)
}

// Each thing that an approval is bound to, changed alone, takes its effect away.
func TestWhatAnApprovalIsBoundTo(t *testing.T) {
	e := guarded(t, "always")
	p := transfertest.New(t, useEngine(e))
	at := p.Now
	for name, tc := range map[string]struct {
		facts func(*policy.Facts)
		spoil func(*transfer.Approval)
		want  string
	}{
		"another purpose":         {facts: func(f *policy.Facts) { f.Claims["purpose"] = "marketing" }, want: "other facts"},
		"a further claim":         {facts: func(f *policy.Facts) { f.Claims["necessary"] = true }, want: "other facts"},
		"other data":              {facts: func(f *policy.Facts) { f.Evidence["data"].(map[string]any)["special_categories"] = []any{"health"} }, want: "other facts"},
		"another recipient":       {facts: func(f *policy.Facts) { f.Recipient = "emerald-bank-ie" }, want: "other facts"},
		"another exporter":        {facts: func(f *policy.Facts) { f.Exporter = "sakura-bank-jp" }, want: "other facts"},
		"an unknown agreement":    {facts: func(f *policy.Facts) { f.Agreement = "nothing" }, want: "another agreement"},
		"too early":               {facts: func(f *policy.Facts) { f.At = at.Add(-time.Second) }, want: "not good yet"},
		"at the end":              {facts: func(f *policy.Facts) { f.At = at.Add(time.Hour) }, want: "expired"},
		"facts not JSON":          {facts: func(f *policy.Facts) { f.Claims["x"] = make(chan int) }, want: "another agreement"},
		"longer life":             {spoil: func(a *transfer.Approval) { a.Statement.Expires = at.Add(48 * time.Hour) }, want: "no key"},
		"a life of years":         {spoil: func(a *transfer.Approval) { a.Statement.Expires = at.AddDate(3, 0, 0) }, want: "more than 31 days"},
		"no life":                 {spoil: func(a *transfer.Approval) { a.Statement.Expires = at }, want: "ends before it begins"},
		"another role":            {spoil: func(a *transfer.Approval) { a.Statement.Role = "originating_authority" }, want: `for the role "originating_authority"`},
		"another version":         {spoil: func(a *transfer.Approval) { a.Statement.AgreementDigest = "sha256:00" }, want: "another version"},
		"another agreement's":     {spoil: func(a *transfer.Approval) { a.Statement.Agreement = "ie-us-bank-scc" }, want: "another agreement"},
		"a bit of the signature":  {spoil: func(a *transfer.Approval) { a.Signature[3] ^= 4 }, want: "no key"},
		"a name of another key":   {spoil: func(a *transfer.Approval) { a.Key = "0000000000000000" }, want: "no key"},
		"signed by somebody else": {spoil: func(a *transfer.Approval) { a.Signature = ed25519.Sign(person("mallory"), []byte("x")) }, want: "no key"},
	} {
		t.Run(name, func(t *testing.T) {
			f := question(p, e)
			a := approve(t, e, f, time.Hour)
			if tc.spoil != nil {
				tc.spoil(a)
			}
			if tc.facts != nil {
				tc.facts(&f)
			}
			g, problems := transfer.WithApprovals(e, f, []*transfer.Approval{a}, nil)
			assert.Empty(t, g.Evidence["approvals"])
			require.Len(t, problems, 1)
			require.ErrorIs(t, problems[0], transfer.ErrApproval)
			assert.ErrorContains(t, problems[0], tc.want)
		})
	}
	_, problems := transfer.WithApprovals(e, question(p, e), []*transfer.Approval{nil}, nil)
	require.Len(t, problems, 1)
}

// What an approval is not bound to: time within its life, whose keys are pinned, and other approvals.
func TestWhatAnApprovalIsNotBoundTo(t *testing.T) {
	e := guarded(t, "always")
	p := transfertest.New(t, useEngine(e))
	f := question(p, e)
	a := approve(t, e, f, time.Hour)
	f.At = f.At.Add(59 * time.Minute)
	f.Evidence["recipient_key_pinned"] = false
	before := fmt.Sprint(f.Evidence)
	g, problems := transfer.WithApprovals(e, f, []*transfer.Approval{a, a}, nil)
	assert.Empty(t, problems)
	assert.Equal(t, []any{"second_person"}, g.Evidence["approvals"], "shown twice, it counts once")
	assert.Equal(t, before, fmt.Sprint(f.Evidence), "the caller's evidence is its own")
}

func TestApproveRefuses(t *testing.T) {
	e := guarded(t, "always")
	p := transfertest.New(t, useEngine(e))
	f := question(p, e)
	unknown := f
	unknown.Agreement = "nothing"
	for name, try := range map[string]func() (*transfer.Approval, error){
		"a stranger": func() (*transfer.Approval, error) {
			return transfer.Approve(e, f, person("mallory"), transfer.ApprovalTerms{Role: "second_person", Issued: p.Now, Expires: p.Now.Add(time.Hour)})
		},
		"another role": func() (*transfer.Approval, error) {
			return transfer.Approve(e, f, person("head"), transfer.ApprovalTerms{Role: "originating_authority", Issued: p.Now, Expires: p.Now.Add(time.Hour)})
		},
		"no agreement": func() (*transfer.Approval, error) {
			return transfer.Approve(e, unknown, person("head"), transfer.ApprovalTerms{Role: "second_person", Issued: p.Now, Expires: p.Now.Add(time.Hour)})
		},
		"for a year": func() (*transfer.Approval, error) {
			return transfer.Approve(e, f, person("head"), transfer.ApprovalTerms{Role: "second_person", Issued: p.Now, Expires: p.Now.AddDate(1, 0, 0)})
		},
		"for no time": func() (*transfer.Approval, error) {
			return transfer.Approve(e, f, person("head"), transfer.ApprovalTerms{Role: "second_person", Issued: p.Now, Expires: p.Now})
		},
	} {
		a, err := try()
		require.ErrorIs(t, err, transfer.ErrApproval, name)
		assert.Nil(t, a)
	}
}

func TestApprovalSurvivesItsFile(t *testing.T) {
	e := guarded(t, "always")
	p := transfertest.New(t, useEngine(e))
	f := question(p, e)
	raw, err := json.MarshalIndent(approve(t, e, f, time.Hour), "", "  ")
	require.NoError(t, err)
	again, err := transfer.ParseApproval(raw)
	require.NoError(t, err)
	_, problems := transfer.WithApprovals(e, f, []*transfer.Approval{again}, nil)
	assert.Empty(t, problems)
	for name, bad := range map[string]string{
		"unknown member":    strings.Replace(string(raw), `"key"`, `"more": 1, "key"`, 1),
		"another version":   strings.Replace(string(raw), `"version": 1`, `"version": 2`, 1),
		"no base64":         strings.Replace(string(raw), `"signature": "`, `"signature": "*`, 1),
		"member twice":      strings.Replace(string(raw), `"key"`, `"key": "x", "key"`, 1),
		"bytes behind it":   string(raw) + "x",
		"nothing":           "",
		"a whole book":      strings.Repeat(" ", 65<<10) + string(raw),
		"a short signature": `{"approval": {"version": 1, "agreement": "", "agreement_digest": "", "role": "", "facts": "", "issued": "2026-01-01T00:00:00Z", "expires": "2026-01-01T00:00:00Z"}, "key": "", "signature": "AAAA"}`,
	} {
		_, err := transfer.ParseApproval([]byte(bad))
		require.ErrorIs(t, err, transfer.ErrApproval, name)
	}
}

// Whatever is claimed in addition, an approval of other facts never counts.
func TestApprovalOfOtherFactsNeverCounts(t *testing.T) {
	e := guarded(t, "always")
	p := transfertest.New(t, useEngine(e))
	a := approve(t, e, question(p, e), time.Hour)
	rapid.Check(t, func(t *rapid.T) {
		f := question(p, e)
		name := rapid.StringMatching(`[a-z_]{1,12}`).Draw(t, "claim")
		value := rapid.OneOf(rapid.Just[any](true), rapid.Just[any]("x"), rapid.Just[any]([]any{}), rapid.Just[any](map[string]any{})).Draw(t, "value")
		if name == "purpose" {
			return
		}
		f.Claims[name] = value
		if g, problems := transfer.WithApprovals(e, f, []*transfer.Approval{a}, nil); len(problems) != 1 || len(g.Evidence["approvals"].([]any)) != 0 {
			t.Fatal("the approval counted")
		}
	})
}

func FuzzParseApproval(f *testing.F) {
	f.Add([]byte(`{"approval": {"version": 1}, "key": "k", "signature": ""}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		a, err := transfer.ParseApproval(raw)
		if err != nil {
			if !errors.Is(err, transfer.ErrApproval) {
				t.Fatal(err)
			}
			return
		}
		text, err := json.Marshal(a)
		require.NoError(t, err)
		again, err := transfer.ParseApproval(text)
		require.NoError(t, err)
		require.Equal(t, a.Statement.Role, again.Statement.Role)
		require.Equal(t, a.Signature, again.Signature)
	})
}

// An approval of one document serves that document and no other, and none where the document is not known.
func TestApprovalOfOneDocument(t *testing.T) {
	e := guarded(t, "always")
	p := transfertest.New(t, useEngine(e))
	report := transfertest.Report(t)
	f := question(p, e)
	one, err := transfer.Approve(e, f, person("head"), transfer.ApprovalTerms{
		Role: "second_person", Issued: p.Now, Expires: p.Now.Add(time.Hour), Document: transfer.BindDocument(report),
	})
	require.NoError(t, err)
	raw, err := json.Marshal(one)
	require.NoError(t, err)
	read, err := transfer.ParseApproval(raw)
	require.NoError(t, err)
	assert.Equal(t, one, read)
	assert.NotEqual(t, one.Statement.Document, transfer.BindDocument(report), "salted anew each time")

	for name, document := range map[string][]byte{"none": nil, "empty": {}, "another": append(slices.Clone(report), ' ')} {
		_, problems := transfer.WithApprovals(e, f, []*transfer.Approval{one}, document)
		require.Len(t, problems, 1, name)
		assert.ErrorContains(t, problems[0], "it is for one document", name)
	}
	req := transfertest.Request()
	req.Approvals = []*transfer.Approval{one}
	_, err = p.Sender.Send(t.Context(), req, append(slices.Clone(report), '\n'))
	require.ErrorContains(t, err, "approval_missing")
	_, err = p.Sender.Send(t.Context(), req, report)
	require.NoError(t, err)

	tampered := *one
	tampered.Statement.Document = nil
	_, problems := transfer.WithApprovals(e, f, []*transfer.Approval{&tampered}, report)
	require.Len(t, problems, 1, "the binding is part of what is signed")
	malformed := *one
	malformed.Statement.Document = &transfer.DocumentBinding{Salt: "zz", Digest: one.Statement.Document.Digest}
	_, problems = transfer.WithApprovals(e, f, []*transfer.Approval{&malformed}, report)
	require.Len(t, problems, 1)
}

// Whoever approved what is marked AMBER did not approve what is marked RED.
func TestApprovalBindsLabels(t *testing.T) {
	e := guarded(t, "always")
	p := transfertest.New(t, useEngine(e))
	f := question(p, e)
	a := approve(t, e, f, time.Hour)
	for _, label := range []string{"marking", "pap", "handling_code"} {
		g := f
		g.Evidence = map[string]any{label: "TLP:RED", "data": f.Evidence["data"]}
		_, problems := transfer.WithApprovals(e, g, []*transfer.Approval{a}, nil)
		assert.Len(t, problems, 1, label)
	}
}
