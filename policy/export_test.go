package policy

import "context"

// LoadPlain loads the differential twin: no rule indexing, no early exit, no cache.
func LoadPlain(ctx context.Context, opts Options) (*Engine, error) {
	opts.CacheEntries = -1
	return load(ctx, opts, true)
}

// Cached is the number of decisions kept.
func (e *Engine) Cached() int { return e.cache.order.Len() }

// FactHomes is the table that the rules read from.
func (e *Engine) FactHomes() map[string]string { return e.home }

// KeyOf is the cache key of a question.
func KeyOf(f Facts) (key, bool) { return newCache(1).keyOf(f) }
