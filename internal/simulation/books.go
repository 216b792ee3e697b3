package simulation

import (
	"context"
	"time"

	"socialboards_exporter/apiclient"
	"socialboards_exporter/internal/fact"
	"socialboards_exporter/internal/poll"
)

// books is the Recorder: it remembers of each ticket what the real one does, and tells how
// long it took until what happened was known.
type books struct {
	*api
	lags *lags
}

func (b *books) state(id int64) poll.State {
	t := &b.tickets[id-1]
	return poll.State{ID: id, Done: t.knownDone, DoneSince: doneTime(t), LookedAt: t.lookedAt.Time(), ReadAt: t.readAt.Time(),
		FullReadAt: t.fullAt.Time(), LastEntry: t.knownLast.Time(), Since: t.created.Time(), Changed: t.seen != t.read, Gone: !t.followed}
}

func doneTime(t *ticket) time.Time {
	if !t.knownDone {
		return time.Time{}
	}
	return t.doneSince.Time()
}

// Tickets is poll.Recorder's, as are the methods that follow.
func (b *books) Tickets(_ context.Context, take func(poll.State)) error {
	for i := range b.tickets {
		if b.tickets[i].followed {
			take(b.state(int64(i) + 1))
		}
	}
	return nil
}

// Known tells nothing: the api knows what was read.
func (b *books) Known(context.Context, int64) (func(time.Time, string) int, error) {
	return nil, nil //nolint:nilnil // nothing is known here
}

// Looked takes over what a look showed.
func (b *books) Looked(_ context.Context, begun time.Time, asked []int64, found []apiclient.Ticket) ([]poll.State, error) {
	for _, f := range found {
		t := &b.tickets[f.ID-1]
		t.lookedAt, t.seen = fact.At(begun), int32(f.ReplyCount) //nolint:gosec // a version
	}
	states := make([]poll.State, 0, len(asked))
	for _, id := range asked {
		states = append(states, b.state(id))
	}
	return states, nil
}

// Discovered takes over what a page showed.
func (b *books) Discovered(_ context.Context, _ string, _ time.Time, page []apiclient.Ticket) (states []poll.State, fresh int, err error) {
	for _, f := range page {
		t := &b.tickets[f.ID-1]
		version := int32(f.ReplyCount) //nolint:gosec // a version
		if !t.followed || t.seen != version {
			fresh++
		}
		t.followed, t.seen = true, version
		states = append(states, b.state(f.ID))
	}
	return states, fresh, nil
}

// SelectionRead does nothing.
func (b *books) SelectionRead(context.Context, string, time.Time) error { return nil }

// Read takes over what the log held when its first page was read.
func (b *books) Read(_ context.Context, id int64, r apiclient.Reading) (poll.State, bool, error) {
	t, was := &b.tickets[id-1], b.shown
	t.readAt = fact.At(r.Begun)
	if r.ReachedEnd {
		t.fullAt = t.readAt
	}
	t.read, t.known, t.knownLast, t.knownDone = t.seen, was.entries, was.last, was.done
	b.lags.read(t, fact.At(b.clock.Now()))
	return b.state(id), false, nil
}

// ReadFailed never happens.
func (b *books) ReadFailed(_ context.Context, id int64, _ time.Time, _ apiclient.Kind) (poll.State, error) {
	return b.state(id), nil
}

// Expired ends following a ticket.
func (b *books) Expired(_ context.Context, id int64) error {
	b.tickets[id-1].followed = false
	return nil
}

// Flush does nothing.
func (b *books) Flush(context.Context) error { return nil }

// nobody is an Observer that is not interested.
type nobody struct{}

func (nobody) ReadDone(int64, poll.Trigger, time.Time) {}
func (nobody) ReadFailed(int64, string, error)         {}
func (nobody) LookDone([]int64, time.Time)             {}
func (nobody) RecordFailed(error)                      {}
