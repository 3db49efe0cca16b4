package payload

import (
	"fmt"
	"slices"
)

// Format is how the bytes of a payload type are to be read.
type Format string

// The formats of a catalogue. One that names none is of JSON.
const (
	FormatJSON   Format = "json"   // one JSON document (RFC 8259)
	FormatNDJSON Format = "ndjson" // one JSON document a line; paths are relative to a line's document
	FormatCSV    Format = "csv"    // a table with a header row (RFC 4180); a path "/name" names a column
	FormatOpaque Format = "opaque" // bytes that nobody looks into
	FormatSTIX   Format = "stix"   // a STIX 2.1 bundle (package stix)
)

// Formats returns all formats.
func Formats() []Format {
	return []Format{FormatJSON, FormatNDJSON, FormatCSV, FormatOpaque, FormatSTIX}
}

// MediaType is the media type of documents of the format.
func (f Format) MediaType() string {
	switch f {
	case FormatNDJSON:
		return "application/x-ndjson"
	case FormatCSV:
		return "text/csv; charset=utf-8; header=present" // RFC 4180 section 3
	case FormatOpaque:
		return "application/octet-stream"
	case FormatSTIX:
		return "application/stix+json;version=2.1"
	}
	return "application/json"
}

func (f Format) known() bool { return f == "" || slices.Contains(Formats(), f) }

// ReadAs returns the format of the catalogue's documents, with the default filled in.
func (c *Catalogue) ReadAs() Format {
	if c.Format == "" {
		return FormatJSON
	}
	return c.Format
}

// errFormat refuses to compile a catalogue of a format that another compiler is for.
func errFormat(c *Catalogue) error {
	return &CatalogueError{File: "catalogue " + c.Type, Msg: fmt.Sprintf("format: %s is not of this plan", c.ReadAs())}
}
