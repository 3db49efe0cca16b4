package transfer_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing/fstest"

	"github.com/passavant/passavant/audit"
	"github.com/passavant/passavant/crypto/keyring"
	"github.com/passavant/passavant/transfer"
	"github.com/passavant/passavant/transfer/payload"
)

func ExampleSender_Send() {
	w := newWorld() // keys, agreements, catalogue, log and transport
	defer w.close()

	sent, err := w.sender.Send(context.Background(), w.request, w.report)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("permitted under", sent.Decision.Basis[0])
	fmt.Println("intent is record", sent.Index)
	fmt.Println("delivered to", sent.Header.Recipient, "until", sent.Header.Expires)
	for _, f := range sent.Header.Manifest.Fields {
		if strings.HasPrefix(f.Path, "/victim/") {
			fmt.Println(f.Path, f.Technique)
		}
	}
	// Output:
	// permitted under GDPR:45
	// intent is record 1
	// delivered to sakura-bank-jp until 2026-11-30 09:30:00 +0000 UTC
	// /victim/name pseudonymise
	// /victim/date_of_birth generalise
	// /victim/address/street drop
	// /victim/address/town drop
	// /victim/address/eircode generalise
	// /victim/address/country keep
	// /victim/phone pseudonymise
	// /victim/email pseudonymise
	// /victim/pps_number pseudonymise
	// /victim/iban pseudonymise
}

// The errors of Send say how far the document came; in all of these cases but the last nothing has left.
func ExampleSender_Send_errors() {
	w := newWorld()
	defer w.close()

	attempt := func(req transfer.Request, document []byte) {
		_, err := w.sender.Send(context.Background(), req, document)
		var denied *transfer.DeniedError
		var syntax *payload.SyntaxError
		var failed *transfer.DeliveryError
		switch {
		case errors.As(err, &denied):
			fmt.Println("refused by policy, record", denied.Index)
		case errors.As(err, &syntax):
			fmt.Println("not a strict JSON document, offset", syntax.Offset)
		case errors.As(err, &failed):
			fmt.Println("intent", failed.Index, "in doubt:", failed.InDoubt)
		case errors.Is(err, transfer.ErrUnknownType):
			fmt.Println(err)
		case errors.Is(err, transfer.ErrNotRecorded):
			fmt.Println("the log is unusable")
		}
	}
	marketing, untyped := w.request, w.request
	marketing.Purpose = "marketing"
	untyped.Type = "postcard"
	attempt(untyped, w.report)
	attempt(marketing, w.report)
	attempt(w.request, []byte(`{"victim": {"name": "Ada"}, "victim": {}}`))
	w.sender.Transport = transfer.TransportFunc(func(context.Context, *transfer.Envelope) (*transfer.Receipt, error) {
		return nil, errors.New("the line broke while the answer was due")
	})
	attempt(w.request, w.report)
	// Output:
	// no catalogue for this payload type: "postcard"
	// refused by policy, record 1
	// not a strict JSON document, offset 28
	// intent 3 in doubt: true
}

// A refusal by policy says which rules refused, and which conditions would have to be met.
func ExampleDeniedError() {
	w := newWorld()
	defer w.close()

	req := w.request
	req.Agreement, req.Recipient = "ie-vn-memorandum", "lotus-bank-vn"
	_, err := w.sender.Send(context.Background(), req, w.report)
	var denied *transfer.DeniedError
	if errors.As(err, &denied) {
		fmt.Println("permit:", denied.Decision.Permit)
		fmt.Println("missing:", strings.Join(denied.Decision.Missing, ", "))
		fmt.Println("record:", denied.Index)
	}
	// Output:
	// permit: false
	// missing: adequacy_decision_in_force, appropriate_safeguard, transfer_impact_assessment
	// record: 1
}

