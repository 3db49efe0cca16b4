// Passavant-verify checks a Passavant log, or one record of it, with nothing but the log's public key. It needs no
// network, no private key and no trust in whoever handed over the files, and it links nothing of Passavant but package
// audit.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"time"

	"github.com/passavant/passavant/audit"
)

const usage = `Usage:
  passavant-verify LOGDIR --key KEY [--witness-policy FILE] [--since N] [--known FILE] [--json]
  passavant-verify proof  --key KEY --record FILE --proof FILE [--json]
  passavant-verify pack FILE --key KEY [--keys FILE]... [--envelope FILE] [--json]

The first form checks a whole log: every record, the Merkle tree over them, the signature of every tree head, and the
published tiles. LOGDIR is a log directory or a mirror of its published files (checkpoint and tile/).
The second form checks one record with its inclusion proof (a c2sp.org/tlog-proof file), without the log.
The third form checks an evidence pack, as 'passavant log prove' makes it: records and their inclusion, the agreement
and its signatures, the policy's digest, the decision and its reasons, the envelope's digest, the receipt, and every
field that was opened. It says of each what it found.

  --key KEY      the log's verifier key, "origin+hash+base64", or a file that holds it. Obtain it from the log's
                 keeper by a way that does not pass through the log directory.
  --known FILE   a checkpoint of this log kept from an earlier time. The log must contain it. This is the only
                 defence against a log that was cut short or replaced together with its published files,
                 beside witnesses.
  --witness-policy FILE  which witnesses must have cosigned the log, and how fresh their word must be (see
                 docs/witnesses.md). A log that was rolled back, or that shows you another history than
                 others, has no such cosignatures.
  --at TIME      judge that freshness as of this time (RFC 3339), for a log or a pack kept from then.
  --since N      skip signatures of tree heads that cover only records below N, because they were verified before.
  --keys FILE    a party's public key document, obtained from that party. Without it, a pack's signatures are checked
                 with keys that only the pack itself vouches for, and the report says so. May be given again.
  --envelope FILE  the envelope that the pack is about.
  --json         print one JSON document instead of text.

Exit status: 0 everything holds, 1 a fault was found or something could not be read, 2 wrong usage.

To keep for the next time, copy LOGDIR/checkpoint away: it is the FILE for --known.
`

const (
	exitGood  = 0
	exitFault = 1
	exitUsage = 2
)

// errUsage marks mistakes on the command line.
var errUsage = errors.New("usage")

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	code := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// command is what the flags ask for.
type command struct {
	key, known    string
	record, proof string
	keys          []string
	envelope      string
	policy, at    string
	since         int64
	json          bool
	args          []string
	stdout        io.Writer
	stderr        io.Writer
}

func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	c := command{stdout: stdout, stderr: stderr}
	err := c.parse(args)
	switch {
	case errors.Is(err, flag.ErrHelp):
		fmt.Fprint(stdout, usage)
		return exitGood
	case err == nil && c.args[0] == formProof:
		err = c.checkProof()
	case err == nil && c.args[0] == formPack:
		err = c.checkPack()
	case err == nil:
		err = c.checkLog(ctx)
	}
	switch {
	case err == nil:
		return exitGood
	case errors.Is(err, errUsage):
		fmt.Fprintf(stderr, "passavant-verify: %v\n\n%s", err, usage)
		return exitUsage
	case errors.Is(err, errReported):
		return exitFault
	}
	fmt.Fprintf(stderr, "passavant-verify: %v\n", err)
	return exitFault
}

func (c *command) parse(args []string) error {
	fs := flag.NewFlagSet("passavant-verify", flag.ContinueOnError)
	fs.SetOutput(io.Discard)
	fs.StringVar(&c.key, "key", "", "")
	fs.StringVar(&c.known, "known", "", "")
	fs.StringVar(&c.record, "record", "", "")
	fs.StringVar(&c.proof, "proof", "", "")
	fs.StringVar(&c.policy, "witness-policy", "", "")
	fs.StringVar(&c.at, "at", "", "")
	fs.StringVar(&c.envelope, "envelope", "", "")
	fs.Func("keys", "", func(name string) error { c.keys = append(c.keys, name); return nil })
	fs.Int64Var(&c.since, "since", 0, "")
	fs.BoolVar(&c.json, "json", false, "")
	for len(args) > 0 { // flags may stand before and after the directory
		if err := fs.Parse(args); err != nil {
			if errors.Is(err, flag.ErrHelp) {
				return err
			}
			return fmt.Errorf("%w: %w", errUsage, err)
		}
		if args = fs.Args(); len(args) > 0 {
			c.args, args = append(c.args, args[0]), args[1:]
		}
	}
	return c.check()
}

