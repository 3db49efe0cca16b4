package taxii_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passavant/passavant/transfer"
	"github.com/passavant/passavant/transfer/taxii"
	"github.com/passavant/passavant/transfer/transfertest"
)

func noSleep(context.Context, time.Duration) error { return nil }

func objects(n int) []json.RawMessage {
	var all []json.RawMessage
	for i := range n {
		all = append(all, json.RawMessage(fmt.Sprintf(`{"type":"ipv4-addr","spec_version":"2.1","id":"ipv4-addr--00000000-0000-5000-8000-%012d","value":"psn_%d"}`, i, i)))
	}
	return all
}

func pull(t *testing.T, c *taxii.Client, f taxii.Filter) []string {
	t.Helper()
	var got []string
	require.NoError(t, c.Pull(t.Context(), inbox, f, func(p taxii.Page) error {
		for _, o := range p.Objects {
			got = append(got, string(o))
		}
		return nil
	}))
	return got
}

func TestPushAndPullWithBothKinds(t *testing.T) {
	for name, flask := range kinds() {
		t.Run(name, func(t *testing.T) {
			s, c := newServer(t, flask, 1000, taxii.WithPageSize(3))
			assert.Empty(t, pull(t, c, taxii.Filter{}), "an empty collection is {}")
			pushed, err := c.Push(t.Context(), inbox, objects(25))
			require.NoError(t, err)
			assert.Len(t, pushed.Taken, 25)
			assert.Equal(t, "ipv4-addr--00000000-0000-5000-8000-000000000000", pushed.Taken[0].ID)
			assert.Equal(t, 4, s.posts, "25 objects of 119 bytes go into bodies of 1,000")
			got := pull(t, c, taxii.Filter{})
			require.Len(t, got, 25)
			for i, o := range objects(25) {
				assert.JSONEq(t, string(o), got[i])
			}
			_, err = c.Push(t.Context(), inbox, objects(25))
			require.NoError(t, err, "pushing again is harmless")
			assert.Len(t, pull(t, c, taxii.Filter{}), 25)

			whole := time.Date(2026, 11, 23, 9, 30, 0, 0, time.UTC) // has no fraction
			assert.Len(t, pull(t, c, taxii.Filter{AddedAfter: whole}), 24)
			assert.Len(t, pull(t, c, taxii.Filter{AddedAfter: whole.Add(20 * time.Millisecond)}), 4)
			assert.Len(t, pull(t, c, taxii.Filter{ID: "ipv4-addr--00000000-0000-5000-8000-000000000007"}), 1)
			assert.Empty(t, pull(t, c, taxii.Filter{Type: "artifact"}))

			root, err := c.Root(t.Context())
			require.NoError(t, err)
			assert.Equal(t, int64(1000), root.MaxContentLength)
			collections, err := c.Collections(t.Context())
			require.NoError(t, err)
			assert.Len(t, collections, 2)
			for _, r := range s.seen {
				assert.True(t, strings.HasSuffix(r.URL.Path, "/"), r.URL.Path)
				assert.Equal(t, taxii.MediaType, r.Header.Get("Accept"))
				assert.Equal(t, r.URL.Query().Has("next"), r.URL.Query().Has("next") && r.URL.Query().Has("limit"))
			}
		})
	}
}

func TestRefusalsOfBothKinds(t *testing.T) {
	for name, flask := range kinds() {
		t.Run(name, func(t *testing.T) {
			_, c := newServer(t, flask, 10_000)
			_, err := c.Push(t.Context(), readOnly, objects(1))
			require.ErrorIs(t, err, taxii.ErrRefused)
			require.ErrorIs(t, c.Pull(t.Context(), "unknown", taxii.Filter{}, func(taxii.Page) error { return nil }), taxii.ErrRefused)
			_, stranger := newServer(t, flask, 10_000, taxii.WithBasic("user", "wrong"))
			_, err = stranger.Push(t.Context(), inbox, objects(1))
			require.ErrorIs(t, err, taxii.ErrRefused)
			assert.NotContains(t, err.Error(), "html")
		})
	}
}

