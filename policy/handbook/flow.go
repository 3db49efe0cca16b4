package handbook

import (
	"fmt"
	"html"
	"slices"
	"strings"

	"github.com/passavant/passavant/policy/agreement"
)

// Flow is what goes from whom to whom, in which form.
type Flow struct {
	Exporters, Recipients []string // names with countries
	Purposes              []string
	Streams               []Stream // what leaves, from the least to the most changed
	Stays                 []string // categories that do not leave
	Onward                string
	Retention             string
}

// Stream is what leaves in one form.
type Stream struct {
	Form       string
	Categories []string
}

// newFlow reads the flow from the terms. A party with a lawful basis may export; whoever is a party may receive.
func newFlow(a *agreement.Agreement) Flow {
	f := Flow{Retention: fmt.Sprintf("deleted after %d days", a.RetentionDays)}
	for _, p := range a.Parties {
		name := p.Name
		if p.Country != "" {
			name += " (" + p.Country + ")"
		}
		if a.LawfulBasis[p.ID] != "" {
			f.Exporters = append(f.Exporters, name)
		}
		if a.LawfulBasis[p.ID] == "" || len(a.LawfulBasis) > 1 {
			f.Recipients = append(f.Recipients, name)
		}
	}
	if len(f.Exporters) == 0 {
		f.Exporters = f.Recipients[:1]
	}
	for _, p := range a.Purposes {
		f.Purposes = append(f.Purposes, p.Code)
	}
	f.Onward = map[string]string{"prohibited": "passed on to nobody", "prior_authorisation": "passed on with prior authorisation only"}[a.Onward.Default]
	for _, form := range forms() {
		if categories := inForm(a, form[0]); len(categories) > 0 {
			f.Streams = append(f.Streams, Stream{form[1], categories})
		}
	}
	f.Stays = inForm(a, "drop")
	return f
}

// forms are the techniques after which something leaves, and how they are called.
func forms() [][2]string {
	return [][2]string{
		{"keep", "as it is"}, {"scrub", "text without the identifiers in it"}, {"mask", "masked"}, {"generalise", "made coarser"}, {"shift_date", "moved in time"},
		{"preserve_prefix", "addresses replaced, networks kept"}, {"split_email", "e-mail addresses replaced in parts"},
		{"preserve_format", "replaced by look-alikes"}, {"tokenise", "pseudonymised reversibly"}, {"pseudonymise", "pseudonymised"},
		{"redact", "redacted"},
	}
}

func inForm(a *agreement.Agreement, technique string) []string {
	var out []string
	for name, c := range a.DataCategories {
		if c.Treatment == technique {
			if to := c.Params["to"]; to != "" {
				name += " (" + to + ")"
			}
			out = append(out, name)
		}
	}
	slices.Sort(out)
	return out
}

// Mermaid is the flow as a Mermaid diagram.
func (f Flow) Mermaid() string {
	var b strings.Builder
	b.WriteString("flowchart LR\n")
	fmt.Fprintf(&b, "  from[\"%s\"]\n  to[\"%s\"]\n", plain(strings.Join(f.Exporters, ", ")), plain(strings.Join(f.Recipients, ", ")))
	for i, s := range f.Streams {
		fmt.Fprintf(&b, "  s%d(\"%s: %s\")\n  from --> s%d --> to\n", i, s.Form, plain(strings.Join(s.Categories, ", ")), i)
	}
	if len(f.Stays) > 0 {
		fmt.Fprintf(&b, "  stays[/\"stays behind: %s\"/]\n  from -.-x stays\n", plain(strings.Join(f.Stays, ", ")))
	}
	fmt.Fprintf(&b, "  then[\"%s; %s\"]\n  to -.- then\n", f.Retention, f.Onward)
	return b.String()
}

// plain takes out what would end a Mermaid text.
func plain(s string) string { return strings.NewReplacer(`"`, "'", "\n", " ", "#", "").Replace(s) }

const (
	width, side, gap   = 900, 210, 60 // of the drawing, of the boxes left and right, between boxes
	lineHeight, letter = 18, 7        // in user units; a letter is about so wide
	margin             = 12
)

// box is a rectangle with lines of text; the first line, or as many as heads says, are the heading.
type box struct {
	x, y, w int
	lines   []string
	class   string
	heads   int
}

