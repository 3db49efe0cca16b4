// Package sample holds the invented fraud case that `passavant init`, the quickstart and the tests work on: an Irish
// bank's report on a victim, mule accounts, transactions and devices, and the agreements it is shared under. Every
// person, organisation, account and address in it is made up.
package sample

import (
	"embed"
	"io/fs"

	"github.com/passavant/passavant/transfer/payload"
)

//go:embed workspace
var workspaceFS embed.FS

//go:embed elsewhere
var elsewhereFS embed.FS

// Workspace is what `passavant init` copies: an agreement with a Japanese bank, the catalogue, the report, requests, and
// the workspace of a practice partner. Keys and logs are not in it; they are made.
func Workspace() fs.FS { return sub(workspaceFS, "workspace") }

// Elsewhere holds two more agreements of the same bank: standard contractual clauses with a bank in the United States,
// and a bare memorandum with a bank in a country without any safeguard.
func Elsewhere() fs.FS { return sub(elsewhereFS, "elsewhere") }

func sub(fsys embed.FS, dir string) fs.FS {
	s, err := fs.Sub(fsys, dir)
	if err != nil {
		panic(err) // dir is a constant of this file and a valid path
	}
	return s
}

// Report is the example of a fraud case report.
func Report() ([]byte, error) { return workspaceFS.ReadFile("workspace/payload.json") }

// Catalogue describes the report.
func Catalogue() (*payload.Catalogue, error) {
	const name = "catalogues/fraud-case-report.yaml"
	text, err := workspaceFS.ReadFile("workspace/" + name)
	if err != nil {
		return nil, err
	}
	return payload.ParseCatalogue(name, text)
}
