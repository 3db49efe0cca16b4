package stix

import (
	"errors"
	"strings"
)

// errPattern is the condition that a pattern is not one of section 9 of the standard. It says nothing of the pattern.
var errPattern = errors.New("stix: not a STIX pattern")

// errTooDeep is the condition that a pattern nests, or is long, beyond the limits.
var errTooDeep = errors.New("stix: a pattern beyond the limits")

type tokenKind byte

const (
	tokenEnd     tokenKind = iota
	tokenSign              // one of [ ] ( ) , . : * and the operators
	tokenWord              // a name or keyword
	tokenString            // '…', unescaped
	tokenInteger           //
	tokenFloat             //
	tokenHex               // h'…'
	tokenBinary            // b'…'
	tokenTime              // t'…'
)

type token struct {
	kind tokenKind
	text string
}

// lexer cuts a pattern into tokens.
type lexer struct {
	text string
	pos  int
}

// tokens returns all tokens of a pattern, the end included.
func tokens(text string) ([]token, error) {
	l := &lexer{text: text}
	var all []token
	for {
		t, err := l.next()
		if err != nil {
			return nil, err
		}
		if all = append(all, t); len(all) > maxTokens {
			return nil, errTooDeep
		}
		if t.kind == tokenEnd {
			return all, nil
		}
	}
}

func (l *lexer) next() (token, error) {
	if err := l.space(); err != nil {
		return token{}, err
	}
	if l.pos == len(l.text) {
		return token{}, nil
	}
	c := l.text[l.pos]
	switch {
	case c == '\'':
		return l.quoted(tokenString)
	case l.pos+1 < len(l.text) && l.text[l.pos+1] == '\'' && strings.IndexByte("hbt", c) >= 0:
		l.pos++
		return l.quoted([]tokenKind{tokenHex, tokenBinary, tokenTime}[strings.IndexByte("hbt", c)])
	case isDigit(c), (c == '-' || c == '+') && l.pos+1 < len(l.text) && isDigit(l.text[l.pos+1]):
		return l.number()
	case isNameByte(c) && c != '-':
		start := l.pos
		for l.pos < len(l.text) && isNameByte(l.text[l.pos]) {
			l.pos++
		}
		return token{tokenWord, l.text[start:l.pos]}, nil
	}
	return l.sign()
}

func isNameByte(c byte) bool { return isAlphanumeric(c) || c == '_' || c == '-' }

// space skips white space and comments.
func (l *lexer) space() error {
	for l.pos < len(l.text) {
		rest := l.text[l.pos:]
		end := -1
		switch {
		case strings.IndexByte(" \t\r\n\f\v", rest[0]) >= 0:
			l.pos++
			continue
		case strings.HasPrefix(rest, "/*"):
			end = strings.Index(rest[2:], "*/") + 4
			if end == 3 {
				return errPattern
			}
		case strings.HasPrefix(rest, "//"):
			if end = strings.IndexByte(rest, '\n'); end < 0 {
				end = len(rest)
			}
		default:
			return nil
		}
		l.pos += end
	}
	return nil
}

// quoted reads a literal in quotes; a backslash stands before a quote or a backslash (section 9.2).
func (l *lexer) quoted(kind tokenKind) (token, error) {
	var text strings.Builder
	for i := l.pos + 1; i < len(l.text); i++ {
		switch c := l.text[i]; {
		case c == '\'':
			l.pos = i + 1
			return token{kind, text.String()}, nil
		case c == '\\' && i+1 < len(l.text) && (l.text[i+1] == '\'' || l.text[i+1] == '\\'):
			i++
			text.WriteByte(l.text[i])
		default:
			text.WriteByte(c)
		}
	}
	return token{}, errPattern
}

func (l *lexer) number() (token, error) {
	start, kind := l.pos, tokenInteger
	l.pos++
	for l.pos < len(l.text) && isDigit(l.text[l.pos]) {
		l.pos++
	}
	if l.pos+1 < len(l.text) && l.text[l.pos] == '.' && isDigit(l.text[l.pos+1]) {
		kind = tokenFloat
		l.pos++
		for l.pos < len(l.text) && isDigit(l.text[l.pos]) {
			l.pos++
		}
	}
	if l.pos < len(l.text) && isNameByte(l.text[l.pos]) {
		return token{}, errPattern
	}
	return token{kind, l.text[start:l.pos]}, nil
}

func (l *lexer) sign() (token, error) {
	rest := l.text[l.pos:]
	for _, two := range []string{"==", "!=", "<>", "<=", ">="} {
		if strings.HasPrefix(rest, two) {
			l.pos += 2
			if two == "==" {
				two = "="
			}
			if two == "<>" {
				two = "!="
			}
			return token{tokenSign, two}, nil
		}
	}
	if strings.IndexByte("[](),.:*=<>", rest[0]) < 0 {
		return token{}, errPattern
	}
	l.pos++
	return token{tokenSign, rest[:1]}, nil
}
