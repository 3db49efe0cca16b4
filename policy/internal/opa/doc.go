// Package opa is the only importer of Open Policy Agent. It compiles Rego under one strict regime and evaluates it
// within a bounded time; no OPA type leaves it.
//
// The regime, each point answering a fault that was found by running OPA (see docs/policy.md):
//
//   - strict mode, strict built-in errors, an allow-list of built-ins, no network for schemas;
//   - METADATA processed and JSON Schemas in force, on the input and on reference data;
//   - a negation may only negate a named rule, so that an undefined operand cannot silently switch it off;
//   - every rule that permits or refuses carries complete METADATA with an identifier that is unique;
//   - an empty result, a second result, a conflict, an error and a time-out are different errors and never a result.
package opa
