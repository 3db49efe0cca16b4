package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/passavant/passavant/policy"
	"github.com/passavant/passavant/transfer"
	"github.com/passavant/passavant/transfer/dirtransport"
	"github.com/passavant/passavant/transfer/httptransport"
	"github.com/passavant/passavant/transfer/payload"
	"github.com/passavant/passavant/transfer/workspace"
)

// outgoing are the flags of the commands that start a transfer.
type outgoing struct {
	request, payload, typ string
	approvals             []string
	groupSize             int
	labels                transfer.Labels
}

func (o *outgoing) flags(c *cobra.Command) {
	c.Flags().StringVar(&o.request, "request", "", "the request, a JSON `FILE`")
	c.Flags().StringVar(&o.payload, "payload", "", "the payload, a `FILE` of its type's format (- for standard input)")
	c.Flags().StringVar(&o.typ, "type", "", "the payload's `TYPE`, if the request does not name it")
	c.Flags().StringArrayVar(&o.approvals, "approval", nil, "an approval of this request, a JSON `FILE`; may be given again")
	c.Flags().IntVar(&o.groupSize, "group-size", 0, "of tables and NDJSON: ask that at least `K` records share their quasi-identifiers, if that is more than agreed")
	labelFlags(c, &o.labels)
	_ = c.MarkFlagRequired("request")
	_ = c.MarkFlagRequired("payload")
}

// read reads the request, with what is shown beside it, and opens the payload.
func (o *outgoing) read() (transfer.Request, *input, error) {
	req, err := readRequestOfType(o.request, o.typ)
	if err != nil {
		return req, nil, err
	}
	if req.Approvals, err = readApprovals(o.approvals); err != nil {
		return req, nil, err
	}
	req.Labels = o.labels
	if o.payload != "-" && slices.ContainsFunc(req.Approvals, ofOneDocument) {
		document, err := readDocument(o.payload)
		if err != nil {
			return req, nil, err
		}
		req = req.WithDocument(document) // the warnings need it; Send finds it by itself
	}
	in, err := openInput(o.payload)
	return req, in, err
}

// input is a payload that is read as it comes.
type input struct {
	io.ReadCloser
	size int64 // 0 if nobody knows
}

func openInput(name string) (*input, error) {
	if name == "-" {
		return &input{ReadCloser: io.NopCloser(os.Stdin)}, nil
	}
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	in := &input{ReadCloser: f}
	if info, err := f.Stat(); err == nil && info.Mode().IsRegular() {
		in.size = info.Size()
	}
	return in, nil
}

// streamMemory is what the collector shall keep to while a payload of any length goes through. Without it the heap would
// grow to twice what lives, most of which is the compiled rules.
const streamMemory = 36 << 20

// keepSmall bounds memory, unless whoever runs the command does.
func keepSmall() {
	if _, set := os.LookupEnv("GOMEMLIMIT"); !set {
		debug.SetMemoryLimit(streamMemory)
	}
}

// streaming are the options under which a payload of this command goes; done ends what they show.
func (a *app) streaming(o outgoing, in *input) (options transfer.StreamOptions, done func()) {
	keepSmall()
	show, done := progress(a.stderr, in.size, time.Now)
	return transfer.StreamOptions{GroupSize: o.groupSize, Progress: show}, done
}

func (a *app) sendCommand() *cobra.Command {
	var o outgoing
	var to string
	c := &cobra.Command{
		Use:   "send --request FILE --payload FILE --to DIR-or-URL",
		Short: "Decide, minimise, seal, record and deliver",
		Long: `Send takes a payload the whole way: it decides, reduces the payload to what the decision
allows, checks the result, seals it to the recipient, writes the intent to the log, and
only then delivers it, as a file in a folder or by HTTPS. It prints what left, what was
withheld, and the number of the record. Exits 3 if the policy refuses.

The catalogue of the payload's type says whether it is JSON, a STIX bundle, a table (CSV),
NDJSON or an opaque file. Tables and NDJSON may be of any length and may come from a pipe:
memory does not grow with them. What is refused in them is named by line, record and
column; nothing has left then, so correct it and give the same command again.`,
		Example: "  passavant send --request request.json --payload payload.json --to out\n" +
			"  passavant send --request request.json --payload - --to https://exchange.example/inbox",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return a.send(cmd.Context(), o, to) },
	}
	o.flags(c)
	c.Flags().StringVar(&to, "to", "", "where to deliver: a folder, or an https:// address")
	_ = c.MarkFlagRequired("to")
	return c
}

