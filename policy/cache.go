package policy

import (
	"container/list"
	"sync"
)

// cache keeps recent decisions: a bounded LRU. A decision is a pure function of revision and facts, and the facts hold the
// minute, so an entry never outlives what it rests on by more than that minute.
type cache struct {
	mu      sync.Mutex
	limit   int
	order   *list.List
	entries map[key]*list.Element
	scratch sync.Pool // of *scratch, for keys
}

type entry struct {
	key      key
	decision Decision
}

func newCache(limit int) *cache {
	return &cache{
		limit: limit, order: list.New(), entries: map[key]*list.Element{},
		scratch: sync.Pool{New: func() any { return new(scratch) }},
	}
}

func (c *cache) get(k key) (Decision, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	e, ok := c.entries[k]
	if !ok {
		return Decision{}, false
	}
	c.order.MoveToFront(e)
	return e.Value.(*entry).decision, true
}

func (c *cache) put(k key, d Decision) {
	if c.limit < 0 {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if e, ok := c.entries[k]; ok {
		c.order.MoveToFront(e)
		return
	}
	c.entries[k] = c.order.PushFront(&entry{k, d})
	if c.order.Len() > c.limit {
		oldest := c.order.Remove(c.order.Back()).(*entry)
		delete(c.entries, oldest.key)
	}
}
