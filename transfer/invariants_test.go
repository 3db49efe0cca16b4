package transfer_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passavant/passavant/audit"
	"github.com/passavant/passavant/internal/sample"
	"github.com/passavant/passavant/policy"
	"github.com/passavant/passavant/transfer"
	"github.com/passavant/passavant/transfer/transfertest"
)

// The twelve invariants of the design, each seen from the end of the way of the data. The packages that uphold them test
// them in depth.

// withRules loads the sample agreements with rules of the agreement's own.
func withRules(t *testing.T, rules string) *policy.Engine {
	t.Helper()
	e, err := loadRules(t, rules)
	require.NoError(t, err)
	return e
}

func loadRules(t *testing.T, rules string) (*policy.Engine, error) {
	t.Helper()
	tree := fstest.MapFS{"agreements/ie-jp-bank-fraud/agreement.yaml": {Data: readAgreement(t, sample.Workspace(), "ie-jp-bank-fraud")}}
	if rules != "" {
		tree["agreements/ie-jp-bank-fraud/rules.rego"] = &fstest.MapFile{Data: []byte(rules)}
	}
	return policy.LoadWith(t.Context(), policy.Options{FS: []fs.FS{tree}, KnownObligations: transfer.KnownObligations()})
}

func readAgreement(t *testing.T, fsys fs.FS, id string) []byte {
	t.Helper()
	text, err := fs.ReadFile(fsys, "agreements/"+id+"/agreement.yaml")
	require.NoError(t, err)
	return text
}

func useEngine(e *policy.Engine) transfertest.Option {
	return func(s *transfer.SenderConfig, r *transfer.ReceiverConfig) { s.Engine, r.Engine = e, e }
}

// requireRefused sends the sample report and demands a refusal by policy after which nothing has left.
func requireRefused(t *testing.T, p *transfertest.Pair, req transfer.Request) *transfer.DeniedError {
	t.Helper()
	_, err := p.Sender.Send(t.Context(), req, transfertest.Report(t))
	var denied *transfer.DeniedError
	require.ErrorAs(t, err, &denied)
	assert.False(t, denied.Decision.Permit)
	assert.NotEmpty(t, denied.Decision.Missing, "a refusal has a reason code")
	assert.Empty(t, p.Transport.Envelopes())
	return denied
}

func TestInvariant01_DenyIsTheZeroValue(t *testing.T) {
	assert.False(t, policy.Decision{}.Permit)

	t.Run("unknown agreement", func(t *testing.T) {
		req := transfertest.Request()
		req.Agreement = "no-such-agreement"
		requireRefused(t, transfertest.New(t), req)
	})
	t.Run("unknown party", func(t *testing.T) {
		req := transfertest.Request()
		req.Recipient = "no-such-bank"
		requireRefused(t, transfertest.New(t), req)
	})
	t.Run("expired agreement", func(t *testing.T) {
		p := transfertest.New(t)
		p.Now = time.Date(2028, 2, 1, 0, 0, 0, 0, time.UTC)
		denied := requireRefused(t, p, transfertest.Request())
		assert.Contains(t, denied.Decision.Missing, "agreement_inactive")
	})
	t.Run("unknown term in the claims", func(t *testing.T) {
		req := transfertest.Request()
		req.Claims = map[string]any{"purpos": "x"}
		denied := requireRefused(t, transfertest.New(t), req)
		assert.Contains(t, denied.Decision.Missing, policy.CodeFactsInvalid)
	})
	t.Run("cancelled evaluation", func(t *testing.T) {
		p := transfertest.New(t)
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		_, err := p.Sender.Send(ctx, transfertest.Request(), transfertest.Report(t))
		require.Error(t, err)
		assert.Empty(t, p.Transport.Envelopes())
	})
}

// brokenSync is a disk whose fsync fails from a certain moment on.
type brokenSync struct {
	audit.FS
	mu     sync.Mutex
	broken bool
}

func (b *brokenSync) OpenFile(path string, flag int, perm os.FileMode) (audit.File, error) {
	f, err := b.FS.OpenFile(path, flag, perm)
	return syncFile{f, b}, err
}

func (b *brokenSync) breakNow() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.broken = true
}

type syncFile struct {
	audit.File
	disk *brokenSync
}