func (b box) height() int { return len(b.lines)*lineHeight + 2*margin }

// SVG is the flow as a drawing: who on the left, what in which form in the middle, to whom on the right.
func (f Flow) SVG() string {
	middle := width - 2*side - 2*gap
	var boxes []box
	y := margin
	for _, s := range f.Streams {
		b := box{side + gap, y, middle, append([]string{s.Form}, wrapped(strings.Join(s.Categories, ", "), middle)...), "leaves", 1}
		boxes, y = append(boxes, b), y+b.height()+margin
	}
	if len(f.Stays) > 0 {
		b := box{side + gap, y, middle, append([]string{"stays behind"}, wrapped(strings.Join(f.Stays, ", "), middle)...), "stays", 1}
		boxes, y = append(boxes, b), y+b.height()+margin
	}
	from, to := texts(f.Exporters), texts(f.Recipients)
	left := box{0, margin, side, append(from, wrapped("for "+strings.Join(f.Purposes, ", "), side)...), "party", len(from)}
	right := box{width - side, margin, side, append(to, append(wrapped(f.Retention, side), wrapped(f.Onward, side)...)...), "party", len(to)}
	height := max(y, left.height()+2*margin, right.height()+2*margin)
	var out strings.Builder
	fmt.Fprintf(&out, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" role="img"><title>What goes where, in which form</title>`, width, height)
	out.WriteString(`<defs><marker id="tip" markerWidth="8" markerHeight="8" refX="7" refY="4" orient="auto"><path d="M0,0 L8,4 L0,8 z"/></marker></defs>`)
	for _, b := range boxes {
		drawBox(&out, b)
		at := b.y + b.height()/2
		if b.class == "leaves" {
			arrow(&out, side, b.x, at)
			arrow(&out, b.x+b.w, width-side, at)
		} else {
			fmt.Fprintf(&out, `<line class="stop" x1="%d" y1="%d" x2="%d" y2="%d"/>`, side, at, b.x, at)
		}
	}
	left.stretch(&out, height)
	right.stretch(&out, height)
	out.WriteString("</svg>\n")
	return out.String()
}

// stretch draws a box over the whole height, so that every arrow meets it.
func (b box) stretch(out *strings.Builder, height int) {
	fmt.Fprintf(out, `<rect class="%s" x="%d" y="%d" width="%d" height="%d" rx="6"/>`, b.class, b.x, b.y, b.w, height-2*margin)
	text(out, b)
}

func drawBox(out *strings.Builder, b box) {
	fmt.Fprintf(out, `<rect class="%s" x="%d" y="%d" width="%d" height="%d" rx="6"/>`, b.class, b.x, b.y, b.w, b.height())
	text(out, b)
}

func text(out *strings.Builder, b box) {
	for i, line := range b.lines {
		class := ""
		if i < b.heads {
			class = ` class="head"`
		}
		fmt.Fprintf(out, `<text%s x="%d" y="%d">%s</text>`, class, b.x+margin, b.y+margin+(i+1)*lineHeight-5, html.EscapeString(line))
	}
}

func arrow(out *strings.Builder, from, to, y int) {
	fmt.Fprintf(out, `<line class="go" x1="%d" y1="%d" x2="%d" y2="%d" marker-end="url(#tip)"/>`, from, y, to, y)
}

func texts(names []string) []string {
	var out []string
	for _, name := range names {
		out = append(out, wrapped(name, side)...)
	}
	return out
}

// wrapped breaks a text at spaces, and a word that is too long after an underscore, so that it fits a box.
func wrapped(s string, w int) []string {
	most := (w - 2*margin) / letter
	var lines []string
	line := ""
	for _, word := range broken(s, most) {
		if line != "" && len([]rune(line))+1+len([]rune(word)) > most {
			lines, line = append(lines, line), ""
		}
		line = strings.TrimSpace(line + " " + word)
	}
	return append(lines, line)
}

// broken are the words of a text; those of more letters than fit a line are in pieces.
func broken(s string, most int) []string {
	var out []string
	for _, word := range strings.Fields(s) {
		piece := ""
		for _, part := range strings.SplitAfter(word, "_") {
			if piece != "" && len([]rune(word)) > most && len([]rune(piece+part)) > most {
				out, piece = append(out, piece), ""
			}
			piece += part
		}
		out = append(out, piece)
	}
	return out
}
