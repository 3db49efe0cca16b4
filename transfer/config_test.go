package transfer_test

import (
	"crypto/ed25519"
	"path/filepath"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passavant/passavant/audit"
	"github.com/passavant/passavant/transfer"
	"github.com/passavant/passavant/transfer/payload"
	"github.com/passavant/passavant/transfer/transfertest"
)

func TestNewSenderChecksItsConfiguration(t *testing.T) {
	p := transfertest.New(t)
	before := p.ExporterLog.Size()
	for name, tc := range map[string]struct {
		change func(*transfer.SenderConfig)
		want   string
	}{
		"no engine":          {func(c *transfer.SenderConfig) { c.Engine = nil }, "needs Engine"},
		"no keys":            {func(c *transfer.SenderConfig) { c.Keys = nil }, "needs Engine, Keys"},
		"no log":             {func(c *transfer.SenderConfig) { c.Log = nil }, "Log"},
		"no partners":        {func(c *transfer.SenderConfig) { c.Partners = nil }, "Partners"},
		"no transport":       {func(c *transfer.SenderConfig) { c.Transport = nil }, "Transport"},
		"no catalogues":      {func(c *transfer.SenderConfig) { c.Catalogues = nil }, "catalogues"},
		"a nil catalogue":    {func(c *transfer.SenderConfig) { c.Catalogues = []*payload.Catalogue{nil} }, "a catalogue is nil"},
		"a catalogue twice":  {func(c *transfer.SenderConfig) { c.Catalogues = append(c.Catalogues, c.Catalogues[0]) }, `two catalogues for payload type "fraud-case-report"`},
		"expiry in the past": {func(c *transfer.SenderConfig) { c.Lifetime = -time.Hour }, "Lifetime"},
		"a split second":     {func(c *transfer.SenderConfig) { c.Lifetime = 1500 * time.Millisecond }, "whole seconds"},
		"another's log":      {func(c *transfer.SenderConfig) { c.Log = p.RecipientLog }, "OpenLog"},
		"another's keys":     {func(c *transfer.SenderConfig) { c.Keys = p.RecipientKeys }, "OpenLog"},
	} {
		t.Run(name, func(t *testing.T) {
			c := p.Sender.SenderConfig
			tc.change(&c)
			_, err := transfer.NewSender(c)
			require.ErrorContains(t, err, tc.want)
			assert.Contains(t, err.Error(), "transfer: ")
		})
	}
	assert.Equal(t, before, p.ExporterLog.Size(), "nothing was recorded")
}

func TestNewReceiverChecksItsConfiguration(t *testing.T) {
	p := transfertest.New(t)
	for name, tc := range map[string]struct {
		change func(*transfer.ReceiverConfig)
		want   string
	}{
		"no keys":       {func(c *transfer.ReceiverConfig) { c.Keys = nil }, "needs Keys, Log and Partners"},
		"no log":        {func(c *transfer.ReceiverConfig) { c.Log = nil }, "needs Keys, Log and Partners"},
		"no partners":   {func(c *transfer.ReceiverConfig) { c.Partners = nil }, "needs Keys, Log and Partners"},
		"another's log": {func(c *transfer.ReceiverConfig) { c.Log = p.ExporterLog }, "OpenLog"},
	} {
		t.Run(name, func(t *testing.T) {
			c := p.Receiver.ReceiverConfig
			tc.change(&c)
			_, err := transfer.NewReceiver(c)
			require.ErrorContains(t, err, tc.want)
		})
	}
}

// What such a log proves, no partner could verify.
func TestALogUnderAForeignNameOrKeyIsRefused(t *testing.T) {
	p := transfertest.New(t)
	_, foreign, err := ed25519.GenerateKey(nil)
	require.NoError(t, err)
	for name, o := range map[string]audit.Options{
		"name": {Origin: "passavant/somebody-else", Signer: p.ExporterKeys.LogSigner()},
		"key":  {Origin: transfer.LogOrigin(transfertest.Exporter), Signer: foreign},
	} {
		t.Run(name, func(t *testing.T) {
			log, err := audit.Open(filepath.Join(t.TempDir(), "log"), o)
			require.NoError(t, err)
			defer func() { _ = log.Close() }()
			sender, receiver := p.Sender.SenderConfig, p.Receiver.ReceiverConfig
			sender.Log, receiver.Log, receiver.Keys = log, log, p.ExporterKeys
			_, err = transfer.NewSender(sender)
			require.ErrorContains(t, err, "open it with OpenLog")
			_, err = transfer.NewReceiver(receiver)
			require.ErrorContains(t, err, "open it with OpenLog")
			assert.Zero(t, log.Size())
		})
	}
}