func ExampleSender_Protect() {
	w := newWorld()
	defer w.close()

	document := `{"case": {"reference": "EMRD-1"}, "victim": {"name": "Ada Byron", "date_of_birth": "1958-04-23"}, "shoe_size": 38}`
	protected, err := w.sender.Protect(context.Background(), w.request, []byte(document))
	if err != nil {
		fmt.Println(err)
		return
	}
	m := protected.Manifest
	fmt.Printf("kept %d, transformed %d, dropped %d, unlisted %d\n", m.Kept, m.Transformed, m.Dropped, m.Unlisted)
	fmt.Println("holds the name:", bytes.Contains(protected.Document, []byte("Ada Byron")))
	fmt.Println("holds the year:", bytes.Contains(protected.Document, []byte(`"1958"`)))
	// Output:
	// kept 1, transformed 2, dropped 0, unlisted 1
	// holds the name: false
	// holds the year: true
}

func ExampleReceiver_Receive() {
	w := newWorld()
	defer w.close()
	sent, err := w.sender.Send(context.Background(), w.request, w.report)
	if err != nil {
		fmt.Println(err)
		return
	}

	received, err := w.receiver.Receive(context.Background(), w.delivered)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("from", received.Header.Exporter, "for", received.Header.Purpose)
	fmt.Println("same transfer:", received.Header.Transfer == sent.Transfer)
	fmt.Println("duties:", strings.Join(received.Receipt.Statement.Duties, ", "))

	_, err = w.receiver.Receive(context.Background(), w.delivered)
	var rejected *transfer.RejectedError
	if errors.As(err, &rejected) {
		fmt.Println("once more:", rejected.Code)
	}
	// Output:
	// from emerald-bank-ie for prevent_and_investigate_fraud
	// same transfer: true
	// duties: delete_after, no_onward_transfer, purpose_limit
	// once more: replayed
}

// A transport that brings no receipt back leaves it to another way; the exporter acknowledges it when it comes.
func ExampleSender_Acknowledge() {
	w := newWorld()
	defer w.close()
	if _, err := w.sender.Send(context.Background(), w.request, w.report); err != nil {
		fmt.Println(err)
		return
	}
	received, err := w.receiver.Receive(context.Background(), w.delivered)
	if err != nil {
		fmt.Println(err)
		return
	}
	text, err := received.Receipt.MarshalJSON()
	if err != nil {
		fmt.Println(err)
		return
	}

	receipt, err := transfer.ParseReceipt(text)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(w.sender.Acknowledge(receipt))
	receipt.Statement.Transfer = "another"
	fmt.Println(w.sender.Acknowledge(receipt))
	// Output:
	// <nil>
	// invalid receipt: the signature does not verify
}

// A header can be read without keys. It is a claim until Receive has verified it.
func ExampleParseEnvelope() {
	w := newWorld()
	defer w.close()
	if _, err := w.sender.Send(context.Background(), w.request, w.report); err != nil {
		fmt.Println(err)
		return
	}
	file, err := w.delivered.Bytes()
	if err != nil {
		fmt.Println(err)
		return
	}

	envelope, err := transfer.ParseEnvelope(bytes.NewReader(file))
	if err != nil {
		fmt.Println(err)
		return
	}
	h := envelope.Header
	fmt.Println(h.Exporter, "to", h.Recipient, "under", h.Agreement)
	fmt.Println("created", h.Created)
	fmt.Println("has a proof:", envelope.Staple != nil)
	_, err = transfer.ParseEnvelope(strings.NewReader("Dear partner, see attached."))
	fmt.Println(errors.Is(err, transfer.ErrEnvelope))
	// Output:
	// emerald-bank-ie to sakura-bank-jp under ie-jp-bank-fraud
	// created 2026-11-23 09:30:00 +0000 UTC
	// has a proof: true
	// true
}

