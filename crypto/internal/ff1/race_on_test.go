//go:build race

package ff1_test

const raceEnabled = true
