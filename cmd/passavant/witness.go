package main

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/passavant/passavant/audit"
	"github.com/passavant/passavant/audit/witness"
	"github.com/passavant/passavant/transfer"
	"github.com/passavant/passavant/transfer/workspace"
)

func (a *app) witnessCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "witness",
		Short: "Watch partners' logs, and have yours watched",
		Long: `A witness remembers the last checkpoint of each partner's log and cosigns a new one only if it
continues the last. With partners as witnesses you cannot rewrite your log unnoticed, nor
they theirs (docs/witnesses.md).`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	c.AddCommand(a.witnessKeyCommand(), a.witnessServeCommand(), a.witnessFeedCommand())
	return c
}

// witnessFolder holds the witness's key and memory.
const witnessFolder = "witness"

func witnessName(party string) string { return "passavant-witness/" + party }

// witnessKeyOf reads the key of the workspace's witness, and makes it the first time. It is used for nothing else.
func witnessKeyOf(w *workspace.Workspace) (ed25519.PrivateKey, error) {
	name := filepath.Join(w.Path(witnessFolder), "key.pem")
	raw, err := os.ReadFile(name)
	if errors.Is(err, fs.ErrNotExist) {
		return makeWitnessKey(name)
	}
	if err != nil {
		return nil, err
	}
	block, _ := pem.Decode(raw)
	if block == nil {
		return nil, fmt.Errorf("%s is not a key", name)
	}
	parsed, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	key, ok := parsed.(ed25519.PrivateKey)
	if err != nil || !ok {
		return nil, fmt.Errorf("%s is not an Ed25519 key", name)
	}
	return key, nil
}

func makeWitnessKey(name string) (ed25519.PrivateKey, error) {
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return nil, err
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
		return nil, err
	}
	return key, witness.ReplaceFile(name, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
}

func (a *app) witnessKeyCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "key",
		Short: "Print the line that others put into their witness policy",
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			w, err := workspace.Open(a.dir)
			if err != nil {
				return err
			}
			key, err := witnessKeyOf(w)
			if err != nil {
				return err
			}
			vkey, err := audit.CosignerKey(witnessName(w.Party), key.Public().(ed25519.PublicKey))
			if err != nil {
				return err
			}
			a.out.line("witness %s %s https://YOUR-HOST/witness", w.Party, vkey)
			return nil
		},
	}
}

func (a *app) witnessServeCommand() *cobra.Command {
	var listen string
	c := &cobra.Command{
		Use:   "serve",
		Short: "Cosign the checkpoints of your partners' logs, over HTTP",
		Long: `Serve answers POST /add-checkpoint (c2sp.org/tlog-witness) for the logs of all partners in the
workspace. It remembers what it has seen in witness/; keep that folder. Put it behind a
server with TLS if it leaves the machine: a cosignature is public, and needs no secrecy.`,
		Example: "  passavant witness serve --listen 127.0.0.1:8088",
		Args:    cobra.NoArgs,
		RunE:    func(cmd *cobra.Command, _ []string) error { return a.witnessServe(cmd.Context(), listen) },
	}
	c.Flags().StringVar(&listen, "listen", "127.0.0.1:8088", "the `ADDRESS` to listen at")
	return c
}

func (a *app) witnessServe(ctx context.Context, listen string) error {
	w, err := workspace.Open(a.dir)
	if err != nil {
		return err
	}
	key, err := witnessKeyOf(w)
	if err != nil {
		return err
	}
	partners, err := w.LoadPartners()
	if err != nil {
		return err
	}
	server, err := witness.NewServer(witness.Config{
		Name: witnessName(w.Party), Key: key, Dir: w.Path(witnessFolder),
		Logs: func(origin string) (string, bool) {
			party, isParty := strings.CutPrefix(origin, transfer.LogOrigin(""))
			partner, err := partners.Partner(party)
			if !isParty || err != nil {
				return "", false
			}
			vkey, err := transfer.LogKey(partner)
			return vkey, err == nil
		},
	})
	if err != nil {
		return err
	}
	return a.serveHTTP(ctx, listen, server, "witnessing at http://%s/add-checkpoint")
}

// serveHTTP serves until the context ends, and says where.
func (a *app) serveHTTP(ctx context.Context, listen string, handler http.Handler, saying string) error {
	listener, err := net.Listen("tcp", listen)
	if err != nil {
		return err
	}
	server := &http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second, ReadTimeout: 30 * time.Second, WriteTimeout: 5 * time.Minute}
	stop := context.AfterFunc(ctx, func() {
		grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
		defer cancel()
		_ = server.Shutdown(grace)
	})
	defer stop()
	a.out.line(saying, listener.Addr())
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

func (a *app) witnessFeedCommand() *cobra.Command {
	var policy string
	var every time.Duration
	c := &cobra.Command{
		Use:   "feed --policy FILE",
		Short: "Have your log's checkpoint cosigned by the witnesses of a policy",
		Long: `Feed asks every witness of the policy to cosign the log as it is now, and keeps the cosigned
checkpoint beside the log, as checkpoint.cosigned, if the quorum is met. It runs beside a service
that writes the log. Run it at least as often as the policy's 'within' says, or with --every.`,
		Example: "  passavant witness feed --policy witnesses.txt --every 10m",
		Args:    cobra.NoArgs,
		RunE:    func(cmd *cobra.Command, _ []string) error { return a.witnessFeed(cmd.Context(), policy, every) },
	}
	c.Flags().StringVar(&policy, "policy", "", "the witness policy, a `FILE` (docs/witnesses.md)")
	c.Flags().DurationVar(&every, "every", 0, "feed again and again, this often")
	_ = c.MarkFlagRequired("policy")
	return c
}

func (a *app) witnessFeed(ctx context.Context, name string, every time.Duration) error {
	text, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	policy, err := audit.ParseWitnessPolicy(text)
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	w, err := workspace.Open(a.dir)
	if err != nil {
		return err
	}
	if every == 0 {
		return a.feedOnce(ctx, w, policy)
	}
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		if err := a.feedOnce(ctx, w, policy); err != nil {
			_, _ = fmt.Fprintf(a.stderr, "passavant: %v\n", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

// feedOnce keeps the cosigned checkpoint if enough witnesses answered; that one did not is said, and is no failure then.
func (a *app) feedOnce(ctx context.Context, w *workspace.Workspace, policy *audit.WitnessPolicy) error {
	reader, err := openReader(w)
	if err != nil {
		return err
	}
	defer func() { _ = reader.Close() }()
	now := time.Now()
	cosigned, err := witness.Feed(ctx, reader, policy, nil, now)
	if errors.Is(err, audit.ErrUnwitnessed) {
		return err
	}
	if err != nil {
		_, _ = fmt.Fprintf(a.stderr, "passavant: %v\n", err)
	}
	if err := witness.ReplaceFile(filepath.Join(w.Path(w.Log), "checkpoint.cosigned"), cosigned); err != nil {
		return err
	}
	found, err := policy.Check(cosigned, now)
	if err != nil {
		return err
	}
	for _, c := range found {
		a.out.line("%s: %d records, by %s at %s", a.out.good("cosigned"), reader.Size(), c.Witness, c.At.UTC().Format(time.RFC3339))
	}
	return nil
}
