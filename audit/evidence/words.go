package evidence

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/passavant/passavant/audit"
)

// The words that stand in front of what is signed.
const (
	agreementContext = "passavant-agreement/1\n"
	receiptContext   = "passavant-receipt/1\n"
)

func (v *verifier) agreement() (State, string, error) {
	a := v.pack.Agreement
	if a == nil {
		return absent("the agreement is not in the pack")
	}
	if digestOf(a.Document) != v.subject.AgreementDigest {
		return fault("the document is not the version that the record names")
	}
	var document struct {
		ID      string `json:"id"`
		Version string `json:"version"`
		Title   string `json:"title"`
	}
	if duplicate([]byte(a.Document)) != "" || json.Unmarshal([]byte(a.Document), &document) != nil {
		return Fault, "", fmt.Errorf("the document %w", errUnreadable)
	}
	if document.ID != v.subject.Agreement {
		return fault("the document is another agreement than the record names")
	}
	return good("%s, version %s: %s", document.ID, document.Version, document.Title)
}

// statement is what a party signs of an agreement.
type statement struct {
	Agreement string    `json:"agreement"`
	Version   string    `json:"version"`
	Digest    string    `json:"digest"`
	Text      string    `json:"text"`
	Rules     string    `json:"rules"`
	Party     string    `json:"party"`
	SignedAt  time.Time `json:"signed_at"`
}

func (v *verifier) signatures() (State, string, error) {
	if v.pack.Agreement == nil || len(v.pack.Agreement.Signatures) == 0 {
		return absent("no party's signature of the agreement is in the pack")
	}
	var signed []string
	for i, s := range v.pack.Agreement.Signatures {
		var of statement
		if err := decode([]byte(s.Statement), &of); err != nil {
			return Fault, "", fmt.Errorf("signature %d %w", i, errUnreadable)
		}
		if of.Agreement != v.subject.Agreement || of.Digest != v.subject.AgreementDigest {
			return fault("signature %d is of another agreement or version", i)
		}
		if of.Rules != v.digestInListing("agreements/"+of.Agreement+"/rules.rego") && v.pack.Policy != nil {
			return fault("signature %d covers other rules of the agreement than decided", i)
		}
		whose, err := v.signedBy(of.Party, s.Key, s.Signature, agreementContext+s.Statement)
		if err != nil {
			return Fault, "", fmt.Errorf("signature %d: %w", i, err)
		}
		signed = append(signed, fmt.Sprintf("%s on %s %s", of.Party, of.SignedAt.UTC().Format(time.DateOnly), whose))
	}
	return good("%s", strings.Join(signed, "; "))
}

// signedBy verifies a signature with a key of the party, and says who vouches for the key.
func (v *verifier) signedBy(party, id, signature, message string) (whose string, err error) {
	raw, err := base64.StdEncoding.DecodeString(signature)
	if err != nil {
		return "", fmt.Errorf("the signature of %s is not base64", party)
	}
	keys, whose := v.pack.Keys, "(its key is vouched for by this pack only: give --keys)"
	if slices.ContainsFunc(v.opts.Trusted, func(k Key) bool { return k.Party == party }) {
		keys, whose = v.opts.Trusted, "(by a key you gave)"
	}
	for _, k := range keys {
		if k.Party != party || k.ID != id || len(k.Public) != ed25519.PublicKeySize || keyID(k.Public) != id {
			continue
		}
		if !ed25519.Verify(k.Public, []byte(message), raw) {
			return "", fmt.Errorf("the signature of %s does not verify", party)
		}
		return whose, nil
	}
	return "", fmt.Errorf("no key %s of %s is known", id, party)
}

// keyID is the first 16 hexadecimal digits of the SHA-256 of a key.
func keyID(public []byte) string {
	sum := sha256.Sum256(public)
	return hex.EncodeToString(sum[:8])
}

// digestInListing is the digest that the policy's listing gives a path, "" if it does not name it.
func (v *verifier) digestInListing(path string) string {
	var list [][2]string
	if v.pack.Policy == nil || json.Unmarshal([]byte(v.pack.Policy.Listing), &list) != nil {
		return ""
	}
	for _, entry := range list {
		if entry[0] == path {
			return entry[1]
		}
	}
	return ""
}

