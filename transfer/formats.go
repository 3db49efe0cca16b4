package transfer

import (
	"fmt"

	"github.com/passavant/passavant/transfer/payload"
	"github.com/passavant/passavant/transfer/payload/stix"
)

// Plan is a catalogue joined with the treatments of one decision, ready for documents of the catalogue's format. It is
// immutable and may be used by any number of goroutines.
type Plan interface {
	// Protect transforms the document src, gates the result and appends it to dst. On an error the result is dst as it was.
	Protect(dst, src []byte, ps payload.Pseudonymizer) ([]byte, *payload.Report, error)
	// Digest names catalogue and treatments.
	Digest() string
}

// CompilePlan compiles a catalogue by its format. A category without a treatment is dropped. The errors are those of the
// format's compiler, [*payload.CatalogueError] and [*payload.TreatmentError] among them.
func CompilePlan(cat *payload.Catalogue, treatments map[string]payload.Treatment) (Plan, error) {
	switch format := cat.ReadAs(); format {
	case payload.FormatJSON:
		return plan(payload.Compile(cat, treatments))
	case payload.FormatNDJSON, payload.FormatCSV:
		return plan(payload.CompileBulk(cat, treatments))
	case payload.FormatOpaque:
		return plan(payload.CompileOpaque(cat, treatments))
	case payload.FormatSTIX:
		return plan(stix.Compile(cat, treatments))
	default:
		return nil, &payload.CatalogueError{File: "catalogue " + cat.Type, Msg: fmt.Sprintf("format: this program has no plan for %q", format)}
	}
}

// plan keeps a nil pointer from becoming an interface that is not nil.
func plan[P Plan](p P, err error) (Plan, error) {
	if err != nil {
		return nil, err
	}
	return p, nil
}