func (f syncFile) Sync() error {
	f.disk.mu.Lock()
	defer f.disk.mu.Unlock()
	if f.disk.broken {
		return &os.PathError{Op: "sync", Path: "journal", Err: syscall.EIO}
	}
	return f.File.Sync()
}

func TestInvariant02_NoRecordNoTransfer(t *testing.T) {
	t.Run("the intent is on disk when the transport is called", func(t *testing.T) {
		p := transfertest.New(t)
		seen := 0
		p.Transport.Fail = func(e *transfer.Envelope) error {
			reader, err := audit.OpenReader(p.ExporterLog.Dir(), p.ExporterLog.VerifierKey())
			require.NoError(t, err)
			defer func() { _ = reader.Close() }()
			for _, r := range reader.All(0) {
				if r.Type == audit.Intent && r.Transfer == e.Header.Transfer && r.EnvelopeDigest == e.Digest() {
					seen++
				}
			}
			return reader.Err()
		}
		_, err := p.Sender.Send(t.Context(), transfertest.Request(), transfertest.Report(t))
		require.NoError(t, err)
		assert.Equal(t, 1, seen)
	})
	t.Run("a failed fsync delivers nothing and poisons the log", func(t *testing.T) {
		disk := &brokenSync{FS: osFS{}}
		p := transfertest.New(t, func(s *transfer.SenderConfig, _ *transfer.ReceiverConfig) {
			log, err := audit.Open(t.TempDir(), audit.Options{
				Origin: transfer.LogOrigin(s.Keys.Party()), Signer: s.Keys.LogSigner(), FS: disk, PublishEvery: -1,
			})
			require.NoError(t, err)
			t.Cleanup(func() { _ = log.Close() })
			s.Log = log
		})
		disk.breakNow()
		for range 2 {
			_, err := p.Sender.Send(t.Context(), transfertest.Request(), transfertest.Report(t))
			require.ErrorIs(t, err, transfer.ErrNotRecorded)
			require.ErrorIs(t, err, audit.ErrPoisoned)
		}
		assert.Empty(t, p.Transport.Envelopes())
	})
	t.Run("after a lost answer the transfer is in doubt, never failed", func(t *testing.T) {
		p := transfertest.New(t)
		p.Transport.Fail = func(*transfer.Envelope) error { return errors.New("the answer was lost") }
		_, err := p.Sender.Send(t.Context(), transfertest.Request(), transfertest.Report(t))
		var failed *transfer.DeliveryError
		require.ErrorAs(t, err, &failed)
		assert.True(t, failed.InDoubt)
		require.NoError(t, p.ExporterLog.Flush(t.Context()))
		assert.Equal(t, []string{failed.Transfer}, p.ExporterLog.InDoubt())
		assert.Equal(t, []audit.Type{audit.PolicyChange, audit.Intent}, types(t, p.ExporterLog))
	})
	t.Run("a failed delivery leaves intent and outcome", func(t *testing.T) {
		p := transfertest.New(t)
		p.Transport.Fail = func(*transfer.Envelope) error { return fmt.Errorf("no line: %w", transfer.ErrNotDelivered) }
		_, err := p.Sender.Send(t.Context(), transfertest.Request(), transfertest.Report(t))
		var failed *transfer.DeliveryError
		require.ErrorAs(t, err, &failed)
		assert.False(t, failed.InDoubt)
		require.NoError(t, p.ExporterLog.Flush(t.Context()))
		assert.Empty(t, p.ExporterLog.InDoubt())
		assert.Equal(t, []audit.Type{audit.PolicyChange, audit.Intent, audit.Failed}, types(t, p.ExporterLog))
	})
}

func types(t *testing.T, log *audit.Log) []audit.Type {
	t.Helper()
	reader, err := audit.OpenReader(log.Dir(), log.VerifierKey())
	require.NoError(t, err)
	defer func() { _ = reader.Close() }()
	var all []audit.Type
	for _, r := range reader.All(0) {
		all = append(all, r.Type)
	}
	require.NoError(t, reader.Err())
	return all
}

