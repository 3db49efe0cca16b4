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

type constant string

func (c constant) AppendPseudonym(dst []byte, _ string, _ []byte) []byte { return append(dst, c...) }
func (c constant) KeyID() string                                         { return "constant" }

// The pools are left out: the garbage collector may empty them at any time.
func TestWarmRunsDoNotAllocate(t *testing.T) {
	c := &Catalogue{Type: "t", Version: "1", Fields: []Field{
		{Path: "/k", Category: "k", Role: Operational, Kind: KindString},
		{Path: "/p", Category: "p", Role: Direct, Kind: KindString},
		{Path: "/a/*", Category: "a", Role: Operational, Kind: KindAmount},
		{Path: "/born", Category: "born", Role: Quasi, Kind: KindDate},
	}}
	p, err := Compile(c, map[string]Treatment{
		"k": {Technique: Keep}, "p": {Technique: Pseudonymize},
		"a":    {Technique: Generalize, Params: map[string]string{"to": "band", "width": "100"}},
		"born": {Technique: Generalize, Params: map[string]string{"to": "year"}},
	})
	require.NoError(t, err)
	src := []byte(`{"k":"caf\u00e9","p":"Ad\u0061 Byron","a":[1,250.5,-3],"born":"1958-04-23","x":{"y":[1,2]}}`)
	w, g := newWalker(p), newGate(p)
	var rep Report
	var out []byte
	var ps Pseudonymizer = constant("psn_0123456789abcdefgh")
	assert.Zero(t, testing.AllocsPerRun(100, func() {
		g.originals.forget()
		if out, err = w.run(out[:0], src, ps, &rep, &g.originals); err != nil {
			t.Fatal(err)
		}
	}), "transform")
	assert.Zero(t, testing.AllocsPerRun(100, func() {
		g.spelled.Reset()
		g.compact.Reset()
		if err = g.check(out); err != nil {
			t.Fatal(err)
		}
	}), "gate")
}
