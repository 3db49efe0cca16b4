package transfer_test

import (
	"bytes"
	"context"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passavant/passavant/audit"
	"github.com/passavant/passavant/transfer"
	"github.com/passavant/passavant/transfer/payload"
	"github.com/passavant/passavant/transfer/transfertest"
)

func limitBytes(n int) transfertest.Option {
	return func(s *transfer.SenderConfig, _ *transfer.ReceiverConfig) {
		smaller := *s.Catalogues[0]
		smaller.Limits.Bytes = n
		s.Catalogues = []*payload.Catalogue{&smaller}
	}
}

func TestDocumentsThatAreNone(t *testing.T) {
	report := transfertest.Report(t)
	p := transfertest.New(t, limitBytes(1<<16))
	for name, tc := range map[string]struct {
		document []byte
		want     string
	}{
		"nil":                      {nil, "offset 0"},
		"empty":                    {[]byte{}, "offset 0"},
		"white space":              {[]byte(" \n\t\r "), "offset 5"},
		"a byte order mark":        {append([]byte("\xef\xbb\xbf"), report...), "byte order mark"},
		"a null byte":              {[]byte{0}, "offset 0"},
		"an array":                 {[]byte("[]"), "want an object"},
		"a string":                 {[]byte(`"canary"`), "want an object"},
		"two documents":            {append(bytes.Clone(report), report...), "bytes after the document"},
		"over the limit":           {append(bytes.Repeat([]byte(" "), 1<<16), report...), "offset 65536: longer than the limit"},
		"over the limit, not JSON": {bytes.Repeat([]byte("canary "), 1<<16), "offset 65536: longer than the limit"},
	} {
		t.Run(name, func(t *testing.T) {
			sent, err := p.Sender.Send(t.Context(), transfertest.Request(), tc.document)
			var syntax *payload.SyntaxError
			require.ErrorAs(t, err, &syntax)
			assert.ErrorContains(t, err, tc.want)
			assert.NotContains(t, err.Error(), "canary")
			assert.Nil(t, sent)
			assert.Empty(t, p.Transport.Envelopes(), "nothing left")
			record := lastRecord(t, p.ExporterLog)
			assert.Equal(t, audit.Refused, record.Type)
			assert.Equal(t, "payload-malformed", record.Cause)
			assert.Empty(t, record.EnvelopeDigest)
			assert.NotContains(t, record.Commitments, "released", "there is nothing that was released")
		})
	}
	assert.Empty(t, verify(t, p.ExporterLog).InDoubt)
	t.Run("just within the limit", func(t *testing.T) {
		mustSend(t, transfertest.New(t, limitBytes(len(report))))
	})
}

func TestADocumentWithNothingToSend(t *testing.T) {
	p := transfertest.New(t)
	sent, err := p.Sender.Send(t.Context(), transfertest.Request(), []byte(`{}`))
	require.NoError(t, err)
	received, err := p.Receiver.Receive(t.Context(), sent.Envelope)
	require.NoError(t, err)
	assert.Equal(t, "{}", string(received.Document))
	assert.Empty(t, received.Header.Manifest.Fields)
	assert.Empty(t, received.Header.Manifest.KeyID, "nothing was pseudonymised")
}

func TestNamesOfAllScripts(t *testing.T) {
	names := []string{
		"Aoife Ní Bhraonáin", "Aoife Ni\u0301 Bhraona\u0301in", "山田 太郎", "محمد بن سلمان", "Ŀudovít Ťažký", "Σωκράτης Ὀρφεύς", "👩‍👩‍👧‍👦 family",
		"a\u202eevil", "zero\u200bwidth", "\u0000\u001f controls", strings.Repeat("長", 3000),
	}
	p := transfertest.New(t)
	for _, name := range names {
		document := jsonWith(t, name)
		sent, err := p.Sender.Send(t.Context(), transfertest.Request(), document)
		require.NoError(t, err, "%.20q", name)
		received, err := p.Receiver.Receive(t.Context(), sent.Envelope)
		require.NoError(t, err)
		assert.Regexp(t, `^\{"victim":\{"name":"psn_[A-Za-z0-9_-]+"\}\}$`, string(received.Document))
		assert.EqualValues(t, 2, sent.Header.Manifest.Unlisted)
		whole, err := sent.Envelope.Bytes()
		require.NoError(t, err)
		assert.NotContains(t, string(whole), name)
	}
	require.NoError(t, p.ExporterLog.Close())
	require.NoError(t, p.RecipientLog.Close())
	transfertest.RequireNoCanaryUnder(t, p.ExporterLog.Dir(), names)
	transfertest.RequireNoCanaryUnder(t, p.RecipientLog.Dir(), names)
}

