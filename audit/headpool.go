package audit

import (
	"runtime"
	"sync"

	"golang.org/x/mod/sumdb/note"
)

// headPool verifies head signatures on all processors: with small groups they cost more than everything else.
type headPool struct {
	key  note.Verifier
	jobs chan []headJob
	wait sync.WaitGroup
	next []headJob

	mu    sync.Mutex
	fault *FaultError // with the lowest record number
}

type headJob struct {
	first int64
	msg   []byte
	at    place
}

const headsPerJob = 64

func newHeadPool(key note.Verifier) *headPool {
	p := &headPool{key: key, jobs: make(chan []headJob, 4)}
	for range runtime.GOMAXPROCS(0) {
		p.wait.Go(p.work)
	}
	return p
}

// check takes the head of g. It may return the fault of an earlier one.
func (p *headPool) check(g *group) error {
	p.next = append(p.next, headJob{g.first, append([]byte(nil), g.head...), g.headPlace})
	if len(p.next) < headsPerJob {
		return nil
	}
	p.jobs <- p.next
	p.next = nil
	return p.found()
}

// close waits for all signatures.
func (p *headPool) close() error {
	p.jobs <- p.next
	close(p.jobs)
	p.wait.Wait()
	return p.found()
}

func (p *headPool) work() {
	for heads := range p.jobs {
		for _, h := range heads {
			if _, err := openHead(h.msg, p.key); err != nil {
				p.note(&FaultError{Index: h.first, Kind: FaultHead, File: h.at.file, Offset: h.at.off, Detail: err.Error()})
			}
		}
	}
}

func (p *headPool) note(f *FaultError) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.fault == nil || f.Index < p.fault.Index {
		p.fault = f
	}
}

func (p *headPool) found() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.fault == nil {
		return nil // not a nil *FaultError in an error
	}
	return p.fault
}
