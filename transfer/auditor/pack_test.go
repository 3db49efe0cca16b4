package auditor_test

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passavant/passavant/audit"
	"github.com/passavant/passavant/audit/evidence"
	"github.com/passavant/passavant/crypto/seal"
	"github.com/passavant/passavant/internal/canonical"
	"github.com/passavant/passavant/internal/sample"
	"github.com/passavant/passavant/transfer"
	"github.com/passavant/passavant/transfer/auditor"
	"github.com/passavant/passavant/transfer/workspace"
)

// story is a workspace in which one transfer went the whole way and came back acknowledged, and one was refused.
type story struct {
	w        *workspace.Workspace
	auditor  *auditor.Auditor
	vkey     string
	intent   int64
	refused  int64
	document []byte // as the recipient got it
	envelope []byte
}

func tell(t *testing.T, change ...func(*transfer.Request)) story {
	t.Helper()
	s := story{refused: -1}
	var err error
	s.w, err = workspace.Create(t.Context(), filepath.Join(t.TempDir(), "w"), sample.Workspace())
	require.NoError(t, err)
	report, err := sample.Report()
	require.NoError(t, err)
	var sent *transfer.Envelope
	sender, log, err := s.w.Sender(t.Context(), transfer.TransportFunc(func(_ context.Context, e *transfer.Envelope) (*transfer.Receipt, error) {
		sent = e
		return nil, nil
	}))
	require.NoError(t, err)
	req := request(t, s.w, "request.json")
	for _, c := range change {
		c(&req)
	}
	result, err := sender.Send(t.Context(), req, report)
	require.NoError(t, err)
	s.intent = result.Index
	_, err = sender.Send(t.Context(), request(t, s.w, "request-refused.json"), report)
	var denied *transfer.DeniedError
	require.ErrorAs(t, err, &denied)
	s.refused = denied.Index
	s.envelope, err = sent.Bytes()
	require.NoError(t, err)
	var receipt *transfer.Receipt
	s.document, receipt = receive(t, s.w, sent)
	require.NoError(t, sender.Acknowledge(receipt))
	require.NoError(t, log.Close())
	s.open(t)
	return s
}

func request(t *testing.T, w *workspace.Workspace, name string) transfer.Request {
	t.Helper()
	f, err := os.Open(w.Path(name))
	require.NoError(t, err)
	defer func() { require.NoError(t, f.Close()) }()
	r, err := transfer.ParseRequest(f)
	require.NoError(t, err)
	r.Actor, r.Reference, r.Justification = "a.murphy", "FR-2026-17", "suspicious transfers"
	return r
}

func receive(t *testing.T, w *workspace.Workspace, e *transfer.Envelope) ([]byte, *transfer.Receipt) {
	t.Helper()
	practice, err := w.OpenPractice()
	require.NoError(t, err)
	receiver, log, err := practice.Receiver(t.Context(), nil)
	require.NoError(t, err)
	received, err := receiver.Receive(t.Context(), e)
	require.NoError(t, err)
	require.NoError(t, log.Close())
	return received.Document, received.Receipt
}

// open opens the log to be read, as it is now.
func (s *story) open(t *testing.T) {
	t.Helper()
	var err error
	s.vkey, err = s.w.LogKey()
	require.NoError(t, err)
	reader, err := audit.OpenReader(s.w.Path(s.w.Log), s.vkey)
	require.NoError(t, err)
	t.Cleanup(func() { _ = reader.Close() })
	keys, err := s.w.OpenKeys()
	require.NoError(t, err)
	partners, err := s.w.LoadPartners()
	require.NoError(t, err)
	s.auditor = &auditor.Auditor{Reader: reader, Archives: s.w.ReadArchive, Own: keys.Public(), Partners: partners, Opener: seal.NewDetailOpener(keys.Opener()...)}
}

// pack makes a pack and takes it through a file.
func (s *story) pack(t *testing.T, n int64, show auditor.Showing) *evidence.Pack {
	t.Helper()
	p, err := s.auditor.Pack(t.Context(), n, show)
	require.NoError(t, err)
	file, err := p.Marshal()
	require.NoError(t, err)
	again, err := evidence.Parse(file)
	require.NoError(t, err)
	require.Equal(t, p, again)
	return again
}