func (v *verifier) policy() (State, string, error) {
	p := v.pack.Policy
	if p == nil {
		return absent("the policy's listing is not in the pack")
	}
	if digestOf(p.Listing) != v.subject.PolicyRevision {
		return fault("the listing is not the revision that the record names")
	}
	if v.subject.AgreementDigest != "" && v.digestInListing("agreements/"+v.subject.Agreement+"/agreement.yaml") != v.subject.AgreementDigest {
		return fault("the revision holds another version of the agreement than the record names")
	}
	for path, source := range p.Sources {
		if v.digestInListing(path) != digestOf(source) {
			return fault("a source in the pack is not the one of the revision")
		}
	}
	return good("revision %s; the sources of the rules that spoke: %d", v.subject.PolicyRevision, len(p.Sources))
}

// decision is the part of a decision that a record repeats.
type decision struct {
	Permit  bool     `json:"permit"`
	Basis   []string `json:"basis"`
	Missing []string `json:"missing"`
	Reasons []struct {
		ID      string `json:"id"`
		Message string `json:"message"`
		Article string `json:"article"`
		Clause  string `json:"clause"`
	} `json:"reasons"`
}

func (v *verifier) decision() (State, string, error) {
	if v.pack.Decision == "" {
		return absent("the decision's own words are not in the pack; the record has its codes")
	}
	if digestOf(v.pack.Decision) != v.subject.Fields["decision"] {
		return fault("it is not the decision that the record names")
	}
	var d decision
	if duplicate([]byte(v.pack.Decision)) != "" || json.Unmarshal([]byte(v.pack.Decision), &d) != nil {
		return Fault, "", fmt.Errorf("it %w", errUnreadable)
	}
	var ids []string
	for _, r := range d.Reasons {
		ids = append(ids, r.ID)
	}
	slices.Sort(ids)
	if !slices.Equal(slices.Compact(ids), v.subject.Reasons) || !slices.Equal(d.Basis, v.subject.Basis) ||
		!slices.Equal(d.Missing, v.subject.Missing) || v.subject.Type == audit.Intent && !d.Permit {
		return fault("it contradicts the record")
	}
	if d.Permit {
		return good("permitted on the basis of %s", strings.Join(d.Basis, ", "))
	}
	return good("refused: %s", strings.Join(d.Missing, ", "))
}

// receiptFile and receiptStatement are docs/envelope-format.md, "The receipt". The statement is kept as it was signed.
type receiptFile struct {
	Receipt   json.RawMessage `json:"receipt"`
	Key       string          `json:"key"`
	Signature string          `json:"signature"`
}

type receiptStatement struct {
	Version        int       `json:"version"`
	Transfer       string    `json:"transfer"`
	Exporter       string    `json:"exporter"`
	Recipient      string    `json:"recipient"`
	EnvelopeDigest string    `json:"envelope_digest"`
	Received       time.Time `json:"received"`
	Record         int64     `json:"record"`
	Head           string    `json:"head"`
	Duties         []string  `json:"duties"`
}

func (v *verifier) receipt() (State, string, error) {
	if v.pack.Receipt == "" {
		return absent("there is no receipt in the pack")
	}
	record, found := v.record(audit.Acknowledged)
	if !found || digestOf(v.pack.Receipt) != record.Fields["receipt"] {
		return fault("no record of the pack names this receipt")
	}
	var file receiptFile
	var of receiptStatement
	if decode([]byte(v.pack.Receipt), &file) != nil || decode(file.Receipt, &of) != nil {
		return Fault, "", fmt.Errorf("it %w", errUnreadable)
	}
	intent, found := v.record(audit.Intent)
	if !found || of.Transfer != intent.Transfer || of.Exporter != intent.Exporter || of.Recipient != intent.Recipient ||
		of.EnvelopeDigest != intent.EnvelopeDigest {
		return fault("it is for another envelope than the intent's")
	}
	whose, err := v.signedBy(of.Recipient, file.Key, file.Signature, receiptContext+string(file.Receipt))
	if err != nil {
		return Fault, "", err
	}
	return good("%s received it on %s %s", of.Recipient, of.Received.UTC().Format(time.RFC3339), whose)
}
