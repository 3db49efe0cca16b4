// Command records writes payments of invented people to standard output, as CSV or NDJSON, for measurements with
// documents that are too long to be stored:
//
//	go run ./internal/bench/records -format csv -bytes 10e9 | /usr/bin/time -v passavant send … --payload -
package main

import (
	"bufio"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
)

func main() {
	format := flag.String("format", "csv", "csv or ndjson")
	size := flag.Float64("bytes", 1e6, "how many bytes to write, about")
	flag.Parse()
	w := bufio.NewWriterSize(os.Stdout, 1<<20)
	written := 0
	if *format == "csv" {
		written, _ = fmt.Fprintln(w, "case,booked,holder,iban,born,postcode,amount,currency,note")
	}
	var err error
	for record := newRecord(); err == nil && float64(written) < *size; {
		line := record.next(*format)
		written += len(line)
		_, err = w.Write(line)
	}
	if err == nil {
		err = w.Flush()
	}
	if err != nil { // a reader that has seen enough
		os.Exit(1)
	}
}

// record is written over and over, with a few digits changed, since printing would be slower than what is measured.
type record struct {
	random *rand.Rand
	buf    []byte
}

func newRecord() *record { return &record{random: rand.New(rand.NewPCG(4, 2))} }

const (
	csvLine  = "EMRD-FR-2026-%06d,2026-11-%02dT08:15:00Z,Aoife Brennan%06d,IE59EMRD99%012d,19%02d-0%d-1%d,D0%d X285,%d.50,EUR,\"said \"\"Eoin\"\" called from the bank about a safe account, then hung up; call back on Monday\"\n"
	jsonLine = `{"case":"EMRD-FR-2026-%06d","booked":"2026-11-%02dT08:15:00Z","holder":"Aoife Brennan%06d","iban":"IE59EMRD99%012d","born":"19%02d-0%d-1%d","postcode":"D0%d X285","amount":"%d.50","currency":"EUR","note":"said \"Eoin\" called from the bank about a safe account, then hung up; call back on Monday"}` + "\n"
)

func (r *record) next(format string) []byte {
	line := csvLine
	if format != "csv" {
		line = jsonLine
	}
	n := r.random
	r.buf = fmt.Appendf(r.buf[:0], line, n.IntN(1e6), 1+n.IntN(28), n.IntN(1e6), n.IntN(1e12), 50+n.IntN(50), 1+n.IntN(9), n.IntN(9), 1+n.IntN(9), n.IntN(9000))
	return r.buf
}
