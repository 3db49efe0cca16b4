package desk_test

import (
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passavant/passavant/audit"
	"github.com/passavant/passavant/crypto/keyring"
	"github.com/passavant/passavant/desk"
	"github.com/passavant/passavant/internal/sample"
	"github.com/passavant/passavant/policy"
	"github.com/passavant/passavant/transfer"
	"github.com/passavant/passavant/transfer/payload"
	"github.com/passavant/passavant/transfer/transfertest"
)

// office is an exporter with a log, a transfer in it, and the desk.
type office struct {
	desk    *desk.Desk
	engine  *policy.Engine
	keys    *keyring.Keyring
	log     *audit.Log
	dir     string
	now     time.Time
	result  *transfer.Result
	left    map[string]any // what the recipient has
	approve []ed25519.PrivateKey
	config  desk.Config
}

// agreementWith is the sample agreement with the treatments, and three keys that approve re-identifications.
func agreementWith(t testing.TB, keys []ed25519.PrivateKey, edits ...string) []byte {
	t.Helper()
	raw, err := fs.ReadFile(sample.Workspace(), "agreements/ie-jp-bank-fraud/agreement.yaml")
	require.NoError(t, err)
	text := string(raw)
	for i := 0; i < len(edits); i += 2 {
		require.Contains(t, text, edits[i])
		text = strings.Replace(text, edits[i], edits[i+1], 1)
	}
	text += "approvals:\n  - role: reidentification\n    when: never\n    keys:\n"
	for _, key := range keys {
		public := base64.StdEncoding.EncodeToString(key.Public().(ed25519.PublicKey))
		text += fmt.Sprintf("      - {party: emerald-bank-ie, holder: someone, public_key: %q}\n", public)
	}
	return []byte(text)
}

func treatments() []string {
	return []string{
		"name: {treatment: pseudonymise}", "name: {treatment: tokenise}",
		"email: {treatment: pseudonymise}", "email: {treatment: split_email}",
		"iban: {treatment: pseudonymise}", "iban: {treatment: preserve_format, params: {keep: bank}}",
		`ip_address: {treatment: generalise, params: {to: prefix, keep: "24"}}`, "ip_address: {treatment: preserve_prefix}",
		"date_of_birth: {treatment: generalise, params: {to: year}}", `date_of_birth: {treatment: shift_date, params: {days: "30", subject: name}}`,
	}
}

func open(t testing.TB, limits desk.Limits, edits ...string) *office {
	t.Helper()
	o := &office{now: transfertest.Start(), dir: filepath.Join(t.TempDir(), "log")}
	for i := range 3 {
		o.approve = append(o.approve, ed25519.NewKeyFromSeed([]byte(strings.Repeat(string(rune('a'+i)), 32))))
	}
	edits = append(treatments(), edits...)
	tree := fstest.MapFS{"agreements/ie-jp-bank-fraud/agreement.yaml": {Data: agreementWith(t, o.approve, edits...)}}
	var err error
	o.engine, err = policy.LoadWith(t.Context(), policy.Options{FS: []fs.FS{tree}, KnownObligations: transfer.KnownObligations(), Timeout: time.Minute})
	require.NoError(t, err)
	o.keys, err = keyring.Create(filepath.Join(t.TempDir(), "keys"), transfertest.Exporter)
	require.NoError(t, err)
	recipient, err := keyring.Create(filepath.Join(t.TempDir(), "recipient"), transfertest.Recipient)
	require.NoError(t, err)
	o.reopenLog(t)
	cat, err := sample.Catalogue()
	require.NoError(t, err)
	sender, err := transfer.NewSender(transfer.SenderConfig{
		Engine: o.engine, Keys: o.keys, Log: o.log, Catalogues: []*payload.Catalogue{cat},
		Partners: transfer.NewPartners(recipient.Public()), Transport: &transfertest.Transport{}, Clock: o.clock,
	})
	require.NoError(t, err)
	o.result, err = sender.Send(t.Context(), transfertest.Request(), transfertest.Report(t))
	require.NoError(t, err)
	log, err := transfer.OpenLog(filepath.Join(t.TempDir(), "log"), recipient)
	require.NoError(t, err)
	t.Cleanup(func() { _ = log.Close() })
	receiver, err := transfer.NewReceiver(transfer.ReceiverConfig{
		Keys: recipient, Log: log, Partners: transfer.NewPartners(o.keys.Public()), Engine: o.engine, Clock: o.clock,
	})
	require.NoError(t, err)
	received, err := receiver.Receive(t.Context(), o.result.Envelope)
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(received.Document, &o.left))
	o.config = desk.Config{
		Engine: o.engine, Keys: o.keys, Log: o.log, Catalogues: []*payload.Catalogue{cat}, Limits: limits, Clock: o.clock,
		History: func() (*audit.Reader, error) { return audit.OpenReader(o.dir, o.log.VerifierKey()) },
	}
	o.desk, err = desk.New(o.config)
	require.NoError(t, err)
	return o
}