func TestInvariant03_DefaultDrop(t *testing.T) {
	p := transfertest.New(t)
	document, _ := transfertest.Canary(t)
	sent, err := p.Sender.Send(t.Context(), transfertest.Request(), document)
	require.NoError(t, err)
	assert.EqualValues(t, 2, sent.Header.Manifest.Unlisted, "both unlisted values are dropped and counted")
	received, err := p.Receiver.Receive(t.Context(), sent.Envelope)
	require.NoError(t, err)
	transfertest.RequireNoCanary(t, "what the recipient got", received.Document, []string{
		"canary-unlisted-name-22", "canary-unlisted-value-23", "9124812491249",
		"canary street 05", "canary reference text 15", "canary narrative twenty-one", "canary09@mail.example.org",
	})
	assert.Contains(t, string(received.Document), "canary-case-reference-01", "what is kept arrives")

	t.Run("a category that the agreement does not name", func(t *testing.T) {
		agreed := string(readAgreement(t, sample.Workspace(), "ie-jp-bank-fraud"))
		tree := fstest.MapFS{"agreements/ie-jp-bank-fraud/agreement.yaml": {Data: []byte(without(t, agreed, "  merchant: {treatment: keep}\n"))}}
		e, err := policy.LoadWith(t.Context(), policy.Options{FS: []fs.FS{tree}, KnownObligations: transfer.KnownObligations()})
		require.NoError(t, err)
		p := transfertest.New(t, useEngine(e))
		sent, err := p.Sender.Send(t.Context(), transfertest.Request(), document)
		require.NoError(t, err)
		received, err := p.Receiver.Receive(t.Context(), sent.Envelope)
		require.NoError(t, err)
		assert.NotContains(t, string(received.Document), "Canary Merchant 17")
	})
}

// A rule of an agreement that imposes an obligation which nobody knows how to discharge.
const foreignObligation = `package passavant.agreements.ie_jp_bank_fraud

duties contains {"code": "sing_a_song", "params": {}, "travels": false}
`

func TestInvariant04_EveryObligationIsDischargedOrTheTransferFails(t *testing.T) {
	t.Run("an obligation without a handler does not load", func(t *testing.T) {
		known := slices.DeleteFunc(transfer.KnownObligations(), func(code string) bool { return code == "check_dpf_status" })
		_, err := policy.LoadWith(t.Context(), policy.Options{FS: []fs.FS{sample.Workspace()}, KnownObligations: known})
		require.ErrorIs(t, err, policy.ErrUnknownObligation)
		require.ErrorContains(t, err, "check_dpf_status")
	})
	t.Run("a rule that makes one up never permits", func(t *testing.T) {
		denied := requireRefused(t, transfertest.New(t, useEngine(withRules(t, foreignObligation))), transfertest.Request())
		assert.Equal(t, []string{policy.CodeUnknownObligation}, denied.Decision.Missing)
	})
	t.Run("the recipient refuses what it cannot honour", func(t *testing.T) {
		p := transfertest.New(t, func(_ *transfer.SenderConfig, r *transfer.ReceiverConfig) { r.Honoured = []string{"purpose_limit"} })
		sent, err := p.Sender.Send(t.Context(), transfertest.Request(), transfertest.Report(t))
		require.NoError(t, err)
		requireRejected(t, p, sent.Envelope, transfer.RejectObligations)
	})
}

func requireRejected(t *testing.T, p *transfertest.Pair, e *transfer.Envelope, want transfer.RejectCode) {
	t.Helper()
	_, err := p.Receiver.Receive(t.Context(), e)
	var rejected *transfer.RejectedError
	require.ErrorAs(t, err, &rejected)
	assert.Equal(t, want, rejected.Code, "%v", err)
}

func TestInvariant05_ADecisionIsAPureFunction(t *testing.T) {
	for _, builtin := range []string{
		`time.now_ns()`, `rand.intn("x", 2)`, `opa.runtime()`, `uuid.rfc4122("x")`,
		`http.send({"method": "GET", "url": "http://localhost"})`, `net.lookup_ip_addr("localhost")`,
		`numbers.range(1, 2)`, `crypto.sha256("x")`, // harmless, and not on the list
	} {
		t.Run(builtin, func(t *testing.T) {
			_, err := loadRules(t, "package passavant.agreements.ie_jp_bank_fraud\n\ntaste := "+builtin+"\n")
			require.Error(t, err)
			assert.Contains(t, err.Error(), "undefined function")
		})
	}
	t.Run("equal facts decide equally in engines apart", func(t *testing.T) {
		a, b := transfertest.New(t), transfertest.New(t)
		first, err := a.Sender.Send(t.Context(), transfertest.Request(), transfertest.Report(t))
		require.NoError(t, err)
		second, err := b.Sender.Send(t.Context(), transfertest.Request(), transfertest.Report(t))
		require.NoError(t, err)
		assert.Equal(t, first.Decision, second.Decision)
	})
}

