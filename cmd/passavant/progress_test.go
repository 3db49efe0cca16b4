package main

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/passavant/passavant/transfer"
)

func TestProgress(t *testing.T) {
	at := time.Unix(0, 0)
	var w strings.Builder
	show, done := progressOn(&w, 4_000_000, func() time.Time { return at })
	show(transfer.Progress{Step: "reading", Records: 7, BytesIn: 1_000_000})
	show(transfer.Progress{Step: "reading", Records: 8, BytesIn: 1_000_001}) // too soon
	at = at.Add(2 * time.Second)
	show(transfer.Progress{Step: "reading", Records: 9, BytesIn: 2_000_000})
	at = at.Add(time.Second)
	show(transfer.Progress{Step: "sealing", Records: 9, BytesOut: 3_000_000})
	done()
	assert.Equal(t, []string{
		"", "reading: 7 records, 1 MB read (25%)", "reading: 9 records, 2 MB read (50%), 1 MB/s", "sealing: 9 records, 3 MB sealed", "",
	}, strings.Split(w.String(), "\r\x1b[K"))

	show, done = progress(&w, 0, time.Now)
	assert.Nil(t, show, "not a terminal")
	done()
}
