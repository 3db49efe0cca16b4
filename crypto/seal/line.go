package seal

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"strings"
	"unicode/utf8"
)

const (
	// Version is the first line of every message, without its newline.
	Version = "passavant-sealed/1"
	// MaxLine is the greatest length in bytes of the header and of the seal line, without their newlines.
	MaxLine = 64 << 10
	// MaxRecipients is the greatest number of recipients of one message.
	MaxRecipients = 32

	suiteTail  = "-SHA256-A256GCM+A256GCM-HKDF-4K+Ed25519"
	secretSize = 32
	wrapSize   = secretSize + 16 // AES-GCM adds its tag
	keyIDSize  = 16
)

// stanza is what one recipient needs to find the body secret.
type stanza struct {
	key          string
	enc, wrapped []byte
}

// sealLine is the third line. It has one spelling only: canonical JSON (RFC 8785) with exactly these members, whose
// strings never need an escape. So it is written and read as a fixed text, and whatever differs is malformed.
type sealLine struct {
	commitment []byte
	recipients []stanza
	signer     string
	suite      string
}

func suiteOf(algorithm string) string { return algorithm + suiteTail }

func (l *sealLine) append(dst []byte) []byte {
	dst = append(dst, `{"commitment":"`...)
	dst = base64.StdEncoding.AppendEncode(dst, l.commitment)
	dst = append(dst, `","recipients":[`...)
	for i, s := range l.recipients {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(dst, `{"enc":"`...)
		dst = base64.StdEncoding.AppendEncode(dst, s.enc)
		dst = append(dst, `","key":"`...)
		dst = append(dst, s.key...)
		dst = append(dst, `","wrapped":"`...)
		dst = base64.StdEncoding.AppendEncode(dst, s.wrapped)
		dst = append(dst, `"}`...)
	}
	dst = append(dst, `],"signer":"`...)
	dst = append(dst, l.signer...)
	dst = append(dst, `","suite":"`...)
	dst = append(dst, l.suite...)
	return append(dst, `"}`...)
}

// parseSealLine reads what append writes and nothing else.
func parseSealLine(line []byte) (*sealLine, error) {
	p := &lineParser{rest: line}
	l := &sealLine{}
	p.literal(`{"commitment":"`)
	l.commitment = p.base64()
	p.literal(`","recipients":[`)
	for more := true; more && !p.failed; more = p.skip(`,`) {
		l.recipients = append(l.recipients, p.stanza())
	}
	p.literal(`],"signer":"`)
	l.signer = p.text()
	p.literal(`","suite":"`)
	l.suite = p.text()
	p.literal(`"}`)
	if p.failed || len(p.rest) > 0 {
		return nil, fmt.Errorf("%w: seal line", ErrMalformed)
	}
	return l, l.check()
}

// check looks at the suite first: another suite may have keys of other sizes.
func (l *sealLine) check() error {
	algorithm, known := strings.CutSuffix(l.suite, suiteTail)
	kem, err := newKEM(algorithm)
	if !known || err != nil {
		return ErrUnknownSuite
	}
	encSize, seen := encSize(kem.ID()), map[string]bool{}
	for _, s := range l.recipients {
		if !isKeyID(s.key) || seen[s.key] || len(s.enc) != encSize || len(s.wrapped) != wrapSize {
			return fmt.Errorf("%w: seal line, recipient", ErrMalformed)
		}
		seen[s.key] = true
	}
	if !isKeyID(l.signer) || len(l.commitment) != secretSize || len(l.recipients) > MaxRecipients {
		return fmt.Errorf("%w: seal line", ErrMalformed)
	}
	return nil
}

// encSize is Nenc of RFC 9180, section 7.1, table 2, and of draft-ietf-hpke-pq for X-Wing.
func encSize(kem uint16) int {
	if kem == 0x0020 {
		return 32
	}
	return 1120
}

func isKeyID(s string) bool {
	raw, err := hex.DecodeString(s)
	return err == nil && len(s) == keyIDSize && hex.EncodeToString(raw) == s
}

func (l *sealLine) recipientIDs() []string {
	ids := make([]string, len(l.recipients))
	for i, s := range l.recipients {
		ids[i] = s.key
	}
	return ids
}

// lineParser eats its text from the front. After the first failure it stays failed.
type lineParser struct {
	rest   []byte
	failed bool
}

func (p *lineParser) skip(text string) bool {
	if p.failed || !bytes.HasPrefix(p.rest, []byte(text)) {
		return false
	}
	p.rest = p.rest[len(text):]
	return true
}

func (p *lineParser) literal(text string) {
	if !p.skip(text) {
		p.failed = true
	}
}

// text reads up to the next quote.
func (p *lineParser) text() string {
	end := bytes.IndexByte(p.rest, '"')
	if end < 0 {
		p.failed = true
		return ""
	}
	s := string(p.rest[:end])
	p.rest = p.rest[end:]
	return s
}

// base64 refuses what encodes to another text than it was read from, such as line breaks or stray bits at the end.
func (p *lineParser) base64() []byte {
	text := p.text()
	raw, err := base64.StdEncoding.DecodeString(text)
	if err != nil || base64.StdEncoding.EncodeToString(raw) != text {
		p.failed = true
		return nil
	}
	return raw
}

func (p *lineParser) stanza() stanza {
	var s stanza
	p.literal(`{"enc":"`)
	s.enc = p.base64()
	p.literal(`","key":"`)
	s.key = p.text()
	p.literal(`","wrapped":"`)
	s.wrapped = p.base64()
	p.literal(`"}`)
	return s
}

// headerFault says why header cannot be a line that a person can read, or "".
func headerFault(header []byte) string {
	switch {
	case len(header) == 0:
		return "header is empty"
	case len(header) > MaxLine:
		return "header is longer than 64 KiB"
	case !utf8.Valid(header):
		return "header is not UTF-8"
	}
	for _, c := range header {
		if c < ' ' || c == 0x7f {
			return "header holds a control character"
		}
	}
	return ""
}