func (o *office) clock() time.Time { return o.now }

func (o *office) reopenLog(t testing.TB) {
	t.Helper()
	var err error
	o.log, err = audit.Open(o.dir, audit.Options{Origin: transfer.LogOrigin(o.keys.Party()), Signer: o.keys.LogSigner(), Clock: o.clock})
	require.NoError(t, err)
	t.Cleanup(func() { _ = o.log.Close() })
}

// at returns what the recipient has at a place.
func (o *office) at(t testing.TB, path string) string {
	t.Helper()
	var v any = o.left
	for segment := range strings.SplitSeq(path[1:], "/") {
		switch here := v.(type) {
		case map[string]any:
			v = here[segment]
		case []any:
			v = here[0]
		}
	}
	text, ok := v.(string)
	require.True(t, ok, path)
	return text
}

func (o *office) request(t testing.TB, path string) desk.Request {
	return desk.Request{
		Transfer: o.result.Transfer, Type: "fraud-case-report", Path: path, Value: o.at(t, path),
		Purpose: "prevent_and_investigate_fraud", CaseReference: "canary-case-77", Justification: "canary-because",
	}
}

func (o *office) approvals(t testing.TB, r desk.Request, keys ...int) []*desk.Approval {
	t.Helper()
	a, found := o.engine.Agreement("ie-jp-bank-fraud")
	require.True(t, found)
	var out []*desk.Approval
	for _, i := range keys {
		signed, err := desk.Approve(a, r, o.approve[i], o.now, o.now.Add(time.Hour))
		require.NoError(t, err)
		raw, err := json.Marshal(signed)
		require.NoError(t, err)
		again, err := desk.ParseApproval(raw)
		require.NoError(t, err)
		out = append(out, again)
	}
	return out
}

func analyst() desk.Person {
	return desk.Person{Name: "canary-anna", Caller: policy.Caller{Roles: []string{"fraud_analyst"}}}
}

// records are those of attempts, oldest first.
func (o *office) records(t testing.TB) []audit.Record {
	t.Helper()
	reader, err := o.config.History()
	require.NoError(t, err)
	defer func() { _ = reader.Close() }()
	var out []audit.Record
	for _, r := range reader.All(0) {
		if r.Fields["action"] == policy.Reidentify {
			out = append(out, r)
		}
	}
	require.NoError(t, reader.Err())
	return out
}

func (o *office) ask(t testing.TB, r desk.Request, candidates ...string) (*desk.Answer, error) {
	t.Helper()
	values := make([][]byte, len(candidates))
	for i, c := range candidates {
		values[i] = []byte(c)
	}
	return o.desk.Reidentify(t.Context(), r, analyst(), o.approvals(t, r, 0, 1), slices.Values(values))
}

func TestEveryTechniqueComesBack(t *testing.T) {
	o := open(t, desk.Limits{PerMinute: 60, PerDay: 100})
	for path, want := range map[string]string{
		"/victim/name": "Aoife Ní Bhraonáin", "/victim/iban": "IE98EMRD99000012345678", "/mule_accounts/*/iban": "LT989990000000000417",
		"/devices/*/ip": "", "/victim/email": "aoife.nibhraonain@mail.example.org", "/victim/phone": "+353 20 910 0142", "/victim/date_of_birth": "1958-04-23",
	} {
		r := o.request(t, path)
		r.Subject = map[string]string{"/victim/date_of_birth": "Aoife Ní Bhraonáin"}[path]
		answer, err := o.ask(t, r, "someone else", "aoife.nibhraonain@mail.example.org", "+353 20 910 0142")
		require.NoError(t, err, path)
		if want == "" {
			want = o.original(t)
		}
		assert.Equal(t, want, answer.Value, path)
		proved := map[string]bool{"tokenise": true, "pseudonymise": true, "split_email": true}[answer.Technique]
		assert.Equal(t, proved, answer.Proved, path)
	}
	for _, r := range o.records(t) {
		assert.Equal(t, audit.Reidentified, r.Type)
		assert.Equal(t, "found", r.Fields["outcome"])
		assert.Equal(t, o.result.Transfer, r.Fields["transfer"])
		assert.Len(t, r.Manifest.Items, 1)
		assert.NotEmpty(t, r.Fields["approver_1"])
		assert.NotEqual(t, r.Fields["approver_1"], r.Fields["approver_2"])
	}
}

