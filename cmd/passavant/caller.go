package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"github.com/passavant/passavant/audit"
	"github.com/passavant/passavant/policy"
	"github.com/passavant/passavant/transfer"
	"github.com/passavant/passavant/transfer/workspace"
)

// caller is who runs the command, to the rules: what passavant.yaml says of the login, narrowed by --as.
func (a *app) caller(w *workspace.Workspace) (policy.Caller, error) {
	return w.Caller(operator(), a.as)
}

// authorize asks whether whoever runs the command may do something other than send, and records the answer. While a service
// holds the log, it can only say that it could not. A workspace without keys has no log to write to.
func (a *app) authorize(ctx context.Context, w *workspace.Workspace, e *policy.Engine, q policy.Access, what string) error {
	q, err := a.access(w, q)
	if err != nil {
		return err
	}
	log, err := a.logToWrite(w)
	if err != nil {
		return err
	}
	_, err = transfer.Authorize(ctx, e, log, q, operator(), what)
	if log != nil {
		err = errors.Join(err, log.Close())
	}
	return err
}

// access completes a question with who asks, for whom and when.
func (a *app) access(w *workspace.Workspace, q policy.Access) (policy.Access, error) {
	var err error
	q.Caller, err = a.caller(w)
	q.At, q.Party = time.Now(), w.Party
	return q, err
}

// logToWrite opens the log, or returns nil if nothing can be written to it now.
func (a *app) logToWrite(w *workspace.Workspace) (*audit.Log, error) {
	keys, err := w.OpenKeys()
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	log, err := w.OpenLog(keys)
	if errors.Is(err, audit.ErrLocked) {
		_, _ = fmt.Fprintf(a.stderr, "passavant: this is not recorded, since another process is writing the log\n")
		return nil, nil
	}
	return log, err
}

// readable says which records somebody may read: all, or those under some agreements.
type readable struct {
	all        bool
	agreements map[string]bool
}

func (r readable) shows(record audit.Record) bool { return r.all || r.agreements[record.Agreement] }

// mayRead asks who may read what of the log, and records the reading: once if it is the log as a whole, or else once for each
// agreement whose records the caller may read. If there is none, it is refused.
func (a *app) mayRead(ctx context.Context, w *workspace.Workspace, purpose, what string) (readable, error) {
	engine, err := w.OpenEngine(ctx)
	if err != nil {
		return readable{}, err
	}
	whole, err := a.access(w, policy.Access{Action: policy.ReadLog, Purpose: purpose})
	if err != nil {
		return readable{}, err
	}
	r := readable{agreements: map[string]bool{}}
	if !engine.Authorize(ctx, whole).Permit {
		for _, one := range engine.Agreements() {
			q := whole
			q.Agreement = one.ID
			if !engine.Authorize(ctx, q).Permit {
				continue
			}
			r.agreements[one.ID] = true
			if err := a.authorize(ctx, w, engine, q, what); err != nil {
				return readable{}, err
			}
		}
	}
	if len(r.agreements) > 0 {
		return r, nil
	}
	r.all = true
	return r, a.authorize(ctx, w, engine, whole, what)
}