func TestInvariant06_PolicySeesShapesNeverValues(t *testing.T) {
	p := transfertest.New(t)
	document, canaries := transfertest.Canary(t)
	sent, err := p.Sender.Send(t.Context(), transfertest.Request(), document)
	require.NoError(t, err)
	require.NotEmpty(t, sent.Decision.FactsCanonical)
	transfertest.RequireNoCanary(t, "the facts", sent.Decision.FactsCanonical, canaries)
}

func TestInvariant07_ClaimsAreNotEvidence(t *testing.T) {
	for name, claim := range map[string]any{
		"safeguard":            map[string]any{"type": "scc_2021_914", "module": 1},
		"tia":                  map[string]any{"done": true},
		"lawful_basis":         "GDPR:6(1)(c)",
		"recipient":            map[string]any{"country": "IE"},
		"recipient_key_pinned": true,
		"data":                 map[string]any{"categories": []any{}},
	} {
		t.Run(name, func(t *testing.T) {
			req := transfertest.Request()
			req.Agreement, req.Recipient = "ie-vn-memorandum", "lotus-bank-vn"
			req.Claims = map[string]any{name: claim}
			denied := requireRefused(t, transfertest.New(t), req)
			assert.Contains(t, denied.Decision.Missing, policy.CodeFactsInvalid)
		})
	}
}

func TestInvariant08_TheLogHoldsNoPersonalData(t *testing.T) {
	p := transfertest.New(t)
	document, canaries := transfertest.Canary(t)
	req := transfertest.Request()
	req.Actor, req.Reference, req.Justification = "canary-actor-90", "canary-ref-91", "canary-why-92"
	sent, err := p.Sender.Send(t.Context(), req, document)
	require.NoError(t, err)
	_, err = p.Receiver.Receive(t.Context(), sent.Envelope)
	require.NoError(t, err)
	require.NoError(t, p.ExporterLog.Close())
	require.NoError(t, p.RecipientLog.Close())
	transfertest.RequireNoCanaryUnder(t, p.ExporterLog.Dir(), canaries)
	transfertest.RequireNoCanaryUnder(t, p.RecipientLog.Dir(), canaries)

	// The details hold who asked; the log holds a commitment only, and erasing the details breaks no proof.
	people := []string{req.Actor, req.Reference, req.Justification}
	for _, part := range []string{"journal", "tile"} {
		transfertest.RequireNoCanaryUnder(t, p.ExporterLog.Dir()+"/"+part, people)
	}
	erased, err := audit.EraseDetail(p.ExporterLog.Dir(), sent.Transfer)
	require.NoError(t, err)
	assert.Positive(t, erased)
	transfertest.RequireNoCanaryUnder(t, p.ExporterLog.Dir(), people)
	_, err = audit.Verify(t.Context(), p.ExporterLog.Dir(), audit.VerifyOptions{VKey: p.ExporterLog.VerifierKey()})
	require.NoError(t, err)
	require.NoError(t, audit.VerifyProof(p.ExporterLog.VerifierKey(), sent.Envelope.Staple.Record, sent.Envelope.Staple.Proof))
}

// received sends the sample report and reads what arrives.
func receivedReport(t *testing.T, p *transfertest.Pair) report {
	t.Helper()
	sent, err := p.Sender.Send(t.Context(), transfertest.Request(), transfertest.Report(t))
	require.NoError(t, err)
	got, err := p.Receiver.Receive(t.Context(), sent.Envelope)
	require.NoError(t, err)
	var r report
	require.NoError(t, json.Unmarshal(got.Document, &r))
	return r
}

type report struct {
	Victim struct {
		Name string `json:"name"`
		IBAN string `json:"iban"`
	} `json:"victim"`
	Transactions []struct {
		From string `json:"from"`
	} `json:"transactions"`
}

func TestInvariant09_PseudonymsOfDifferentDomainsCannotBeJoined(t *testing.T) {
	p := transfertest.New(t)
	first, second := receivedReport(t, p), receivedReport(t, p)
	assert.Regexp(t, `^psn_`, first.Victim.Name)
	assert.Equal(t, first.Victim.IBAN, first.Transactions[0].From, "within a transfer one account has one pseudonym")
	assert.NotEqual(t, first.Victim.IBAN, second.Victim.IBAN, "transaction is the default scope: every transfer is a domain")
	assert.NotEqual(t, first.Victim.Name, second.Victim.Name)
}

