package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"
	"text/tabwriter"

	"golang.org/x/term"
)

// printer writes to standard output; it uses colour on a terminal only, and never if NO_COLOR is set.
type printer struct {
	w      io.Writer
	colour bool
}

func newPrinter(w io.Writer) *printer {
	file, isFile := w.(*os.File)
	_, refused := os.LookupEnv("NO_COLOR")
	return &printer{w: w, colour: isFile && !refused && term.IsTerminal(int(file.Fd()))}
}

// document prints one JSON document.
func (p *printer) document(v any) {
	e := json.NewEncoder(p.w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	_ = e.Encode(v) // a closed pipe is the reader's wish
}

func (p *printer) line(format string, args ...any) { _, _ = fmt.Fprintf(p.w, format+"\n", args...) }

// good and bad mark the words that the reader looks for first.
func (p *printer) good(word string) string { return p.paint("32", word) }
func (p *printer) bad(word string) string  { return p.paint("31", word) }

func (p *printer) paint(code, text string) string {
	if !p.colour {
		return text
	}
	return "\x1b[1;" + code + "m" + text + "\x1b[0m"
}

// table prints rows in aligned columns, indented by two.
func (p *printer) table(rows [][]string) {
	t := tabwriter.NewWriter(p.w, 0, 4, 2, ' ', 0)
	for _, row := range rows {
		_, _ = fmt.Fprintln(t, "  "+strings.Join(row, "\t"))
	}
	_ = t.Flush()
}
