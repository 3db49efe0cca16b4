// Package regolib embeds the Rego library: the law, the terms of every agreement, the reference data and the schemas.
//
// The folder is a Rego project first, so that a legal team can work in it without Go; this one Go file only carries it
// into the binary. The package is not called rego, because that is the name of OPA's package.
package regolib

import "embed"

// FS holds the library. Modules live at their package path below "passavant" (`law/gdpr/adequacy/adequacy.rego` is
// package passavant.law.gdpr.adequacy), reference data at `reference/<name>.json` (seen by rules as
// data.passavant.reference.<name>) and JSON Schemas at `schemas/<name>.json`. Rego tests (`*_test.rego`) are included;
// whoever loads the library for decisions leaves them out.
//
//go:embed access applicable cases decision facts law lib messages obligations reason reference schemas terms treatments
var FS embed.FS