// jsonWith is a report whose victim has the name, and which has members of that name, too.
func jsonWith(t *testing.T, name string) []byte {
	t.Helper()
	var b bytes.Buffer
	quoted := quote(name)
	b.WriteString(`{"victim":{"name":` + quoted + `,` + quoted + `:1},` + quoted + `:` + quoted + `}`)
	return b.Bytes()
}

// quote writes control characters by number, and everything else as it is.
func quote(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range s {
		if r < ' ' {
			b.WriteString(`\u00` + string("0123456789abcdef"[r>>4]) + string("0123456789abcdef"[r&15]))
			continue
		}
		b.WriteRune(r)
	}
	return b.String() + `"`
}

func TestReusedEncapsulations(t *testing.T) {
	p := transfertest.New(t, func(s *transfer.SenderConfig, _ *transfer.ReceiverConfig) { s.ReuseEncapsulation = true })
	seals := make(map[string]bool)
	accounts, bodies := make(map[string]bool), make(map[string]bool)
	const count = 5
	for range count {
		sent := mustSend(t, p)
		lines := bytes.SplitN(sent.Envelope.Sealed, []byte("\n"), 4)
		seals[string(lines[2])] = true
		bodies[string(lines[3])] = true
		received, err := p.Receiver.Receive(t.Context(), sent.Envelope)
		require.NoError(t, err)
		assert.Equal(t, sent.Header, received.Header)
		accounts[string(received.Document)] = true
	}
	assert.Len(t, seals, 1, "the envelopes share an encapsulation")
	assert.Len(t, bodies, count)
	assert.Len(t, accounts, count, "the same report has other pseudonyms in every transfer")

	req := transfertest.Request()
	req.Purpose = "another_purpose"
	requireStillRefused(t, p, req)
}

// requireStillRefused sees to it that a session is no way around a decision.
func requireStillRefused(t *testing.T, p *transfertest.Pair, req transfer.Request) {
	t.Helper()
	before := len(p.Transport.Envelopes())
	_, err := p.Sender.Send(t.Context(), req, transfertest.Report(t))
	var denied *transfer.DeniedError
	require.ErrorAs(t, err, &denied)
	assert.Len(t, p.Transport.Envelopes(), before)
}

func TestReusedEncapsulationsKeepPseudonymsApart(t *testing.T) {
	p := transfertest.New(t, func(s *transfer.SenderConfig, _ *transfer.ReceiverConfig) { s.ReuseEncapsulation = true })
	first, second := receivedReport(t, p), receivedReport(t, p)
	assert.Equal(t, first.Victim.IBAN, first.Transactions[0].From, "within a transfer one account has one pseudonym")
	assert.NotEqual(t, first.Victim.IBAN, second.Victim.IBAN)
	assert.NotEqual(t, first.Victim.Name, second.Victim.Name)
}

func TestProtectShowsWhatWouldLeave(t *testing.T) {
	p := transfertest.New(t)
	before := p.ExporterLog.Size()
	protected, err := p.Sender.Protect(t.Context(), transfertest.Request(), transfertest.Report(t))
	require.NoError(t, err)
	assert.True(t, protected.Decision.Permit)
	assert.NotContains(t, string(protected.Document), "Aoife")
	assert.Equal(t, protected.Report.Kept, protected.Manifest.Kept)
	assert.Equal(t, before, p.ExporterLog.Size(), "nothing left, so there is nothing to record")
	assert.Empty(t, p.Transport.Envelopes())

	sent := mustSend(t, p)
	sent.Header.Manifest.KeyID = protected.Manifest.KeyID
	assert.Equal(t, protected.Manifest, sent.Header.Manifest, "Send does what Protect showed")

	req := transfertest.Request()
	req.Purpose = "marketing"
	_, err = p.Sender.Protect(t.Context(), req, transfertest.Report(t))
	var denied *transfer.DeniedError
	require.ErrorAs(t, err, &denied)
	record := lastRecord(t, p.ExporterLog)
	assert.Equal(t, audit.Refused, record.Type)
	assert.Equal(t, denied.Transfer, record.Transfer)
	assert.Equal(t, denied.Index, p.ExporterLog.Size()-1)
	assert.Contains(t, err.Error(), "refused by policy; missing: ")
}

func TestSendLeavesTheDocumentAlone(t *testing.T) {
	p := transfertest.New(t)
	document := transfertest.Report(t)
	before := bytes.Clone(document)
	sent, err := p.Sender.Send(t.Context(), transfertest.Request(), document)
	require.NoError(t, err)
	assert.Equal(t, before, document)
	clear(document)
	_, err = p.Receiver.Receive(context.WithoutCancel(t.Context()), sent.Envelope)
	require.NoError(t, err, "what was sealed does not hang on the caller's memory")
}