// original is the address of the first device in the report.
func (o *office) original(t testing.TB) string {
	var report struct{ Devices []struct{ IP string } }
	require.NoError(t, json.Unmarshal(transfertest.Report(t), &report))
	return report.Devices[0].IP
}

func TestRefusalsAreRecorded(t *testing.T) {
	o := open(t, desk.Limits{PerMinute: 60})
	good := o.request(t, "/victim/name")
	for name, c := range map[string]struct {
		change  func(*desk.Request)
		by      desk.Person
		keys    []int
		missing []string
	}{
		"one approval":         {keys: []int{0}, by: analyst(), missing: []string{"approval_missing"}},
		"one key twice":        {keys: []int{0, 0}, by: analyst(), missing: []string{"approval_missing"}},
		"no approval":          {by: analyst(), missing: []string{"approval_missing"}},
		"another role":         {keys: []int{0, 1}, by: desk.Person{Name: "x", Caller: policy.Caller{Roles: []string{"auditor"}}}, missing: []string{"caller_not_entitled"}},
		"nobody":               {keys: []int{0, 1}, missing: []string{"caller_not_entitled"}},
		"no case":              {keys: []int{0, 1}, by: analyst(), change: func(r *desk.Request) { r.CaseReference = "" }, missing: []string{"case_reference"}},
		"no purpose":           {keys: []int{0, 1}, by: analyst(), change: func(r *desk.Request) { r.Purpose = "" }, missing: []string{"reidentification_purpose"}},
		"a purpose of nothing": {keys: []int{0, 1}, by: analyst(), change: func(r *desk.Request) { r.Purpose = "curiosity" }, missing: []string{"reidentification_purpose"}},
	} {
		r := good
		if c.change != nil {
			c.change(&r)
		}
		before := len(o.records(t))
		_, err := o.desk.Reidentify(t.Context(), r, c.by, o.approvals(t, r, c.keys...), nil)
		var denied *transfer.AccessDeniedError
		require.ErrorAs(t, err, &denied, name)
		assert.Equal(t, c.missing, denied.Decision.Missing, name)
		records := o.records(t)
		require.Len(t, records, before+1, name)
		assert.Equal(t, audit.Refused, records[before].Type)
		assert.Equal(t, c.missing, records[before].Missing)
	}
}

func TestApprovalsThatDoNotCount(t *testing.T) {
	o := open(t, desk.Limits{PerMinute: 60})
	r := o.request(t, "/victim/name")
	other := r
	other.Value += "x"
	a, _ := o.engine.Agreement("ie-jp-bank-fraud")
	fresh := func() *desk.Approval { return o.approvals(t, r, 1)[0] }
	forged := fresh()
	forged.Signature = o.approvals(t, other, 1)[0].Signature
	renamed := fresh()
	renamed.Key = o.approvals(t, r, 2)[0].Key
	elsewhere := fresh()
	elsewhere.Statement.Agreement = "another"
	version := fresh()
	version.Statement.AgreementDigest = "sha256:0"
	unreadable := fresh()
	unreadable.Signature = "!"
	early, err := desk.Approve(a, r, o.approve[1], o.now.Add(time.Minute), o.now.Add(time.Hour))
	require.NoError(t, err)
	late, err := desk.Approve(a, r, o.approve[1], o.now.Add(-time.Hour), o.now)
	require.NoError(t, err)
	for name, c := range map[string]struct {
		approval *desk.Approval
		why      string
	}{
		"for another request": {o.approvals(t, other, 1)[0], "another request"}, "forged": {forged, "no key"}, "renamed": {renamed, "no key"},
		"not yet": {early, "not good yet"}, "expired": {late, "expired"}, "elsewhere": {elsewhere, "another agreement"},
		"version": {version, "another version"}, "unreadable": {unreadable, "cannot be read"}, "nil": {nil, "there is none"},
	} {
		answer, err := o.desk.Reidentify(t.Context(), r, analyst(), append(o.approvals(t, r, 0), c.approval), nil)
		require.Error(t, err, name)
		require.Len(t, answer.Problems, 1, name)
		require.ErrorIs(t, answer.Problems[0], desk.ErrApproval)
		assert.ErrorContains(t, answer.Problems[0], c.why, name)
		assert.Empty(t, answer.Value)
	}
	_, err = desk.Approve(a, r, ed25519.NewKeyFromSeed([]byte(strings.Repeat("z", 32))), o.now, o.now.Add(time.Hour))
	require.ErrorIs(t, err, desk.ErrApproval, "a stranger's key")
	_, err = desk.Approve(a, r, o.approve[0], o.now, o.now.Add(8*24*time.Hour))
	require.ErrorIs(t, err, desk.ErrApproval, "too long")
	_, err = desk.Approve(a, r, o.approve[0], o.now, o.now)
	require.ErrorIs(t, err, desk.ErrApproval, "no time")
}

