package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/passavant/passavant/audit"
)

// errReported says that the fault has been told on stdout.
var errReported = errors.New("fault reported")

// verdict is the JSON form of a report. A second reader may rely on its member names.
type verdict struct {
	OK          bool                 `json:"ok"`
	Origin      string               `json:"origin"`
	Source      string               `json:"source"` // "journal" or "published files"
	Records     int64                `json:"records"`
	Heads       int64                `json:"heads"`
	Root        string               `json:"root,omitempty"`
	Published   int64                `json:"published"`
	Files       int64                `json:"published_files"`
	TornBytes   int64                `json:"torn_bytes,omitempty"`
	First       string               `json:"first,omitempty"`
	Last        string               `json:"last,omitempty"`
	ByType      map[audit.Type]int64 `json:"by_type,omitempty"`
	InDoubt     []string             `json:"in_doubt,omitempty"`
	Unintended  []string             `json:"outcomes_without_intent,omitempty"`
	Witnessed   int64                `json:"witnessed,omitempty"`
	Cosigned    string               `json:"cosigned_by,omitempty"`
	Known       bool                 `json:"known_checkpoint_held"`
	Fault       *fault               `json:"fault,omitempty"`
	RecordIndex *int64               `json:"record,omitempty"` // of a single proof
	Type        audit.Type           `json:"type,omitempty"`   // of a single record
}

type fault struct {
	Record int64           `json:"record"`
	Kind   audit.FaultKind `json:"kind"`
	File   string          `json:"file,omitempty"`
	Offset int64           `json:"offset"`
	Detail string          `json:"detail"`
}

func (c *command) report(r audit.Report, err error) error {
	v := verdict{OK: err == nil, Origin: r.Origin, Source: "published files", Records: r.Records, Heads: r.Groups,
		Published: r.Published, Files: r.Tiles, TornBytes: r.TornBytes, First: r.First, Last: r.Last, ByType: r.ByType,
		InDoubt: r.InDoubt, Unintended: r.Unintended, Witnessed: r.Witnessed, Cosigned: cosigners(r.Cosigned), Known: c.known != "" && err == nil}
	if r.Journal {
		v.Source = "journal"
	}
	if err == nil {
		v.Root = r.Root.String()
	}
	var f *audit.FaultError
	if errors.As(err, &f) {
		v.Fault = &fault{f.Index, f.Kind, f.File, f.Offset, f.Detail}
	}
	return c.print(v, v.text)
}

func (c *command) reportProof(record []byte, p audit.Proof, err error) error {
	v := verdict{OK: err == nil, RecordIndex: &p.Index, Source: "inclusion proof", Published: -1}
	if rec, parseErr := audit.ParseRecord(record); parseErr == nil {
		v.Type, v.First, v.Last = rec.Type, rec.At, rec.At
	} else if err == nil {
		err, v.OK = parseErr, false
	}
	if err != nil {
		v.Fault = &fault{Record: p.Index, Kind: "proof", Detail: err.Error()}
	}
	return c.print(v, v.proofText)
}

func (c *command) print(v verdict, text func(io.Writer)) error {
	if c.json {
		enc := json.NewEncoder(c.stdout)
		enc.SetIndent("", "  ")
		enc.SetEscapeHTML(false)
		if err := enc.Encode(v); err != nil {
			return err
		}
	} else {
		text(c.stdout)
	}
	if !v.OK {
		return errReported
	}
	return nil
}

