package transfer_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/passavant/passavant/transfer"
	"github.com/passavant/passavant/transfer/transfertest"
)

// requirePlain demands of an error about foreign bytes that it can be shown to anybody: one short line of ASCII.
func requirePlain(t *testing.T, err error) {
	t.Helper()
	text := err.Error()
	require.Less(t, len(text), 1000)
	for i := range len(text) {
		require.True(t, text[i] >= ' ' && text[i] <= '~', "%q", text)
	}
}

// What parses is written back byte for byte, and the recipient accepts nothing but what the exporter sealed.
func FuzzParseEnvelope(f *testing.F) {
	p := transfertest.New(f, func(_ *transfer.SenderConfig, r *transfer.ReceiverConfig) { r.AcceptUnlogged = true })
	sent, err := p.Sender.Send(f.Context(), transfertest.Request(), transfertest.Report(f))
	require.NoError(f, err)
	whole, err := sent.Envelope.Bytes()
	require.NoError(f, err)
	lines := bytes.SplitN(whole, []byte("\n"), 3)
	f.Add(whole)
	f.Add([]byte("passavant-envelope/1\n{}\n" + string(lines[2])))
	f.Add([]byte("passavant-envelope/1\n{ }\n" + string(lines[2])))
	f.Add(whole[:len(whole)-1])
	f.Add(whole[:len(lines[0])+len(lines[1])+20])
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, raw []byte) {
		e, err := transfer.ParseEnvelope(bytes.NewReader(raw))
		if err != nil {
			requirePlain(t, err)
			return
		}
		again, err := e.Bytes()
		require.NoError(t, err)
		require.Equal(t, raw, again)
		if _, err = p.Receiver.Receive(t.Context(), e); err != nil {
			requirePlain(t, err)
			return
		}
		require.Equal(t, sent.Envelope.Sealed, e.Sealed)
	})
}

func FuzzParseReceipt(f *testing.F) {
	p := transfertest.New(f)
	sent, err := p.Sender.Send(f.Context(), transfertest.Request(), transfertest.Report(f))
	require.NoError(f, err)
	received, err := p.Receiver.Receive(f.Context(), sent.Envelope)
	require.NoError(f, err)
	good, err := received.Receipt.MarshalJSON()
	require.NoError(f, err)
	f.Add(good)
	f.Add(bytes.Replace(good, []byte(`"record":0`), []byte(`"record":9007199254740993`), 1))
	f.Add([]byte(`{"receipt":{"version":1}}`))
	f.Add([]byte(`{"receipt":{"version":1,"received":"2026-11-23T09:30:00+23:59"},"signature":"AA=="}`))
	f.Add([]byte(`null`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		r, err := transfer.ParseReceipt(raw)
		if err != nil {
			requirePlain(t, err)
			return
		}
		text, err := r.MarshalJSON()
		require.NoError(t, err)
		again, err := transfer.ParseReceipt(text)
		require.NoError(t, err)
		stable, err := again.MarshalJSON()
		require.NoError(t, err)
		require.Equal(t, string(text), string(stable))
		if err := r.Verify(p.RecipientKeys.Public()); err != nil {
			requirePlain(t, err)
			return
		}
		require.Equal(t, string(good), string(text), "only what the recipient stated verifies")
	})
}

func FuzzParseRequest(f *testing.F) {
	f.Add([]byte(goodRequest))
	f.Add([]byte(`{"agreement":"a","recipient":"b","purpose":"c","type":"d","claims":{"x":[1e400,-0,{"y":null}]},"actor":"é<&>\u2028"}`))
	f.Add([]byte(`{"agreement":"a","recipient":"b","purpose":"c"}`))
	f.Add([]byte(`{"claims":{"purpose":1}}`))
	f.Add([]byte(strings.Repeat(`{"claims":`, 50)))
	f.Fuzz(func(t *testing.T, raw []byte) {
		req, err := transfer.ParseRequest(bytes.NewReader(raw))
		if err != nil {
			requirePlain(t, err)
			return
		}
		text, err := json.Marshal(req)
		require.NoError(t, err)
		if len(text) > 64<<10 { // encoding/json escapes more than is needed
			return
		}
		again, err := transfer.ParseRequest(bytes.NewReader(text))
		require.NoError(t, err)
		stable, err := json.Marshal(again)
		require.NoError(t, err)
		require.Equal(t, string(text), string(stable))
	})
}
