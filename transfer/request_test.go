package transfer_test

import (
	"errors"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passavant/passavant/transfer"
	"github.com/passavant/passavant/transfer/transfertest"
)

const goodRequest = `{"agreement":"a","recipient":"b","purpose":"c","type":"d"}`

func TestParseRequest(t *testing.T) {
	req, err := transfer.ParseRequest(strings.NewReader(
		`{"agreement":"a","recipient":"b.c-d_e","purpose":"0","type":"t","claims":{"x":{"y":[1]}},"actor":"Aoife Ní B.","reference":"№ 7","justification":"因为"}`))
	require.NoError(t, err)
	assert.Equal(t, transfer.Request{
		Agreement: "a", Recipient: "b.c-d_e", Purpose: "0", Type: "t", Claims: map[string]any{"x": map[string]any{"y": []any{1.0}}},
		Actor: "Aoife Ní B.", Reference: "№ 7", Justification: "因为",
	}, req)
}

func TestParseRequestRefuses(t *testing.T) {
	with := func(old, new string) string { return strings.Replace(goodRequest, old, new, 1) }
	for name, tc := range map[string]struct{ text, want string }{
		"nothing":                 {"", "offset 0"},
		"no JSON":                 {"canary", "offset 0"},
		"an array":                {"[]", "wrong type"},
		"null":                    {"null", `"agreement" is missing`},
		"cut":                     {goodRequest[:20], "offset 20"},
		"two requests":            {goodRequest + goodRequest, "offset"},
		"an unknown member":       {with("{", `{"force":"canary",`), `unknown member at "/force"`},
		"another case":            {with("agreement", "Agreement"), `unknown member at "/Agreement"`},
		"a member twice":          {with("{", `{"agreement":"canary",`), "offset"},
		"a member twice, escaped": {with("{", `{"\u0061greement":"canary",`), "offset"},
		"a claim twice":           {with("{", `{"claims":{"x":1,"x":"canary"},`), "offset"},
		"a number for an id":      {with(`"a"`, `17`), `wrong type at "/agreement"`},
		"claims as an array":      {with("{", `{"claims":["canary"],`), `wrong type at "/claims"`},
		"an actor as an object":   {with("{", `{"actor":{"name":"canary"},`), `wrong type at "/actor"`},
		"invalid UTF-8":           {with("{", "{\"actor\":\"canary\xff\","), "offset"},
		"a lone surrogate":        {with("{", `{"actor":"canary\ud800",`), "offset"},
		"the purpose as a claim":  {with("{", `{"claims":{"purpose":"canary"},`), "the purpose is stated once"},
		"no agreement":            {with(`"agreement":"a",`, ""), `member "agreement" is missing`},
		"no recipient":            {with(`"recipient":"b",`, ""), `member "recipient" is missing`},
		"no purpose":              {with(`"purpose":"c",`, ""), `member "purpose" is missing`},
		"an empty id":             {with(`"a"`, `""`), `member "agreement" is missing`},
		"a Unicode id":            {with(`"a"`, `"canary-bänk"`), `member "agreement" is not a code`},
		"a Cyrillic look-alike":   {with(`"b"`, `"с"`), `member "recipient" is not a code`},
		"full-width letters":      {with(`"c"`, `"ｃ"`), `member "purpose" is not a code`},
		"capitals":                {with(`"d"`, `"D"`), `member "type" is not a code`},
		"a path":                  {with(`"a"`, `"../a"`), `member "agreement" is not a code`},
		"a leading dot":           {with(`"a"`, `".a"`), `member "agreement" is not a code`},
		"a line break":            {with(`"a"`, `"a\n"`), `member "agreement" is not a code`},
		"a null byte":             {with(`"a"`, `"a\u0000"`), `member "agreement" is not a code`},
		"a long id":               {with(`"a"`, `"`+strings.Repeat("a", 129)+`"`), `member "agreement" is not a code`},
		"a long actor":            {with("{", `{"actor":"`+strings.Repeat("é", 2049)+`",`), `member "actor" is longer than 4096 bytes`},
		"a long reference":        {with("{", `{"reference":"`+strings.Repeat("x", 4097)+`",`), `member "reference" is longer`},
		"a long justification":    {with("{", `{"justification":"`+strings.Repeat("x", 4097)+`",`), `member "justification" is longer`},
		"one byte too large":      {goodRequest + strings.Repeat(" ", 64<<10+1-len(goodRequest)), "larger than 65536 bytes"},
		"much too large":          {strings.Repeat(" ", 1<<20), "larger than 65536 bytes"},
		"as deep as it is long":   {with("{", `{"claims":{"x":`+strings.Repeat("[", 30000)+strings.Repeat("]", 30000)+"},"), "offset"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := transfer.ParseRequest(strings.NewReader(tc.text))
			require.ErrorIs(t, err, transfer.ErrRequest)
			assert.ErrorContains(t, err, tc.want)
			assert.NotContains(t, err.Error(), "canary")
		})
	}
	_, err := transfer.ParseRequest(strings.NewReader(with(`,"type":"d"`, "")))
	require.ErrorIs(t, err, transfer.ErrRequestType, "callers may add the type that they know")
	_, err = transfer.ParseRequest(strings.NewReader(goodRequest + strings.Repeat(" ", 64<<10-len(goodRequest))))
	require.NoError(t, err, "64 KiB are allowed")
	down := errors.New("the line is down")
	_, err = transfer.ParseRequest(iotest.ErrReader(down))
	require.ErrorIs(t, err, down)
}

// A request that was put together in Go gets the same checks, and leaves no trace when it fails them.
func TestSendChecksTheRequest(t *testing.T) {
	p := transfertest.New(t)
	before := p.ExporterLog.Size()
	for name, change := range map[string]func(*transfer.Request){
		"no agreement":           func(r *transfer.Request) { r.Agreement = "" },
		"no type":                func(r *transfer.Request) { r.Type = "" },
		"a Unicode recipient":    func(r *transfer.Request) { r.Recipient = "sakura-bank-日本" },
		"the purpose as a claim": func(r *transfer.Request) { r.Claims = map[string]any{"purpose": "x"} },
		"a long justification":   func(r *transfer.Request) { r.Justification = strings.Repeat("x", 1<<20) },
	} {
		t.Run(name, func(t *testing.T) {
			req := transfertest.Request()
			change(&req)
			_, err := p.Sender.Send(t.Context(), req, transfertest.Report(t))
			require.ErrorIs(t, err, transfer.ErrRequest)
		})
	}
	req := transfertest.Request()
	req.Type = "no-such-type"
	_, err := p.Sender.Send(t.Context(), req, transfertest.Report(t))
	require.ErrorIs(t, err, transfer.ErrUnknownType)
	assert.Equal(t, before, p.ExporterLog.Size(), "nothing was decided, so nothing was recorded")
	assert.Empty(t, p.Transport.Envelopes())
}

func TestClaimsThatCannotBeFacts(t *testing.T) {
	p := transfertest.New(t)
	for name, claim := range map[string]any{
		"a channel":     make(chan int),
		"a function":    func() {},
		"a NaN":         nan(),
		"invalid UTF-8": "x\xff",
		"a struct":      struct{ X int }{1},
	} {
		t.Run(name, func(t *testing.T) {
			req := transfertest.Request()
			req.Claims = map[string]any{"derogation": claim}
			_, err := p.Sender.Send(t.Context(), req, transfertest.Report(t))
			require.Error(t, err)
			assert.Empty(t, p.Transport.Envelopes())
		})
	}
}

func nan() float64 {
	zero := 0.0
	return zero / zero
}
