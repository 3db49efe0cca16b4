package transfer_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passavant/passavant/transfer"
	"github.com/passavant/passavant/transfer/transfertest"
	"github.com/passavant/passavant/transfer/workspace"
)

// stixPair is the workspace of examples/stix with its practice partner.
func stixPair(t *testing.T) (finland, estonia *workspace.Workspace, dir string) {
	t.Helper()
	dir = filepath.Join(t.TempDir(), "cert-fi")
	finland, err := workspace.Create(t.Context(), dir, os.DirFS(filepath.Join("..", "examples", "stix", "workspace")))
	require.NoError(t, err)
	estonia, err = finland.OpenPractice()
	require.NoError(t, err)
	return finland, estonia, dir
}

func stixRequest() transfer.Request {
	return transfer.Request{Agreement: "cert-bundles", Recipient: "cert-ee", Purpose: "incident_handling", Type: "stix-bundle"}
}

// stixCanaries is a bundle with a value that occurs nowhere else in every place that the sample has, and in some it has not.
func stixCanaries(t *testing.T) (bundle []byte, canaries []string) {
	t.Helper()
	var doc map[string]any
	raw, err := os.ReadFile(filepath.Join("..", "examples", "stix", "workspace", "payload.json"))
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(raw, &doc))
	for _, o := range doc["objects"].([]any) {
		object := o.(map[string]any)
		for name, value := range object {
			text, isText := value.(string)
			switch {
			case !isText, name == "type", name == "id", name == "spec_version", strings.HasSuffix(name, "_ref"), strings.HasSuffix(name, "_type"),
				name == "created", name == "modified", name == "valid_from", name == "identity_class", name == "pattern",
				object["type"] == "malware" && name == "name", text == "lasku.exe":
			case object["type"] == "ipv4-addr":
				object[name] = "198.51.100.211"
				canaries = append(canaries, "198.51.100.211")
			case object["type"] == "email-addr" && name == "value":
				canary := fmt.Sprintf("canary%04d@mail.example", len(canaries))
				object[name] = canary
				canaries = append(canaries, canary)
			default:
				canary := fmt.Sprintf("Canary Person %04d", len(canaries))
				object[name] = canary
				canaries = append(canaries, canary)
			}
		}
		canary := fmt.Sprintf("canary_name_%04d", len(canaries))
		object["x_"+canary] = map[string]any{canary: []any{canary}}
		canaries = append(canaries, canary)
	}
	text, err := json.Marshal(doc)
	require.NoError(t, err)
	return text, canaries
}

func TestSTIXLeavesNothingBehind(t *testing.T) {
	finland, estonia, dir := stixPair(t)
	bundle, canaries := stixCanaries(t)
	road := &transfertest.Transport{}
	sender, log, err := finland.Sender(t.Context(), road)
	require.NoError(t, err)
	result, err := sender.Send(t.Context(), stixRequest(), bundle)
	require.NoError(t, err)
	require.NoError(t, log.Close())

	header, err := json.Marshal(result.Envelope.Header)
	require.NoError(t, err)
	assert.Contains(t, string(header), `"application/stix+json;version=2.1"`)
	report, err := json.Marshal(result.Report)
	require.NoError(t, err)
	transfertest.RequireNoCanary(t, "the header", header, canaries)
	transfertest.RequireNoCanary(t, "the report", report, canaries)
	transfertest.RequireNoCanary(t, "the staple", fmt.Appendf(nil, "%+v", result.Envelope.Staple), canaries)
	transfertest.RequireNoCanaryUnder(t, dir, canaries) // the log, the details, the archive, the practice partner

	receiver, other, err := estonia.Receiver(t.Context(), nil)
	require.NoError(t, err)
	received, err := receiver.Receive(t.Context(), result.Envelope)
	require.NoError(t, err)
	require.NoError(t, other.Close())
	transfertest.RequireNoCanary(t, "the bundle", received.Document, canaries)
	assert.Contains(t, string(received.Document), "GreyPike")
}

// A refusal at any place of the bundle delivers nothing and tells nothing.
func TestSTIXRefusalsTellNothing(t *testing.T) {
	finland, _, dir := stixPair(t)
	bundle, canaries := stixCanaries(t)
	road := &transfertest.Transport{}
	sender, log, err := finland.Sender(t.Context(), road)
	require.NoError(t, err)
	for i := 0; i < len(bundle); i += len(bundle) / 25 {
		broken := append(append([]byte(nil), bundle[:i]...), "\x01"...)
		_, err := sender.Send(t.Context(), stixRequest(), append(broken, bundle[i:]...))
		require.Error(t, err)
		transfertest.RequireNoCanary(t, "the error", fmt.Appendf(nil, "%v %+v %#v", err, err, err), canaries)
	}
	require.NoError(t, log.Close())
	assert.Empty(t, road.Envelopes())
	transfertest.RequireNoCanaryUnder(t, dir, canaries)
}

// What a bundle is marked with is a fact: AMBER does not reach a peer, and a label of the request cannot take it off.
func TestSTIXMarkingsDecide(t *testing.T) {
	finland, _, _ := stixPair(t)
	sender, log, err := finland.Sender(t.Context(), &transfertest.Transport{})
	require.NoError(t, err)
	defer func() { _ = log.Close() }()
	raw, err := os.ReadFile(filepath.Join("..", "examples", "stix", "workspace", "payload.json"))
	require.NoError(t, err)
	const green, amber = "bab4a63c-aed9-4cf5-a766-dfca5abac2bb", "55d920b0-5e8b-4f79-9ee9-91f868d9b421"
	_, err = sender.Send(t.Context(), stixRequest(), raw)
	require.NoError(t, err)
	stricter := []byte(strings.ReplaceAll(string(raw), green, amber))
	for _, label := range []string{"", "TLP:CLEAR"} {
		req := stixRequest()
		req.Labels.TLP = label
		_, err = sender.Send(t.Context(), req, stricter)
		var denied *transfer.DeniedError
		require.ErrorAs(t, err, &denied)
		assert.Contains(t, fmt.Sprint(denied.Decision.Missing), "tlp_recipient")
	}
	catalogues, err := finland.LoadCatalogues()
	require.NoError(t, err)
	engine, err := finland.OpenEngine(t.Context())
	require.NoError(t, err)
	facts := transfer.Facts(engine, transfer.NewPartners(), catalogues[0], "cert-fi", stixRequest().WithDocument(stricter), time.Now())
	assert.Equal(t, "TLP:AMBER", facts.Evidence["marking"])
	assert.Equal(t, []any{"marking-definition--" + amber}, facts.Evidence["marking_ids"])
}
