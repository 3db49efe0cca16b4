package main

import (
	"context"
	"crypto"
	"crypto/ed25519"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/passavant/passavant/crypto/seal"
	"github.com/passavant/passavant/policy"
	"github.com/passavant/passavant/transfer"
	"github.com/passavant/passavant/transfer/payload"
	"github.com/passavant/passavant/transfer/workspace"
)

// approval are the flags of the approve command.
type approval struct {
	request, role, out, key, exporter, payload string
	life                                       time.Duration
	labels                                     transfer.Labels
}

func (a *app) approveCommand() *cobra.Command {
	var f approval
	c := &cobra.Command{
		Use:   "approve --request FILE --role ROLE --out FILE",
		Short: "Approve a request under a role that the agreement names you for",
		Long: `Approve signs a statement that a transfer with the facts of a request may go ahead until a
certain time: a second person for special categories, the authority that the data come from,
the consent to an onward transfer. The agreement names the keys that count for each role.
Give the file to whoever sends: 'passavant send --approval FILE'.

The approval is bound to the agreement's version, to the parties, to what the request claims,
to what the payload's catalogue says of the data, and to its labels. Change one of them, and it
is void. With --payload it is bound to that very document as well; without, it serves every
transfer with these facts while it lasts.

It is signed with your organisation's key, or with a key of a person ('passavant keys
approver' makes one).`,
		Example: "  passavant approve --request request.json --role second_person --key head-of-compliance.pem --out approval.json",
		Args:    cobra.NoArgs,
		RunE:    func(cmd *cobra.Command, _ []string) error { return a.approve(cmd.Context(), f) },
	}
	c.Flags().StringVar(&f.request, "request", "", "the request, a JSON `FILE`")
	c.Flags().StringVar(&f.role, "role", "", "the `ROLE` under which you approve")
	c.Flags().StringVar(&f.out, "out", "", "the `FILE` to write the approval to")
	c.Flags().StringVar(&f.key, "key", "", "the `FILE` with a person's key, instead of your organisation's")
	c.Flags().StringVar(&f.exporter, "exporter", "", "the `PARTY` that will send, if it is not you")
	c.Flags().DurationVar(&f.life, "for", 24*time.Hour, "how long the approval is good, at most 744h")
	c.Flags().StringVar(&f.payload, "payload", "", "approve this document only, a `FILE`")
	labelFlags(c, &f.labels)
	for _, name := range []string{"request", "role", "out"} {
		_ = c.MarkFlagRequired(name)
	}
	return c
}

func (a *app) approve(ctx context.Context, f approval) error {
	w, err := workspace.Open(a.dir)
	if err != nil {
		return err
	}
	now := time.Now()
	if f.exporter == "" {
		f.exporter = w.Party
	}
	engine, facts, err := a.questionOf(ctx, w, inquiry{request: f.request, exporter: f.exporter, labels: f.labels}, now)
	if err != nil {
		return err
	}
	if err := a.authorize(ctx, w, engine, policy.Access{Action: policy.Approve, Agreement: facts.Agreement}, f.role); err != nil {
		return err
	}
	key, err := approverKey(w, f.key)
	if err != nil {
		return err
	}
	terms := transfer.ApprovalTerms{Role: f.role, Issued: now, Expires: now.Add(f.life)}
	if f.payload != "" {
		document, err := readDocument(f.payload)
		if err != nil {
			return err
		}
		terms.Document = transfer.BindDocument(document)
	}
	signed, err := transfer.Approve(engine, facts, key, terms)
	if err != nil {
		return err
	}
	text, err := json.MarshalIndent(signed, "", "  ")
	if err != nil {
		return err
	}
	if err := writeNew(f.out, append(text, '\n')); err != nil {
		return err
	}
	a.showApproval(f, signed, facts)
	return nil
}

func (a *app) showApproval(f approval, signed *transfer.Approval, facts policy.Facts) {
	s := signed.Statement
	if a.json {
		a.out.document(struct {
			Out      string                     `json:"out"`
			Approval transfer.ApprovalStatement `json:"approval"`
			Key      string                     `json:"key"`
		}{f.out, s, signed.Key})
		return
	}
	data, _ := facts.Evidence["data"].(map[string]any)
	a.out.line("%s as %s", a.out.good("approved"), s.Role)
	a.out.table([][]string{
		{"agreement", s.Agreement}, {"from", facts.Exporter}, {"to", facts.Recipient}, {"purpose", fmt.Sprint(facts.Claims["purpose"])},
		{"data", fmt.Sprint(data["categories"])}, {"special", fmt.Sprint(data["special_categories"])},
		{"until", s.Expires.Format(time.RFC3339)}, {"key", signed.Key}, {"written to", f.out},
	})
}

// inquiry is what a decision without a transfer is asked of.
type inquiry struct {
	request, exporter string
	payload           string // for approvals of one document; may be empty
	approvals         []string
	labels            transfer.Labels
}

func (q *inquiry) flags(c *cobra.Command) {
	c.Flags().StringVar(&q.request, "request", "", "the request, a JSON `FILE`")
	c.Flags().StringArrayVar(&q.approvals, "approval", nil, "an approval of the request, a JSON `FILE`; may be given again")
	c.Flags().StringVar(&q.payload, "payload", "", "the document, a `FILE`, if an approval is for it alone")
	labelFlags(c, &q.labels)
	_ = c.MarkFlagRequired("request")
}

// labelFlags state the markings found on the data.
func labelFlags(c *cobra.Command, l *transfer.Labels) {
	c.Flags().StringVar(&l.TLP, "marking", "", "the Traffic Light Protocol `LABEL` on the data, such as TLP:AMBER")
	c.Flags().StringVar(&l.PAP, "pap", "", "the Permissible Actions Protocol `LABEL` on the data, such as PAP:GREEN")
	c.Flags().StringVar(&l.HandlingCode, "handling-code", "", "the Europol handling `CODE` on the data, such as H1")
}

