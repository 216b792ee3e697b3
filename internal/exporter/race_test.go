//go:build race

package exporter

// underRace: SQLite is some ten times slower under the race detector, and random histories
// are counted without it.
const underRace = true