// TestQuotaSurvives counts in the log: another desk, another process, makes no difference.
func TestQuotaSurvives(t *testing.T) {
	o := open(t, desk.Limits{PerDay: 2, PerMinute: 60})
	r := o.request(t, "/victim/name")
	for range 2 {
		_, err := o.ask(t, r)
		require.NoError(t, err)
	}
	_, err := o.ask(t, r)
	require.ErrorIs(t, err, desk.ErrQuota)
	require.NoError(t, o.log.Close())
	o.reopenLog(t)
	o.config.Log = o.log
	o.desk, err = desk.New(o.config)
	require.NoError(t, err)
	_, err = o.ask(t, r)
	require.ErrorIs(t, err, desk.ErrQuota)
	records := o.records(t)
	last := records[len(records)-1]
	assert.Equal(t, audit.Refused, last.Type)
	assert.Equal(t, "quota", last.Cause)
	o.now = o.now.Add(24*time.Hour + time.Minute)
	_, err = o.ask(t, r)
	require.NoError(t, err, "the next day")
}

// TestWhatWasNotFoundCounts: guessing uses up the quota as well.
func TestWhatWasNotFoundCounts(t *testing.T) {
	o := open(t, desk.Limits{PerDay: 1, PerMinute: 60})
	r := o.request(t, "/victim/phone")
	_, err := o.ask(t, r, "+353 1 000 0000")
	require.ErrorIs(t, err, desk.ErrNotFound)
	records := o.records(t)
	assert.Equal(t, "not-found", records[0].Fields["outcome"])
	_, err = o.ask(t, r, "+353 20 910 0142")
	require.ErrorIs(t, err, desk.ErrQuota)
}

func TestRate(t *testing.T) {
	o := open(t, desk.Limits{PerMinute: 2})
	r := o.request(t, "/victim/name")
	for range 2 {
		_, err := o.desk.Reidentify(t.Context(), r, analyst(), nil, nil)
		require.Error(t, err)
		require.NotErrorIs(t, err, desk.ErrRate)
	}
	_, err := o.ask(t, r)
	require.ErrorIs(t, err, desk.ErrRate, "refused attempts count")
	assert.Equal(t, "rate", o.records(t)[2].Cause)
	o.now = o.now.Add(time.Minute)
	_, err = o.ask(t, r)
	require.NoError(t, err)
}

func TestWhatTheLogDoesNotKnow(t *testing.T) {
	o := open(t, desk.Limits{PerMinute: 60})
	for name, c := range map[string]struct {
		change func(*desk.Request)
		want   error
	}{
		"transfer":    {func(r *desk.Request) { r.Transfer = "0000" }, desk.ErrTransfer},
		"path":        {func(r *desk.Request) { r.Path = "/victim/shoe_size" }, desk.ErrTransfer},
		"type":        {func(r *desk.Request) { r.Type = "other" }, desk.ErrTransfer},
		"kept":        {func(r *desk.Request) { r.Path = "/case/reference" }, desk.ErrIrreversible},
		"generalised": {func(r *desk.Request) { r.Path = "/victim/address/eircode" }, desk.ErrIrreversible},
		"no subject":  {func(r *desk.Request) { r.Path = "/victim/date_of_birth" }, desk.ErrRequest},
		"a forgery":   {func(r *desk.Request) { r.Value = "tok_" + strings.Repeat("A", 43) }, desk.ErrNotFound},
		"a scope":     {func(r *desk.Request) { r.Scope = "person" }, desk.ErrNotFound},
	} {
		r := o.request(t, "/victim/name")
		c.change(&r)
		before := len(o.records(t))
		_, err := o.ask(t, r)
		require.ErrorIs(t, err, c.want, name)
		assert.Len(t, o.records(t), before+1, "%s is an attempt", name)
	}
	_, err := o.desk.Reidentify(t.Context(), desk.Request{}, analyst(), nil, nil)
	require.ErrorIs(t, err, desk.ErrRequest)
}

