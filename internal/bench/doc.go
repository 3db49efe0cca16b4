// Package bench compares Passavant with what a user would write without it, in the same run and in alternation, so that
// the ratio means something on a noisy machine. docs/performance.md holds what it printed.
package bench
