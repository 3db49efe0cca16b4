package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/passavant/passavant/audit"
	"github.com/passavant/passavant/desk"
	"github.com/passavant/passavant/policy"
	"github.com/passavant/passavant/transfer/workspace"
)

// reidentification are the flags of the reidentify command.
type reidentification struct {
	request, candidates, out string
	approvals                []string
}

func (a *app) reidentifyCommand() *cobra.Command {
	var f reidentification
	c := &cobra.Command{
		Use:   "reidentify --request FILE --approval FILE --approval FILE [--candidates FILE] [--out FILE]",
		Short: "Lead one pseudonym back to what it stands for",
		Long: `Reidentify leads back one pseudonym of a transfer. It takes a request with a purpose and a case
reference, two approvals signed by different keys that the agreement names under the role
'reidentification', a role that the agreement lets re-identify ('who_may'), and room in the
quota. Every attempt is a record of the log, the refused ones too, before anything is shown.

Tokens, look-alikes and addresses are decrypted. A one-way pseudonym is compared with the
values of a file of your own, one a line ('--candidates'). The request is a JSON file:

  {"transfer": "ID", "type": "fraud-case-report", "path": "/victim/iban", "value": "PSEUDONYM",
   "purpose": "CODE", "case_reference": "…", "justification": "…"}`,
		Example: `  passavant reidentify approve --request r.json --key dpo.pem --out a1.json
  passavant reidentify approve --request r.json --key compliance.pem --out a2.json
  passavant reidentify --request r.json --approval a1.json --approval a2.json`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return a.reidentify(cmd.Context(), f) },
	}
	c.Flags().StringVar(&f.request, "request", "", "the request, a JSON `FILE`")
	c.Flags().StringArrayVar(&f.approvals, "approval", nil, "an approval of the request, a JSON `FILE`; give two")
	c.Flags().StringVar(&f.candidates, "candidates", "", "your own values to compare a one-way pseudonym with, a `FILE`, one a line")
	c.Flags().StringVar(&f.out, "out", "", "the `FILE` to write the value to, instead of showing it")
	_ = c.MarkFlagRequired("request")
	c.AddCommand(a.reidentifyApproveCommand())
	return c
}

func (a *app) reidentify(ctx context.Context, f reidentification) (err error) {
	req, err := readReidentification(f.request)
	if err != nil {
		return err
	}
	approvals, err := readReidentificationApprovals(f.approvals)
	if err != nil {
		return err
	}
	candidates, read := readCandidates(f.candidates)
	w, err := workspace.Open(a.dir)
	if err != nil {
		return err
	}
	d, by, log, err := a.openDesk(ctx, w)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, log.Close()) }()
	answer, err := d.Reidentify(ctx, req, by, approvals, candidates)
	if answer != nil {
		for _, problem := range answer.Problems {
			_, _ = fmt.Fprintf(a.stderr, "passavant: %v\n", problem)
		}
	}
	if err := errors.Join(err, read()); err != nil {
		return err
	}
	return a.showAnswer(f, answer)
}

// openDesk opens what the desk needs. Close the log.
func (a *app) openDesk(ctx context.Context, w *workspace.Workspace) (*desk.Desk, desk.Person, *audit.Log, error) {
	engine, err := w.OpenEngine(ctx)
	if err != nil {
		return nil, desk.Person{}, nil, err
	}
	catalogues, err := w.LoadCatalogues()
	if err != nil {
		return nil, desk.Person{}, nil, err
	}
	caller, err := a.caller(w)
	if err != nil {
		return nil, desk.Person{}, nil, err
	}
	keys, err := w.OpenKeys()
	if err != nil {
		return nil, desk.Person{}, nil, err
	}
	log, err := w.OpenLog(keys)
	if err != nil {
		return nil, desk.Person{}, nil, err
	}
	d, err := desk.New(desk.Config{
		Engine: engine, Keys: keys, Log: log, Catalogues: catalogues,
		History: func() (*audit.Reader, error) { return openHistory(w) },
		Limits:  desk.Limits{PerDay: w.Reidentification.PerDay, PerMinute: w.Reidentification.PerMinute},
	})
	if err != nil {
		return nil, desk.Person{}, nil, errors.Join(err, log.Close())
	}
	return d, desk.Person{Name: operator(), Caller: caller}, log, nil
}

func openHistory(w *workspace.Workspace) (*audit.Reader, error) {
	key, err := w.LogKey()
	if err != nil {
		return nil, err
	}
	return audit.OpenReader(w.Path(w.Log), key)
}

func (a *app) showAnswer(f reidentification, answer *desk.Answer) error {
	if f.out != "" {
		if err := writeNew(f.out, []byte(answer.Value+"\n")); err != nil {
			return err
		}
	}
	if a.json {
		shown := *answer
		if f.out != "" {
			shown.Value = ""
		}
		a.out.document(shown)
		return nil
	}
	rows := [][]string{{"value", answer.Value}}
	if f.out != "" {
		rows = [][]string{{"written to", f.out}}
	}
	certainty := "the pseudonym can stand for nothing else"
	if !answer.Proved {
		certainty = "not proved: a pseudonym that was never sent leads to a value too"
	}
	a.out.line("%s, recorded as record %d of the log", a.out.good("led back"), answer.Record)
	a.out.table(append(rows, [][]string{{"category", answer.Category}, {"technique", answer.Technique}, {"certainty", certainty}}...))
	return nil
}

