package recorder

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"math"
	"slices"
	"strings"
	"time"

	"socialboards_exporter/internal/eventstore"
	"socialboards_exporter/internal/fact"
)

// History is a store whose content is judged anew. eventstore.Store is one.
type History interface {
	Load(ctx context.Context) (eventstore.Contents, error)
	History(ctx context.Context, ticket int64) (fact.History, error)
	EachEntry(ctx context.Context, f func(fact.Entry) error) error
}

// Recount fills the empty store fresh with all that old holds, judged by the settings as
// if it came for the first time: users get their places anew, in the order in which they
// came, and changes of status, durations and outcomes follow from the whole log of each
// ticket. What was watched stays what it was: which entries are backlog, when each ticket
// was found, what was learned of labels, and the corrections of timelines.
//
// The configured tickets and selections are taken up by the next start, not here.
func Recount(ctx context.Context, old History, fresh Store, set Settings, now func() time.Time, log *slog.Logger) error {
	c, err := old.Load(ctx)
	if err != nil {
		return err
	}
	rename, err := renaming(c, set.Pseudonyms)
	if err != nil {
		return err
	}
	rc := &recount{Recorder: newRecorder(fresh, set, now, log), old: old, rename: rename}
	rc.judgeBy(c)
	if err := rc.general(ctx, c); err != nil {
		return err
	}
	if err := rc.all(ctx, c.Tickets); err != nil {
		return err
	}
	if !rc.pass.ending {
		return nil
	}
	return rc.open(ctx, fact.Batch{Meta: map[string]string{metaReady: text(fact.At(now()))}, Objectives: rc.newObjectives})
}

// recount is a recorder of the new store, which is not shown to anybody.
type recount struct {
	*Recorder
	old    History
	rename func(id string) string // of a user, as stored, to what stands for it now
}

// renaming says how users are named from now on. An id can be turned into its pseudonym,
// and never back.
func renaming(c eventstore.Contents, p *Pseudonyms) (func(string) string, error) {
	same := func(id string) string { return id }
	switch before := c.Meta[metaPseudonym]; {
	case before == p.fingerprint() || len(c.Users) == 0:
		return same, nil
	case before != "":
		return nil, errors.New("users.pseudonym_key_file: the store names users by pseudonyms of another key, from which their ids cannot be had back; " +
			"restore the former key file, or begin anew with another --storage.path")
	}
	return p.of, nil
}

// judgeBy takes over what judging goes by. Of a store whose first pass is not over nothing
// was judged, and nothing is.
func (rc *recount) judgeBy(c eventstore.Contents) {
	rc.load(eventstore.Contents{Labels: c.Labels, LastSeq: c.LastSeq})
	rc.adoptObjectives(eventstore.Contents{}, &fact.Batch{})
	_, rc.pass.ending = c.Meta[metaReady]
}

// general copies what belongs to no single ticket, and gives users their places.
func (rc *recount) general(ctx context.Context, c eventstore.Contents) error {
	b := fact.Batch{Labels: c.Labels, Selections: c.Selections, Counts: c.Counts, Meta: maps.Clone(c.Meta)}
	maps.DeleteFunc(b.Meta, func(key, _ string) bool { // they come anew
		return key == metaReady || key == metaStart || strings.HasPrefix(key, metaStart+" ")
	})
	b.Meta[metaPseudonym] = rc.set.Pseudonyms.fingerprint()
	users, err := rc.inOrder(ctx, c.Users)
	if err != nil {
		return err
	}
	d := rc.draft()
	for _, u := range users {
		if rc.set.Pseudonyms != nil {
			u.Name = ""
		}
		d.user(rc.rename(u.ID), u.Type, u.Name)
	}
	d.batch(&b)
	return rc.store.Commit(ctx, b)
}

// inOrder sorts users by when the first entry of each has arrived.
func (rc *recount) inOrder(ctx context.Context, users []fact.User) ([]fact.User, error) {
	first := map[string]int64{}
	err := rc.old.EachEntry(ctx, func(e fact.Entry) error {
		if seq, ok := first[e.UserID]; !ok || e.Seq < seq {
			first[e.UserID] = e.Seq
		}
		return nil
	})
	came := func(u fact.User) int64 {
		if seq, ok := first[u.ID]; ok {
			return seq
		}
		return math.MaxInt64
	}
	users = slices.Clone(users)
	slices.SortFunc(users, func(a, b fact.User) int {
		return cmp.Or(cmp.Compare(came(a), came(b)), cmp.Compare(a.ID, b.ID))
	})
	return users, err
}

// ticketsACommit bounds how much is held in memory.
const ticketsACommit = 500

func (rc *recount) all(ctx context.Context, tickets []fact.Ticket) error {
	for chunk := range slices.Chunk(tickets, ticketsACommit) {
		d, b := rc.draft(), fact.Batch{}
		for _, t := range chunk {
			if err := rc.ticket(ctx, t.ID, d, &b); err != nil {
				return fmt.Errorf("ticket %d: %w", t.ID, err)
			}
		}
		d.batch(&b)
		if err := rc.store.Commit(ctx, b); err != nil {
			return err
		}
	}
	return nil
}

// ticket adds to b what one ticket comes to.
func (rc *recount) ticket(ctx context.Context, id int64, d *draft, b *fact.Batch) error {
	h, err := rc.old.History(ctx, id)
	if err != nil {
		return err
	}
	h.Changes, h.Outcomes = nil, nil
	h.Ticket.Assignee = rc.rename(h.Ticket.Assignee)
	for i := range h.Entries {
		e := &h.Entries[i]
		e.UserID, e.Series = rc.rename(e.UserID), 0
		if e.Result != fact.Backlog {
			e.Series = d.event(*e)
		}
	}
	rec := rc.begin(follow(h.Ticket), h, d)
	rec.judge(h.Ticket.ReadAt)
	b.Tickets = append(b.Tickets, rec.h.Ticket)
	b.Entries = append(b.Entries, h.Entries...)
	b.Changes = append(b.Changes, rec.b.Changes...)
	b.Outcomes = append(b.Outcomes, rec.b.Outcomes...)
	b.Views = append(b.Views, h.Views...)
	b.Corrections = append(b.Corrections, h.Corrections...)
	return nil
}
