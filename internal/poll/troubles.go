package poll

import (
	"log/slog"
	"sync"
)

// troubles keeps the log readable during an outage: only the begin and the end of each
// trouble are reported, not each attempt.
type troubles struct {
	mu      sync.Mutex
	present map[string]int // failures in a row, by what fails
}

func (t *troubles) begin(log *slog.Logger, what string, err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.present == nil {
		t.present = map[string]int{}
	}
	if t.present[what]++; t.present[what] == 1 {
		log.Warn("the ticket list fails", "for", what, "err", err)
	}
}

func (t *troubles) end(log *slog.Logger, what string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if n := t.present[what]; n > 0 {
		log.Info("the ticket list answers again", "for", what, "failures", n)
		delete(t.present, what)
	}
}
