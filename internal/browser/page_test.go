// Package browser tests the auditor's web page in a headless Chromium. It is a module of its own, so that the driver is no
// dependency of the library. Set PASSAVANT_SCREENSHOT to a file to take the picture that the documentation shows.
package browser

import (
	"context"
	"fmt"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passavant/passavant/audit"
	"github.com/passavant/passavant/policy"
	"github.com/passavant/passavant/transfer"
	"github.com/passavant/passavant/transfer/auditor"
	"github.com/passavant/passavant/transfer/auditor/webpage"
	"github.com/passavant/passavant/transfer/transfertest"
)

// page is a log of many transfers over some weeks, the server of its page, and a browser.
type page struct {
	dir, vkey string
	ctx       context.Context
	url       string
}

func open(t *testing.T) *page {
	t.Helper()
	binary := ""
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if found, err := exec.LookPath(name); err == nil {
			binary = found
			break
		}
	}
	if binary == "" {
		if os.Getenv("PASSAVANT_BROWSER") == "required" {
			t.Fatal("no Chromium is installed (apt-get install chromium)")
		}
		t.Skip("no Chromium is installed (apt-get install chromium)")
	}
	p := write(t)
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(binary), chromedp.NoSandbox, chromedp.WindowSize(1400, 1500))
	alloc, cancel := chromedp.NewExecAllocator(t.Context(), options...)
	t.Cleanup(cancel)
	p.ctx, cancel = chromedp.NewContext(alloc)
	t.Cleanup(cancel)
	return p
}

// write makes the log: 300 transfers in three weeks, some refused, some failed, two in doubt.
func write(t *testing.T) *page {
	pair := transfertest.New(t)
	now := transfertest.Start()
	pair.Sender.Clock = func() time.Time { return now }
	pair.Transport.Fail = func(e *transfer.Envelope) error {
		switch now.Unix() % 29 {
		case 0:
			return fmt.Errorf("%w: the line was cut", transfer.ErrNotDelivered)
		case 1:
			return fmt.Errorf("no answer")
		}
		return nil
	}
	for i := range 300 {
		now = transfertest.Start().Add(-time.Duration(300-i) * 101 * time.Minute)
		req := transfertest.Request()
		if i%11 == 0 {
			req.Purpose = "marketing"
		}
		_, _ = pair.Sender.Send(t.Context(), req, transfertest.Report(t))
	}
	require.NoError(t, pair.ExporterLog.Close())
	p := &page{dir: pair.ExporterLog.Dir(), vkey: pair.ExporterLog.VerifierKey()}
	engines := map[string]*policy.Engine{}
	categories := map[string]string{}
	for _, f := range pair.Catalogue.Fields {
		categories[f.Path] = f.Category
	}
	server := httptest.NewServer(webpage.Handler(webpage.Config{
		Party: transfertest.Exporter, Dir: p.dir, VKey: p.vkey, Category: func(path string) string { return categories[path] },
		Open: func() (*auditor.Auditor, error) {
			reader, err := audit.OpenReader(p.dir, p.vkey)
			if err != nil {
				return nil, err
			}
			return &auditor.Auditor{Reader: reader, Engines: engines, Archives: func(string) (policy.Archive, error) { return pair.Engine.Archive(), nil }}, nil
		},
	}))
	t.Cleanup(server.Close)
	p.url = server.URL
	return p
}

func (p *page) do(t *testing.T, actions ...chromedp.Action[chromedp.Void]) {
	t.Helper()
	require.NoError(t, chromedp.Do(p.ctx, actions...))
}

// evaluate runs a script in the page, waits for what it promises, and returns it.
func evaluate[T any](t *testing.T, p *page, script string) T {
	t.Helper()
	v, err := chromedp.Run(p.ctx, chromedp.Evaluate[T](script, chromedp.EvalAwaitPromise))
	require.NoError(t, err)
	return v
}

// picture takes the screenshot of the viewport.
func (p *page) picture(t *testing.T, name string) {
	t.Helper()
	png, err := chromedp.Run(p.ctx, chromedp.CaptureScreenshot())
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(name, png, 0o644))
}

func (p *page) text(t *testing.T, selector string) string {
	t.Helper()
	text, err := chromedp.Run(p.ctx, chromedp.Text(selector))
	require.NoError(t, err)
	return text
}

// until waits for a condition of the page.
func until(condition string) chromedp.Action[chromedp.Void] {
	return chromedp.Poll[chromedp.Void](condition)
}

// script is an action without a result.
func script(text string) chromedp.Action[chromedp.Void] {
	return chromedp.Evaluate[chromedp.Void](text)
}

// verdict waits until a verification has come to an end and returns its state and its words.
func (p *page) verdict(t *testing.T, id string) (state, text string) {
	t.Helper()
	p.do(t, until(fmt.Sprintf(`["good","bad"].includes(document.getElementById(%q).dataset.state)`, id)))
	return evaluate[string](t, p, fmt.Sprintf(`document.getElementById(%q).dataset.state`, id)), p.text(t, "#"+id+"-text")
}