// read reads the files and completes the request with who asks.
func (q *inquiry) read(caller policy.Caller) (transfer.Request, error) {
	req, err := readRequestOfType(q.request, "")
	if err != nil {
		return req, err
	}
	if req.Approvals, err = readApprovals(q.approvals); err != nil {
		return req, err
	}
	req.Caller, req.Labels = caller, q.labels
	if q.payload != "" {
		document, err := readDocument(q.payload)
		return req.WithDocument(document), err
	}
	return req, nil
}

// questionOf puts the question together that the policy will be asked, and says on standard error which approvals do not count.
func (a *app) questionOf(ctx context.Context, w *workspace.Workspace, q inquiry, at time.Time) (*policy.Engine, policy.Facts, error) {
	caller, err := a.caller(w)
	if err != nil {
		return nil, policy.Facts{}, err
	}
	req, err := q.read(caller)
	if err != nil {
		return nil, policy.Facts{}, err
	}
	engine, err := w.OpenEngine(ctx)
	if err != nil {
		return nil, policy.Facts{}, err
	}
	catalogues, err := w.LoadCatalogues()
	if err != nil {
		return nil, policy.Facts{}, err
	}
	partners, err := w.LoadPartners()
	if err != nil {
		return nil, policy.Facts{}, err
	}
	for _, cat := range catalogues {
		if cat.Type == req.Type {
			a.warnOfApprovals(engine, partners, cat, q.exporter, req, at)
			return engine, transfer.Facts(engine, partners, cat, q.exporter, req, at), nil
		}
	}
	return nil, policy.Facts{}, fmt.Errorf("%w: %q", transfer.ErrUnknownType, req.Type)
}

// approverKey is a person's key from a file, or the organisation's own.
func approverKey(w *workspace.Workspace, name string) (crypto.Signer, error) {
	if name == "" {
		keys, err := w.OpenKeys()
		if err != nil {
			return nil, err
		}
		return keys.Signer(), nil
	}
	raw, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	info, err := os.Stat(name)
	if err != nil {
		return nil, err
	}
	if info.Mode().Perm()&0o077 != 0 {
		return nil, fmt.Errorf("%s: others can read this key (mode %o); make it yours alone (chmod 600)", name, info.Mode().Perm())
	}
	block, _ := pem.Decode(raw)
	if block == nil {
		return nil, fmt.Errorf("%s: not a key in PEM form", name)
	}
	parsed, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	key, ok := parsed.(ed25519.PrivateKey)
	if err != nil || !ok {
		return nil, fmt.Errorf("%s: not an Ed25519 key in PKCS #8 form", name)
	}
	return key, nil
}

func ofOneDocument(a *transfer.Approval) bool { return a.Statement.Document != nil }

// maxDocumentBytes bounds a document that is approved by itself; longer ones are streams.
const maxDocumentBytes = 64 << 20

func readDocument(name string) ([]byte, error) {
	in, err := openInput(name)
	if err != nil {
		return nil, err
	}
	defer func() { _ = in.Close() }()
	document, err := io.ReadAll(io.LimitReader(in, maxDocumentBytes+1))
	if err == nil && len(document) > maxDocumentBytes {
		err = fmt.Errorf("%s: larger than %d MiB, the most that is approved as one document", name, maxDocumentBytes>>20)
	}
	return document, err
}

// readApprovals reads approval files.
func readApprovals(names []string) ([]*transfer.Approval, error) {
	var all []*transfer.Approval
	for _, name := range names {
		raw, err := os.ReadFile(name)
		if err != nil {
			return nil, err
		}
		one, err := transfer.ParseApproval(raw)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		all = append(all, one)
	}
	return all, nil
}

// warnOfApprovals says on standard error which approvals do not count, and why: the decision only says what is missing.
func (a *app) warnOfApprovals(e *policy.Engine, p transfer.Partners, cat *payload.Catalogue, exporter string, req transfer.Request, at time.Time) {
	for _, problem := range transfer.ApprovalProblems(e, p, cat, exporter, req, at) {
		_, _ = fmt.Fprintf(a.stderr, "passavant: %v\n", problem)
	}
}

func (a *app) keysApproverCommand() *cobra.Command {
	var out string
	c := &cobra.Command{
		Use:   "approver --out FILE",
		Short: "Make the key with which a person approves",
		Long: `Approver makes an Ed25519 key for one person and prints its public half, which goes into the
agreement under approvals. The file is the person's: whoever has it approves in their name.
It never replaces a file.`,
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error { return a.keysApprover(out) },
	}
	c.Flags().StringVar(&out, "out", "", "the `FILE` to write the key to")
	_ = c.MarkFlagRequired("out")
	return c
}

func (a *app) keysApprover(out string) error {
	public, private, err := ed25519.GenerateKey(nil)
	if err != nil {
		return err
	}
	der, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		return err
	}
	if _, err := os.Lstat(out); !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%s is there already; nothing was changed", out)
	}
	if err := writeNew(out, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})); err != nil {
		return err
	}
	text := base64.StdEncoding.EncodeToString(public)
	if a.json {
		a.out.document(struct {
			Out       string `json:"out"`
			Key       string `json:"key"`
			PublicKey string `json:"public_key"`
		}{out, seal.KeyID(public), text})
		return nil
	}
	a.out.line("%s: %s holds the key %s; keep it secret", a.out.good("done"), out, seal.KeyID(public))
	a.out.line("In agreement.yaml, under approvals:")
	a.out.line("  keys: [{party: <party>, holder: <who>, public_key: %q}]", text)
	return nil
}