func states(v evidence.Verdict) map[string]evidence.State {
	out := map[string]evidence.State{}
	for _, c := range v.Checks {
		out[c.Name] = c.State
	}
	return out
}

func TestPackOfAWholeTransfer(t *testing.T) {
	s := tell(t)
	p := s.pack(t, s.intent, auditor.Showing{Facts: true, Fields: []string{"person/*", "released/case/*"}, Released: s.document})
	v := p.Verify(evidence.Options{VKey: s.vkey, Envelope: s.envelope})
	require.True(t, v.OK, "%+v", v.Checks)
	for name, state := range states(v) {
		want := evidence.Good
		if name == "cosignatures" {
			want = evidence.Absent
		}
		assert.Equal(t, want, state, name)
	}
	assert.Equal(t, audit.Intent, v.Subject.Type)
	assert.Len(t, p.Records, 3, "intent, delivered, acknowledged")
	assert.Len(t, p.Agreement.Signatures, 2)
	assert.NotEmpty(t, p.Policy.Sources)

	// Nothing that was not to be opened is in it.
	file, err := s.pack(t, s.intent, auditor.Showing{}).Marshal()
	require.NoError(t, err)
	assert.NotContains(t, string(file), "murphy")
	assert.NotContains(t, string(file), `"facts":`)
}

func TestPackOfARefusal(t *testing.T) {
	s := tell(t)
	p := s.pack(t, s.refused, auditor.Showing{})
	v := p.Verify(evidence.Options{VKey: s.vkey})
	require.True(t, v.OK, "%+v", v.Checks)
	assert.Equal(t, evidence.Good, states(v)["decision"])
	assert.Equal(t, evidence.Absent, states(v)["receipt"])
	assert.Equal(t, evidence.Absent, states(v)["manifest"])
}

// A key that the auditor holds counts alone; one that is not the party's is a fault.
func TestPackWithTrustedKeys(t *testing.T) {
	s := tell(t)
	p := s.pack(t, s.intent, auditor.Showing{})
	trusted := slices.Clone(p.Keys)
	v := p.Verify(evidence.Options{VKey: s.vkey, Trusted: trusted})
	require.True(t, v.OK)
	for _, c := range v.Checks {
		if c.Name == "signatures" || c.Name == "receipt" {
			assert.Contains(t, c.Detail, "by a key you gave")
		}
	}
	for i := range trusted {
		trusted[i].Public = bytes.Repeat([]byte{1}, 32)
	}
	v = p.Verify(evidence.Options{VKey: s.vkey, Trusted: trusted})
	assert.Equal(t, evidence.Fault, states(v)["signatures"])
	assert.Equal(t, evidence.Fault, states(v)["receipt"])
}

