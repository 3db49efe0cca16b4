# METADATA
# title: Obligations
# description: |
#   The only place where an obligation is built. An obligation binds: whoever enforces the decision discharges every one
#   or does not transfer. One that travels binds the recipient too and goes with the data.
package passavant.obligations

# METADATA
# title: Codes of obligations that bind the recipient and travel with the data
travelling := {
	"bind_onward_authorisation",
	"delete_after",
	"delete_or_return",
	"no_onward_transfer",
	"notify_breach",
	"preserve_marking",
	"purpose_limit",
	"strict_need_to_know",
	"use_limit",
}

# METADATA
# title: An obligation with its parameters (text to text)
of(code, params) := {"code": code, "params": params, "travels": code in travelling}