func TestObjectsAreCheckedBeforeAnythingIsSent(t *testing.T) {
	s, c := newServer(t, true, 500)
	for name, tc := range map[string]struct {
		object string
		want   error
	}{
		"a bundle":       {`{"type":"bundle","id":"bundle--00000000-0000-5000-8000-000000000000","objects":[]}`, taxii.ErrObject},
		"no id":          {`{"type":"ipv4-addr"}`, taxii.ErrObject},
		"another type":   {`{"type":"ipv6-addr","id":"ipv4-addr--00000000-0000-5000-8000-000000000000"}`, taxii.ErrObject},
		"no UUID":        {`{"type":"ipv4-addr","id":"ipv4-addr--canary"}`, taxii.ErrObject},
		"upper case":     {`{"type":"ipv4-addr","id":"ipv4-addr--0000000A-0000-5000-8000-000000000000"}`, taxii.ErrObject},
		"wrong variant":  {`{"type":"ipv4-addr","id":"ipv4-addr--00000000-0000-5000-0000-000000000000"}`, taxii.ErrObject},
		"wrong hyphens":  {`{"type":"ipv4-addr","id":"ipv4-addr--000000000000--5000-8000-000000000000"}`, taxii.ErrObject},
		"STIX 2.0":       {`{"type":"ipv4-addr","spec_version":"2.0","id":"ipv4-addr--00000000-0000-5000-8000-000000000000"}`, taxii.ErrObject},
		"not an object":  {`["canary"]`, taxii.ErrObject},
		"not JSON":       {`{"canary`, taxii.ErrObject},
		"larger than it": {`{"type":"ipv4-addr","id":"ipv4-addr--00000000-0000-5000-8000-000000000000","value":"` + strings.Repeat("x", 500) + `"}`, taxii.ErrTooLarge},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := c.Push(t.Context(), inbox, append(objects(1), json.RawMessage(tc.object)))
			require.ErrorIs(t, err, tc.want)
			assert.ErrorContains(t, err, "object 1")
			assert.NotContains(t, err.Error(), "canary")
		})
	}
	assert.Zero(t, s.posts)
}

// A Flask server takes objects with a top-level "version", and then every reading of the collection fails.
func TestVersionedObjectsCanBeLeftOut(t *testing.T) {
	software := json.RawMessage(`{"type":"software","spec_version":"2.1","id":"software--00000000-0000-5000-8000-000000000001","name":"x","version":"1"}`)
	_, careless := newServer(t, true, 10_000)
	_, err := careless.Push(t.Context(), inbox, []json.RawMessage{software})
	require.NoError(t, err)
	require.Error(t, careless.Pull(t.Context(), inbox, taxii.Filter{}, func(taxii.Page) error { return nil }))

	_, careful := newServer(t, true, 10_000, taxii.WithoutVersionedObjects())
	pushed, err := careful.Push(t.Context(), inbox, append(objects(2), software))
	require.NoError(t, err)
	assert.Equal(t, []string{"software--00000000-0000-5000-8000-000000000001"}, pushed.Omitted)
	assert.Len(t, pull(t, careful, taxii.Filter{}), 2)
}

