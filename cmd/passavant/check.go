package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/passavant/passavant/audit"
	"github.com/passavant/passavant/policy"
	"github.com/passavant/passavant/policy/agreement"
	"github.com/passavant/passavant/transfer"
	"github.com/passavant/passavant/transfer/payload"
	"github.com/passavant/passavant/transfer/workspace"
)

func (a *app) checkCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "check",
		Short: "Load and check everything in the workspace",
		Long: `Check loads the policy, every agreement, catalogue, partner and key, compiles them, and looks
at how they fit together. The first line says good, or how many faults there are. Warnings
do not stop a transfer.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return a.check(cmd.Context()) },
	}
}

// findings is what check found.
type findings struct {
	Good       bool     `json:"good"`
	Faults     []string `json:"faults"`
	Warnings   []string `json:"warnings"`
	Agreements []string `json:"agreements"`
	Catalogues []string `json:"catalogues"`
	Partners   []string `json:"partners"`
	Revision   string   `json:"policy_revision,omitempty"`
	Data       string   `json:"data_version,omitempty"`
	Records    int64    `json:"log_records"`
	Coverage   []sheet  `json:"coverage"`
	// Findings are those of the faults and warnings that are about rules and agreements, with why and how to mend.
	Findings []policy.Finding `json:"findings"`
}

// fault adds what is wrong, once: two steps may stumble over the same file.
func (f *findings) fault(err error) {
	if !slices.Contains(f.Faults, err.Error()) {
		f.Faults = append(f.Faults, err.Error())
	}
}

func (f *findings) warn(format string, args ...any) {
	f.Warnings = append(f.Warnings, fmt.Sprintf(format, args...))
}

func (a *app) check(ctx context.Context) error {
	w, err := workspace.Open(a.dir)
	if err != nil {
		return err
	}
	f := &findings{Faults: []string{}, Warnings: []string{}, Agreements: []string{}, Catalogues: []string{}, Partners: []string{}, Findings: []policy.Finding{}, Coverage: []sheet{}}
	f.checkKeys(w)
	partners := f.checkPartners(w)
	catalogues := f.checkCatalogues(w)
	f.checkPolicy(ctx, w, partners, catalogues, time.Now())
	f.checkLog(w)
	if w.Practice != "" {
		f.warn("%s is a practice partner; remove it and its line in %s before you go live", w.Practice, workspace.ConfigName)
	}
	f.Good = len(f.Faults) == 0
	if a.json {
		a.out.document(f)
	} else {
		a.printFindings(w, f)
	}
	if !f.Good {
		return fmt.Errorf("%s%w", faultCount(len(f.Faults)), errSaid)
	}
	return nil
}

func (f *findings) checkKeys(w *workspace.Workspace) {
	_, err := w.OpenKeys()
	if errors.Is(err, fs.ErrNotExist) {
		err = fmt.Errorf("%w ('passavant keys new' makes keys)", err)
	}
	if err != nil {
		f.fault(err)
	}
}

func (f *findings) checkPartners(w *workspace.Workspace) transfer.StaticPartners {
	partners, err := w.LoadPartners()
	if err != nil {
		f.fault(err)
	}
	for id := range partners {
		f.Partners = append(f.Partners, id)
	}
	slices.Sort(f.Partners)
	return partners
}

func (f *findings) checkCatalogues(w *workspace.Workspace) []*payload.Catalogue {
	catalogues, err := w.LoadCatalogues()
	if err != nil {
		f.fault(err)
	}
	for _, c := range catalogues {
		f.Catalogues = append(f.Catalogues, c.Type+"/"+c.Version)
	}
	return catalogues
}

func (f *findings) checkPolicy(ctx context.Context, w *workspace.Workspace, partners transfer.StaticPartners, catalogues []*payload.Catalogue, now time.Time) {
	engine := f.checkRules(ctx, w, now)
	if engine == nil {
		return
	}
	f.Revision, f.Data = engine.Revision(), engine.DataVersion()
	for _, a := range engine.Agreements() {
		f.Agreements = append(f.Agreements, a.ID+" "+a.Version)
		f.checkAgreement(w, a, partners, now)
		f.checkSignatures(engine, a)
		if keys, err := w.OpenKeys(); err == nil {
			f.checkApprovers(keys.Public(), a)
		}
		f.addSheet(engine, a)
		f.checkTreatments(a, catalogues)
		f.checkEntropy(a, catalogues)
	}
	if len(f.Agreements) == 0 {
		f.warn("no agreement in %s: nothing can be sent", w.Path(w.Policy))
	}
}

// expiresSoon is when check begins to warn of an agreement's end.
const expiresSoon = 90 * 24 * time.Hour

func (f *findings) checkAgreement(w *workspace.Workspace, a *agreement.Agreement, partners transfer.StaticPartners, now time.Time) {
	if _, found := a.Party(w.Party); !found {
		f.warn("agreement %s: %s, this workspace's party, is not a party to it", a.ID, w.Party)
	}
	for _, p := range a.Parties {
		if _, known := partners[p.ID]; !known && p.ID != w.Party {
			f.warn("agreement %s: no keys of %s in %s, so nothing can be sealed to it", a.ID, p.ID, w.Path(w.Partners))
		}
	}
	switch {
	case !a.ActiveAt(now):
		f.warn("agreement %s is not in force today: it refuses everything", a.ID)
	case !a.ActiveAt(now.Add(expiresSoon)):
		f.warn("agreement %s ends within 90 days, on %s", a.ID, a.ValidUntil)
	}
}

// checkTreatments finds categories that one side names and the other does not.
func (f *findings) checkTreatments(a *agreement.Agreement, catalogues []*payload.Catalogue) {
	known := make(map[string]bool)
	for _, c := range catalogues {
		for _, category := range c.Categories() {
			known[category] = true
		}
	}
	converted := make(map[string]payload.Treatment)
	for _, category := range slices.Sorted(maps.Keys(a.DataCategories)) {
		t := a.DataCategories[category]
		converted[category] = payload.Treatment{Technique: t.Treatment, Params: t.Params}
		if !known[category] {
			f.warn("agreement %s: no catalogue has the category %s", a.ID, category)
		}
	}
	for _, c := range catalogues {
		if _, err := transfer.CompilePlan(c, converted); err != nil {
			f.fault(fmt.Errorf("agreement %s with catalogue %s: %w", a.ID, c.Type, err))
		}
		for _, category := range payload.OpaqueCategories(c, converted) {
			f.warn("agreement %s lets opaque files of type %s (%s) out whole, with what one does not see: EXIF in images, properties of Office "+
				"and PDF files, names in ZIP archives", a.ID, c.Type, category)
		}
	}
}

// checkLog reads the log's newest signed head; 'log verify' reads all of it.
func (f *findings) checkLog(w *workspace.Workspace) {
	if _, err := os.Stat(w.Path(w.Log)); errors.Is(err, fs.ErrNotExist) {
		f.fault(fmt.Errorf("%s: %w", w.Path(w.Log), workspace.ErrNoLog))
		return
	}
	key, err := w.LogKey()
	if err != nil {
		return // checkKeys has said so
	}
	reader, err := audit.OpenReader(w.Path(w.Log), key)
	if err != nil {
		f.fault(fmt.Errorf("the log does not open: %w", err))
		return
	}
	defer func() { _ = reader.Close() }()
	f.Records = reader.Size()
	for _, id := range reader.InDoubt() {
		f.warn("transfer %s is in doubt: its intent has no outcome", id)
	}
}

func (a *app) printFindings(w *workspace.Workspace, f *findings) {
	p := a.out
	if f.Good {
		p.line("%s: everything in the workspace of %s loads and fits", p.good("good"), w.Party)
	} else {
		p.line("%s", p.bad(faultCount(len(f.Faults))))
	}
	for _, text := range f.Faults {
		p.line("fault: %s", text)
		a.advice(f, text)
	}
	p.table([][]string{
		{"agreements", listOr(f.Agreements)}, {"catalogues", listOr(f.Catalogues)}, {"partners", listOr(f.Partners)},
		{"legal data", f.Data}, {"policy", f.Revision}, {"log", fmt.Sprintf("%d records", f.Records)},
	})
	for _, text := range f.Warnings {
		p.line("warning: %s", text)
		a.advice(f, text)
	}
	for _, s := range f.Coverage {
		a.printSheet(s)
	}
}

func faultCount(n int) string {
	if n == 1 {
		return "1 fault"
	}
	return fmt.Sprintf("%d faults", n)
}