// TestFormerKeysAndEpochs: after a rotation old pseudonyms still come back.
func TestFormerKeysAndEpochs(t *testing.T) {
	o := open(t, desk.Limits{}, "scope: transaction", "scope: relationship")
	assert.True(t, strings.HasSuffix(o.result.Header.Manifest.KeyID, "/2026"), "the epoch stands in the manifest")
	rotated, err := o.keys.Rotate(keyring.Pseudonymizing)
	require.NoError(t, err)
	now, err := rotated.Pseudonymizer()
	require.NoError(t, err)
	assert.False(t, strings.HasPrefix(o.result.Header.Manifest.KeyID, now.KeyID()))
	o.config.Keys = rotated
	o.desk, err = desk.New(o.config)
	require.NoError(t, err)
	answer, err := o.ask(t, o.request(t, "/victim/name"))
	require.NoError(t, err)
	assert.Equal(t, "Aoife Ní Bhraonáin", answer.Value)
}

// TestNothingPersonalInTheLog looks for who, why and what in every record.
func TestNothingPersonalInTheLog(t *testing.T) {
	o := open(t, desk.Limits{PerMinute: 60})
	r := o.request(t, "/victim/name")
	_, err := o.ask(t, r)
	require.NoError(t, err)
	_, err = o.desk.Reidentify(t.Context(), r, analyst(), nil, nil)
	require.Error(t, err)
	assert.NotContains(t, err.Error(), "canary")
	reader, err := o.config.History()
	require.NoError(t, err)
	defer func() { _ = reader.Close() }()
	for i := range reader.Size() {
		_, raw, err := reader.Record(i)
		require.NoError(t, err)
		for _, canary := range []string{"canary-anna", "canary-case", "canary-because", "Bhraon", r.Value} {
			assert.NotContains(t, string(raw), canary)
		}
	}
}

// TestNoRecordNoAnswer: when the log cannot be written, nothing is told.
func TestNoRecordNoAnswer(t *testing.T) {
	o := open(t, desk.Limits{})
	r := o.request(t, "/victim/name")
	approvals := o.approvals(t, r, 0, 1)
	require.NoError(t, o.log.Close())
	answer, err := o.desk.Reidentify(t.Context(), r, analyst(), approvals, nil)
	require.ErrorIs(t, err, transfer.ErrNotRecorded)
	assert.Nil(t, answer)
}

func TestLimitsAreBounded(t *testing.T) {
	o := open(t, desk.Limits{})
	for _, limits := range []desk.Limits{{PerDay: -1}, {PerDay: 1001}, {PerMinute: -1}, {PerMinute: 61}} {
		c := o.config
		c.Limits = limits
		_, err := desk.New(c)
		require.Error(t, err)
	}
	_, err := desk.New(desk.Config{})
	require.Error(t, err)
}

func TestRequestsAndApprovalsAreStrict(t *testing.T) {
	good := `{"case_reference":"c","justification":"j","path":"/a","purpose":"p","transfer":"t","type":"y","value":"v"}`
	_, err := desk.ParseRequest([]byte(good))
	require.NoError(t, err)
	for _, bad := range []string{
		"", "{}", strings.Replace(good, `"value"`, `"valu"`, 1), good + "x", strings.Replace(good, `"/a"`, `"a"`, 1),
		strings.Replace(good, `"v"`, `""`, 1), strings.Replace(good, `"v"`, `"`+strings.Repeat("v", 5000)+`"`, 1), strings.Repeat(" ", 1<<17),
	} {
		_, err := desk.ParseRequest([]byte(bad))
		require.ErrorIs(t, err, desk.ErrRequest)
	}
	for _, bad := range []string{"", "{}", `{"approval":{"version":2},"key":"","signature":""}`, strings.Repeat(" ", 1<<17)} {
		_, err := desk.ParseApproval([]byte(bad))
		require.ErrorIs(t, err, desk.ErrApproval)
	}
}