func ExampleLoadPartners() {
	w := newWorld()
	defer w.close()
	document, err := w.keys("lotus-bank-vn").Public().MarshalJSON()
	if err != nil {
		fmt.Println(err)
		return
	}

	partners, err := transfer.LoadPartners(fstest.MapFS{"lotus-bank-vn.json": {Data: document}})
	if err != nil {
		fmt.Println(err)
		return
	}
	lotus, err := partners.Partner("lotus-bank-vn")
	fmt.Println(lotus.Party, err)
	_, err = partners.Partner("nobody")
	fmt.Println(err)
	_, err = transfer.LoadPartners(fstest.MapFS{"sakura-bank-jp.json": {Data: document}})
	fmt.Println(err)
	// Output:
	// lotus-bank-vn <nil>
	// no public keys for this party: "nobody"
	// partner sakura-bank-jp.json: the keys in it are of another party; name the file <party>.json
}

func ExampleParseRequest() {
	request, err := transfer.ParseRequest(strings.NewReader(`{
		"agreement": "ie-jp-bank-fraud", "recipient": "sakura-bank-jp", "purpose": "prevent_and_investigate_fraud",
		"type": "fraud-case-report", "actor": "a.murphy", "reference": "FR-2026-17"}`))
	fmt.Println(request.Agreement, request.Recipient, err)
	_, err = transfer.ParseRequest(strings.NewReader(`{"agreement": "ie-jp-bank-fraud", "force": true}`))
	fmt.Println(err)
	// Output:
	// ie-jp-bank-fraud sakura-bank-jp <nil>
	// invalid request: not a strict JSON value: unknown member at "/force"
}

// A transport takes ciphertext from one place to another; any function will do.
func ExampleTransportFunc() {
	w := newWorld()
	defer w.close()
	w.sender.Transport = transfer.TransportFunc(func(_ context.Context, e *transfer.Envelope) (*transfer.Receipt, error) {
		_, err := e.Bytes() // to be mailed, queued, printed
		fmt.Println("on its way to", e.Header.Recipient)
		return nil, err
	})
	_, err := w.sender.Send(context.Background(), w.request, w.report)
	fmt.Println(err)
	// Output:
	// on its way to sakura-bank-jp
	// <nil>
}

// Whoever has a party's public keys can verify its log, or a copy of it.
func ExampleLogKey() {
	w := newWorld()
	defer w.close()
	if _, err := w.sender.Send(context.Background(), w.request, w.report); err != nil {
		fmt.Println(err)
		return
	}
	if err := w.sender.Log.Close(); err != nil {
		fmt.Println(err)
		return
	}

	key, err := transfer.LogKey(w.sender.Keys.Public())
	if err != nil {
		fmt.Println(err)
		return
	}
	report, err := audit.Verify(context.Background(), w.sender.Log.Dir(), audit.VerifyOptions{VKey: key})
	fmt.Println(report.Origin, report.Records, "records", err)
	fmt.Println(report.ByType)
	// Output:
	// passavant/emerald-bank-ie 3 records <nil>
	// map[delivered:1 intent:1 policy-change:1]
}

// OpenLog opens a party's log under the name and key that its partners expect.
func ExampleOpenLog() {
	w := newWorld()
	defer w.close()
	dir := filepath.Join(w.dir, "third")
	keys, err := keyring.Create(filepath.Join(dir, "keys"), "lotus-bank-vn")
	if err != nil {
		fmt.Println(err)
		return
	}
	log, err := transfer.OpenLog(filepath.Join(dir, "log"), keys)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(log.Size(), "records")
	_, err = transfer.OpenLog(filepath.Join(dir, "log"), keys)
	fmt.Println("locked:", errors.Is(err, audit.ErrLocked))
	fmt.Println(log.Close())
	// Output:
	// 0 records
	// locked: true
	// <nil>
}

func ExampleHonouredObligations() {
	fmt.Println(strings.Join(transfer.HonouredObligations()[:3], ", "))
	// Output: bind_onward_authorisation, delete_after, delete_or_return
}
