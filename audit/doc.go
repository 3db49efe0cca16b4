// Package audit keeps the record that must exist before personal data crosses a border: a durable log that only grows
// and that a stranger can verify.
package audit
