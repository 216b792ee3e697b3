package recorder

import (
	"fmt"
	"strings"

	"socialboards_exporter/internal/fact"
)

// metaStart is the key of the Start of the store; with a space and its name behind it,
// that of an objective.
const metaStart = "start"

// Start is where starting values end and watching begins. What had arrived by then is in
// the first values that were published, whenever it had happened; all else was added to them.
type Start struct {
	At fact.Instant
	// Seq is the last number that had been given out. What is judged later has a greater
	// one, also if nothing has arrived since.
	Seq int64
}

// StartOf gives the Start of the store that has the settings meta, or that of an
// objective, which may have come later. False: there were no starting values yet.
func StartOf(meta map[string]string, objective string) (Start, bool) {
	return parseStart(meta[startKey(objective)])
}

func startKey(objective string) string {
	if objective == "" {
		return metaStart
	}
	return metaStart + " " + objective
}

func parseStart(text string) (s Start, ok bool) {
	_, err := fmt.Sscanf(text, "%d %d", &s.At, &s.Seq)
	return s, err == nil
}

// noteStart adds to a batch that publishes starting values where they end.
func (r *Recorder) noteStart(b *fact.Batch) {
	if _, first := b.Meta[metaReady]; !first && len(b.Objectives) == 0 {
		return
	}
	if b.Meta == nil {
		b.Meta = map[string]string{}
	}
	now := fmt.Sprintf("%d %d", fact.At(r.now()), r.lastSeq)
	if _, first := b.Meta[metaReady]; first {
		b.Meta[metaStart] = now
	}
	for _, o := range b.Objectives {
		b.Meta[startKey(o.Name)] = now
	}
}

// passStarts keeps numbers from being given out that would be taken for those of starting
// values. It is called with what is stored.
func (r *Recorder) passStarts(meta map[string]string) {
	for key, text := range meta {
		if key != metaStart && !strings.HasPrefix(key, metaStart+" ") {
			continue
		}
		if s, ok := parseStart(text); ok {
			r.lastSeq = max(r.lastSeq, s.Seq+1)
		}
	}
}
