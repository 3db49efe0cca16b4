package transfer

import (
	"time"

	"github.com/passavant/passavant/internal/canonical"
)

// marshal returns the header as canonical JSON (RFC 8785).
func (h *Header) marshal() []byte { return h.append(nil) }

func (h *Header) append(dst []byte) []byte {
	o := canonical.AppendObject(dst)
	o.Text("agreement", h.Agreement)
	o.Text("agreement_digest", h.AgreementDigest)
	o.Texts("basis", h.Basis)
	o.Text("catalogue", h.Catalogue)
	o.Text("content_type", h.ContentType)
	o.Text("created", h.Created.Format(time.RFC3339Nano))
	o.Text("data_version", h.DataVersion)
	o.Text("expires", h.Expires.Format(time.RFC3339Nano))
	o.Text("exporter", h.Exporter)
	o.Text("facts_digest", h.FactsDigest)
	o.Append("manifest", h.Manifest.append)
	o.Append("obligations", func(dst []byte) []byte { return canonical.AppendArray(dst, h.Obligations, appendDuty) })
	o.Text("policy_revision", h.PolicyRevision)
	o.Text("purpose", h.Purpose)
	o.Text("recipient", h.Recipient)
	o.Text("transfer", h.Transfer)
	o.Integer("version", int64(h.Version))
	return o.End()
}

func appendDuty(dst []byte, d Duty) []byte {
	o := canonical.AppendObject(dst)
	o.Text("code", d.Code)
	if len(d.Params) > 0 {
		o.TextMap("params", d.Params)
	}
	return o.End()
}

func (m *Manifest) append(dst []byte) []byte {
	o := canonical.AppendObject(dst)
	some := func(name string, n int64) {
		if n != 0 {
			o.Integer(name, n)
		}
	}
	some("coarsened", m.Coarsened)
	o.Integer("dropped", m.Dropped)
	o.Append("fields", func(dst []byte) []byte { return canonical.AppendArray(dst, m.Fields, appendManifestField) })
	some("group_size", int64(m.GroupSize))
	o.Integer("kept", m.Kept)
	if m.KeyID != "" {
		o.Text("key_id", m.KeyID)
	}
	o.Text("plan", m.Plan)
	some("records", m.Records)
	some("suppressed", m.Suppressed)
	o.Integer("transformed", m.Transformed)
	o.Integer("unlisted", m.Unlisted)
	return o.End()
}

func appendManifestField(dst []byte, f ManifestField) []byte {
	o := canonical.AppendObject(dst)
	o.Text("category", f.Category)
	o.Integer("count", f.Count)
	if len(f.Params) > 0 {
		o.TextMap("params", f.Params)
	}
	o.Text("path", f.Path)
	o.Text("technique", f.Technique)
	return o.End()
}