func (a *app) send(ctx context.Context, o outgoing, to string) error {
	req, in, err := o.read()
	if err != nil {
		return err
	}
	defer func() { _ = in.Close() }()
	transport, file, err := transportTo(to)
	if err != nil {
		return err
	}
	return a.withSender(ctx, transport, func(w *workspace.Workspace, sender *transfer.Sender) error {
		if req.Caller, err = a.caller(w); err != nil {
			return err
		}
		a.warnOfRequest(w, sender, req, o)
		options, done := a.streaming(o, in)
		result, err := sender.SendStream(ctx, req, in, options)
		done()
		if err != nil {
			return a.sendFailure(o.payload, err)
		}
		a.showSent(result, file(result.Transfer))
		return nil
	})
}

// withSender lets work use the sender of the workspace, and closes its log.
func (a *app) withSender(ctx context.Context, t transfer.Transport, work func(*workspace.Workspace, *transfer.Sender) error) (err error) {
	w, err := workspace.Open(a.dir)
	if err != nil {
		return err
	}
	sender, log, err := w.Sender(ctx, t)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, log.Close()) }()
	return work(w, sender)
}

// warnOfRequest says which of the approvals shown with a request do not count.
func (a *app) warnOfRequest(w *workspace.Workspace, s *transfer.Sender, req transfer.Request, o outgoing) {
	if o.payload == "-" { // whether it is the document of an approval is not known yet
		req.Approvals = slices.DeleteFunc(slices.Clone(req.Approvals), ofOneDocument)
	}
	for _, cat := range s.Catalogues {
		if cat.Type == req.Type {
			a.warnOfApprovals(s.Engine, s.Partners, cat, w.Party, req, s.Clock())
		}
	}
}

// transportTo chooses the road by the form of the address; file names what a transfer became there.
func transportTo(to string) (t transfer.Transport, file func(transferID string) string, err error) {
	if strings.Contains(to, "://") {
		client, err := httptransport.NewClient(to, nil)
		return client, func(string) string { return to }, err
	}
	dir := &lazyDirectory{dir: to}
	return dir, func(id string) string { return filepath.Join(to, id+transfer.FileSuffix) }, nil
}

// lazyDirectory makes its folder when something is delivered, so that a refused transfer leaves no empty folder.
type lazyDirectory struct{ dir string }

func (l *lazyDirectory) Deliver(ctx context.Context, e *transfer.Envelope) (*transfer.Receipt, error) {
	t, err := dirtransport.New(l.dir)
	if err != nil {
		return nil, err
	}
	return t.Deliver(ctx, e)
}

// sendFailure names the payload's file where the fault is in the payload, and prints a refusal.
func (a *app) sendFailure(name string, err error) error {
	var denied *transfer.DeniedError
	if errors.As(err, &denied) {
		return a.showDenied(denied)
	}
	var syntax *payload.SyntaxError
	var kind *payload.KindError
	var leak *payload.LeakError
	if errors.As(err, &syntax) || errors.As(err, &kind) || errors.As(err, &leak) || errors.Is(err, payload.ErrNothingLeaves) {
		return fmt.Errorf("%s: %w; nothing was sent", name, err)
	}
	return err
}

// deniedJSON is the --json form of a refused transfer.
type deniedJSON struct {
	Transfer string          `json:"transfer"`
	Record   int64           `json:"record"`
	Decision policy.Decision `json:"decision"`
}

func (a *app) showDenied(denied *transfer.DeniedError) error {
	if a.json {
		a.out.document(deniedJSON{denied.Transfer, denied.Index, denied.Decision})
	} else {
		a.printDecision(denied.Decision)
		a.out.line("Nothing was sent. The refusal is record %d of the log.", denied.Index)
		a.out.line("'passavant explain' with the same request says what would permit it.")
	}
	return fmt.Errorf("%w%w", errRefused, errSaid)
}

// sentJSON is the --json form of a transfer that was delivered.
type sentJSON struct {
	Transfer    string              `json:"transfer"`
	Record      int64               `json:"record"`
	Recipient   string              `json:"recipient"`
	Basis       []string            `json:"basis"`
	To          string              `json:"to"`
	Digest      string              `json:"envelope_digest"`
	BytesIn     int64               `json:"bytes_in"`
	BytesOut    int64               `json:"bytes_out"`
	BytesSealed int64               `json:"bytes_sealed"`
	Manifest    transfer.Manifest   `json:"manifest"`
	Obligations []policy.Obligation `json:"obligations"`
	Receipt     *transfer.Receipt   `json:"receipt,omitempty"`
}

