package bench

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/open-policy-agent/opa/v1/rego"
	"github.com/open-policy-agent/opa/v1/storage/inmem"
	"github.com/tink-crypto/tink-go/v2/hybrid"
	"github.com/tink-crypto/tink-go/v2/keyset"
	"github.com/tink-crypto/tink-go/v2/tink"

	"github.com/passavant/passavant/transfer/payload"
)

//go:embed naive.rego
var naiveRego string

// glue is what a user would write without Passavant, with each library used as its README shows: a prepared query over
// a Go map, a walk over the decoded JSON with a fresh HMAC for each field, hybrid encryption, one line of JSON to a
// file that is synced under a mutex. It has no gate, no default drop, no signature, no tree, no outcome and no check
// for duplicate keys; it is the thing to beat all the same.
type glue struct {
	query rego.PreparedEvalQuery
	enc   tink.HybridEncrypt
	key   []byte
	input map[string]any

	mu    sync.Mutex
	audit *os.File
}

func newGlue(auditFile string, cat *payload.Catalogue, treatments map[string]payload.Treatment) (*glue, error) {
	query, err := rego.New(
		rego.Query("data.naive.decision"), rego.Module("naive.rego", naiveRego),
		rego.Store(inmem.NewFromObject(naiveData(treatments))),
	).PrepareForEval(context.Background())
	if err != nil {
		return nil, err
	}
	handle, err := keyset.NewHandle(hybrid.DHKEM_X25519_HKDF_SHA256_HKDF_SHA256_AES_256_GCM_Key_Template())
	if err != nil {
		return nil, err
	}
	public, err := handle.Public()
	if err != nil {
		return nil, err
	}
	enc, err := hybrid.NewHybridEncrypt(public)
	if err != nil {
		return nil, err
	}
	f, err := os.OpenFile(auditFile, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, err
	}
	return &glue{query: query, enc: enc, key: []byte("0123456789abcdef0123456789abcdef"), audit: f, input: naiveInput(cat)}, nil
}

func (g *glue) transfer(ctx context.Context, document []byte) error {
	rs, err := g.query.Eval(ctx, rego.EvalInput(maps.Clone(g.input)))
	if err != nil {
		return err
	}
	if len(rs) == 0 {
		return errors.New("undefined")
	}
	dec, ok := rs[0].Expressions[0].Value.(map[string]any)
	if !ok || dec["allow"] != true {
		return fmt.Errorf("refused: %v", dec["reasons"])
	}
	var doc map[string]any
	if err := json.Unmarshal(document, &doc); err != nil {
		return err
	}
	for path, action := range dec["fields"].(map[string]any) {
		g.apply(doc, strings.Split(strings.TrimPrefix(path, "/"), "/"), action.(string))
	}
	out, err := json.Marshal(doc)
	if err != nil {
		return err
	}
	ct, err := g.enc.Encrypt(out, []byte("ie-jp-bank-fraud"))
	if err != nil {
		return err
	}
	return g.log(dec, ct)
}

func (g *glue) apply(v any, path []string, action string) {
	switch x := v.(type) {
	case []any:
		if len(path) > 0 && path[0] == "*" {
			for _, e := range x {
				g.apply(e, path[1:], action)
			}
		}
	case map[string]any:
		if len(path) > 1 {
			g.apply(x[path[0]], path[1:], action)
			return
		}
		old, ok := x[path[0]]
		if !ok {
			return
		}
		switch action {
		case payload.Drop:
			delete(x, path[0])
		case payload.Pseudonymize:
			h := hmac.New(sha256.New, g.key)
			_, _ = fmt.Fprint(h, old)
			x[path[0]] = base64.RawURLEncoding.EncodeToString(h.Sum(nil)[:16])
		case payload.Generalize, payload.Mask:
			if s, ok := old.(string); ok && len(s) > 4 {
				x[path[0]] = s[:4]
			}
		}
	}
}

func (g *glue) log(dec map[string]any, ct []byte) error {
	sum := sha256.Sum256(ct)
	line, err := json.Marshal(map[string]any{
		"time": time.Now().UTC().Format(time.RFC3339Nano), "agreement": g.input["agreement"], "purpose": g.input["purpose"],
		"exporter": g.input["exporter"], "recipient": g.input["recipient"], "obligations": dec["obligations"],
		"sha256": hex.EncodeToString(sum[:]),
	})
	if err != nil {
		return err
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if _, err := g.audit.Write(append(line, '\n')); err != nil {
		return err
	}
	return g.audit.Sync()
}

func naiveInput(cat *payload.Catalogue) map[string]any {
	fields := make([]any, len(cat.Fields))
	for i, f := range cat.Fields {
		fields[i] = map[string]any{"path": f.Path, "category": f.Category, "role": string(f.Role)}
	}
	return map[string]any{
		"agreement": "AGR-003", "at": "2026-11-23T08:00:00Z",
		"exporter":  map[string]any{"id": "emerald-bank-ie", "country": "IE", "role": "bank", "user": "u-17"},
		"recipient": map[string]any{"id": "sakura-bank-jp", "country": "JP", "role": "bank", "safeguards": []any{"encryption_at_rest", "access_logging", "mfa"}},
		"purpose":   "prevent_and_investigate_fraud", "collected_for": []any{"fraud_monitoring"},
		"legal_basis": map[string]any{"kind": "legitimate_interest", "reference": "IE-2026-004711"},
		"case":        map[string]any{"id": "F-889", "opened": "2026-03-01T00:00:00Z", "severity": "high", "records": 3},
		"onward":      map[string]any{"countries": []any{}},
		"fields":      fields,
	}
}

func naiveData(treatments map[string]payload.Treatment) map[string]any {
	categories := make(map[string]any, len(treatments))
	for category, t := range treatments {
		categories[category] = map[string]any{"action": t.Technique, "level": 1}
	}
	agreements := make(map[string]any)
	for i := range 17 {
		id := fmt.Sprintf("AGR-%03d", i)
		agreements[id] = map[string]any{
			"id": id, "status": "active", "valid_from": "2026-01-01T00:00:00Z", "valid_until": "2028-12-31T00:00:00Z",
			"parties": []any{
				map[string]any{"id": "emerald-bank-ie", "country": "IE", "roles": []any{"bank"}},
				map[string]any{"id": "sakura-bank-jp", "country": "JP", "roles": []any{"bank"}},
			},
			"purposes": []any{"prevent_and_investigate_fraud"}, "legal_bases": []any{"legitimate_interest"},
			"safeguards": []any{"encryption_at_rest", "access_logging"}, "categories": categories,
			"max_records": 1000, "max_case_days": 1500, "min_severity": "medium", "retention_days": 365,
			"onward": map[string]any{"allowed": true, "countries": []any{}}, "clauses_signed": true,
		}
	}
	return map[string]any{
		"agreements": agreements,
		"zones": map[string]any{
			"eea":      []any{"AT", "BE", "BG", "HR", "CY", "CZ", "DK", "EE", "FI", "FR", "DE", "GR", "HU", "IE", "IT", "LV", "LT", "LU", "MT", "NL", "PL", "PT", "RO", "SK", "SI", "ES", "SE", "IS", "LI", "NO"},
			"adequate": []any{"CH", "GB", "JP", "KR", "NZ"}, "embargo": []any{"KP"},
		},
		"severity":           map[string]any{"low": 1, "medium": 2, "high": 3},
		"special_categories": []any{"health", "religion"},
		"compatible":         map[string]any{"fraud_monitoring": []any{"prevent_and_investigate_fraud"}},
		"retention":          map[string]any{"JP": 180},
	}
}
