package payload

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// What goes back to the pools holds nothing of the last document.
func TestReleaseOverwrites(t *testing.T) {
	c := &Catalogue{Type: "t", Version: "1", Fields: []Field{
		{Path: "/name", Category: "name", Role: Direct, Kind: KindString},
		{Path: "/phone", Category: "phone", Role: Direct, Kind: KindPhone},
		{Path: "/note", Category: "note", Role: FreeText, Kind: KindString},
	}}
	p, err := Compile(c, map[string]Treatment{"note": {Technique: Mask, Params: map[string]string{"keep_last": "8"}}})
	require.NoError(t, err)
	w, g := newWalker(p), newGate(p)
	var rep Report
	src := []byte(`{"n\u0061me":"secret\u0041 secretB","\u0073ecretC":1,"phone":"+353 20 910 0142","note":"\u0073ecretD and secretE"}`)
	out, err := w.run(nil, src, nil, &rep, &g.originals)
	require.NoError(t, err)
	require.NoError(t, g.check(out))

	memory := func() [][]byte {
		return [][]byte{w.value, w.text, w.name, g.text, g.folded, g.packed, g.path, g.name, g.originals.text}
	}
	held := memory()
	all := func() string {
		var all []byte
		for _, b := range held {
			all = append(all, b[:cap(b)]...)
		}
		return string(bytes.ToLower(all))
	}
	require.Contains(t, all(), "secret")
	w.release()
	g.release()
	for _, secret := range []string{"secret", "0142"} {
		assert.NotContains(t, all(), secret)
	}
	assert.Empty(t, g.originals.items)
	assert.Nil(t, w.src)
	assert.Nil(t, w.out)
	assert.Nil(t, w.originals)
}

// A pool must not keep the memory that one huge document needed.
func TestReleaseDropsLargeMemory(t *testing.T) {
	p, err := Compile(&Catalogue{Type: "t", Version: "1", Fields: []Field{
		{Path: "/name", Category: "name", Role: Direct, Kind: KindString},
	}}, nil)
	require.NoError(t, err)
	g := newGate(p)
	g.folded = make([]byte, 2<<20)
	g.release()
	assert.NotSame(t, g, p.gates.Get())
	w := newWalker(p)
	w.value = make([]byte, 2<<20)
	w.release()
	assert.NotSame(t, w, p.walkers.Get())
}