// The words that choose another form than that of a whole log.
const (
	formProof = "proof"
	formPack  = "pack"
)

func (c *command) check() error {
	form := ""
	if len(c.args) > 0 && (c.args[0] == formProof || c.args[0] == formPack) {
		form = c.args[0]
	}
	switch {
	case form == formPack && len(c.args) != 2:
		return fmt.Errorf("%w: pack needs one file", errUsage)
	case form != formPack && len(c.args) != 1:
		return fmt.Errorf("%w: name one log directory, or begin with the word proof or pack", errUsage)
	case c.key == "":
		return fmt.Errorf("%w: --key is missing", errUsage)
	case form == formProof && (c.record == "" || c.proof == ""):
		return fmt.Errorf("%w: proof needs --record and --proof", errUsage)
	case form != formProof && (c.record != "" || c.proof != ""):
		return fmt.Errorf("%w: --record and --proof belong to the form with the word proof", errUsage)
	case form != formPack && (len(c.keys) > 0 || c.envelope != ""):
		return fmt.Errorf("%w: --keys and --envelope belong to the form with the word pack", errUsage)
	case form != "" && (c.known != "" || c.since != 0):
		return fmt.Errorf("%w: --known and --since belong to the form with a log directory", errUsage)
	case c.at != "" && c.policy == "":
		return fmt.Errorf("%w: --at belongs to --witness-policy", errUsage)
	case c.since < 0:
		return fmt.Errorf("%w: --since is negative", errUsage)
	}
	return nil
}

// vkey returns the key itself: the flag, or the content of the file it names.
func (c *command) vkey() (string, error) {
	if strings.Count(c.key, "+") >= 2 {
		if _, err := os.Stat(c.key); err != nil {
			return c.key, nil
		}
	}
	data, err := os.ReadFile(c.key)
	if err != nil {
		return "", fmt.Errorf("%w: --key is neither a verifier key nor a file: %w", errUsage, err)
	}
	return strings.TrimSpace(string(data)), nil
}

func (c *command) checkLog(ctx context.Context) error {
	vkey, err := c.vkey()
	if err != nil {
		return err
	}
	o := audit.VerifyOptions{VKey: vkey, Since: c.since, Progress: progress(c.stderr)}
	if c.known != "" {
		if o.Known, err = os.ReadFile(c.known); err != nil {
			return fmt.Errorf("%w: --known: %w", errUsage, err)
		}
	}
	if o.Witnesses, o.Now, err = c.witnesses(); err != nil {
		return err
	}
	if info, err := os.Stat(c.args[0]); err != nil || !info.IsDir() {
		return fmt.Errorf("%w: %s is not a directory", errUsage, c.args[0])
	}
	report, err := audit.Verify(ctx, c.args[0], o)
	if err != nil && !errors.Is(err, audit.ErrCorrupt) {
		return err
	}
	return c.report(report, err)
}

// witnesses reads the witness policy, nil if there is none, and the time to judge by.
func (c *command) witnesses() (*audit.WitnessPolicy, time.Time, error) {
	now := time.Now()
	if c.policy == "" {
		return nil, now, nil
	}
	text, err := os.ReadFile(c.policy)
	if err != nil {
		return nil, now, fmt.Errorf("%w: --witness-policy: %w", errUsage, err)
	}
	policy, err := audit.ParseWitnessPolicy(text)
	if err != nil {
		return nil, now, fmt.Errorf("%w: %s: %w", errUsage, c.policy, err)
	}
	if c.at != "" {
		if now, err = time.Parse(time.RFC3339, c.at); err != nil {
			return nil, now, fmt.Errorf("%w: --at is not a time of RFC 3339", errUsage)
		}
	}
	return policy, now, nil
}

func (c *command) checkProof() error {
	vkey, err := c.vkey()
	if err != nil {
		return err
	}
	record, err := os.ReadFile(c.record)
	if err != nil {
		return fmt.Errorf("%w: --record: %w", errUsage, err)
	}
	text, err := os.ReadFile(c.proof)
	if err != nil {
		return fmt.Errorf("%w: --proof: %w", errUsage, err)
	}
	proof, err := audit.ParseProof(text)
	if err != nil {
		return fmt.Errorf("%s: %w", c.proof, err)
	}
	return c.reportProof(record, proof, audit.VerifyProof(vkey, record, proof))
}