// text writes the report for an auditor: the verdict first, then what it rests on, then what needs attention.
func (v verdict) text(w io.Writer) {
	if v.Fault != nil {
		fmt.Fprintf(w, "FAULT  %s\n\n", v.Fault)
		fmt.Fprintf(w, "  log       %s\n  read      %s\n", v.Origin, v.Source)
		fmt.Fprintf(w, "  before    %d records read before the fault; see above from which record on nothing is vouched for\n", v.Records)
		return
	}
	fmt.Fprintf(w, "GOOD   every record up to the last signed head is as it was signed: none changed, removed or inserted.\n\n")
	fmt.Fprintf(w, "  log       %s\n", v.Origin)
	fmt.Fprintf(w, "  read      %s: %d records, %d signed heads, %d published files\n", v.Source, v.Records, v.Heads, v.Files)
	if v.Records > 0 {
		fmt.Fprintf(w, "  period    %s to %s\n", v.First, v.Last)
	}
	fmt.Fprintf(w, "  tree      %d records, root %s\n", v.Records, v.Root)
	fmt.Fprintf(w, "  published %s\n", v.publishedText())
	for i, typ := range slices.Sorted(maps.Keys(v.ByType)) {
		label := "         "
		if i == 0 {
			label = "records  "
		}
		fmt.Fprintf(w, "  %s %8d %s\n", label, v.ByType[typ], typ)
	}
	v.attention(w)
}

func (v verdict) publishedText() string {
	switch {
	case v.Published < 0:
		return "nothing yet"
	case v.Published < v.Records:
		return fmt.Sprintf("%d records; the last %d are in the journal only", v.Published, v.Records-v.Published)
	}
	return "all records"
}

func (v verdict) attention(w io.Writer) {
	if v.Cosigned != "" {
		fmt.Fprintf(w, "\n  Witnessed up to record %d: %s.\n", v.Witnessed, v.Cosigned)
	}
	if !v.Known && v.Cosigned == "" {
		fmt.Fprintf(w, "\n  Not checked: whether records were cut off the end. Give an earlier checkpoint with --known, or --witness-policy.\n")
	}
	if v.Known {
		fmt.Fprintf(w, "\n  The checkpoint given with --known is part of this log.\n")
	}
	if v.TornBytes > 0 {
		fmt.Fprintf(w, "\n  %d bytes at the end were cut short by a crash. They were never acknowledged.\n", v.TornBytes)
	}
	list(w, v.InDoubt, "with an intent and no outcome: the envelope may or may not have left")
	list(w, v.Unintended, "with an outcome and no intent before it, against the rule \"no record, no transfer\"")
}

// maxListed keeps the report on a few screens; --json lists everything.
const maxListed = 50

func list(w io.Writer, ids []string, what string) {
	if len(ids) == 0 {
		return
	}
	noun := "transfers"
	if len(ids) == 1 {
		noun = "transfer"
	}
	fmt.Fprintf(w, "\n  %d %s %s\n", len(ids), noun, what)
	for _, id := range ids[:min(len(ids), maxListed)] {
		fmt.Fprintf(w, "    %s\n", id)
	}
	if more := len(ids) - maxListed; more > 0 {
		fmt.Fprintf(w, "    and %d more; --json lists them all\n", more)
	}
}

func (v verdict) proofText(w io.Writer) {
	if v.Fault != nil {
		fmt.Fprintf(w, "FAULT  %s\n", v.Fault)
		return
	}
	fmt.Fprintf(w, "GOOD   this %s record of %s is number %d of a log signed with the given key.\n", v.Type, v.First, *v.RecordIndex)
}

// String is the fault in one sentence.
func (f *fault) String() string {
	s := fmt.Sprintf("record %d: %s: %s", f.Record, f.Kind, f.Detail)
	if f.File != "" {
		s += fmt.Sprintf(" (file %s, byte %d)", f.File, f.Offset)
	}
	return strings.TrimSuffix(s, ".") + "."
}

// progress reports on a terminal and stays silent otherwise.
func progress(w io.Writer) func(done, total int64) {
	f, ok := w.(*os.File)
	if !ok {
		return nil
	}
	if info, err := f.Stat(); err != nil || info.Mode()&os.ModeCharDevice == 0 {
		return nil
	}
	next := int64(0)
	return func(done, total int64) {
		if done < next {
			return
		}
		next = done + 50_000
		if done > 0 {
			fmt.Fprintf(f, "\r%d of %d records ", done, max(total, done))
		}
	}
}

// cosigners names who vouched, and when.
func cosigners(found []audit.Cosignature) string {
	texts := make([]string, len(found))
	for i, c := range found {
		texts[i] = c.Witness + " at " + c.At.UTC().Format(time.RFC3339)
	}
	return strings.Join(texts, ", ")
}
