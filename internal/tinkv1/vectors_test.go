package tinkv1

import (
	"encoding/json"
	"flag"
	"os"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// go test . -generate writes what version 1 makes for the successor to read. The keys in it protect nothing.
var generate = flag.Bool("generate", false, "write testdata/tink/v1.json anew")

const dir = "../../testdata/tink/"

func read(t *testing.T, name string) []Vector {
	t.Helper()
	raw, err := os.ReadFile(dir + name)
	require.NoError(t, err)
	var all []Vector
	require.NoError(t, json.Unmarshal(raw, &all))
	require.NotEmpty(t, all)
	return all
}

func TestGenerate(t *testing.T) {
	all, err := Generate()
	require.NoError(t, err)
	for _, v := range all {
		require.NoError(t, v.Check(), v.Name)
	}
	if *generate {
		text, err := json.MarshalIndent(all, "", " ")
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(dir+"v1.json", append(text, '\n'), 0o644))
	}
}

// What the successor made must be readable here, and what was committed of version 1 still is.
func TestReadsBothDirections(t *testing.T) {
	for _, name := range []string{"v1.json", "v2.json"} {
		for _, v := range read(t, name) {
			t.Run(name+"/"+v.Name, func(t *testing.T) { require.NoError(t, v.Check()) })
		}
	}
}

func TestCheckNoticesAChange(t *testing.T) {
	for _, v := range read(t, "v1.json") {
		v.Output = v.Output[:len(v.Output)-2] + map[bool]string{true: "00", false: "01"}[v.Output[len(v.Output)-2:] != "00"]
		assert.Error(t, v.Check(), v.Name)
	}
}