// An envelope travels as an Artifact, is received once, and its receipt comes back the same way.
func TestAnEnvelopeTravelsAndItsReceiptComesBack(t *testing.T) {
	for name, flask := range kinds() {
		t.Run(name, func(t *testing.T) {
			s, c := newServer(t, flask, 100_000)
			road, err := taxii.NewTransport(c, inbox)
			require.NoError(t, err)
			p := transfertest.New(t)
			p.Sender.Transport = road
			var sent []*transfer.Result
			for range 3 {
				result, err := p.Sender.Send(t.Context(), transfertest.Request(), transfertest.Report(t))
				require.NoError(t, err)
				sent = append(sent, result)
			}
			s.objects = append(s.objects, stored{ // anybody may write there
				raw: json.RawMessage(`{"type":"artifact","id":"artifact--00000000-0000-5000-8000-000000000009","mime_type":"application/vnd.passavant.envelope","payload_bin":"Y2FuYXJ5"}`),
				id:  "artifact--00000000-0000-5000-8000-000000000009", typ: "artifact", added: s.objects[2].added,
			})
			_, err = c.Push(t.Context(), inbox, objects(2))
			require.NoError(t, err)

			var unreadable []string
			next, err := c.Inbox(t.Context(), inbox, taxii.Filter{}, func(ctx context.Context, item taxii.Item) error {
				received, err := p.Receiver.Receive(ctx, item.Envelope)
				if err != nil {
					return err
				}
				return c.PushReceipt(ctx, inbox, received.Receipt)
			}, func(id string, err error) {
				require.Error(t, err)
				assert.NotContains(t, err.Error(), "canary")
				unreadable = append(unreadable, id)
			})
			require.NoError(t, err)
			assert.Equal(t, []string{"artifact--00000000-0000-5000-8000-000000000009"}, unreadable)

			acknowledged := 0
			last, err := c.Inbox(t.Context(), inbox, next, func(_ context.Context, item taxii.Item) error {
				require.NotNil(t, item.Receipt, "what was seen is not seen again")
				acknowledged++
				return p.Sender.Acknowledge(item.Receipt)
			}, nil)
			require.NoError(t, err)
			assert.Equal(t, len(sent), acknowledged)
			assert.True(t, last.AddedAfter.After(next.AddedAfter))
		})
	}
}

// envelope is one that was recorded and sent.
func envelope(t testing.TB) *transfer.Envelope {
	t.Helper()
	p := transfertest.New(t)
	sent, err := p.Sender.Send(t.Context(), transfertest.Request(), transfertest.Report(t))
	require.NoError(t, err)
	return sent.Envelope
}

func TestTheArtifactSaysWhatItIs(t *testing.T) {
	p := transfertest.New(t)
	sent, err := p.Sender.Send(t.Context(), transfertest.Request(), transfertest.Report(t))
	require.NoError(t, err)
	raw, err := taxii.Artifact(sent.Envelope)
	require.NoError(t, err)
	var a struct {
		Type, ID   string
		MimeType   string                     `json:"mime_type"`
		Extensions map[string]taxii.Extension `json:"extensions"`
	}
	require.NoError(t, json.Unmarshal(raw, &a))
	assert.Equal(t, transfer.MediaType, a.MimeType)
	assert.Regexp(t, `^artifact--[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`, a.ID)
	assert.NotContains(t, string(raw), "encryption_algorithm")
	assert.NotContains(t, string(raw), "decryption_key")
	e := a.Extensions[taxii.ExtensionID]
	assert.Equal(t, taxii.Extension{
		ExtensionType: "property-extension", Agreement: "ie-jp-bank-fraud", Exporter: transfertest.Exporter, Recipient: transfertest.Recipient,
		KeyIDs: []string{p.RecipientKeys.Public().Seal[0].ID}, LogIndex: sent.Index, Transfer: sent.Transfer,
		Suite: "HPKE-X25519-SHA256-A256GCM+A256GCM-HKDF-4K+Ed25519",
	}, e)
	item, err := taxii.ReadArtifact(raw)
	require.NoError(t, err)
	assert.Equal(t, sent.Envelope.Sealed, item.Envelope.Sealed)
	again, err := taxii.Artifact(sent.Envelope)
	require.NoError(t, err)
	assert.Equal(t, string(raw), string(again), "one envelope is one object, however often it is pushed")
}

// The check value of section 2.9: the id of an ipv4-addr with the value 198.51.100.3.
func TestDeterministicIDs(t *testing.T) {
	assert.Equal(t, "artifact--28bb3599-77cd-5a82-a950-b5bc3caf07c4", taxii.IDOf(map[string]string{"value": "198.51.100.3"}))
}
