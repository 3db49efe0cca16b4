package webpage

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/passavant/passavant/audit"
	"github.com/passavant/passavant/transfer/auditor"
)

// counter goes through the records once.
type counter struct {
	category    func(path string) string
	outcomes    map[string]string
	today       string
	soon        string
	byDay       map[string]*dayCount
	byFlow      map[flow]int64
	doubtful    []int64
	due         map[string][]int64 // by obligation and deadline
	derogations map[string][]int64
	seen        map[string]map[any]bool
}

// horizon is how far ahead deadlines are announced.
const horizon = 30 * 24 * time.Hour

func newCounter(category func(string) string, outcomes map[string]string, now time.Time) *counter {
	return &counter{
		category: category, outcomes: outcomes, today: now.UTC().Format(time.DateOnly), soon: now.Add(horizon).UTC().Format(time.DateOnly),
		byDay: map[string]*dayCount{}, byFlow: map[flow]int64{}, due: map[string][]int64{}, derogations: map[string][]int64{}, seen: map[string]map[any]bool{},
	}
}

func (c *counter) add(i int64, r audit.Record) {
	c.countDay(r)
	for name, value := range map[string]string{
		"type": string(r.Type), "agreement": r.Agreement, "country": r.RecipientCountry, "purpose": r.Purpose, "outcome": c.outcomes[r.Transfer],
	} {
		c.note(name, value)
	}
	for _, category := range r.Categories {
		c.note("category", category)
	}
	for _, d := range r.Obligations {
		if d.Deadline != "" && !d.Discharged && d.Deadline <= c.soon {
			c.due[d.Deadline+"\x00"+d.Code] = append(c.due[d.Deadline+"\x00"+d.Code], i)
		}
	}
	if r.Type != audit.Intent || c.outcomes[r.Transfer] == auditor.Failed {
		return
	}
	if c.outcomes[r.Transfer] == auditor.InDoubt {
		c.doubtful = append(c.doubtful, i)
	}
	for _, basis := range r.Basis {
		if auditor.IsDerogation(basis) {
			key := basis + "\x00" + r.Recipient
			c.derogations[key] = append(c.derogations[key], i)
		}
	}
	c.countFlows(r)
}

func (c *counter) note(name, value string) {
	if value == "" {
		return
	}
	if c.seen[name] == nil {
		c.seen[name] = map[any]bool{}
	}
	c.seen[name][value] = true
}

func (c *counter) countDay(r audit.Record) {
	day, _, _ := strings.Cut(r.At, "T")
	d := c.byDay[day]
	if d == nil {
		d = &dayCount{Day: day}
		c.byDay[day] = d
	}
	switch r.Type {
	case audit.Intent:
		d.Left++
	case audit.Refused, audit.Rejected, audit.Failed:
		d.Refused++
	case audit.Received:
		d.Received++
	case audit.LogAccess, audit.KeyEvent, audit.PolicyChange, audit.Erased, audit.Reidentified:
		d.Otherwise++
	}
}

func (c *counter) countFlows(r audit.Record) {
	if r.Manifest == nil {
		return
	}
	for _, item := range r.Manifest.Items {
		category := cmp.Or(c.category(item.Path), item.Path)
		c.byFlow[flow{Category: category, Technique: item.Technique, Recipient: r.Recipient, Country: r.RecipientCountry}] += item.Count
	}
}

func (c *counter) days() []dayCount {
	var out []dayCount
	for _, day := range slices.Sorted(maps.Keys(c.byDay)) {
		out = append(out, *c.byDay[day])
	}
	return out
}

func (c *counter) flows() []flow {
	var out []flow
	for f, n := range c.byFlow {
		f.Values = n
		out = append(out, f)
	}
	slices.SortFunc(out, func(a, b flow) int {
		return cmp.Or(-cmp.Compare(a.Values, b.Values), cmp.Compare(a.Category, b.Category), cmp.Compare(a.Technique, b.Technique), cmp.Compare(a.Recipient, b.Recipient))
	})
	return out
}

func (c *counter) values() map[string][]any {
	out := map[string][]any{}
	for name, set := range c.seen {
		out[name] = slices.SortedFunc(maps.Keys(set), func(a, b any) int { return cmp.Compare(fmt.Sprint(a), fmt.Sprint(b)) })
	}
	return out
}

func (c *counter) alarms() []alarm {
	var out []alarm
	if len(c.doubtful) > 0 {
		out = append(out, alarm{"in-doubt", fmt.Sprintf("%s without an outcome: the envelope may or may not have left", plural(len(c.doubtful), "transfer")), c.doubtful})
	}
	for _, key := range slices.Sorted(maps.Keys(c.due)) {
		deadline, code, _ := strings.Cut(key, "\x00")
		kind, verb := "deadline", "falls due on"
		if deadline < c.today {
			kind, verb = "overdue", "was due on"
		}
		out = append(out, alarm{kind, fmt.Sprintf("the duty %s of %s %s %s", code, plural(len(c.due[key]), "transfer"), verb, deadline), c.due[key]})
	}
	for _, key := range slices.Sorted(maps.Keys(c.derogations)) {
		basis, recipient, _ := strings.Cut(key, "\x00")
		if n := len(c.derogations[key]); n > 1 {
			out = append(out, alarm{"derogation", fmt.Sprintf("%s was used %d times towards %s: derogations are for exceptions", basis, n, recipient), c.derogations[key]})
		}
	}
	return out
}

func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// witnessAlarms says what is odd about the cosigned checkpoint, if there is one: cosignatures of names that no key of this
// program can judge are left to the auditor's policy; a checkpoint that the log does not continue is the worst of all.
func witnessAlarms(dir, vkey string, r *audit.Reader) []alarm {
	cosigned, err := os.ReadFile(filepath.Join(dir, "checkpoint.cosigned"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	c, openErr := audit.OpenCheckpoint(vkey, cosigned)
	switch {
	case err != nil || openErr != nil:
		return []alarm{{Kind: "witness", Text: "the cosigned checkpoint cannot be read, or the log did not sign it"}}
	case c.Size > r.Size():
		return []alarm{{Kind: "witness", Text: fmt.Sprintf("witnesses have seen %d records, and the log has %d: it was rolled back", c.Size, r.Size())}}
	}
	_, signatures, _ := bytes.Cut(cosigned, []byte("\n\n"))
	if bytes.Count(signatures, []byte("— ")) < 2 {
		return []alarm{{Kind: "witness", Text: "no witness has cosigned the log"}}
	}
	if behind := r.Size() - c.Size; behind > 0 {
		return []alarm{{Kind: "witness-behind", Text: fmt.Sprintf("the last %s have no witness yet", plural(int(behind), "record")), Records: []int64{c.Size}}}
	}
	return nil
}
