package main

import (
	"fmt"
	"io"
	"os"
	"time"

	"golang.org/x/term"

	"github.com/passavant/passavant/transfer"
)

// progressEvery is how long a line of progress stands at least.
const progressEvery = 200 * time.Millisecond

// progress shows on a terminal how far a long payload has come; anywhere else it shows nothing. done takes the line away.
func progress(w io.Writer, size int64, now func() time.Time) (show func(transfer.Progress), done func()) {
	file, isFile := w.(*os.File)
	if !isFile || !term.IsTerminal(int(file.Fd())) {
		return nil, func() {}
	}
	return progressOn(w, size, now)
}

func progressOn(w io.Writer, size int64, now func() time.Time) (show func(transfer.Progress), done func()) {
	start, last := now(), time.Time{}
	shown := false
	return func(p transfer.Progress) {
			at := now()
			if at.Sub(last) < progressEvery {
				return
			}
			last, shown = at, true
			_, _ = fmt.Fprintf(w, "\r\x1b[K%s", progressLine(p, size, at.Sub(start)))
		}, func() {
			if shown {
				_, _ = fmt.Fprint(w, "\r\x1b[K")
			}
		}
}

func progressLine(p transfer.Progress, size int64, took time.Duration) string {
	line := fmt.Sprintf("%s: %d records", p.Step, p.Records)
	if p.Step == "sealing" {
		return line + fmt.Sprintf(", %d MB sealed", p.BytesOut/1e6)
	}
	line += fmt.Sprintf(", %d MB read", p.BytesIn/1e6)
	if size > 0 {
		line += fmt.Sprintf(" (%d%%)", 100*p.BytesIn/size)
	}
	if s := took.Seconds(); s >= 1 {
		line += fmt.Sprintf(", %.0f MB/s", float64(p.BytesIn)/1e6/s)
	}
	return line
}