func readReidentification(name string) (desk.Request, error) {
	raw, err := os.ReadFile(name)
	if err != nil {
		return desk.Request{}, err
	}
	req, err := desk.ParseRequest(raw)
	if err != nil {
		return desk.Request{}, fmt.Errorf("%s: %w", name, err)
	}
	return req, nil
}

func readReidentificationApprovals(names []string) ([]*desk.Approval, error) {
	var all []*desk.Approval
	for _, name := range names {
		raw, err := os.ReadFile(name)
		if err != nil {
			return nil, err
		}
		one, err := desk.ParseApproval(raw)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		all = append(all, one)
	}
	return all, nil
}

// readCandidates reads a file line by line, when it is asked for them; the second result then says whether it could.
func readCandidates(name string) (candidates iter.Seq[[]byte], err func() error) {
	if name == "" {
		return nil, func() error { return nil }
	}
	var failed error
	return func(yield func([]byte) bool) {
		f, err := os.Open(name)
		if err != nil {
			failed = err
			return
		}
		defer func() { _ = f.Close() }()
		lines := bufio.NewScanner(f)
		for lines.Scan() {
			if line := bytes.TrimRight(lines.Bytes(), "\r"); len(line) > 0 && !yield(line) {
				return
			}
		}
		failed = lines.Err()
	}, func() error { return failed }
}

func (a *app) reidentifyApproveCommand() *cobra.Command {
	var request, key, out string
	var life time.Duration
	c := &cobra.Command{
		Use:   "approve --request FILE --out FILE [--key FILE]",
		Short: "Approve that one pseudonym is led back",
		Long: `Approve signs that the pseudonym of a request may be led back, for the purpose, case and reason
that it states. Every member of the request is bound. The agreement names the keys that count
under the role 'reidentification'; two different ones are needed. Without --key it is signed
with your organisation's key ('passavant keys approver' makes a person's).`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.reidentifyApprove(cmd.Context(), request, key, out, life)
		},
	}
	c.Flags().StringVar(&request, "request", "", "the request, a JSON `FILE`")
	c.Flags().StringVar(&key, "key", "", "the `FILE` with a person's key, instead of your organisation's")
	c.Flags().StringVar(&out, "out", "", "the `FILE` to write the approval to")
	c.Flags().DurationVar(&life, "for", 24*time.Hour, "how long the approval is good, at most 168h")
	for _, name := range []string{"request", "out"} {
		_ = c.MarkFlagRequired(name)
	}
	return c
}

func (a *app) reidentifyApprove(ctx context.Context, request, keyFile, out string, life time.Duration) error {
	req, err := readReidentification(request)
	if err != nil {
		return err
	}
	w, err := workspace.Open(a.dir)
	if err != nil {
		return err
	}
	engine, err := w.OpenEngine(ctx)
	if err != nil {
		return err
	}
	id, err := agreementOf(w, req)
	if err != nil {
		return err
	}
	agreed, found := engine.Agreement(id)
	if !found {
		return fmt.Errorf("%w: its agreement %s is not loaded any more", desk.ErrTransfer, id)
	}
	if err := a.authorize(ctx, w, engine, policy.Access{Action: policy.Approve, Agreement: id}, desk.ApprovalRole); err != nil {
		return err
	}
	key, err := approverKey(w, keyFile)
	if err != nil {
		return err
	}
	now := time.Now()
	signed, err := desk.Approve(agreed, req, key, now, now.Add(life))
	if err != nil {
		return err
	}
	return a.writeReidentificationApproval(req, signed, out)
}

// agreementOf is the agreement under which the transfer of a request left.
func agreementOf(w *workspace.Workspace, req desk.Request) (string, error) {
	history, err := openHistory(w)
	if err != nil {
		return "", err
	}
	defer func() { _ = history.Close() }()
	intent, err := desk.IntentOf(history, req.Transfer)
	return intent.Agreement, err
}

func (a *app) writeReidentificationApproval(req desk.Request, signed *desk.Approval, out string) error {
	text, err := json.MarshalIndent(signed, "", "  ")
	if err != nil {
		return err
	}
	if err := writeNew(out, append(text, '\n')); err != nil {
		return err
	}
	if a.json {
		a.out.document(struct {
			Out      string         `json:"out"`
			Approval desk.Statement `json:"approval"`
			Key      string         `json:"key"`
		}{out, signed.Statement, signed.Key})
		return nil
	}
	a.out.line("%s: one pseudonym of transfer %s may be led back", a.out.good("approved"), req.Transfer)
	a.out.table([][]string{
		{"agreement", signed.Statement.Agreement}, {"path", req.Path}, {"purpose", req.Purpose}, {"case", req.CaseReference},
		{"until", signed.Statement.Expires.Format(time.RFC3339)}, {"key", signed.Key}, {"written to", out},
	})
	return nil
}
