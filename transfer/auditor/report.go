package auditor

import (
	"embed"
	"encoding/csv"
	"fmt"
	"html/template"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Report is a document made from records. Every row names the records that it was made from, so that each figure can be
// traced and recomputed.
type Report struct {
	Kind     string    `json:"kind"`
	Title    string    `json:"title"`
	Law      string    `json:"law"`
	Party    string    `json:"party"`
	Since    string    `json:"since,omitempty"`
	Until    string    `json:"until,omitempty"`
	Log      string    `json:"log"`     // origin of the log
	Records  int64     `json:"records"` // records of the log that the report stands on
	Root     string    `json:"root"`    // and the root over them
	Sections []Section `json:"sections"`
}

// Section is one table.
type Section struct {
	Title   string   `json:"title"`
	Note    string   `json:"note,omitempty"`
	Columns []string `json:"columns"`
	Rows    []Row    `json:"rows"`
}

// Row is one line of a table and the numbers of the records behind it, ascending.
type Row struct {
	Cells   []string `json:"cells"`
	Records []int64  `json:"records"`
	Alarm   bool     `json:"alarm,omitempty"` // somebody should look at it
}

// newReport fills in what every report says of the log.
func (a *Auditor) newReport(kind, title, law, party string, f Filter) (*Report, error) {
	checkpoint := strings.SplitN(string(a.Reader.Checkpoint()), "\n", 4)
	r := &Report{Kind: kind, Title: title, Law: law, Party: party, Since: day(f.Since), Until: day(f.Until), Records: a.Reader.Size()}
	if len(checkpoint) == 4 {
		r.Log, r.Root = checkpoint[0], checkpoint[2]
	}
	return r, f.Check()
}

func day(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}

// WriteCSV writes every row as one record of RFC 4180, headed by the columns of its section. A cell that a spreadsheet
// would take for a formula gets an apostrophe in front.
func (r *Report) WriteCSV(w io.Writer) error {
	c := csv.NewWriter(w)
	c.UseCRLF = true
	for _, s := range r.Sections {
		if err := c.Write(append(append([]string{"section"}, s.Columns...), "records")); err != nil {
			return err
		}
		for _, row := range s.Rows {
			line := []string{s.Title}
			for _, cell := range row.Cells {
				line = append(line, harmless(cell))
			}
			if err := c.Write(append(line, numbers(row.Records))); err != nil {
				return err
			}
		}
	}
	c.Flush()
	return c.Error()
}

func harmless(cell string) string {
	if cell != "" && strings.ContainsRune("=+-@\t\r", rune(cell[0])) {
		return "'" + cell
	}
	return cell
}

func numbers(records []int64) string {
	texts := make([]string, len(records))
	for i, n := range records {
		texts[i] = strconv.FormatInt(n, 10)
	}
	return strings.Join(texts, " ")
}

//go:embed report.html
var reportFS embed.FS

// WriteHTML writes one page without any outside part, made to be printed.
func (r *Report) WriteHTML(w io.Writer) error {
	page, err := template.New("report.html").Funcs(template.FuncMap{"numbers": spans}).ParseFS(reportFS, "report.html")
	if err != nil {
		return fmt.Errorf("the page of reports: %w", err)
	}
	return page.Execute(w, r)
}

// spans shortens runs of numbers, so that a row with a thousand records stays a row.
func spans(records []int64) string {
	var parts []string
	for i := 0; i < len(records); {
		j := i
		for j+1 < len(records) && records[j+1] == records[j]+1 {
			j++
		}
		part := strconv.FormatInt(records[i], 10)
		if j > i {
			part += "–" + strconv.FormatInt(records[j], 10)
		}
		parts, i = append(parts, part), j+1
	}
	return strings.Join(parts, ", ")
}

// joined is a cell with several codes: sorted, each once.
func joined(sets ...[]string) string {
	all := slices.Concat(sets...)
	slices.Sort(all)
	all = slices.DeleteFunc(slices.Compact(all), func(s string) bool { return s == "" })
	return strings.Join(all, ", ")
}