func TestPageFiltersOpensAndVerifies(t *testing.T) {
	p := open(t)
	p.do(t, chromedp.Navigate(p.url), chromedp.WaitVisible("#rows tr"))
	assert.Equal(t, "emerald-bank-ie", p.text(t, "#party"))
	assert.Contains(t, p.text(t, "#alarms"), "without an outcome")

	// The whole log, with the key that the auditor types.
	p.do(t, chromedp.SendKeys("#vkey", p.vkey+kb.Enter))
	state, text := p.verdict(t, "verdict")
	assert.Equal(t, "good", state, text)
	assert.Contains(t, text, "all ")

	// A filter.
	p.do(t, chromedp.SetValue("#f-outcome", "refused"),
		script(`document.getElementById("f-outcome").dispatchEvent(new Event("change", {bubbles: true}))`),
		until(`[...document.querySelectorAll("#rows tr td:nth-child(3)")].every((c) => c.textContent === "refused")`))
	assert.Contains(t, p.text(t, "#count"), "28 of ")

	// One record, by the keyboard alone; its decision in sentences, verified.
	p.do(t, chromedp.Focus("#rows button"), chromedp.KeyEvent(kb.Enter), until(`document.getElementById("record").open`))
	state, text = p.verdict(t, "record-verdict")
	assert.Equal(t, "good", state, text)
	assert.Contains(t, p.text(t, "#record-body"), "purpose")
	p.do(t, chromedp.KeyEvent(kb.Escape), until(`!document.getElementById("record").open`))

	if name := os.Getenv("PASSAVANT_SCREENSHOT"); name != "" {
		p.do(t, chromedp.Click("#filters button[type=reset]"), until(`document.querySelectorAll("#rows tr").length > 100`))
		p.picture(t, name)
		p.do(t, script(`[...document.querySelectorAll("#rows tr")].find((r) => r.textContent.includes("intent")).querySelector("button").click()`),
			until(`document.getElementById("record").open`), until(`document.getElementById("record-verdict").dataset.state === "good"`))
		p.picture(t, name[:len(name)-len(filepath.Ext(name))]+"-record.png")
	}
}

// The server says nothing, and the mark turns red.
func TestPageFindsATamperedTile(t *testing.T) {
	p := open(t)
	p.do(t, chromedp.Navigate(p.url), chromedp.WaitReady("#rows tr"))
	raw := evaluate[string](t, p, `fetch("/api/record/0").then((a) => a.json()).then((r) => r.raw)`)
	check := func() string {
		return evaluate[string](t, p, fmt.Sprintf(`(async () => {
			const v = await import("/verify.js");
			try { await v.verifyRecord(0, %q, %q); return "good" } catch (e) { return "bad: " + e.message }
		})()`, raw, p.vkey))
	}
	require.Equal(t, "good", check())
	for name, tamper := range map[string]struct {
		file  string
		whole bool // whether the verification of the whole log reads the file
	}{
		"a record":        {"tile/entries/000", true},
		"a leaf hash":     {"tile/0/000", false},
		"an upper hash":   {"tile/1/000.p/2", false},
		"the signed head": {"checkpoint", true},
	} {
		t.Run(name, func(t *testing.T) {
			file := filepath.Join(p.dir, tamper.file)
			content, err := os.ReadFile(file)
			require.NoError(t, err)
			changed := append([]byte{}, content...)
			changed[10] ^= 1
			require.NoError(t, os.WriteFile(file, changed, 0o644))
			defer func() { require.NoError(t, os.WriteFile(file, content, 0o644)) }()
			assert.Contains(t, check(), "bad: ")
			if !tamper.whole {
				return
			}
			p.do(t, script(`document.getElementById("vkey").value = ""`), chromedp.SendKeys("#vkey", p.vkey+kb.Enter))
			mark, text := p.verdict(t, "verdict")
			assert.Equal(t, "bad", mark, text)
		})
	}
	assert.Equal(t, "good", check())
}

// Another key, a mistyped key and no key are told apart from a good log.
func TestPageWithAWrongKey(t *testing.T) {
	p := open(t)
	for name, key := range map[string]string{
		"another":  "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
		"mistyped": p.vkey[:len(p.vkey)-6] + "AAAAAA",
		"none":     "hello",
	} {
		p.do(t, chromedp.Navigate(p.url), chromedp.WaitVisible("#rows tr"), script(`document.getElementById("vkey").value = ""`),
			chromedp.SendKeys("#vkey", key+kb.Enter))
		state, text := p.verdict(t, "verdict")
		assert.Equal(t, "bad", state, name)
		assert.NotEmpty(t, text)
	}
}

// What a screen reader needs: a language, headings in order, names on every control, a caption on every table.
func TestPageIsAccessible(t *testing.T) {
	p := open(t)
	p.do(t, chromedp.Navigate(p.url), chromedp.WaitVisible("#rows tr"))
	problems := evaluate[[]string](t, p, `(() => {
		const out = [];
		if (!document.documentElement.lang) out.push("no language");
		let last = 0;
		for (const h of document.querySelectorAll("h1,h2,h3")) { const n = Number(h.tagName[1]); if (n > last + 1) out.push("heading skipped before " + h.textContent); last = n; }
		for (const c of document.querySelectorAll("input,select")) if (!document.querySelector('label[for="' + c.id + '"]')) out.push("no label for " + c.id);
		for (const b of document.querySelectorAll("button")) if (!(b.getAttribute("aria-label") || b.textContent.trim())) out.push("a button without a name");
		for (const t of document.querySelectorAll("main table")) if (!t.caption) out.push("a table without a caption");
		for (const s of document.querySelectorAll("svg[role=img]")) if (!s.getAttribute("aria-label")) out.push("a picture without a name");
		for (const i of document.querySelectorAll("img")) if (!i.hasAttribute("alt")) out.push("an image without alt");
		return out;
	})()`)
	assert.Empty(t, problems)
}
