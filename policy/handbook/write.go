package handbook

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"html/template"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	plaintext "text/template"
)

//go:embed templates
var templates embed.FS

// ErrForeignFolder is the condition that the folder to write to holds something that is not a rule book.
var ErrForeignFolder = errors.New("the folder is not empty and holds no rule book")

const marker = ".passavant-rule-book"

// page is one page in both forms.
type page struct {
	name, kind, title string // without extension; index, part or agreement
	up                string // the way to the top
	data              any
}

// Write writes the book to a folder, which is made if it is not there. A folder with another content is left alone
// (ErrForeignFolder); an older rule book is written over.
func Write(dir string, b Book) error {
	if err := prepare(dir); err != nil {
		return err
	}
	pages := []page{{"index", "index", "Rule book", "", b}}
	for _, p := range b.Parts {
		pages = append(pages, page{"parts/" + p.File, "part", p.Name, "../", p})
	}
	for _, a := range b.Agreements {
		pages = append(pages, page{"agreements/" + a.ID, "agreement", a.Title, "../", a})
	}
	site, err := template.New("").Funcs(template.FuncMap{"svg": func(f Flow) template.HTML { return template.HTML(f.SVG()) }, "join": strings.Join, "who": who}).
		ParseFS(templates, "templates/*.html")
	if err != nil {
		return err
	}
	prose, err := plaintext.New("").Funcs(plaintext.FuncMap{"join": strings.Join, "cell": cell, "who": who}).ParseFS(templates, "templates/*.md")
	if err != nil {
		return err
	}
	for _, p := range pages {
		if err := p.write(dir, site, prose); err != nil {
			return fmt.Errorf("%s: %w", p.name, err)
		}
	}
	style, err := templates.ReadFile("templates/style.css")
	if err != nil {
		return err
	}
	return put(filepath.Join(dir, "style.css"), style)
}

func prepare(dir string) error {
	entries, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if _, err := os.Stat(filepath.Join(dir, marker)); len(entries) > 0 && err != nil {
		return fmt.Errorf("%s: %w", dir, ErrForeignFolder)
	}
	for _, sub := range []string{"parts", "agreements"} {
		// What an older book had and this one has not must not stay behind.
		if err := os.RemoveAll(filepath.Join(dir, sub)); err != nil {
			return err
		}
		if err := os.MkdirAll(filepath.Join(dir, sub), 0o755); err != nil {
			return err
		}
	}
	return put(filepath.Join(dir, marker), []byte("Written by passavant docs.\n"))
}

// executor is what both kinds of template can do.
type executor interface {
	ExecuteTemplate(w io.Writer, name string, data any) error
}

func (p page) write(dir string, site *template.Template, prose *plaintext.Template) error {
	var content, frame, markdown bytes.Buffer
	if err := executor(site).ExecuteTemplate(&content, p.kind+".html", p.data); err != nil {
		return err
	}
	err := site.ExecuteTemplate(&frame, "frame.html", map[string]any{
		"Title": p.title, "Up": p.up, "Content": template.HTML(content.String()), // made by our own template, which escapes
	})
	if err != nil {
		return err
	}
	if err := executor(prose).ExecuteTemplate(&markdown, p.kind+".md", p.data); err != nil {
		return err
	}
	name := filepath.Join(dir, filepath.FromSlash(p.name))
	return errors.Join(put(name+".html", frame.Bytes()), put(name+".md", markdown.Bytes()))
}

func put(name string, content []byte) error { return os.WriteFile(name, content, 0o644) }

// cell makes a text fit a cell of a Markdown table.
func cell(s string) string {
	return strings.Join(strings.Fields(strings.ReplaceAll(s, "|", `\|`)), " ")
}