func (a *app) showSent(r *transfer.Result, to string) {
	if a.json {
		a.out.document(sentJSON{
			Transfer: r.Transfer, Record: r.Index, Recipient: r.Header.Recipient, Basis: r.Decision.Basis, To: to,
			Digest: r.Envelope.Digest(), BytesIn: r.Report.BytesIn, BytesOut: r.Report.BytesOut, BytesSealed: r.Envelope.Size(),
			Manifest: r.Header.Manifest, Obligations: r.Decision.Obligations, Receipt: r.Receipt,
		})
		return
	}
	p := a.out
	p.line("%s to %s for %s, on the basis of %s", p.good("sent"), r.Header.Recipient, r.Header.Purpose, strings.Join(r.Decision.Basis, ", "))
	a.printManifest(r.Header.Manifest)
	a.printObligations(r.Decision.Obligations)
	p.line("size      %d bytes in, %d left, %d sealed", r.Report.BytesIn, r.Report.BytesOut, r.Envelope.Size())
	p.line("record    %d of the log, transfer %s", r.Index, r.Transfer)
	p.line("envelope  %s", to)
	if r.Receipt != nil {
		p.line("receipt   record %d of the recipient's log, signature verified", r.Receipt.Statement.Record)
	}
}

// changedTechniques are those after which something else stands in place of the value.
func changedTechniques() []string {
	return slices.DeleteFunc(payload.TechniqueNames(), func(t string) bool { return t == payload.Keep || t == payload.Drop })
}

// printManifest says what left and what was withheld, by field.
func (a *app) printManifest(m transfer.Manifest) {
	groups := []struct {
		title      string
		techniques []string
	}{
		{"left as it was", []string{payload.Keep}},
		{"left in another form", changedTechniques()},
		{"withheld", []string{payload.Drop}},
	}
	for _, g := range groups {
		rows := manifestRows(m, g.techniques)
		if len(rows) == 0 {
			continue
		}
		a.out.line("%s:", g.title)
		a.out.table(rows)
	}
	a.printBulk(m)
	if m.Unlisted > 0 {
		a.out.line("withheld, since no catalogue names it: %d values", m.Unlisted)
	}
}

// printBulk says what became of the records of a table or of NDJSON.
func (a *app) printBulk(m transfer.Manifest) {
	if m.Records > 0 {
		a.out.line("records:   %d", m.Records)
	}
	if m.GroupSize > 0 {
		a.out.line("of which %d lost their quasi-identifiers and %d were withheld, since fewer than %d are alike", m.Coarsened, m.Suppressed, m.GroupSize)
	}
}

func manifestRows(m transfer.Manifest, techniques []string) [][]string {
	var rows [][]string
	for _, f := range m.Fields {
		for _, t := range techniques {
			if f.Technique == t {
				rows = append(rows, []string{f.Path, f.Category, f.Technique + paramText(f.Params), fmt.Sprintf("%d×", f.Count)})
			}
		}
	}
	return rows
}

func (a *app) protectCommand() *cobra.Command {
	var o outgoing
	var out string
	c := &cobra.Command{
		Use:   "protect --request FILE --payload FILE --out FILE",
		Short: "Show what would leave, before sealing",
		Long: `Protect decides, reduces the payload and checks the result, as send does, and writes what
would leave to a file. Nothing is sealed or delivered. A refusal is recorded in the log.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return a.protect(cmd.Context(), o, out) },
	}
	o.flags(c)
	c.Flags().StringVar(&out, "out", "", "the `FILE` to write what would leave to")
	_ = c.MarkFlagRequired("out")
	return c
}

func (a *app) protect(ctx context.Context, o outgoing, out string) error {
	req, in, err := o.read()
	if err != nil {
		return err
	}
	defer func() { _ = in.Close() }()
	return a.withSender(ctx, transfer.TransportFunc(refuseDelivery), func(w *workspace.Workspace, sender *transfer.Sender) error {
		if req.Caller, err = a.caller(w); err != nil {
			return err
		}
		a.warnOfRequest(w, sender, req, o)
		to, err := createNew(out)
		if err != nil {
			return err
		}
		options, done := a.streaming(o, in)
		protected, err := sender.ProtectStream(ctx, req, in, to, options)
		done()
		if err != nil {
			to.discard()
			return a.sendFailure(o.payload, err)
		}
		if err := to.commit(); err != nil {
			return err
		}
		a.showProtected(protected, out)
		return nil
	})
}

func (a *app) showProtected(protected *transfer.Protected, out string) {
	if a.json {
		a.out.document(struct {
			Out      string            `json:"out"`
			Manifest transfer.Manifest `json:"manifest"`
		}{out, protected.Manifest})
		return
	}
	a.out.line("%s, on the basis of %s", a.out.good("would leave"), strings.Join(protected.Decision.Basis, ", "))
	a.printManifest(protected.Manifest)
	a.out.line("written to %s; nothing was sent", out)
}

func refuseDelivery(context.Context, *transfer.Envelope) (*transfer.Receipt, error) {
	return nil, errors.New("protect delivers nothing")
}
