package payload

// Report says what was done to one document, in counts and patterns; it never holds a value or a name from outside
// the catalogue.
//
// A value is a scalar; outside the catalogue an object or array without content counts as one too. null and empty
// strings count under the technique of their field.
type Report struct {
	// Fields has one entry for each field of the catalogue, in its order, whether it occurred or not.
	Fields []FieldReport `json:"fields"`

	Kept        int64 `json:"kept"`        // values of fields that are kept
	Transformed int64 `json:"transformed"` // values of fields that are masked, generalised or pseudonymised
	Dropped     int64 `json:"dropped"`     // values of fields that are dropped
	Unlisted    int64 `json:"unlisted"`    // values that the catalogue does not name, dropped

	// UnlistedPaths says under which places of the catalogue the unlisted values stood.
	UnlistedPaths []UnlistedReport `json:"unlisted_paths,omitempty"`

	// Withheld counts what did not leave although its treatment would have let it, in formats whose documents consist of objects
	// (package stix): whole objects by type, and values by path.
	Withheld []Withheld `json:"withheld,omitempty"`

	// Records is how many records a bulk document has.
	Records  int64 `json:"records,omitempty"`
	BytesIn  int64 `json:"bytes_in"`
	BytesOut int64 `json:"bytes_out"`

	byPlace []int64 // the unlisted values of a batch
}

// FieldReport is the treatment of one field and how many of its values occurred.
type FieldReport struct {
	Path      string            `json:"path"` // pattern
	Category  string            `json:"category"`
	Role      Role              `json:"role"`
	Technique string            `json:"technique"`
	Params    map[string]string `json:"params,omitempty"` // shared with the plan: not to be changed
	Count     int64             `json:"count"`
}

// UnlistedReport counts the unlisted values beneath the nearest place that the catalogue names: "" is the document.
type UnlistedReport struct {
	Beneath string `json:"beneath"`
	Count   int64  `json:"count"`
}

// reset makes r ready for a document under p.
func (r *Report) reset(p *Plan) {
	*r = Report{Fields: append(r.Fields[:0], p.report...), UnlistedPaths: r.UnlistedPaths[:0], byPlace: r.byPlace[:0]}
}

// finish adds up the counts. unlisted is by node of p.
func (r *Report) finish(p *Plan, unlisted []int64) {
	for i := range r.Fields {
		f := &r.Fields[i]
		switch f.Technique {
		case Keep:
			r.Kept += f.Count
		case Drop:
			r.Dropped += f.Count
		default:
			r.Transformed += f.Count
		}
	}
	for i, n := range unlisted {
		if n > 0 {
			r.Unlisted += n
			r.UnlistedPaths = append(r.UnlistedPaths, UnlistedReport{p.places[i].pattern, n})
		}
	}
}

// Withheld counts objects of one type, or values of one path of the catalogue, that did not leave, for one reason. Why is one of a few
// fixed sentences; What is "?" for a type that no catalogue and no standard names.
type Withheld struct {
	What  string `json:"what"`
	Why   string `json:"why"`
	Count int64  `json:"count"`
}
