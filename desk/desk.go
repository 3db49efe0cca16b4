package desk

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"sync"
	"time"

	"github.com/passavant/passavant/audit"
	"github.com/passavant/passavant/crypto/keyring"
	"github.com/passavant/passavant/crypto/reidentify"
	"github.com/passavant/passavant/policy"
	"github.com/passavant/passavant/policy/agreement"
	"github.com/passavant/passavant/transfer"
	"github.com/passavant/passavant/transfer/payload"
)

var (
	// ErrQuota is the condition that as many pseudonyms were led back in the last 24 hours as may be.
	ErrQuota = errors.New("the quota of re-identifications for a day is used up")
	// ErrRate is the condition that too many attempts were made in the last minute.
	ErrRate = errors.New("too many attempts at re-identification within a minute")
	// ErrTransfer is the condition that the request names no transfer of this log, or no place of it where something keyed left.
	ErrTransfer = errors.New("the log has no such pseudonym")
	// ErrIrreversible is the condition that a technique leaves nothing to lead back.
	ErrIrreversible = errors.New("the technique cannot be led back")
	// ErrScope is the condition that the agreement has changed since the transfer, and the request does not say in which scope its
	// pseudonyms were.
	ErrScope = errors.New(`the agreement has changed since the transfer: the request must name the "scope" of its pseudonyms`)
	// ErrNotFound is the condition that nothing was found that the pseudonym stands for.
	ErrNotFound = reidentify.ErrNotFound
)

// Limits are how much the desk does. Zero stands for the default.
type Limits struct {
	PerDay    int `yaml:"per_day"`    // pseudonyms led back, or tried, in 24 hours; default 20, at most 1,000
	PerMinute int `yaml:"per_minute"` // attempts of any outcome in 60 seconds; default 3, at most 60
}

const (
	defaultPerDay, mostPerDay       = 20, 1000
	defaultPerMinute, mostPerMinute = 3, 60
)

func (l Limits) orDefault() (Limits, error) {
	if l.PerDay == 0 {
		l.PerDay = defaultPerDay
	}
	if l.PerMinute == 0 {
		l.PerMinute = defaultPerMinute
	}
	if l.PerDay < 1 || l.PerDay > mostPerDay || l.PerMinute < 1 || l.PerMinute > mostPerMinute {
		return l, fmt.Errorf("desk: want 1 to %d re-identifications a day and 1 to %d attempts a minute", mostPerDay, mostPerMinute)
	}
	return l, nil
}

// Config is what a Desk is made of. All but Limits and Clock is required.
type Config struct {
	Engine *policy.Engine
	Keys   *keyring.Keyring
	Log    *audit.Log
	// History opens Log for reading. Quota and rate are counted there, and the transfer is looked up.
	History    func() (*audit.Reader, error)
	Catalogues []*payload.Catalogue
	Limits     Limits
	Clock      func() time.Time // nil means the system's clock
}

// Desk leads pseudonyms back, one at a time. It is safe for concurrent use.
type Desk struct {
	Config
	mu sync.Mutex
}

// New checks that every part is there and that the limits are in range.
func New(c Config) (*Desk, error) {
	if c.Engine == nil || c.Keys == nil || c.Log == nil || c.History == nil {
		return nil, errors.New("desk: a Desk needs Engine, Keys, Log and History")
	}
	if c.Clock == nil {
		c.Clock = time.Now
	}
	var err error
	c.Limits, err = c.Limits.orDefault()
	return &Desk{Config: c}, err
}

// Person is who asks: a name for the side store, and what the rules may know.
type Person struct {
	Name   string
	Caller policy.Caller
}

// Answer is what a pseudonym stands for.
type Answer struct {
	Value     string `json:"value"` // as it was normalised
	Technique string `json:"technique"`
	Category  string `json:"category"`
	// Proved says that the pseudonym cannot stand for anything else. A format- or prefix-preserving value that was never sent
	// leads to a value as well.
	Proved bool `json:"proved"`
	// Record is the index of the record of this re-identification.
	Record int64 `json:"record"`
	// Problems say why approvals did not count.
	Problems []error `json:"-"`
}

