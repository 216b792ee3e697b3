package recorder

import (
	"fmt"
	"slices"
)

// Advice gives what the settings brought about when they were taken in that deserves a
// second look, a sentence each. It may be called by several goroutines at once.
func (r *Recorder) Advice() []string { return slices.Clone(r.advice) }

// advise logs a sentence, and keeps it for who asked for the settings to be taken in. It
// is for Open, before anybody else knows the Recorder.
func (r *Recorder) advise(format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	r.log.Warn(text)
	r.advice = append(r.advice, text)
}
