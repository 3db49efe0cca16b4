package main

import (
	"context"
	"errors"
	"path/filepath"

	"github.com/passavant/passavant/audit"
	"github.com/passavant/passavant/crypto/keyring"
	"github.com/passavant/passavant/internal/sample"
	"github.com/passavant/passavant/policy"
	"github.com/passavant/passavant/transfer"
	"github.com/passavant/passavant/transfer/payload"
)

// exporter is the Irish bank.
type exporter struct {
	engine *policy.Engine
	keys   *keyring.Keyring
	log    *audit.Log
	sender *transfer.Sender
	report *payload.Catalogue
	sakura *keyring.Keyring // in life, the exporter has the public half only
}

// openExporter makes keys for the three banks whose keys are needed, and the Irish bank's sender.
func openExporter(ctx context.Context, dir string) (*exporter, error) {
	engine, err := policy.Load(ctx, sample.Workspace(), sample.Elsewhere())
	if err != nil {
		return nil, err
	}
	catalogue, err := sample.Catalogue()
	if err != nil {
		return nil, err
	}
	keys := make(map[string]*keyring.Keyring)
	for _, party := range []string{"emerald-bank-ie", "sakura-bank-jp", "liberty-bank-us"} {
		if keys[party], err = keyring.Create(filepath.Join(dir, "keys", party), party); err != nil {
			return nil, err
		}
	}
	e := &exporter{engine: engine, report: catalogue, keys: keys["emerald-bank-ie"], sakura: keys["sakura-bank-jp"]}
	if e.log, err = transfer.OpenLog(filepath.Join(dir, "log"), e.keys); err != nil {
		return nil, err
	}
	e.sender, err = transfer.NewSender(transfer.SenderConfig{
		Engine: engine, Keys: e.keys, Log: e.log, Catalogues: []*payload.Catalogue{catalogue},
		Partners:  transfer.NewPartners(keys["sakura-bank-jp"].Public(), keys["liberty-bank-us"].Public()),
		Transport: transfer.TransportFunc(hold),
	})
	return e, err
}

// hold is a transport for the story: the envelope stays in the result and the quickstart carries it over.
func hold(context.Context, *transfer.Envelope) (*transfer.Receipt, error) { return nil, nil }

// openRecipient makes the Japanese bank's receiver.
func openRecipient(dir string, bank *exporter) (*transfer.Receiver, *audit.Log, error) {
	log, err := transfer.OpenLog(dir, bank.sakura)
	if err != nil {
		return nil, nil, err
	}
	receiver, err := transfer.NewReceiver(transfer.ReceiverConfig{
		Keys: bank.sakura, Log: log, Partners: transfer.NewPartners(bank.keys.Public()),
	})
	return receiver, log, err
}

// destination is one chapter of the story.
type destination struct {
	number                      int
	place, agreement, recipient string
}

func (d destination) request() transfer.Request {
	return transfer.Request{
		Agreement: d.agreement, Recipient: d.recipient, Purpose: "prevent_and_investigate_fraud", Type: "fraud-case-report",
	}
}

// share sends the report and tells what left.
func (e *exporter) share(ctx context.Context, s *story, d destination, report []byte) (*transfer.Result, error) {
	s.chapter(d)
	result, err := e.sender.Send(ctx, d.request(), report)
	if err != nil {
		return nil, err
	}
	s.sent(result)
	return result, nil
}

// beRefused sends the report where it must not go and tells why it did not.
func (e *exporter) beRefused(ctx context.Context, s *story, d destination, report []byte) error {
	s.chapter(d)
	_, err := e.sender.Send(ctx, d.request(), report)
	var denied *transfer.DeniedError
	if !errors.As(err, &denied) {
		return errors.Join(errors.New("the transfer without a ground was not refused"), err)
	}
	s.refused(denied, e.explain(ctx, d))
	return nil
}

// explain looks for the smallest change that would permit a refused transfer.
func (e *exporter) explain(ctx context.Context, d destination) policy.Explanation {
	facts := transfer.Facts(e.engine, e.sender.Partners, e.report, e.keys.Party(), d.request(), e.sender.Clock())
	return e.engine.Explain(ctx, facts)
}