func TestInvariant10_TheEnvelopeIsBound(t *testing.T) {
	p := transfertest.New(t)
	sent, err := p.Sender.Send(t.Context(), transfertest.Request(), transfertest.Report(t))
	require.NoError(t, err)
	whole, err := sent.Envelope.Bytes()
	require.NoError(t, err)

	t.Run("any changed byte", func(t *testing.T) {
		for at := 0; at < len(whole); at += 7 {
			changed := bytes.Clone(whole)
			changed[at] ^= 1
			requireUnacceptable(t, p, changed)
		}
	})
	t.Run("any cut", func(t *testing.T) {
		for at := 0; at < len(whole); at += 61 {
			requireUnacceptable(t, p, whole[:at])
		}
		requireUnacceptable(t, p, append(bytes.Clone(whole), 'x'))
	})
	t.Run("sent on to somebody else", func(t *testing.T) {
		other := transfertest.New(t)
		requireRejected(t, other, sent.Envelope, transfer.RejectSignature)
	})
	t.Run("without its proof", func(t *testing.T) {
		bare := *sent.Envelope
		bare.Staple = nil
		requireRejected(t, p, &bare, transfer.RejectNotLogged)
	})
	t.Run("with the proof of another", func(t *testing.T) {
		another, err := p.Sender.Send(t.Context(), transfertest.Request(), transfertest.Report(t))
		require.NoError(t, err)
		swapped := *sent.Envelope
		swapped.Staple = another.Envelope.Staple
		requireRejected(t, p, &swapped, transfer.RejectNotLogged)
	})
	t.Run("with a proof that the log holds another envelope of the same transfer", func(t *testing.T) {
		entry, err := p.ExporterLog.Append(t.Context(), audit.Record{
			Type: audit.Intent, Transfer: sent.Transfer, EnvelopeDigest: "sha256:" + strings.Repeat("0", 64),
		}, nil)
		require.NoError(t, err)
		swapped := *sent.Envelope
		swapped.Staple = &transfer.Staple{Record: entry.Record, Proof: entry.Proof}
		requireRejected(t, p, &swapped, transfer.RejectNotLogged)
	})
	t.Run("expired", func(t *testing.T) {
		p.Now = p.Now.Add(transfer.DefaultLifetime)
		requireRejected(t, p, sent.Envelope, transfer.RejectExpired)
		p.Now = transfertest.Start()
	})
	t.Run("from the future", func(t *testing.T) {
		p.Now = p.Now.Add(-time.Hour)
		requireRejected(t, p, sent.Envelope, transfer.RejectFuture)
		p.Now = transfertest.Start()
	})
	t.Run("replayed, also after a restart", func(t *testing.T) {
		_, err := p.Receiver.Receive(t.Context(), sent.Envelope)
		require.NoError(t, err)
		requireRejected(t, p, sent.Envelope, transfer.RejectReplayed)
		restarted, err := transfer.NewReceiver(p.Receiver.ReceiverConfig)
		require.NoError(t, err)
		p.Receiver = restarted
		requireRejected(t, p, sent.Envelope, transfer.RejectReplayed)
	})
}

// requireUnacceptable demands that no step lets the bytes through.
func requireUnacceptable(t *testing.T, p *transfertest.Pair, raw []byte) {
	t.Helper()
	e, err := transfer.ParseEnvelope(bytes.NewReader(raw))
	if err != nil {
		return
	}
	_, err = p.Receiver.Receive(t.Context(), e)
	require.Error(t, err)
}

