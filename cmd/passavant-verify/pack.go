package main

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/passavant/passavant/audit/evidence"
)

func (c *command) checkPack() error {
	vkey, err := c.vkey()
	if err != nil {
		return err
	}
	o := evidence.Options{VKey: vkey}
	policy, now, err := c.witnesses()
	if err != nil {
		return err
	}
	if policy != nil {
		o.Cosigned = func(checkpoint []byte) (string, error) {
			found, err := policy.Check(checkpoint, now)
			return cosigners(found), err
		}
	}
	for _, name := range c.keys {
		keys, err := readKeys(name)
		if err != nil {
			return fmt.Errorf("%w: --keys: %w", errUsage, err)
		}
		o.Trusted = append(o.Trusted, keys...)
	}
	if c.envelope != "" {
		if o.Envelope, err = os.ReadFile(c.envelope); err != nil {
			return fmt.Errorf("%w: --envelope: %w", errUsage, err)
		}
	}
	file, err := os.ReadFile(c.args[1])
	if err != nil {
		return fmt.Errorf("%w: %w", errUsage, err)
	}
	pack, err := evidence.Parse(file)
	if err != nil {
		return fmt.Errorf("%s: %w", c.args[1], err)
	}
	return c.reportPack(pack.Verify(o))
}

// readKeys takes the signing keys from a party's public key document. Its signatures show no more than that it is whole:
// what makes it trustworthy is the way by which it came.
func readKeys(name string) ([]evidence.Key, error) {
	raw, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	var document struct {
		Party string `json:"party"`
		Sign  []struct {
			Public []byte `json:"public"`
		} `json:"sign"`
	}
	if json.Unmarshal(raw, &document) != nil || document.Party == "" || len(document.Sign) == 0 {
		return nil, errors.New(name + " is not a party's public key document")
	}
	keys := make([]evidence.Key, len(document.Sign))
	for i, k := range document.Sign {
		sum := sha256.Sum256(k.Public)
		keys[i] = evidence.Key{Party: document.Party, ID: hex.EncodeToString(sum[:8]), Public: k.Public}
	}
	return keys, nil
}

func (c *command) reportPack(v evidence.Verdict) error {
	if c.json {
		enc := json.NewEncoder(c.stdout)
		enc.SetIndent("", "  ")
		enc.SetEscapeHTML(false)
		if err := enc.Encode(v); err != nil {
			return err
		}
	} else {
		packText(c.stdout, v)
	}
	if !v.OK {
		return errReported
	}
	return nil
}

// packText writes the verdict first, then one line for each check, then what was opened.
func packText(w io.Writer, v evidence.Verdict) {
	if v.OK {
		fmt.Fprintf(w, "GOOD   what this pack shows is what the log holds.\n\n")
	} else {
		fmt.Fprintf(w, "FAULT  this pack does not hold together; see the lines marked so.\n\n")
	}
	for _, check := range v.Checks {
		fmt.Fprintf(w, "  %-6s  %-12s  %s\n", mark(check.State), check.Name, check.Detail)
	}
	if r := v.Subject; r.Transfer != "" {
		fmt.Fprintf(w, "\n  record    %s of %s\n", r.Type, r.At)
		fmt.Fprintf(w, "  parties   %s to %s (%s)\n  under     %s, for %s\n", r.Exporter, r.Recipient, r.RecipientCountry, r.Agreement, r.Purpose)
	}
	for _, o := range v.Opened {
		fmt.Fprintf(w, "  opened    %s = %s\n", o.Name, printable(o.Value))
	}
}

func mark(s evidence.State) string {
	switch s {
	case evidence.Good:
		return "good"
	case evidence.Absent:
		return "-"
	}
	return "FAULT"
}

// printable keeps an opened value from moving the cursor of a terminal.
func printable(value string) string {
	out := []rune(value)
	for i, r := range out {
		if r < ' ' || r == 0x7f || 0x80 <= r && r < 0xa0 {
			out[i] = '\uFFFD'
		}
	}
	return string(out)
}
