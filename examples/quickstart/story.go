package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"golang.org/x/term"

	"github.com/passavant/passavant/audit"
	"github.com/passavant/passavant/policy"
	"github.com/passavant/passavant/transfer"
	"github.com/passavant/passavant/transfer/payload"
)

// story prints the quickstart, in colour on a terminal.
type story struct {
	w      io.Writer
	colour bool
}

func newStory(w io.Writer) *story {
	file, isFile := w.(*os.File)
	_, refused := os.LookupEnv("NO_COLOR")
	return &story{w: w, colour: isFile && !refused && term.IsTerminal(int(file.Fd()))}
}

func (s *story) line(format string, args ...any) { _, _ = fmt.Fprintf(s.w, format+"\n", args...) }

func (s *story) paint(code, text string) string {
	if !s.colour {
		return text
	}
	return "\x1b[1;" + code + "m" + text + "\x1b[0m"
}

const (
	green = "32"
	red   = "31"
)

func (s *story) title(size int) {
	s.line("One fraud case report (%d bytes: a victim, mule accounts, transactions, devices, a narrative)", size)
	s.line("from emerald-bank-ie, for three banks abroad. Everything in it is invented.")
}

func (s *story) chapter(d destination) {
	s.line("\n%d  to %s  (%s)", d.number, d.recipient, d.place)
}

func (s *story) sent(r *transfer.Result) {
	s.line("   %s on the basis of %s", s.paint(green, "PERMITTED"), strings.Join(r.Decision.Basis, ", "))
	m := r.Header.Manifest
	s.fields("left as it was", m, payload.Keep)
	s.fields("pseudonymised", m, payload.Pseudonymize)
	s.fields("made coarser", m, payload.Generalize, payload.Mask)
	s.fields("withheld", m, payload.Drop)
	s.line("   %d bytes left, %d sealed; record %d of the log", r.Report.BytesOut, len(r.Envelope.Sealed), r.Index)
}

// fields lists the data categories that were treated in one way.
func (s *story) fields(title string, m transfer.Manifest, techniques ...string) {
	var categories []string
	for _, f := range m.Fields {
		if slices.Contains(techniques, f.Technique) {
			categories = append(categories, f.Category)
		}
	}
	slices.Sort(categories)
	categories = slices.Compact(categories)
	if len(categories) > 0 {
		s.line("   %-15s %s", title, strings.Join(categories, ", "))
	}
}

func (s *story) refused(denied *transfer.DeniedError, e policy.Explanation) {
	s.line("   %s, nothing left; record %d of the log", s.paint(red, "REFUSED"), denied.Index)
	for _, r := range denied.Decision.Reasons {
		if r.Effect == policy.EffectRefuses {
			s.line("   - %s [%s]", r.Message, strings.TrimSpace(r.Instrument+" "+r.Article))
		}
	}
	s.line("   missing: %s", strings.Join(denied.Decision.Missing, ", "))
	if len(e.Remedies) == 0 {
		return
	}
	s.line("   the smallest change that would permit it:")
	for _, c := range e.Remedies[0].Changes {
		s.line("   + %s", c.Text)
	}
}

// received shows what the recipient reads: one value that was a name, one that stayed.
func (s *story) received(r *transfer.Received) error {
	var document struct {
		Victim struct {
			Name string `json:"name"`
			Born string `json:"date_of_birth"`
		} `json:"victim"`
	}
	if err := json.Unmarshal(r.Document, &document); err != nil {
		return err
	}
	s.line("\n4  %s opens (1): signature, addressing and log proof verified, receipt signed", r.Header.Recipient)
	s.line("   the victim's name reads %q, the date of birth %q", document.Victim.Name, document.Victim.Born)
	duties := make([]string, len(r.Header.Obligations))
	for i, d := range r.Header.Obligations {
		duties[i] = d.Code
	}
	s.line("   it now owes: %s", strings.Join(duties, ", "))
	return nil
}

func (s *story) verified(r audit.Report) {
	s.line("\n5  the exporter's log: %d records %s, %d in doubt", r.Records, s.paint(green, "VERIFIED"), len(r.InDoubt))
}

func (s *story) tampered(file string, offset int64, fault *audit.FaultError) {
	s.line("\n6  one bit of journal/%s flipped at byte %d: %s", file, offset, s.paint(red, "TAMPERING FOUND"))
	s.line("   %v", fault)
}
