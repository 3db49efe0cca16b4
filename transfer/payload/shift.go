package payload

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

// shiftDate moves dates. Where the subject's value is missing in the document the date leaves as null.
func (a *action) shiftDate(k Kind, p *params) error {
	if k != KindDate && k != KindDatetime {
		return doesNotFit(k)
	}
	subject, ok := p.take("subject")
	if !ok {
		return errors.New("parameter subject: missing; it names the data category whose value says whose date it is")
	}
	a.subject, a.window = subject, int(p.number("days", 0, 1, 3650))
	a.fixed, a.random, a.anyShape = true, false, false
	a.holds = isDate
	if k == KindDatetime {
		a.holds = isDatetime
	}
	return nil
}

// appendShifted moves the day of a date or datetime that was checked before; time and offset stay. It reports false if
// the result has a year that four digits cannot write.
func appendShifted(dst, text []byte, days int) ([]byte, bool) {
	day, err := time.Parse(time.DateOnly, string(text[:10]))
	if err != nil {
		return dst, false
	}
	day = day.AddDate(0, 0, days)
	if day.Year() < 0 || day.Year() > 9999 {
		return dst, false
	}
	dst = day.AppendFormat(dst, time.DateOnly)
	return append(dst, text[10:]...), true
}

// subjectOf says where the value stands that identifies the subject of a date.
type subjectOf struct {
	field *planField // the value
	scope *node      // the document, or the array element, that holds both
}

// findSubjects finds for each date that is shifted the field that identifies its subject: of those of the category, the one
// that shares the longest path, and within one element of every array that the paths share.
func (p *Plan) findSubjects() (errs []error) {
	for i := range p.fields {
		f := &p.fields[i]
		if f.subject == "" {
			continue
		}
		best, depth, twice := (*planField)(nil), -1, false
		for j := range p.fields {
			s := &p.fields[j]
			common, ok := sharedDepth(f.Path, s.Path)
			if s.Category != f.subject || !ok || common < depth {
				continue
			}
			best, depth, twice = s, common, common == depth
		}
		switch {
		case best == nil:
			errs = append(errs, &TreatmentError{f.Category, fmt.Sprintf("%s: parameter subject: no field of category %q identifies whose date it is", f.Path, f.subject)})
			continue
		case twice:
			errs = append(errs, &TreatmentError{f.Category, fmt.Sprintf("%s: parameter subject: two fields of category %q are equally near", f.Path, f.subject)})
			continue
		}
		f.of = subjectOf{best, p.root.scope(f.Path, depth)}
		best.identifies, p.shifts = true, true
	}
	return errs
}

// sharedDepth counts the segments that two paths share. It reports false if the second goes into an array that the first
// does not go into: then there are many values.
func sharedDepth(date, subject string) (n int, ok bool) {
	a, b := strings.Split(date[1:], "/"), strings.Split(subject[1:], "/")
	for n < len(a) && n < len(b) && a[n] == b[n] {
		n++
	}
	for _, segment := range b[n:] {
		if segment == "*" {
			return n, false
		}
	}
	return n, true
}

// scope returns the innermost array element, or else the document, on the first depth segments of a path.
func (n *node) scope(path string, depth int) *node {
	found := n
	for _, segment := range strings.Split(path[1:], "/")[:depth] {
		if segment == "*" {
			n = n.elem
			found = n
			continue
		}
		for _, m := range n.members {
			if m.name == unescapes.Replace(segment) {
				n = m
				break
			}
		}
	}
	return found
}

// occurrence names the value of a subject's field in one element of its scope.
type occurrence struct {
	field int
	nth   int64
}

// subjects remembers the values that identify subjects, read in a pass of its own before the dates are written.
type subjects struct {
	reading bool
	seen    []int64 // by node: how many elements were entered
	at      map[occurrence][2]int
	text    []byte
}

// begin forgets the last document or row.
func (s *subjects) begin(nodes int) {
	if s.at == nil {
		s.seen, s.at = make([]int64, nodes), make(map[occurrence][2]int)
	}
	clear(s.seen)
	clear(s.at)
	clear(s.text)
	s.text = s.text[:0]
}

// collectSubjects reads the document for the values that identify subjects. What it writes and counts is taken back.
func (w *walker) collectSubjects(src []byte) error {
	s := &w.subjects
	s.begin(len(w.plan.places))
	if w.plan.scrubs {
		w.scrubber.forget()
	}
	s.reading = true
	start := len(w.out)
	err := w.read(src)
	s.reading = false
	clear(w.out[start:])
	w.out = w.out[:start]
	clear(s.seen)
	return err
}

// preread notes the value of a field before anything is written.
func (w *walker) preread(f *planField, value []byte, t jsonType) {
	if f.identifies {
		w.remember(f, w.canonical(value, t))
	}
	if w.plan.scrubs && t != isBoolean && f.named() {
		w.scrubber.add(f, w.canonical(value, t), t)
	}
}

// remember keeps the value of a field that identifies a subject. The first of equal occurrences cannot be followed by
// another: names do not occur twice in one object.
func (w *walker) remember(f *planField, value []byte) {
	s := &w.subjects
	start := len(s.text)
	s.text = append(s.text, value...)
	for i := range w.plan.fields {
		if d := &w.plan.fields[i]; d.of.field == f {
			s.at[occurrence{d.index, s.seen[d.of.scope.index]}] = [2]int{start, len(s.text)}
		}
	}
}

// shift returns the moved date; false if the subject is not known, or the result has no date.
func (w *walker) shift(f *planField, dst, text []byte) ([]byte, bool) {
	s := &w.subjects
	at, known := s.at[occurrence{f.index, s.seen[f.of.scope.index]}]
	if !known {
		return dst, false
	}
	of := f.of.field
	days, ok := w.techniques.ShiftDays(of.Category, string(of.Kind), f.window, s.text[at[0]:at[1]])
	if !ok {
		return dst, false
	}
	return appendShifted(dst, text, days)
}