func TestInvariant11_NoPayloadValueInAnyErrorOrRecord(t *testing.T) {
	document, canaries := transfertest.Canary(t)
	for name, broken := range map[string][]byte{
		"truncated":              document[:len(document)/2],
		"trailing":               append(bytes.Clone(document), "canary-trailing"...),
		"duplicate member":       bytes.Replace(document, []byte(`"name": "Cánary`), []byte(`"name": "x", "name": "Cánary`), 1),
		"wrong type":             bytes.Replace(document, []byte(`"canary-case-reference-01"`), []byte(`["canary-case-reference-01"]`), 1),
		"unreadable date":        bytes.Replace(document, []byte("1958-11-29"), []byte("1958-11-29 canary-date"), 1),
		"invalid UTF-8":          bytes.Replace(document, []byte("canarytown06"), []byte("canarytown06\xff"), 1),
		"leak into a kept field": bytes.Replace(document, []byte("canary-fraud-type-02"), []byte("canary09@mail.example.org"), 1),
	} {
		t.Run(name, func(t *testing.T) {
			p := transfertest.New(t)
			require.NotEqual(t, document, broken, "the document must differ")
			_, err := p.Sender.Send(t.Context(), transfertest.Request(), broken)
			require.Error(t, err)
			transfertest.RequireNoCanary(t, "the error", []byte(err.Error()), append(canaries, "canary-trailing", "canary-date"))
			assert.Empty(t, p.Transport.Envelopes())
			require.NoError(t, p.ExporterLog.Close())
			transfertest.RequireNoCanaryUnder(t, p.ExporterLog.Dir(), canaries)
		})
	}
	t.Run("the header", func(t *testing.T) {
		p := transfertest.New(t)
		sent, err := p.Sender.Send(t.Context(), transfertest.Request(), document)
		require.NoError(t, err)
		raw, err := sent.Envelope.Bytes()
		require.NoError(t, err)
		transfertest.RequireNoCanary(t, "the envelope", raw, canaries)
	})
}

func TestInvariant12_AnAbsentFactRefuses(t *testing.T) {
	agreement := string(readAgreement(t, sample.Elsewhere(), "ie-us-bank-scc"))
	const atLoad = "at load" // the agreement's schema asks for the fact
	for name, tc := range map[string]struct{ line, missing string }{
		"the safeguard":                    {"safeguard:\n", "appropriate_safeguard"},
		"the assessment":                   {"tia:\n", "transfer_impact_assessment"},
		"the analysis of pseudonymisation": {"data:\n", "effective_supplementary_measure"},
		"who holds the key":                {"    additional_info_holder: exporter_eea\n", "effective_supplementary_measure"},
		"the supplementary measure":        {"  measures: [edpb_uc2]\n", "effective_supplementary_measure"},
		"the lawful basis":                 {"lawful_basis:\n", atLoad},
		"one annex":                        {"  annexes_complete: true\n", atLoad},
		"enforceable rights":               {"  enforceable_rights: true\n", atLoad},
		"the conclusion":                   {"  conclusion: essentially_equivalent\n", atLoad},
		"the recipient's country":          {"    country: US\n", atLoad},
	} {
		t.Run("without "+name, func(t *testing.T) {
			e, err := policy.LoadWith(t.Context(), policy.Options{
				FS:               []fs.FS{fstest.MapFS{"agreements/ie-us-bank-scc/agreement.yaml": {Data: []byte(without(t, agreement, tc.line))}}},
				KnownObligations: transfer.KnownObligations(),
			})
			if tc.missing == atLoad {
				require.ErrorContains(t, err, "missing key")
				return
			}
			require.NoError(t, err)
			req := transfertest.Request()
			req.Agreement, req.Recipient = "ie-us-bank-scc", "liberty-bank-us"
			denied := requireRefused(t, transfertest.New(t, useEngine(e)), req)
			assert.Contains(t, denied.Decision.Missing, tc.missing)
		})
	}
}

// without removes a line of YAML and what is indented beneath it.
func without(t *testing.T, text, line string) string {
	t.Helper()
	at := strings.Index("\n"+text, "\n"+line)
	require.GreaterOrEqual(t, at, 0, "the agreement has no line %q", line)
	indent := len(line) - len(strings.TrimLeft(line, " "))
	rest := text[at+len(line):]
	for rest != "" && len(rest)-len(strings.TrimLeft(rest, " ")) > indent {
		_, rest, _ = strings.Cut(rest, "\n")
	}
	return text[:at] + rest
}

// osFS is the real file system behind the faults.
type osFS struct{}

func (osFS) MkdirAll(dir string, perm os.FileMode) error { return os.MkdirAll(dir, perm) }
func (osFS) Rename(from, to string) error                { return os.Rename(from, to) }
func (osFS) RemoveAll(path string) error                 { return os.RemoveAll(path) }
func (osFS) OpenFile(path string, flag int, perm os.FileMode) (audit.File, error) {
	return os.OpenFile(path, flag, perm)
}

func (osFS) SyncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