// Reidentify answers a request. Every attempt is a durable record before it returns. candidates are the exporter's own values,
// to compare one-way pseudonyms with; nil if there are none. The errors are [ErrRequest], [ErrTransfer], [ErrScope],
// [ErrIrreversible], [*transfer.AccessDeniedError], [ErrQuota], [ErrRate], [ErrNotFound], and one that wraps
// [transfer.ErrNotRecorded] when the log failed. After an error nothing was led back, or nobody is told what.
func (d *Desk) Reidentify(ctx context.Context, r Request, by Person, approvals []*Approval, candidates iter.Seq[[]byte]) (*Answer, error) {
	if err := r.validate(); err != nil {
		return nil, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	t := &attempt{Desk: d, request: r, by: by, now: d.Clock().UTC()}
	if err := t.look(); err != nil {
		return nil, err
	}
	if t.attempts >= d.Limits.PerMinute {
		return nil, t.refuse(ctx, "rate", ErrRate)
	}
	if t.problem != nil {
		return nil, t.refuse(ctx, "request", t.problem)
	}
	t.keys, t.problems = counting(t.agreement, r, approvals, t.now)
	if err := t.authorize(ctx); err != nil {
		return &Answer{Problems: t.problems}, err
	}
	if t.granted >= d.Limits.PerDay {
		return nil, t.refuse(ctx, "quota", ErrQuota)
	}
	return t.answer(ctx, candidates)
}

// attempt is one request on its way.
type attempt struct {
	*Desk
	request Request
	by      Person
	now     time.Time

	attempts, granted int // of the last minute, of the last day
	intent            audit.Record
	agreement         *agreement.Agreement
	field             payload.Field
	item              audit.Treated
	problem           error // with what the request names
	keys              []string
	problems          []error
	decision          policy.Decision
}

// look counts former attempts and finds what the request names. Only a log that cannot be read is an error at once.
func (t *attempt) look() error {
	history, err := t.History()
	if err != nil {
		return err
	}
	defer func() { _ = history.Close() }()
	if err := t.count(history); err != nil {
		return err
	}
	if t.problem = t.find(history); t.problem == nil {
		t.problem = t.locate()
	}
	return history.Err()
}

// count reads the log backwards, as far as a day goes.
func (t *attempt) count(history *audit.Reader) error {
	for i := history.Size() - 1; i >= 0; i-- {
		r, _, err := history.Record(i)
		if err != nil {
			return err
		}
		at, err := time.Parse(time.RFC3339Nano, r.At)
		if err != nil {
			return err
		}
		age := t.now.Sub(at)
		if age >= 24*time.Hour {
			return nil
		}
		if r.Fields[fieldAction] != policy.Reidentify {
			continue
		}
		if r.Type == audit.Reidentified {
			t.granted++
		}
		if age < time.Minute {
			t.attempts++
		}
	}
	return nil
}

// IntentOf finds the record of a transfer that left. It fails with [ErrTransfer].
func IntentOf(history *audit.Reader, transfer string) (audit.Record, error) {
	for _, r := range history.All(0) {
		if r.Type == audit.Intent && r.Transfer == transfer {
			return r, nil
		}
	}
	return audit.Record{}, errors.Join(fmt.Errorf("%w: no transfer of this id left", ErrTransfer), history.Err())
}

// find looks for the intent of the transfer, and for its agreement.
func (t *attempt) find(history *audit.Reader) error {
	var err error
	if t.intent, err = IntentOf(history, t.request.Transfer); err != nil {
		return err
	}
	a, found := t.Engine.Agreement(t.intent.Agreement)
	if !found {
		return fmt.Errorf("%w: its agreement is not loaded any more", ErrTransfer)
	}
	t.agreement = a
	return nil
}

// locate finds the place in catalogue and manifest.
func (t *attempt) locate() error {
	found := false
	for _, c := range t.Catalogues {
		for _, f := range c.Fields {
			if c.Type == t.request.Type && f.Path == t.request.Path {
				t.field, found = f, true
			}
		}
	}
	if !found {
		return fmt.Errorf("%w: no catalogue has that type and path", ErrTransfer)
	}
	if t.intent.Manifest == nil {
		return fmt.Errorf("%w: the record has no manifest", ErrTransfer)
	}
	for _, item := range t.intent.Manifest.Items {
		if item.Path == t.request.Path {
			t.item = item
			if !payload.IsKeyed(item.Technique) {
				return fmt.Errorf("%w: %s", ErrIrreversible, item.Technique)
			}
			return nil
		}
	}
	return fmt.Errorf("%w: nothing left at that path", ErrTransfer)
}

// authorize asks for the decision. A refusal is recorded by package transfer.
func (t *attempt) authorize(ctx context.Context) (err error) {
	t.decision, err = transfer.Authorize(ctx, t.Engine, t.Log, policy.Access{
		At: t.now, Action: policy.Reidentify, Party: t.Keys.Party(), Agreement: t.agreement.ID, Caller: t.by.Caller,
		Purpose: t.request.Purpose, CaseReference: t.request.CaseReference, Approvers: len(t.keys),
	}, t.by.Name, t.item.Technique)
	return err
}

// answer leads the pseudonym back, records it, and then tells.
func (t *attempt) answer(ctx context.Context, candidates iter.Seq[[]byte]) (*Answer, error) {
	reverser, err := t.open()
	if err != nil {
		return nil, t.refuse(ctx, "request", err)
	}
	value, proved, err := t.reverse(reverser, candidates)
	switch {
	case errors.Is(err, ErrNotFound):
		if _, failed := t.record(ctx, audit.Reidentified, "", "not-found", nil); failed != nil {
			return nil, failed
		}
		return nil, err
	case err != nil:
		return nil, t.refuse(ctx, "request", err)
	}
	index, err := t.record(ctx, audit.Reidentified, "", "found", value)
	if err != nil {
		return nil, err
	}
	return &Answer{
		Value: string(value), Technique: t.item.Technique, Category: t.field.Category, Proved: proved, Record: index, Problems: t.problems,
	}, nil
}
