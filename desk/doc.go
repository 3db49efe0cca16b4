// Package desk is the re-identification desk: the one place that leads a pseudonym back. It is called by `passavant
// reidentify`, and by services that offer the same to their people.
//
// A request names a transfer and a place, states a purpose and a case reference, and comes with two approvals signed by
// different keys that the agreement names under [ApprovalRole]. The desk asks the policy for a decision of its own, keeps a
// quota per day and a rate per minute, writes a record of every attempt before anything is shown, and only then gives the
// value away. docs/reidentification.md describes all of it.
//
// Packages transfer, policy and audit never import this package or crypto/reidentify; the architecture test holds that.
package desk