func TestTheRevisionIsRecordedOncePerChange(t *testing.T) {
	p := transfertest.New(t)
	changes := func() (revisions []string) {
		for _, r := range readRecords(t, p.ExporterLog) {
			if r.Type == audit.PolicyChange {
				assert.Equal(t, transfertest.Exporter, r.Exporter)
				assert.NotEmpty(t, r.DataVersion)
				revisions = append(revisions, r.PolicyRevision)
			}
		}
		return revisions
	}
	first := p.Engine.Revision()
	assert.Equal(t, []string{first}, changes())
	_, err := transfer.NewSender(p.Sender.SenderConfig)
	require.NoError(t, err)
	mustSend(t, p)
	_, err = transfer.NewSender(p.Sender.SenderConfig)
	require.NoError(t, err)
	assert.Equal(t, []string{first}, changes(), "a restart under the same rules is no change")

	changed := p.Sender.SenderConfig
	changed.Engine = withRules(t, "package passavant.agreements.ie_jp_bank_fraud\n\n# changed\ntaste := 1\n")
	second := changed.Engine.Revision()
	require.NotEqual(t, first, second)
	_, err = transfer.NewSender(changed)
	require.NoError(t, err)
	_, err = transfer.NewSender(changed)
	require.NoError(t, err)
	assert.Equal(t, []string{first, second}, changes())
	_, err = transfer.NewSender(p.Sender.SenderConfig)
	require.NoError(t, err)
	assert.Equal(t, []string{first, second, first}, changes(), "the way back is a change too")
}

func TestLoadPartners(t *testing.T) {
	bank, other := newKeys(t, "sakura-bank-jp"), newKeys(t, "liberty-bank-us")
	document, err := bank.Public().MarshalJSON()
	require.NoError(t, err)
	second, err := other.Public().MarshalJSON()
	require.NoError(t, err)
	changed := append([]byte(nil), document...)
	changed[len(changed)/2] ^= 1

	set, err := transfer.LoadPartners(fstest.MapFS{
		"sakura-bank-jp.json": {Data: document}, "liberty-bank-us.json": {Data: second},
		"README.md": {Data: []byte("not keys")}, "old/sakura-bank-jp.json": {Data: []byte("not read")},
	})
	require.NoError(t, err)
	assert.Len(t, set, 2)
	found, err := set.Partner("sakura-bank-jp")
	require.NoError(t, err)
	assert.Equal(t, bank.Public().Fingerprint(), found.Fingerprint())
	_, err = set.Partner("nobody")
	require.ErrorIs(t, err, transfer.ErrUnknownPartner)
	none, err := transfer.LoadPartners(fstest.MapFS{})
	require.NoError(t, err)
	assert.Empty(t, none)

	for name, tc := range map[string]struct {
		file string
		data []byte
		want string
	}{
		"the name of another party": {"emerald-bank-ie.json", document, "are of another party"},
		"a name in capitals":        {"Sakura-Bank-JP.json", document, "are of another party"},
		"truncated":                 {"sakura-bank-jp.json", document[:len(document)-20], "public key document"},
		"no JSON":                   {"sakura-bank-jp.json", []byte("-----BEGIN canary-----"), "public key document"},
		"empty":                     {"sakura-bank-jp.json", nil, "public key document"},
		"a byte changed":            {"sakura-bank-jp.json", changed, "public key document"},
		"two documents":             {"sakura-bank-jp.json", append(append([]byte(nil), document...), second...), "public key document"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := transfer.LoadPartners(fstest.MapFS{tc.file: {Data: tc.data}})
			require.ErrorContains(t, err, tc.want)
			assert.ErrorContains(t, err, tc.file)
			assert.NotContains(t, err.Error(), "canary")
		})
	}
	_, err = transfer.LoadPartners(fstest.MapFS{"sakura-bank-jp.json/x": {}})
	require.ErrorContains(t, err, "reading partner sakura-bank-jp.json")
}
