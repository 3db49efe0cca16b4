package audit

import (
	"fmt"
	"io"

	"golang.org/x/mod/sumdb/tlog"
)

// replay rebuilds a log's state from its bytes. Opening, reading and verifying are all replays; they differ in what
// they look at on the way.
type replay struct {
	tree  tree
	head  []byte // last head
	start place  // of the last group
	doubt doubts

	onGroup  func(*group) error                           // before the group is taken into account
	onRecord func(index int64, s summary, at place) error // after the group's head was found to match
}

// run replays src to its end. A FaultError names the first record that cannot be trusted.
func (r *replay) run(src source) error {
	r.doubt = doubts{}
	var sums []summary
	for {
		g, err := src.next()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		if r.onGroup != nil {
			if err := r.onGroup(g); err != nil {
				return err
			}
		}
		if sums, err = r.hash(g, sums[:0]); err != nil {
			return err
		}
		if g.head != nil {
			if err := r.check(g); err != nil {
				return err
			}
			r.head, r.start = append(r.head[:0], g.head...), g.start
		}
		for i, sum := range sums {
			index := g.first + int64(i)
			r.doubt.apply(index, sum.typ, sum.transfer)
			if r.onRecord != nil {
				if err := r.onRecord(index, sum, g.places[i]); err != nil {
					return err
				}
			}
		}
	}
}

// hash adds the group's records to the tree.
func (r *replay) hash(g *group, sums []summary) ([]summary, error) {
	for i, rec := range g.records {
		sum, err := scanRecord(rec)
		if err != nil {
			return nil, &FaultError{Index: g.first + int64(i), Kind: FaultRecord, File: g.places[i].file,
				Offset: g.places[i].off, Detail: err.Error()}
		}
		r.tree.add(tlog.RecordHash(rec))
		sums = append(sums, sum)
	}
	return sums, nil
}

// check compares the group's head with the tree, without its signature.
func (r *replay) check(g *group) error {
	fault := func(detail string) error {
		return &FaultError{Index: g.first, Kind: FaultHead, File: g.headPlace.file, Offset: g.headPlace.off, Detail: detail}
	}
	h, err := peekHead(g.head)
	if err != nil {
		return fault(err.Error())
	}
	root, err := r.tree.root(r.tree.size)
	if err != nil {
		return err
	}
	if h.size != r.tree.size {
		return fault(fmt.Sprintf("the head is for %d records, the log has %d", h.size, r.tree.size))
	}
	if h.root != root {
		return fault(fmt.Sprintf("the head does not match records %d to %d", g.first, r.tree.size-1))
	}
	return nil
}
