package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/passavant/passavant/transfer"
	"github.com/passavant/passavant/transfer/payload"
	"github.com/passavant/passavant/transfer/workspace"
)

// inspection are the flags of inspect.
type inspection struct {
	agreement, typ, payload string
	most                    int
}

func (a *app) inspectCommand() *cobra.Command {
	var i inspection
	c := &cobra.Command{
		Use:   "inspect --agreement ID --type TYPE --payload FILE",
		Short: "Say all that is wrong with a payload before it is sent",
		Long: `Inspect reads a payload as send would under an agreement and names every record that would be
refused, by line and column and never by value. Send stops at the first one. Nothing is
decided, recorded or written, and no key is used. Exits 1 if something would be refused.`,
		Example: "  passavant inspect --agreement ie-jp-bank-fraud --type transactions-csv --payload november.csv",
		Args:    cobra.NoArgs,
		RunE:    func(cmd *cobra.Command, _ []string) error { return a.inspect(cmd.Context(), i) },
	}
	c.Flags().StringVar(&i.agreement, "agreement", "", "the `ID` of the agreement that says what leaves in which form")
	c.Flags().StringVar(&i.typ, "type", "", "the payload's `TYPE`, as its catalogue names it")
	c.Flags().StringVar(&i.payload, "payload", "", "the payload, a `FILE` (- for standard input)")
	c.Flags().IntVar(&i.most, "most", 100, "stop after so many faults")
	for _, name := range []string{"agreement", "type", "payload"} {
		_ = c.MarkFlagRequired(name)
	}
	return c
}

// inspectedJSON is the --json form of an inspection.
type inspectedJSON struct {
	Good    bool     `json:"good"`
	Records int64    `json:"records"`
	Faults  []string `json:"faults"`
}

func (a *app) inspect(ctx context.Context, i inspection) error {
	cat, treatments, err := a.catalogueUnder(ctx, i.typ, i.agreement)
	if err != nil {
		return err
	}
	in, err := openInput(i.payload)
	if err != nil {
		return err
	}
	defer func() { _ = in.Close() }()
	keepSmall()
	show, done := progress(a.stderr, in.size, time.Now)
	found := inspectedJSON{Faults: []string{}}
	report, err := transfer.Inspect(ctx, cat, treatments, in, transfer.StreamOptions{Progress: show}, func(e *payload.RecordError) bool {
		found.Faults = append(found.Faults, e.Error())
		return len(found.Faults) < i.most
	})
	done()
	if err != nil && len(found.Faults) == 0 {
		found.Faults = append(found.Faults, err.Error())
	}
	if report != nil {
		found.Records = report.Records
	}
	found.Good = len(found.Faults) == 0
	return a.showInspected(i.payload, found, err != nil && len(found.Faults) >= i.most)
}

func (a *app) showInspected(name string, found inspectedJSON, cut bool) error {
	if a.json {
		a.out.document(found)
	} else {
		for _, fault := range found.Faults {
			a.out.line("%s: %s", name, fault)
		}
		switch {
		case cut:
			a.out.line("%s at %d faults; there may be more", a.out.bad("stopped"), len(found.Faults))
		case found.Good:
			a.out.line("%s: %s is what its catalogue says (%d records)", a.out.good("good"), name, found.Records)
		}
	}
	if !found.Good {
		return fmt.Errorf("%d faults%w", len(found.Faults), errSaid)
	}
	return nil
}

// catalogueUnder returns the catalogue of a type, and the treatments that an agreement gives its categories.
func (a *app) catalogueUnder(ctx context.Context, typ, agreementID string) (*payload.Catalogue, map[string]payload.Treatment, error) {
	w, err := workspace.Open(a.dir)
	if err != nil {
		return nil, nil, err
	}
	catalogues, err := w.LoadCatalogues()
	if err != nil {
		return nil, nil, err
	}
	var cat *payload.Catalogue
	for _, c := range catalogues {
		if c.Type == typ {
			cat = c
		}
	}
	if cat == nil {
		return nil, nil, fmt.Errorf("%w: %q", transfer.ErrUnknownType, typ)
	}
	engine, err := w.OpenEngine(ctx)
	if err != nil {
		return nil, nil, err
	}
	agreed, found := engine.Agreement(agreementID)
	if !found {
		return nil, nil, errors.New("no agreement " + agreementID)
	}
	treatments := make(map[string]payload.Treatment)
	for category, t := range agreed.DataCategories {
		treatments[category] = payload.Treatment{Technique: t.Treatment, Params: t.Params}
	}
	return cat, treatments, nil
}