// Whatever is changed in a pack, some check is a fault: the one that is responsible.
func TestEveryLieInAPackIsFound(t *testing.T) {
	s := tell(t)
	show := auditor.Showing{Facts: true, Fields: []string{"person/actor"}}
	whole, err := s.pack(t, s.intent, show).Marshal()
	require.NoError(t, err)
	other := s.pack(t, s.refused, auditor.Showing{})
	swap := func(text *string, old, new string) {
		require.Contains(t, *text, old)
		*text = strings.Replace(*text, old, new, 1)
	}
	for name, lie := range map[string]struct {
		check string
		tell  func(*evidence.Pack)
	}{
		"another record":            {"inclusion", func(p *evidence.Pack) { swap(&p.Records[0].Record, "prevent_and", "permit_and") }},
		"another number":            {"inclusion", func(p *evidence.Pack) { p.Records[2].Index++ }},
		"no records":                {"records", func(p *evidence.Pack) { p.Records = nil }},
		"order":                     {"records", func(p *evidence.Pack) { slices.Reverse(p.Records) }},
		"a record of another":       {"records", func(p *evidence.Pack) { p.Records = append(p.Records, other.Records...) }},
		"record unreadable":         {"records", func(p *evidence.Pack) { p.Records[0].Record += " " }},
		"hash cut":                  {"inclusion", func(p *evidence.Pack) { p.Records[0].Hashes[0] = "AAAA" }},
		"checkpoint":                {"inclusion", func(p *evidence.Pack) { swap(&p.Checkpoint, "\n\n", "\nx\n\n") }},
		"agreement":                 {"agreement", func(p *evidence.Pack) { swap(&p.Agreement.Document, "Sakura", "Lotus") }},
		"signature's statement":     {"signatures", func(p *evidence.Pack) { swap(&p.Agreement.Signatures[0].Statement, "emerald", "sakura") }},
		"signature's date":          {"signatures", func(p *evidence.Pack) { swap(&p.Agreement.Signatures[0].Statement, `"signed_at":"2`, `"signed_at":"1`) }},
		"signature":                 {"signatures", func(p *evidence.Pack) { p.Agreement.Signatures[0].Signature = p.Agreement.Signatures[1].Signature }},
		"signature no base64":       {"signatures", func(p *evidence.Pack) { p.Agreement.Signatures[0].Signature = "?" }},
		"key id":                    {"signatures", func(p *evidence.Pack) { p.Agreement.Signatures[0].Key = "0123456789abcdef" }},
		"key":                       {"signatures", func(p *evidence.Pack) { p.Keys[0].Public[0] ^= 1 }},
		"listing":                   {"policy", func(p *evidence.Pack) { swap(&p.Policy.Listing, "rego/", "rega/") }},
		"source":                    {"policy", func(p *evidence.Pack) { p.Policy.Sources["rego/law/gdpr/adequacy.rego"] = "package x" }},
		"decision":                  {"decision", func(p *evidence.Pack) { swap(&p.Decision, `"permit":true`, `"permit":false`) }},
		"facts":                     {"facts", func(p *evidence.Pack) { swap(&p.Facts, "2026", "2027") }},
		"receipt's words":           {"receipt", func(p *evidence.Pack) { swap(&p.Receipt, `"duties":[`, `"duties":["x",`) }},
		"receipt of nothing":        {"receipt", func(p *evidence.Pack) { p.Records = p.Records[:2] }},
		"opened value":              {"opened", func(p *evidence.Pack) { p.Opened[0].Value = `"somebody else"` }},
		"opened under another name": {"opened", func(p *evidence.Pack) { p.Opened[0].Name = "released/actor" }},
	} {
		t.Run(name, func(t *testing.T) {
			p, err := evidence.Parse(whole)
			require.NoError(t, err)
			lie.tell(p)
			v := p.Verify(evidence.Options{VKey: s.vkey})
			assert.False(t, v.OK)
			assert.Equal(t, evidence.Fault, states(v)[lie.check], "%+v", v.Checks)
		})
	}
	p, err := evidence.Parse(whole)
	require.NoError(t, err)
	v := p.Verify(evidence.Options{VKey: s.vkey, Envelope: []byte("passavant-envelope/1\n{}\nanother")})
	assert.Equal(t, evidence.Fault, states(v)["envelope"])
}

// What was erased cannot be opened, and the rest of the pack is as good as before.
func TestPackAfterErasure(t *testing.T) {
	s := tell(t)
	before := s.pack(t, s.intent, auditor.Showing{})
	record, err := audit.ParseRecord([]byte(before.Records[0].Record))
	require.NoError(t, err)
	erased, err := audit.EraseDetail(s.w.Path(s.w.Log), record.Transfer)
	require.NoError(t, err)
	assert.Equal(t, 2, erased, "of the intent and of the acknowledgement")
	_, err = s.auditor.Pack(t.Context(), s.intent, auditor.Showing{Facts: true})
	require.ErrorIs(t, err, auditor.ErrErased)
	_, err = s.auditor.Reveal(s.intent, auditor.Showing{Fields: []string{"person/actor"}})
	require.ErrorIs(t, err, auditor.ErrErased)
	after := s.pack(t, s.intent, auditor.Showing{})
	v := after.Verify(evidence.Options{VKey: s.vkey})
	require.True(t, v.OK, "%+v", v.Checks)
	assert.Equal(t, evidence.Absent, states(v)["decision"], "there are no facts left to decide on")
	assert.Equal(t, evidence.Absent, states(v)["receipt"])
	assert.Equal(t, evidence.Good, states(v)["inclusion"])
	assert.Equal(t, evidence.Good, states(v)["agreement"])
}

