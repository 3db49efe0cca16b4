// Package arch holds the import rules of the house against what `go list` says of it.
package arch

import (
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"path"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const module = "github.com/passavant/passavant"

// goPackage is the part of `go list -json` that the rules read.
type goPackage struct {
	ImportPath string
	Imports    []string
	Deps       []string
}

func list(t *testing.T, args ...string) []goPackage {
	t.Helper()
	cmd := exec.Command("go", append([]string{"list", "-json=ImportPath,Imports,Deps"}, args...)...)
	cmd.Dir = "../.."
	out, err := cmd.Output()
	require.NoError(t, err, "go list")
	var packages []goPackage
	for d := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p goPackage
		err := d.Decode(&p)
		if errors.Is(err, io.EOF) {
			return packages
		}
		require.NoError(t, err)
		p.ImportPath = relative(p.ImportPath)
		packages = append(packages, p)
	}
}

// relative shortens our own import paths: "audit", "crypto/seal".
func relative(importPath string) string { return strings.TrimPrefix(importPath, module+"/") }

func under(importPath string, folders ...string) bool {
	return slices.ContainsFunc(folders, func(folder string) bool {
		return importPath == folder || strings.HasPrefix(importPath, folder+"/")
	})
}

// TestLeavesNeverImportOneAnother holds the heart of the house: policy, crypto and audit are leaves, and only transfer
// and the programs above it know them all.
func TestLeavesNeverImportOneAnother(t *testing.T) {
	forbidden := map[string][]string{
		"policy":               {"crypto", "audit", "transfer", "desk", "cmd", "examples"},
		"rego":                 {"policy", "crypto", "audit", "transfer", "cmd", "examples"},
		"crypto":               {"policy", "rego", "audit", "transfer", "desk", "cmd", "examples"},
		"audit":                {"policy", "rego", "crypto", "transfer", "desk", "cmd", "examples", "internal"},
		"transfer/payload":     {"policy", "rego", "crypto", "audit", "cmd", "examples"},
		"transfer":             {"cmd", "examples", "crypto/reidentify", "desk"},
		"desk":                 {"cmd", "examples"},
		"internal/canonical":   {"policy", "rego", "crypto", "audit", "transfer", "cmd", "examples"},
		"cmd/passavant-verify": {"policy", "rego", "crypto", "transfer", "examples", "internal"},
	}
	for _, p := range list(t, "./...") {
		for folder, banned := range forbidden {
			if !under(p.ImportPath, folder) {
				continue
			}
			for _, dep := range p.Deps {
				assert.False(t, strings.HasPrefix(dep, module) && under(relative(dep), banned...),
					"%s must not depend on %s", p.ImportPath, relative(dep))
			}
		}
	}
}

// TestEngineRoomsAreClosed says who may import the big libraries directly.
func TestEngineRoomsAreClosed(t *testing.T) {
	allowed := map[string][]string{
		"github.com/open-policy-agent/opa": {"policy/internal/opa", "internal/bench"},
		"github.com/tink-crypto/tink-go":   {"crypto", "internal/bench"},
		"golang.org/x/mod":                 {"audit"},
		"testing":                          {"transfer/transfertest", "policy/policytest"},
	}
	for _, p := range list(t, "./...") {
		for library, rooms := range allowed {
			for _, imported := range p.Imports {
				if under(imported, library) {
					assert.True(t, under(p.ImportPath, rooms...), "%s imports %s", p.ImportPath, imported)
				}
			}
		}
	}
}

// TestReversalHasOneDoor says who may import what leads a pseudonym back, and the keys that can.
func TestReversalHasOneDoor(t *testing.T) {
	allowed := map[string][]string{
		"crypto/internal/technique": {"crypto/pseudonym", "crypto/reidentify"},
		"crypto/reidentify":         {"desk"},
		"desk":                      {"cmd/passavant"},
		"crypto/internal/lookalike": {"crypto/internal/technique", "crypto/pseudonym", "crypto/reidentify"},
	}
	for _, p := range list(t, "./...") {
		for library, rooms := range allowed {
			for _, imported := range p.Imports {
				if relative(imported) == library {
					assert.Contains(t, rooms, p.ImportPath, "%s imports %s", p.ImportPath, imported)
				}
			}
		}
	}
}

// TestVerifierLinksAuditOnly keeps (audit, and below it the reader of evidence packs) the auditor's program small enough to be read in an afternoon.
func TestVerifierLinksAuditOnly(t *testing.T) {
	for _, p := range list(t, "./cmd/passavant-verify") {
		for _, dep := range p.Deps {
			ours := strings.HasPrefix(dep, module)
			standard := !strings.Contains(strings.SplitN(dep, "/", 2)[0], ".")
			assert.True(t, standard || (ours && under(relative(dep), "audit")) || under(dep, "golang.org/x/mod"), "passavant-verify links %s", dep)
		}
	}
}

// TestSecondReadingSharesNothing keeps the second verifier a second one.
func TestSecondReadingSharesNothing(t *testing.T) {
	for _, p := range list(t, "./internal/secondreading") {
		for _, dep := range p.Imports {
			assert.NotContains(t, strings.SplitN(dep, "/", 2)[0], ".", "the second verifier imports %s", dep)
		}
	}
}

// TestHouse holds what the layout promises by names alone.
func TestHouse(t *testing.T) {
	for _, p := range list(t, "./...") {
		assert.NotEqual(t, "crypto", p.ImportPath, "crypto is a shelf and holds no package")
		assert.NotContains(t, []string{"util", "utils", "common", "helpers", "misc"}, path.Base(p.ImportPath))
	}
}