func TestOpenFields(t *testing.T) {
	s := tell(t)
	openings, err := s.auditor.Reveal(s.intent, auditor.Showing{Fields: []string{"person/reference"}})
	require.NoError(t, err)
	require.Len(t, openings.Fields, 1)
	assert.Equal(t, `"FR-2026-17"`, openings.Fields[0].Value)
	for name, show := range map[string]auditor.Showing{
		"no such field":        {Fields: []string{"person/age"}},
		"no such set":          {Fields: []string{"people/actor"}},
		"no document":          {Fields: []string{"released/case/*"}},
		"another document":     {Fields: []string{"released/case/*"}, Released: append([]byte{' '}, bytes.Replace(s.document, []byte("2026"), []byte("2025"), 1)...)},
		"nothing begins so":    {Fields: []string{"person/x*"}},
		"document is not JSON": {Fields: []string{"released/*"}, Released: []byte("a,b")},
	} {
		_, err := s.auditor.Reveal(s.intent, show)
		require.ErrorIs(t, err, auditor.ErrNoField, name)
	}
}

func TestParseRefusesWhatIsNoPack(t *testing.T) {
	s := tell(t)
	file, err := s.pack(t, s.intent, auditor.Showing{}).Marshal()
	require.NoError(t, err)
	var members map[string]json.RawMessage
	require.NoError(t, json.Unmarshal(file, &members))
	with := func(name, value string) []byte {
		copied := map[string]json.RawMessage{}
		for k, v := range members {
			copied[k] = v
		}
		copied[name] = json.RawMessage(value)
		out, err := json.Marshal(copied)
		require.NoError(t, err)
		return out
	}
	for name, text := range map[string][]byte{
		"empty": {}, "text": []byte("SECRET"), "unknown member": with("SECRET", `"SECRET"`), "another format": with("format", `"passavant-pack/2"`),
		"wrong type": with("records", `"SECRET"`), "trailing": append(slices.Clone(file), "{}"...), "cut": file[:len(file)/2],
		"twice": []byte(strings.Replace(string(file), `"subject":`, `"subject": 1, "subject":`, 1)),
	} {
		_, err := evidence.Parse(text)
		require.ErrorIs(t, err, evidence.ErrPack, name)
		assert.NotContains(t, err.Error(), "SECRET", name)
	}
	_, err = evidence.Parse(make([]byte, evidence.MaxBytes+1))
	require.ErrorIs(t, err, evidence.ErrPack)
}

func TestDecisionInAPackIsTheOneThatWasMade(t *testing.T) {
	s := tell(t)
	p := s.pack(t, s.intent, auditor.Showing{})
	record, _, err := s.auditor.Reader.Record(s.intent)
	require.NoError(t, err)
	assert.Equal(t, record.Fields["decision"], canonical.DigestBytes([]byte(p.Decision)))
	s.auditor.Archives = nil
	p = s.pack(t, s.intent, auditor.Showing{})
	assert.Empty(t, p.Decision)
	assert.Nil(t, p.Policy)
}

func FuzzParsePack(f *testing.F) {
	f.Add([]byte(`{"format":"passavant-pack/1","subject":0,"checkpoint":"o\n1\nAAAA\n\n","records":[{"index":0,"record":"{}"}]}`))
	f.Add([]byte(`{"format":"passavant-pack/1","agreement":{"document":"{}"},"policy":{"listing":"[]"},"receipt":"{}","opened":[{"name":"a/b","of":1}]}`))
	f.Fuzz(func(t *testing.T, file []byte) {
		p, err := evidence.Parse(file)
		if err != nil {
			return
		}
		v := p.Verify(evidence.Options{VKey: "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"})
		require.False(t, v.OK, "nobody signed it")
	})
}

// What lies beside the log names nobody without the audit role's key, and without the key it is as good as erased.
func TestDetailsAreSealedToTheAuditRole(t *testing.T) {
	s := tell(t)
	record, _, err := s.auditor.Reader.Record(s.intent)
	require.NoError(t, err)
	raw, err := s.auditor.Reader.Details(record.Transfer)
	require.NoError(t, err)
	for _, one := range raw {
		assert.True(t, seal.IsSealedDetail(one))
		assert.NotContains(t, string(one), "murphy")
	}
	s.auditor.Opener = nil
	_, err = s.auditor.Reveal(s.intent, auditor.Showing{Fields: []string{"person/actor"}})
	require.ErrorIs(t, err, auditor.ErrErased)
}
